"""What the users' pages say."""

from webui.words.text import Words

WORDS = {
    "users": Words("用户", "Users"),
    "users.all": Words("可以登录的人", "Who may sign in"),
    "user.name": Words("姓名", "Name"),
    "user.name.help": Words("中英文均可，不含空格。", "Any letters, no spaces."),
    "user.role": Words("角色", "Role"),
    "user.agent": Words("坐席号", "Agent"),
    "user.agent.help": Words("仅角色为坐席时需要。", "For the role agent: which one they are."),
    "user.signed_in": Words("上次登录", "Last sign-in"),
    "user.never": Words("从未登录", "never"),
    "user.newcomer": Words("尚未设置自己的密码", "has not chosen a password yet"),
    "user.change": Words("更改", "Change"),
    "user.add": Words("添加用户", "Add user"),
    "user.add.help": Words(
        "随后显示一次性密码，请转告本人；首次登录时自行设置密码。",
        "A one-time password is shown next, for you to tell them; they choose their own when they sign in.",
    ),
    "user.role.change": Words("更改角色", "Change role"),
    "user.role.help": Words("更改后此人须重新登录。", "They must sign in again afterwards."),
    "user.password": Words("生成一次性密码", "Make a one-time password"),
    "user.password.help": Words(
        "忘记密码时用。原密码作废，此人在各处的登录都会退出。",
        "For somebody who lost theirs. The one they have is void, and they are signed out everywhere.",
    ),
    "user.remove": Words("删除用户", "Remove user"),
    "user.remove.ask": Words("删除 {name}……", "Remove {name}…"),
    "user.remove.help": Words(
        "此人立即退出，不能再登录。通话和录音的记录不受影响。",
        "They are signed out at once and cannot sign in any more. Records of calls are not touched.",
    ),
    "given": Words("一次性密码", "One-time password"),
    "given.help": Words("请把它告诉 {name}：", "Tell it to {name}:"),
    "given.once": Words(
        "只显示这一次。首次登录时要设置自己的密码，之后它就作废。",
        "It is shown only now. It serves to sign in and choose a password, and is void afterwards.",
    ),
    "role.admin": Words("管理员", "admin"),
    "role.supervisor": Words("主管", "supervisor"),
    "role.agent": Words("坐席", "agent"),
    "role.viewer": Words("查看者", "viewer"),
    "role.admin.may": Words("可做一切", "may do everything"),
    "role.supervisor.may": Words("管坐席、看记录", "sees records, acts for agents"),
    "role.agent.may": Words("只管自己", "acts for themselves"),
    "role.viewer.may": Words("只看总览", "only looks"),
}
