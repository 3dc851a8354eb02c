"""What one's own account says."""

from webui.words.text import Words

WORDS = {
    "account": Words("我的账户", "Your account"),
    "account.language": Words("界面语言", "Language of the pages"),
    "sessions": Words("登录的地方", "Where you are signed in"),
    "session.since": Words("登录于", "since"),
    "session.own": Words("本次登录", "here"),
    "session.end": Words("退出", "Sign out there"),
    "done.password": Words("密码已修改。", "Your password is changed."),
    "done.language": Words("语言已保存。", "Your language is kept."),
}
