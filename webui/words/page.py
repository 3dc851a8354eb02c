"""What every page says around its content."""

from webui.words.text import Words

WORDS = {
    "title": Words("话务总览", "Overview"),
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
