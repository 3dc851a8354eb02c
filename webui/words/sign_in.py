"""What is said when somebody signs in."""

from webui.words.text import Words

WORDS = {
    "sign_in": Words("登录", "Sign in"),
    "sign_out": Words("退出", "Sign out"),
    "sign_in.lost": Words(
        "忘记密码？管理员可以给您一个新的；管理员自己可在设备上运行：",
        "Lost your password? An admin gives you a new one. An admin runs this on the box itself:",
    ),
    "sign_in.restored": Words(
        "备份已恢复。请用备份里的姓名和密码登录；恢复之前的账户和密码不再有效。",
        "The backup is restored. Sign in with a name and password of that box: those from before hold no longer.",
    ),
    "password": Words("密码", "Password"),
    "password.former": Words("现在的密码", "Password you have now"),
    "password.new": Words("新密码", "New password"),
    "password.again": Words("再输入一次新密码", "New password, once more"),
    "password.help": Words(
        "至少 10 个字符。几个不相干的词最好记，也最难猜。",
        "10 characters or more. A few words that do not belong together are easy to keep and hard to guess.",
    ),
    "password.choose": Words("设置密码", "Choose this password"),
    "password.change": Words("修改密码", "Change password"),
    "password.change.help": Words("您在其他地方的登录会随之退出。", "You are then signed out everywhere else."),
    "first": Words("设置自己的密码", "Choose a password"),
    "first.help": Words(
        "{name}，您用的是一次性密码。请设置只有您自己知道的密码，之后一次性密码作废。",
        "{name}, you came with a one-time password. Choose one that only you know; the other is void then.",
    ),
    "first.backup": Words(
        "有旧系统的备份？下一步就可以恢复。", "A backup of an earlier box is restored in the next step."
    ),
    "error.wrong-password": Words("姓名或密码不对。", "Name or password is wrong."),
    "error.too-many-tries": Words(
        "密码输错次数太多，请 {wait_s} 秒后再试。", "Too many wrong passwords. Try again in {wait_s} seconds."
    ),
    "error.password-short": Words("太短：至少 10 个字符。", "Too short: 10 characters or more are right."),
    "error.password-long": Words("太长：最多 128 个字符。", "Too long: up to 128 characters are right."),
    "error.password-is-name": Words("密码不能由用户名组成。", "It is made of your name. Choose another one."),
    "error.password-common": Words(
        "这个密码太常见，别人会最先猜它。", "It is among the first that anybody tries. Choose a rarer one."
    ),
    "error.password-unchanged": Words("这就是现在的密码。", "This is the password that you have. Choose another one."),
    "error.not-again": Words("两次输入不一致。", "The two are not the same."),
    "error.exists": Words("已有同名用户。", "There is a user of this name already."),
    "error.last-admin": Words(
        "这是唯一的管理员；请先设另一位管理员。", "This is the only admin. Make another one first."
    ),
    "wrong.name": Words("1 到 32 个字符，不含空格。", "1 to 32 characters without spaces are right."),
    "wrong.role": Words("请选择角色。", "Choose a role."),
    "wrong.agent": Words("请选择配置中的一个坐席。", "Choose one of the configuration's agents."),
    "wrong.language": Words("请选择语言。", "Choose a language."),
    "wrong.password": Words("太长：最多 128 个字符。", "Too long: up to 128 characters are right."),
    "wrong.former": Words("太长，不会是您的密码。", "Too long to be your password."),
}
