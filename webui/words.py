"""What the pages say, in Chinese and English."""

from typing import NamedTuple

LANGUAGES = ("zh", "en")


class Words(NamedTuple):
    """One text of the pages in every language; `{name}` in it is filled in where it is used."""

    zh: str
    en: str


WORDS: dict[str, Words] = {
    "title": Words("话务总览", "Overview"),
    "skip": Words("跳到主要内容", "Skip to the content"),
    "language": Words("语言", "Language"),
    "places": Words("页面", "Pages"),
    "save": Words("保存", "Save"),
    # ---- signing in ------------------------------------------------------------------------------------------------
    "sign_in": Words("登录", "Sign in"),
    "sign_out": Words("退出", "Sign out"),
    "sign_in.lost": Words(
        "忘记密码？管理员可以给您一个新的；管理员自己可在设备上运行：",
        "Lost your password? An admin gives you a new one. An admin runs this on the box itself:",
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
    # ---- one's own account -----------------------------------------------------------------------------------------
    "account": Words("我的账户", "Your account"),
    "account.language": Words("界面语言", "Language of the pages"),
    "sessions": Words("登录的地方", "Where you are signed in"),
    "session.since": Words("登录于", "since"),
    "session.own": Words("本次登录", "here"),
    "session.end": Words("退出", "Sign out there"),
    "done.password": Words("密码已修改。", "Your password is changed."),
    "done.language": Words("语言已保存。", "Your language is kept."),
    # ---- users -----------------------------------------------------------------------------------------------------
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
    # ---- instead of a page -----------------------------------------------------------------------------------------
    "not_allowed": Words("没有权限", "Not allowed"),
    "not_allowed.help": Words(
        "这个页面需要角色“{role}”。{name} 没有这个角色；请找管理员。",
        "This needs the role {role}, which {name} does not have. An admin can give it.",
    ),
    "not_allowed.other": Words("这次请求没有权限。", "This was not allowed."),
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
    # ---- is the page alive? --------------------------------------------------------------------------------
    "feed.live": Words("实时", "Live"),
    "feed.asking": Words("正在询问交换程序……", "Asking the exchange…"),
    "feed.lost": Words("与交换程序失去联系", "The exchange does not answer"),
    "feed.lost.help": Words(
        "以下是最后已知的状态。正在进行的通话不受影响；交换程序恢复后，本页会自动更新。",
        "What you see is the last known state. Calls in progress go on; this page recovers by itself when the "
        "exchange is back.",
    ),
    "feed.never.help": Words(
        "尚无数据。若设备未启动，请运行 ./build.sh run；启动后本页会自动更新。",
        "There is nothing to show yet. If the box is not running, start it with ./build.sh run; "
        "this page fills by itself.",
    ),
    "feed.no_gateway": Words("媒体网关没有应答", "The gateway does not answer"),
    "feed.no_gateway.help": Words(
        "暂时不能接听或拨打电话；网关会自动重新启动。",
        "No call can come or go for the moment; the gateway is started again by itself.",
    ),
    "feed.page_lost": Words(
        "与网页服务失去联系，正在重新连接……",
        "The web page's program does not answer; trying again…",
    ),
    "feed.full": Words(
        "同时打开的实时页面太多，本页暂不自动更新，请稍后刷新。",
        "Too many live pages are open: this one does not update by itself. Reload it later.",
    ),
    "feed.no_script": Words(
        "浏览器未启用 JavaScript：本页不会自动更新，请手动刷新。",
        "Without JavaScript this page does not update by itself: reload it to see news.",
    ),
    # ---- what needs a person -----------------------------------------------------------------------------------------
    "alarm.since": Words("始于", "since"),
    "alarm.emergency-call": Words("有人拨打了紧急号码", "An emergency number was called"),
    "alarm.outgoing-limit-near": Words("今日外拨限额即将用完", "A daily limit of calls outside is nearly used up"),
    "alarm.outgoing-limit-reached": Words("今日外拨限额已用完", "A daily limit of calls outside is reached"),
    "alarm.recordings-storage": Words("通话无法录音", "Calls are not recorded"),
    "alarm.records-storage": Words("通话记录无法保存", "Records of calls cannot be kept"),
    "alarm.records-lost": Words("部分通话记录已丢失", "Records of calls were lost"),
    "alarm.records-broken": Words("通话记录已损坏，已重新建立", "Records of calls were broken; new ones were begun"),
    "alarm.edge": Words("SIP 边界未接受配置", "The SIP edge does not take the configuration"),
    "severity.critical": Words("紧急", "critical"),
    "severity.major": Words("严重", "major"),
    "severity.minor": Words("一般", "minor"),
    "severity.warning": Words("提示", "warning"),
    # ---- programs --------------------------------------------------------------------------------------------------
    "programs": Words("运行状态", "What is running"),
    "program.edge": Words("SIP 边界", "SIP edge"),
    "program.office": Words("模拟局端", "Simulated central office"),
    "program.gateway": Words("媒体网关", "Gateway"),
    "program.exchange": Words("交换程序", "Exchange"),
    "program.web": Words("网页", "Web page"),
    "program.console": Words("串口控制台", "Serial console"),
    "state.up": Words("运行中", "running"),
    "state.starting": Words("启动中", "starting"),
    "state.ending": Words("结束中", "ending"),
    "state.down": Words("已停止", "down"),
    "state.failed": Words("无法启动", "cannot start"),
    "state.unknown": Words("未知", "unknown"),
    # ---- calls -----------------------------------------------------------------------------------------------------
    "calls": Words("当前通话", "Calls now"),
    "calls.none": Words("现在没有通话。", "No call at the moment."),
    "calls.none.help": Words(
        "没有电话也能试：在终端运行以下命令，观看一个完整的来电。",
        "To watch a whole call without any telephone, run this in a terminal:",
    ),
    "call.caller": Words("主叫", "Caller"),
    "call.called": Words("被叫", "Called"),
    "call.where": Words("所在", "Where"),
    "call.with": Words("通话方", "With"),
    "call.for": Words("时长", "For"),
    "calls.more": Words("另有 {number} 个通话", "and {number} more"),
    "call.withheld": Words("号码保密", "number withheld"),
    "call.unknown": Words("无主叫号码", "no number"),
    "direction.in": Words("呼入", "incoming"),
    "direction.out": Words("呼出", "outgoing"),
    "direction.internal": Words("内部", "internal"),
    "where.flow": Words("语音菜单 {name}", "menu {name}"),
    "where.queue": Words("队列 {name}", "queue {name}"),
    "where.extension": Words("分机 {name}", "extension {name}"),
    "where.number": Words("外线 {name}", "outside {name}"),
    "where.feature": Words("功能码 {name}", "feature {name}"),
    "where.line": Words("外线 {name}", "outside {name}"),
    "where.trunk": Words("外线 {name}", "outside {name}"),
    "where.hangup": Words("正在挂断", "hanging up"),
    "where.new": Words("新来电", "new"),
    "leg.dialing": Words("呼叫中", "dialling"),
    "leg.ringing": Words("振铃", "ringing"),
    "leg.held": Words("保持", "on hold"),
    "call.recording": Words("录音中", "recorded"),
    "leg.answered": Words("通话中", "talking"),
    "party.agent": Words("坐席 {name}", "agent {name}"),
    # ---- lines -----------------------------------------------------------------------------------------------------
    "lines": Words("外线", "Lines"),
    "line": Words("外线 {number}", "Line {number}"),
    "lines.none": Words("没有配置外线。", "No telephone line is configured."),
    "line.idle": Words("空闲", "idle"),
    "line.ringing": Words("振铃", "ringing"),
    "line.in_use": Words("占用", "in use"),
    "line.fault": Words("故障", "fault"),
    "line.unknown": Words("未知", "unknown"),
    # ---- queues ----------------------------------------------------------------------------------------------------
    "queues": Words("队列", "Queues"),
    "queues.none": Words("没有配置队列。", "No queue is configured."),
    "queue": Words("队列", "Queue"),
    "queue.waiting": Words("等候", "Waiting"),
    "queue.longest": Words("最久", "Longest"),
    "queue.ready": Words("示闲", "Ready"),
    "queue.nobody": Words(
        "没有坐席登录：在话机上拨 *20 登录，或运行：",
        "No agent is logged in: dial *20 on a telephone, or run:",
    ),
    # ---- agents ----------------------------------------------------------------------------------------------------
    "agents": Words("坐席", "Agents"),
    "agents.none": Words("没有配置坐席。", "No agent is configured."),
    "agent": Words("坐席", "Agent"),
    "agent.state": Words("状态", "State"),
    "agent.extension": Words("分机", "Extension"),
    "agent.logged_out": Words("未登录", "logged out"),
    "agent.ready": Words("示闲", "ready"),
    "agent.not_ready": Words("示忙", "not ready"),
    "agent.offered": Words("振铃", "ringing"),
    "agent.talking": Words("通话中", "talking"),
    "agent.on_call": Words("普通通话", "on an ordinary call"),
    "agent.acw": Words("话后整理", "after-call work"),
    "agent.afterwards": Words("之后：{name}", "then {name}"),
    "agent.no_telephone": Words("话机未注册", "telephone not registered"),
    "reason.break": Words("小休", "break"),
    "reason.lunch": Words("午餐", "lunch"),
    "reason.training": Words("培训", "training"),
    "reason.missed": Words("未接来电", "missed a call"),
    "reason.refused": Words("拒接来电", "refused a call"),
    "reason.unreachable": Words("话机不可达", "telephone unreachable"),
    # ---- the last calls --------------------------------------------------------------------------------------------
    "last": Words("最近通话", "Last calls"),
    "last.none": Words("还没有通话记录。", "There are no records yet."),
    "last.none.help": Words("第一个通话结束后会出现在这里。", "The first call appears here when it has ended."),
    "last.at": Words("时间", "When"),
    "last.outcome": Words("结果", "Outcome"),
    "last.wait": Words("等候", "Wait"),
    "last.talk": Words("通话", "Talk"),
    "outcome.answered": Words("已接听", "answered"),
    "outcome.abandoned": Words("放弃", "abandoned"),
    "outcome.timed_out": Words("等候超时", "timed out"),
    "outcome.overflowed": Words("溢出", "overflowed"),
    "outcome.ivr": Words("在菜单中结束", "ended in the menu"),
    "outcome.busy": Words("忙线", "busy"),
    "outcome.no_answer": Words("无人接听", "no answer"),
    "outcome.refused": Words("被拒绝", "refused"),
    "outcome.failed": Words("失败", "failed"),
    "foot": Words("只读页面，仅供查看。", "This page only shows; nothing can be changed here."),
}


def say(key: str, language: str, **filled: str) -> str:
    """Return a text of the pages; what is filled in is not escaped here. Raises KeyError for an unknown key."""
    words = WORDS[key]
    return (words.zh if language == "zh" else words.en).format(**filled)


def known(key: str) -> bool:
    """Tell whether there is such a text."""
    return key in WORDS


