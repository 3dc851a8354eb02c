"""What is said instead of a page."""

from webui.words.text import Words

WORDS = {
    "not_allowed": Words("没有权限", "Not allowed"),
    "not_allowed.help": Words(
        "这个页面需要角色“{role}”。{name} 没有这个角色；请找管理员。",
        "This needs the role {role}, which {name} does not have. An admin can give it.",
    ),
    "not_allowed.other": Words("这次请求没有权限。", "This was not allowed."),
    "downloads.full": Words("同时下载的文件太多", "Too many downloads at once"),
    "downloads.full.help": Words("请等其中一个下载完，再试一次。", "Try again when one of them is through."),
    "unavailable": Words("交换程序没有应答", "The exchange does not answer"),
    "unavailable.help": Words("本页会自动重试。", "This page tries again by itself."),
    "unavailable.again": Words(
        "刚才的操作没有完成，请稍后再试。", "What you asked for was not done. Try again in a moment."
    ),
    "stale": Words("页面已过期", "This form is too old"),
    "stale.help": Words(
        "表单不是在当前登录中打开的，所以什么也没有改变。请重新打开页面再试。",
        "It was not opened in this session, so nothing was changed. Open the page anew and try again.",
    ),
    "stale.again": Words("重新打开", "Open it anew"),
    "refused": Words("无法执行", "This cannot be done"),
}
