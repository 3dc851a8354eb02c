"""What the pictures say; beside each figure stands how it is counted, as firmware/reports/metrics.py defines it."""

from webui.words.text import Words

WORDS = {
    "pictures": Words("图表", "Pictures"),
    "pictures.period": Words("时间范围", "Time"),
    "pictures.days.1": Words("今天", "Today"),
    "pictures.days.7": Words("7 天", "7 days"),
    "pictures.days.30": Words("30 天", "30 days"),
    "pictures.totals": Words("合计", "In all"),
    "pictures.none": Words(
        "这段时间没有来电。换一个更长的时间范围看看。", "Nobody called in this time. Choose a longer one."
    ),
    "pictures.table": Words("数字与明细", "The figures and their calls"),
    "picture.incoming": Words("来电", "Incoming"),
    "picture.answered": Words("已接听", "Answered"),
    "picture.abandoned": Words("放弃", "Abandoned"),
    "picture.answered_share": Words("接听率", "Answered share"),
    "picture.wait_s": Words("平均等候", "Average wait"),
    "picture.hour": Words("时段", "Hour"),
    "picture.waited": Words("等候时间", "Waited"),
    "picture.wait.range": Words("{seconds}–{until} 秒", "{seconds}–{until} s"),
    "picture.wait.more": Words("{seconds} 秒以上", "{seconds} s or more"),
    "picture.calls": Words("通话", "Calls"),
    "picture.busy_s": Words("占用", "In use"),
    "picture.at_once": Words("平均同时", "At once"),
    "picture.totals.formula": Words(
        "接听率 = 已接听 ÷（已接听 + 放弃）。平均等候 = 进入队列并接听的来电的等候时间之和 ÷ 这些来电数。"
        "通话按开始时间归入。非本机来电不算来电。",
        "Answered share = answered ÷ (answered + abandoned). Average wait = the waits of incoming calls that came to a "
        "queue and were answered, together ÷ their number. A call belongs to the time in which it began. Calls "
        "that something else on the line answers count as none.",
    ),
    "pictures.hours": Words("各时段来电", "Calls by hour of the day"),
    "pictures.hours.formula": Words(
        "每个时段内开始的来电，各天相加。灰色为全部来电，其中未接听也未放弃的（如在菜单中结束）只计入灰色。",
        "Incoming calls that began within the hour, all days together. Grey are all of them: those neither answered "
        "nor abandoned (ended in the menu, say) are in the grey alone.",
    ),
    "pictures.waits": Words("等候时间分布", "How long callers waited"),
    "pictures.waits.formula": Words(
        "进入队列的来电，按在各队列中等候的总秒数分组，分为已接听与放弃。",
        "Incoming calls that came to a queue, by the seconds in all its queues together; answered or abandoned.",
    ),
    "pictures.ways": Words("线路使用", "Use of lines and trunks"),
    "pictures.ways.formula": Words(
        "占用 = 由此进来或首先由此出去的通话的时长之和；平均同时 = 占用 ÷ 已过去的时间。转接出去占用的第二条线不计。",
        "In use = the lengths of calls that came by it or first went out by it, together; at once = in use ÷ the time "
        "that has passed. The second line of a call that was sent out again is not counted.",
    ),
}
