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
    "line.never": Words("从未测试", "never tested"),
    "line.quiet": Words("此后没有通话", "No call since"),
    "line.test": Words("测试这条外线", "Test this line"),
    "line.test.help": Words(
        "约十秒。占用的外线不测试；期间的来电和去电优先。",
        "Ten seconds. A line in use is not tested, and a call that wants it comes first.",
    ),
    "line.report": Words("测试报告", "Test report"),
    "line.report.none": Words("尚未测试。", "It was not tested yet."),
    "line.print": Words("打印报告", "Print the report"),
    "line.finding": Words("项目", "Finding"),
    "line.figure": Words("数值", "Figure"),
    "line.why": Words("说明", "What it means"),
    "line.by": Words("测试人", "Ordered by"),
    "line.before": Words("以前的测试", "Earlier tests"),
    "line.all": Words("全部外线", "All lines"),
    "line.signed": Words("签字", "Signature"),
    "error.line-busy": Words("现在不能测试：外线正在使用", "It cannot be tested now: the line is in use"),
}
