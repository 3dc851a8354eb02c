"""What every page says around its content."""

from webui.words.text import Words

WORDS = {
    "title": Words("话务总览", "Overview"),
    "new": Words("新系统", "A new box"),
    "new.help": Words(
        "本机还是出厂设置，现在就能接电话。要接替一台旧系统，先恢复它的备份。",
        "It takes calls already, with the settings it was delivered with. Is it to take the place of an earlier box? "
        "Then restore that one's backup first.",
    ),
    "new.set_up": Words("开始设置", "Set it up"),
    "new.restore": Words("恢复备份", "Restore a backup"),
    "skip": Words("跳到主要内容", "Skip to the content"),
    "language": Words("语言", "Language"),
    "places": Words("页面", "Pages"),
    "beside": Words("本栏页面", "Pages of this part"),
    "save": Words("保存", "Save"),
    "list.search": Words("查找", "Search"),
    "list.all": Words("显示全部", "Show all"),
    "list.none_found": Words("没有找到“{q}”。", "Nothing fits “{q}”."),
    "list.page": Words("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
    "list.pages": Words("翻页", "More pages"),
    "list.before": Words("上一页", "Before"),
    "list.after": Words("下一页", "Next"),
}
