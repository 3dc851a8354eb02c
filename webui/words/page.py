"""What every page says around its content."""

from webui.words.text import Words

WORDS = {
    "title": Words("话务总览", "Overview"),
    "skip": Words("跳到主要内容", "Skip to the content"),
    "language": Words("语言", "Language"),
    "places": Words("页面", "Pages"),
    "save": Words("保存", "Save"),
}
