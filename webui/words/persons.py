"""What the page of callers' data says."""

from webui.words.text import Words

WORDS = {
    "persons": Words("来电者数据", "Callers' data"),
    "person.ask": Words("查找号码", "Look for a number"),
    "person.number": Words("电话号码", "Telephone number"),
    "person.number.help": Words("怎样书写都可以；至少 5 位。", "However it is written; 5 digits or more."),
    "person.show": Words("查看", "Show"),
    "person.found": Words("{number} 的全部记录", "All that is on record of {number}"),
    "person.none": Words("没有这个号码的记录。", "Nothing is on record of this number."),
    "person.was_erased": Words("{when} 曾按请求删除", "Erased on request, {when}"),
    "person.calls": Words("通话", "Calls"),
    "person.recordings": Words("录音", "Recordings"),
    "person.notes": Words("备注", "Notes"),
    "person.started": Words("时间", "When"),
    "person.outcome": Words("结果", "Outcome"),
    "person.export": Words("导出（ZIP，含录音）", "Hand over (ZIP, with recordings)"),
    "person.export.help": Words("给本人的一份完整副本。", "A whole copy for the person who asked."),
    "person.hold": Words("法律保留", "Legal hold"),
    "person.hold.help": Words(
        "设后，此号码的通话和录音不会被任何规则或请求删除。",
        "Nothing deletes calls and recordings of this number then.",
    ),
    "person.hold.do": Words("设为保留", "Keep it"),
    "person.hold.why": Words("原因", "Why"),
    "person.erase": Words("按请求删除", "Erase on request"),
    "person.erase.help": Words(
        "录音会被删除，号码、姓名和备注从全部记录里去掉，统计不变。无法撤销。以前的备份里仍有这些数据。",
        "Recordings are deleted; number, name and notes go from all records, statistics stay. It cannot be undone. "
        "Backups made before still have them.",
    ),
    "person.reason": Words("原因（记入审计）", "Reason, for the audit"),
    "person.sure": Words("确认删除，无法撤销", "Yes, erase it for good"),
    "person.sure.wrong": Words("请先确认。", "Say so first."),
    "person.erase.do": Words("删除", "Erase"),
    "person.erased": Words(
        "已删除：{calls} 个通话已匿名，{recordings} 个录音已删除。",
        "Erased: {calls} calls are anonymous now, {recordings} recordings are deleted.",
    ),
    "person.held": Words("法律保留（{by}）：{why}", "Legal hold by {by}: {why}"),
    "holds": Words("全部法律保留", "All legal holds"),
    "holds.none": Words("没有法律保留。", "There is no legal hold."),
    "hold.subject": Words("对象", "What is kept"),
    "hold.call": Words("通话 {subject}", "call {subject}"),
    "hold.number": Words("号码 {subject}", "number {subject}"),
    "hold.since": Words("起", "Since"),
    "hold.lifted": Words("{when} 由 {by} 解除", "lifted by {by}, {when}"),
    "hold.lift": Words("解除", "Lift"),
    "wrong.number": Words("请填至少 5 位的完整电话号码。", "A whole telephone number of 5 digits or more is right."),
    "wrong.why": Words(
        "请填 3 到 200 个字符（可不填处：最多 200 个），不含控制字符。",
        "3 to 200 characters are right (up to 200 where none is needed), no control characters.",
    ),
    "wrong.reason": Words(
        "请填 3 到 200 个字符，不含控制字符。", "3 to 200 characters are right, no control characters."
    ),
}
