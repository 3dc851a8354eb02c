"""What needs a person."""

from firmware.health.words import ALARMS, SEVERITIES
from webui.words.text import Words

WORDS = {
    "alarms": Words("告警", "Alarms"),
    "alarms.now": Words("现在需要处理", "What needs a person now"),
    "alarms.none": Words("没有告警，一切正常。", "No alarms: all is well."),
    "alarms.history": Words("以往的告警", "What there was"),
    "alarms.older": Words("更早的告警", "Older ones"),
    "alarm.since": Words("始于", "since"),
    "alarm.severity": Words("级别", "Severity"),
    "alarm.name": Words("告警", "Alarm"),
    "alarm.subject": Words("对象", "Subject"),
    "alarm.raised": Words("发生", "Raised"),
    "alarm.over": Words("结束", "Over"),
    "alarm.still": Words("仍在持续", "still so"),
    "alarm.do": Words("处理：", "What to do:"),
    "alarm.seen": Words("{who} 于 {when} 确认", "Acknowledged by {who}, {when}"),
    "alarm.by": Words("确认人", "Acknowledged by"),
    "alarm.note": Words("备注（可不填）", "Note, if you like"),
    "alarm.acknowledge": Words("确认", "Acknowledge"),
    "alarm.acknowledge.help": Words(
        "确认表示有人在处理；情况恢复后告警自动消失。",
        "Acknowledging says that somebody sees to it. An alarm goes by itself once all is well again.",
    ),
    **{f"alarm.{name}": Words(wrong_zh, wrong_en) for name, (wrong_zh, wrong_en, _, _) in ALARMS.items()},
    **{f"alarm.{name}.do": Words(do_zh, do_en) for name, (_, _, do_zh, do_en) in ALARMS.items()},
    **{f"severity.{name}": Words(zh, en) for name, (zh, en) in SEVERITIES.items()},
}
