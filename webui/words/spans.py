"""What is said of digital spans."""

from webui.words.text import Words

WORDS = {
    "spans.health": Words("E1 状态", "E1 state"),
    "spans.help": Words(
        "每条 E1 的线路、信令和每个通道，随时更新。", "Wire, signalling and every channel of each E1, as they are now."
    ),
    "span": Words("E1 线路 {number}", "Span {number}"),
    "spans.none": Words(
        "没有 E1：本机没有数字板卡，也没有配置。", "No E1: there is no digital card, and none is configured."
    ),
    "spans.set": Words("配置 E1", "Configure spans"),
    "spans.all": Words("全部 E1", "All spans"),
    "span.name": Words("名称", "Name"),
    "span.state": Words("状态", "State"),
    "span.board": Words("板卡", "Board"),
    "span.signalling": Words("信令", "Signalling"),
    "span.signalling.up": Words("已通 {since}", "up for {since}"),
    "span.signalling.down": Words("不通 {since}", "down for {since}"),
    "span.clock": Words("时钟", "Clock"),
    "span.clock.own": Words("自身", "its own"),
    "span.clock.from": Words("取自 E1 {number}", "from span {number}"),
    "span.slips": Words("24 小时滑码", "Slips in 24 h"),
    "span.wrong": Words("问题", "What is wrong"),
    "span.channels": Words("通道", "Channels"),
    "span.restart": Words("重启通道", "Restart a channel"),
    "span.restart.slot": Words("通道", "Channel"),
    "span.restart.help": Words(
        "通道卡在占用时用：双方都置为空闲。", "For a channel that stays busy: both sides make it idle."
    ),
    "span.restart.sure": Words("这个通道上若有通话会中断。", "A call on this channel ends."),
    "span.trace": Words("信令消息", "Signalling messages"),
    "span.trace.none": Words("还没有消息。", "Nothing was said yet."),
    "span.trace.not-found": Words("它不在任何中继群，没有信令。", "It is in no trunk group: nobody speaks on it."),
    "span.trace.span-not-ready": Words("它现在不可用，没有信令。", "It cannot be used now: nobody speaks on it."),
    "span.trace.when": Words("时间", "When"),
    "span.trace.way": Words("方向", "Way"),
    "span.trace.sent": Words("发出", "sent"),
    "span.trace.came": Words("收到", "received"),
    "span.trace.call": Words("呼叫参考", "Call"),
    "span.trace.message": Words("消息", "Message"),
    "span.trace.facts": Words("内容", "Content"),
    "error.span-not-ready": Words(
        "现在不行：D 通道不通，或正在重启另一个通道",
        "Not now: the D-channel is down, or another channel is being restarted",
    ),
}
