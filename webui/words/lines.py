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
}
