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
    "span.test": Words("环回误码测试", "Loopback test"),
    "span.test.begin": Words("开始测试", "Test"),
    "span.test.stop": Words("中止测试", "Stop the test"),
    "span.test.help": Words(
        "在空闲通道上发测试码（2^15-1），数返回的误码。插了环回头就测全部通道；运营商环回了一个通道就选它。",
        "Sends a pattern (2^15-1) on idle channels and counts what comes back wrong. With a loop plug in the socket "
        "test all; where the carrier has looped one channel, choose it.",
    ),
    "span.test.sure": Words("测试期间，这些通道不能通话。", "The channels take no calls while they are tested."),
    "span.test.last": Words("最近一次测试", "Last test"),
    "span.test.state": Words("进展", "State"),
    "span.test.what": Words("测试对象", "Tested"),
    "span.test.all": Words("全部通道", "All channels"),
    "span.test.one": Words("通道 {slot}", "Channel {slot}"),
    "span.test.local": Words("板卡自环（不插环回头）", "The card loops by itself (no plug)"),
    "span.test.begun": Words("开始于", "Begun"),
    "span.test.verdict": Words("结论", "Found"),
    "span.test.seconds": Words("时长", "For"),
    "span.test.length.s": Words("{count} 秒", "{count} s"),
    "span.test.length.min": Words("{count} 分钟", "{count} min"),
    "span.test.channels": Words("各通道", "Channel by channel"),
    "span.test.channel": Words("通道", "Channel"),
    "span.test.heard": Words("返回", "Comes back"),
    "span.test.errors": Words("误码 / 比特", "Errors / bits"),
    "span.test.ratio": Words("误码率", "Error ratio"),
    "span.test.errored_s": Words("误码秒", "Errored seconds"),
    "span.test.slips": Words("滑码", "Slips"),
    "span.test.losses": Words("中断", "Losses"),
    "span.trace": Words("信令消息", "Signalling messages"),
    "span.trace.not-found": Words("它不在任何中继群，没有信令。", "It is in no trunk group: nobody speaks on it."),
    "span.trace.span-not-ready": Words("它现在不可用，没有信令。", "It cannot be used now: nobody speaks on it."),
    "span.trace.message": Words("消息", "Message"),
    "error.span-under-test": Words("正在测试，请等它结束或先中止", "It is being tested: wait for its end, or stop it"),
    "error.span-without-signal": Words(
        "线路上没有信号：先检查插头和电缆", "No signal comes in: look at the plug and the cable first"
    ),
    "error.span-has-calls": Words(
        "通道 {channels} 有通话：要测试须空闲", "There are calls on channels {channels}; to be tested they must be idle"
    ),
    "error.span-not-configured": Words(
        "它还没有配置：先在设置里填写这条 E1（信令、编码、CRC4），不必加入中继群",
        "It is not configured: enter it in the settings first (signalling, coding, CRC4); it needs no trunk group",
    ),
    "error.span-is-up": Words(
        "信令已通，对端是交换机而不是环回：请选运营商已环回的那一个通道",
        "Its signalling is up: the far end is an exchange, no loop. Choose the one channel that the carrier has looped",
    ),
    "error.span-has-no-loop": Words(
        "这块板卡（或其驱动）不能自环：请插环回头", "The card, or its driver, cannot loop by itself: use a loop plug"
    ),
    "error.span-not-tested": Words(
        "现在不能测试：线路不可用，或通道正在重启",
        "It cannot be tested now: it is not usable, or a channel is being restarted",
    ),
    "error.span-not-ready": Words(
        "现在不行：D 通道不通，或正在重启另一个通道",
        "Not now: the D-channel is down, or another channel is being restarted",
    ),
}
