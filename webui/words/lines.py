"""What is said of lines."""

from webui.words.text import Words

WORDS = {
    "lines": Words("外线", "Lines"),
    "line": Words("外线 {number}", "Line {number}"),
    "lines.none": Words("没有配置外线。", "No telephone line is configured."),
    "line.idle": Words("空闲", "idle"),
    "line.ringing": Words("振铃", "ringing"),
    "line.in_use": Words("占用", "in use"),
    "line.testing": Words("测试中", "being tested"),
    "line.parallel": Words("被并机占用", "used by another telephone"),
    "line.fault": Words("故障", "fault"),
    "line.unknown": Words("未知", "unknown"),
    "lines.health": Words("外线测试", "Line tests"),
    "lines.health.help": Words(
        "每条外线最近一次测试的结论。夜间测试的时刻在“告警”设置中。",
        "What the last test of each line said. When they are tested by night is set under “Alarms”.",
    ),
    "line.state": Words("状态", "State"),
    "line.name": Words("名称", "Name"),
    "line.number": Words("号码", "Number"),
    "line.verdict": Words("结论", "Verdict"),
    "line.tested": Words("测试于", "Tested"),
    "line.calls": Words("来电", "Its calls"),
    "line.never_answer": Words("从不应答", "never answered"),
    "line.never": Words("从未测试", "never tested"),
    "line.quiet": Words("此后没有通话", "No call since"),
    "line.opermode": Words("端口阻抗（opermode）", "Impedance of the ports (opermode)"),
    "line.opermode.help": Words(
        "本国的值，已写入 run/modprobe.conf。驱动下次加载时才生效，绝不在通话中加载；驱动现用的值只有 root 能读。",
        "This country's, written to run/modprobe.conf. It is taken when the drivers are loaded next, never during "
        "calls; what they have now is known to root alone.",
    ),
    "line.test": Words("测试这条外线", "Test this line"),
    "line.test.help": Words(
        "约十秒。占用的外线不测试；期间的来电和去电优先。",
        "Ten seconds. A line in use is not tested, and a call that wants it comes first.",
    ),
    "line.tone": Words("挂机后的忙音", "The tone after a hangup"),
    "line.tone.none": Words(
        "只认本国的忙音。对方挂机后这条外线不释放时，学习它自己的忙音。",
        "It hangs up by the country's tones. Should it stay busy after callers hang up, let it learn its own tone.",
    ),
    "line.tone.learn": Words("学习忙音", "Learn the tone"),
    "line.tone.stop": Words("停止", "Stop"),
    "line.tone.accept": Words("采用这个忙音", "Accept this tone"),
    "line.tone.forget": Words("弃用本线忙音", "Forget its tone"),
    "line.tone.help": Words(
        "按下后用手机拨打这条外线，听到提示音后挂机；两分钟内的第一个来电当作试呼。",
        "Then call the line from a mobile, and hang up after the beep. The first call within two minutes is taken "
        "for it.",
    ),
    "line.tone.heard": Words("正听到：{what}", "heard now: {what}"),
    "line.tone.cadence": Words("最后 {seconds} 秒的电平", "Level in the last {seconds} seconds"),
    "line.tone.spectrum": Words("频率成分", "Frequencies"),
    "line.report": Words("测试报告", "Test report"),
    "line.report.none": Words("尚未测试。", "It was not tested yet."),
    "line.print": Words("打印报告", "Print the report"),
    "line.mail": Words("邮件发送报告", "Mail the report"),
    "line.mail.to": Words("收件地址", "To"),
    "line.mail.help": Words(
        "经“告警邮件”设置中的邮件服务器发送，语言与本页相同。",
        "By the mail server that is set under “Alarms by mail”, in the language of this page.",
    ),
    "line.mail.send": Words("发送", "Send"),
    "line.mail.sent": Words("已发送至 {address}", "It was sent to {address}."),
    "wrong.address": Words("应为邮箱地址，如 li@example.com。", "A mail address, such as li@example.com, is right."),
    "error.no-mail-server": Words(
        "还没有设置邮件服务器：在“告警邮件”中设置", "No mail server is set: set one under “Alarms by mail”"
    ),
    "error.mail-not-sent": Words("邮件没有寄出：{why}", "The mail was not sent: {why}"),
    "error.never-tested": Words("这条外线还没有测试过：请先测试", "This line was never tested: test it first"),
    "line.finding": Words("项目", "Finding"),
    "line.figure": Words("数值", "Figure"),
    "line.why": Words("说明", "What it means"),
    "line.by": Words("测试人", "Ordered by"),
    "line.before": Words("以前的测试", "Earlier tests"),
    "line.all": Words("全部外线", "All lines"),
    "line.signed": Words("签字", "Signature"),
    "line.trace": Words("线上信号", "What passes on the line"),
    "line.trace.message": Words("信号", "Signal"),
    "line.trace.not-found": Words("配置中没有这条外线。", "The configuration does not name it."),
    "line.trace.line-not-ready": Words(
        "端口上没有这条外线：检查插头和板卡。", "It is not plugged in: look at its socket and the board."
    ),
    "error.line-not-ready": Words("现在不行：端口上没有这条外线", "Not now: the line is not plugged in"),
    "error.never-answered": Words(
        "这条外线从不应答：请填写要拨打的号码", "This line is never answered: give a number that it shall call"
    ),
    "error.line-busy": Words("现在不行：外线正在使用", "Not now: the line is in use"),
}
