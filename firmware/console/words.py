"""What the console says, in Chinese and English."""

from typing import NamedTuple

LANGUAGES = ("zh", "en")


class Words(NamedTuple):
    """One text in every language; `{name}` in it is filled in where it is used."""

    zh: str
    en: str


WORDS: dict[str, Words] = {
    "welcome": Words("欢迎使用 Busyhour。输入 ? 查看帮助。", "Busyhour. Type ? for help."),
    "bye": Words("已退出", "logged out"),
    "bye.idle": Words("长时间无操作，已退出", "logged out: nobody was here"),
    "exchange.dead": Words("交换程序没有应答：{why}", "{why}"),
    # ---- log-in ----------------------------------------------------------------------------------------------
    "bye.signed_out": Words("登录已失效，请重新登录", "signed out: come in again"),
    "login.name": Words("用户名（直接回车则用控制台密码）：", "Name (only Enter: the console's own password): "),
    "login.dead": Words(
        "交换程序没有应答（{why}）。现在只能用控制台密码登录。",
        "{why}.\nNow only the console's own password lets in: press Enter instead of a name.",
    ),
    "login.held": Words("密码错误次数过多，请稍后再试（{why}）", "{why}"),
    "login.not_admin": Words(
        "{name} 不是管理员，控制台只供管理员使用", "{name} is no admin; the console is for admins"
    ),
    "login.one_time": Words(
        "您用的是一次性密码，请设置自己的密码。", "You came with a one-time password. Choose one that only you know."
    ),
    "login.password": Words("密码：", "Password: "),
    "login.wrong": Words("密码错误", "wrong password"),
    "login.locked": Words("密码错误次数过多，请等待 {seconds} 秒", "too many wrong passwords: wait {seconds} s"),
    "login.unkept": Words(
        "磁盘不可写，每次登录需等待 {seconds} 秒", "the disk cannot be written: each try takes {seconds} s"
    ),
    "login.unset": Words(
        "尚未设置控制台密码，此处只有管理员可凭用户名登录。在设备上可设置：busyhour console password",
        "No console password is set, so only admins can log in here.\nSet one on the box: busyhour console password",
    ),
    "login.first": Words("尚未设置控制台密码，请现在设置", "No console password is set. Choose one now."),
    "login.new": Words("新密码：", "New password: "),
    "login.again": Words("再输入一次：", "Again: "),
    "login.different": Words("两次输入不一致", "these two are not the same"),
    "login.set": Words("密码已设置", "the password is set"),
    # ---- network ---------------------------------------------------------------------------------------------
    "network.none": Words("没有保存网络设置", "no network settings are kept"),
    "network.sure": Words(
        "经 {name} 的通话可能中断，话机须能找到新地址。继续？",
        "Calls by {name} may be cut, and telephones must find the new address. Go on?",
    ),
    "network.left": Words("未更改", "nothing was changed"),
    "network.done": Words("已生效", "in force"),
    "network.later": Words(
        "已保存，但 systemd-networkd 没有接受（{why}）；重启后生效",
        "kept, but systemd-networkd was not told ({why}); it reads it when it starts",
    ),
    "network.not_kept": Words("{name} 没有保存的设置", "nothing is kept for {name}"),
    "network.not_ours": Words(
        "本用户不能写 {folder}，网络由本机管理员设置",
        "this user may not write {folder}: the network is the machine's administrator's",
    ),
    # ---- passwords, factory state, support -------------------------------------------------------------------
    "password.given": Words(
        "请用 {name} 和一次性密码 {password} 登录网页，然后设置自己的密码",
        "sign in at the page as {name} with {password}, once, and choose a password",
    ),
    "factory.no_password": Words(
        "恢复出厂后只能用控制台密码登录，请先设置：password console",
        "afterwards only the console's own password lets in; set it first: password console",
    ),
    "factory.erases": Words(
        "所有配置、用户、通话记录和录音将被删除；现有 {calls} 个通话会中断。继续？",
        "Configuration, users, records and recordings are erased, and {calls} calls end. Go on?",
    ),
    "factory.spell": Words("确认请输入 {word}：", "Type {word} to do it: "),
    "factory.left": Words("未恢复出厂", "nothing was erased"),
    "factory.done": Words(
        "正在恢复出厂。之后用控制台密码登录，并运行 password user admin",
        "everything is being erased. Then log in with the console's password, and: password user admin",
    ),
    "support.made": Words("{path}（{bytes} 字节）", "{path} ({bytes} bytes)"),
    # ---- lines that mean nothing ----------------------------------------------------------------------------
    "line.unknown": Words("“{word}”：应为 {right} 之一", '"{word}": one of {right} is right'),
    "line.ambiguous": Words("“{word}”不明确：{right}", '"{word}" could be {right}'),
    "line.incomplete": Words("不完整，后面应为：{right}", "incomplete: one of {right} must follow"),
    "line.too_long": Words("“{word}”：后面不应再有内容", '"{word}": nothing more is right here'),
    # ---- help -------------------------------------------------------------------------------------------------
    "help.keys": Words(
        "? 显示后续内容，Tab 补全，单词可缩写，方向键调出历史\n"
        "| json、| include 文字、| count、| no-more 处理输出\n"
        "Ctrl-C 中止命令，Ctrl-D 退出",
        "? tells what may come next, Tab completes, words may be shortened\n"
        "arrow keys bring back earlier lines, Ctrl-C ends a command, Ctrl-D logs out\n"
        "behind a bar: | json, | include TEXT, | count, | no-more",
    ),
    "help.network": Words("网络设置", "the machine's addresses"),
    "help.network.show": Words("已保存的设置", "what is kept"),
    "help.network.set": Words("设置接口", "how an interface gets its address"),
    "help.network.delete": Words("删除设置", "keep nothing more for an interface"),
    "help.network.dhcp": Words("自动获取", "ask for it"),
    "help.network.static": Words("固定地址", "a fixed one"),
    "help.INTERFACE": Words("接口，如 eth0", "an interface, such as eth0"),
    "help.ADDRESS": Words("地址/前缀，如 192.168.1.10/24", "with its prefix length: 192.168.1.10/24"),
    "help.GATEWAY": Words("网关地址，或 none", "the gateway's address, or none"),
    "help.SERVERS": Words("域名服务器地址，以空格分隔", "name servers, with spaces between them"),
    "help.password": Words("重设密码", "set passwords anew"),
    "help.password.console": Words("控制台密码", "the console's own"),
    "help.password.user": Words("给用户一个一次性密码", "give a user a one-time password for the page"),
    "help.NAME": Words("用户名", "a user's name"),
    "help.factory": Words("恢复出厂，删除一切", "erase everything"),
    "help.support": Words("生成技术支持文件", "write a file for the support engineer"),
    "help.FILE": Words("文件路径，如 /media/usb/support.tar.gz", "a new file, such as /media/usb/support.tar.gz"),
    "help.json": Words("输出为 JSON", "as one JSON document"),
    "help.include": Words("只显示含此文字的行", "only lines with this text"),
    "help.count": Words("只显示行数", "how many lines"),
    "help.no_more": Words("不分页", "without waiting at each page"),
    "help.TEXT": Words("文字", "a text"),
    "help.agent": Words("坐席：登录、退出、示闲、示忙", "log agents in and out, ready and not ready"),
    "help.agent.login": Words("坐席登录", "log an agent in, ready to take calls"),
    "help.agent.logout": Words("坐席退出；通话中则在通话后", "log an agent out; one who talks, after the call"),
    "help.agent.ready": Words("坐席示闲", "let an agent take calls"),
    "help.agent.not_ready": Words("坐席示忙；通话中则在通话后", "let an agent take no calls; one who talks, after it"),
    "help.AGENT": Words("坐席号码", "the agent's number"),
    "help.EXTENSION": Words("在此分机登录（默认为本人分机）", "at this telephone (default: the agent's own)"),
    "help.REASON": Words("示忙原因，见 reasons 配置", "a reason, as the configuration names them"),
    "help.configure": Words("编辑配置", "edit the configuration"),
    "help.exit": Words("退出登录", "log out"),
    "help.help": Words("命令列表", "the commands"),
    "help.language": Words("界面语言", "the language of this session"),
    "help.language.zh": Words("中文", "Chinese"),
    "help.language.en": Words("英文", "English"),
    "help.restart": Words("重新启动一个程序", "restart a program of the box"),
    "help.PROGRAM": Words("程序名", "a program"),
    "help.LINES": Words("末尾多少行（默认 40）", "how many lines from its end (default 40)"),
    "help.REVISION": Words("版本号", "the number of a revision"),
    "help.show": Words("显示", "show something"),
    "help.show.agents": Words("坐席", "the agents"),
    "help.show.alarms": Words("当前告警", "what needs a person now"),
    "help.show.bans": Words("谁被挡在外、话机为何登记不上", "who is kept out, and why telephones do not register"),
    "help.show.calls": Words("当前通话", "the calls in progress"),
    "help.show.config": Words("当前或以前的配置", "the configuration in force, or an earlier one"),
    "help.show.history": Words("配置的各版本，或某版本的改动", "revisions of the configuration, or one's changes"),
    "help.show.interfaces": Words("网络接口", "the network: interfaces, addresses, routes"),
    "help.show.lines": Words("模拟外线", "the analog lines"),
    "help.show.log": Words("程序日志", "the programs' logs"),
    "help.show.queues": Words("队列", "the queues, now and today"),
    "help.show.status": Words("设备概况", "the box at a glance"),
    "help.show.version": Words("软件版本", "releases of the box and its system"),
    "help.test": Words("测试", "find out how something is"),
    "help.test.line": Words("测试空闲外线，约十秒", "an idle line: battery, dial tone, noise; ten seconds"),
    "help.LINE": Words("外线号", "the number of a line"),
    "test.told": Words("外线 {line}：{outcome}", "line {line}: {outcome}"),
    "test.verdict": Words("结论：{verdict}", "it is {verdict}"),
    "help.watch": Words("实时显示，按任意键结束", "show live until any key"),
    "help.watch.calls": Words("当前通话", "the calls in progress"),
    "help.watch.lines": Words("模拟外线", "the analog lines"),
    "help.watch.queues": Words("队列", "the queues"),
    "help.set": Words("设置一个值", "set a value of the candidate"),
    "help.delete": Words("删除一个值或条目", "take a value or an entry out of the candidate"),
    "help.PATH": Words("位置，如 queues[service].acw_s", "where, as queues[service].acw_s"),
    "help.VALUE": Words("值", "the value"),
    "help.candidate": Words("候选配置", "the candidate, or a part of it"),
    "help.compare": Words("候选配置与当前配置的差别", "what the candidate would change"),
    "help.check": Words("检查候选配置", "what is wrong with the candidate"),
    "help.commit": Words("使候选配置生效", "put the candidate in force"),
    "help.comment": Words("说明", "and say why"),
    "help.COMMENT": Words("说明文字", "the reason, for the history"),
    "help.confirmed": Words("限时确认，否则自动恢复", "on trial: it goes back by itself unless confirmed"),
    "help.MINUTES": Words("分钟数，1 到 1440", "so many minutes, 1 to 1440"),
    "help.confirm": Words("确认试用中的配置", "keep the configuration that is on trial"),
    "help.rollback": Words("使以前的版本重新生效", "put an earlier revision in force again"),
    "help.discard": Words("放弃候选配置的改动", "forget the candidate's changes"),
    "help.leave": Words("退出配置编辑", "leave the editing"),
    # ---- heads of tables --------------------------------------------------------------------------------------
    "head.program": Words("程序", "program"),
    "head.state": Words("状态", "state"),
    "head.process": Words("进程", "process"),
    "head.restarts": Words("重启次数", "restarts"),
    "head.since": Words("开始于", "since"),
    "head.line": Words("线路", "line"),
    "head.name": Words("名称", "name"),
    "head.did": Words("号码", "number"),
    "head.verdict": Words("测试结论", "test"),
    "head.tested": Words("测试于", "tested"),
    "head.finding": Words("项目", "finding"),
    "head.figure": Words("数值", "figure"),
    "head.call": Words("呼叫", "call"),
    "head.lasts": Words("时长", "lasts"),
    "head.direction": Words("方向", "way"),
    "head.from": Words("主叫", "from"),
    "head.where": Words("位置", "where"),
    "head.with": Words("对象", "with"),
    "head.queue": Words("队列", "queue"),
    "head.title": Words("名称", "title"),
    "head.waiting": Words("等待", "wait"),
    "head.longest": Words("最长", "longest"),
    "head.ready": Words("示闲", "ready"),
    "head.talking": Words("通话", "talk"),
    "head.acw": Words("话后", "acw"),
    "head.not_ready": Words("示忙", "busy"),
    "head.answered": Words("已接", "answered"),
    "head.abandoned": Words("放弃", "abandoned"),
    "head.agent": Words("坐席", "agent"),
    "head.reason": Words("原因", "reason"),
    "head.extension": Words("分机", "extension"),
    "head.telephone": Words("话机", "telephone"),
    "head.wish": Words("之后", "then"),
    "head.subject": Words("对象", "subject"),
    "head.detail": Words("详情", "detail"),
    "head.revision": Words("版本", "revision"),
    "head.when": Words("时间", "when"),
    "head.kept_out": Words("被挡在外", "kept out"),
    "head.until": Words("直到", "until"),
    "head.who": Words("操作人", "who"),
    "head.why": Words("说明", "why"),
    "head.interface": Words("接口", "interface"),
    "head.address": Words("地址", "address"),
    "head.gateway": Words("网关", "gateway"),
    "head.servers": Words("域名服务器", "name servers"),
    "head.mac": Words("硬件地址", "hardware"),
    "head.last_line": Words("最后一行", "last line"),
    # ---- states -----------------------------------------------------------------------------------------------
    "state.up": Words("运行", "up"),
    "state.starting": Words("启动中", "starting"),
    "state.ending": Words("结束中", "ending"),
    "state.down": Words("停止", "down"),
    "state.failed": Words("无法启动", "cannot start"),
    "state.resting": Words("无事可做", "nothing to do"),
    "state.idle": Words("空闲", "idle"),
    "state.in_use": Words("占用", "in use"),
    "state.testing": Words("测试中", "being tested"),
    "state.ringing": Words("振铃", "ringing"),
    "state.dialing": Words("拨号", "dialing"),
    "state.answered": Words("已接", "answered"),
    "state.fault": Words("故障", "fault"),
    "state.unknown": Words("未知", "unknown"),
    "state.logged_out": Words("未登录", "logged out"),
    "state.ready": Words("示闲", "ready"),
    "state.not_ready": Words("示忙", "not ready"),
    "state.offered": Words("振铃中", "offered"),
    "state.talking": Words("通话中", "talking"),
    "state.on_call": Words("普通通话", "on a call"),
    "state.acw": Words("话后", "acw"),
    "state.registered": Words("在线", "there"),
    "state.absent": Words("离线", "absent"),
    "state.in": Words("呼入", "in"),
    "state.out": Words("呼出", "out"),
    "state.internal": Words("内部", "internal"),
    # ---- answers ----------------------------------------------------------------------------------------------
    "empty.any": Words("没有内容", "nothing"),
    "empty.bans": Words("没有人被挡在外", "nobody is kept out"),
    "bans.no_edge": Words("SIP 边界没有应答", "the edge does not tell whom it keeps out"),
    "empty.calls": Words("当前没有通话", "no calls are in progress"),
    "empty.alarms": Words("没有告警", "no alarms"),
    "status.up": Words("已运行 {time}", "up {time}"),
    "status.gateway": Words("网关：  ", "gateway     "),
    "status.connected": Words("已连接", "connected"),
    "status.unprovisioned": Words("已连接，尚未配置", "connected, not yet configured"),
    "status.absent": Words("未连接", "not connected"),
    "status.lines": Words("外线：  ", "lines       "),
    "status.calls": Words("通话：  ", "calls       "),
    "status.of_calls": Words("{calls}，其中等待 {waiting}", "{calls}, {waiting} waiting"),
    "status.agents": Words("坐席：  ", "agents      "),
    "status.telephones": Words("话机：  ", "telephones  "),
    "status.revision": Words("配置：  版本 ", "config      revision "),
    "status.trial": Words(
        "版本 {revision} 试用中：{until} 前未确认则恢复版本 {back_to}",
        "revision {revision} is on trial: back to {back_to} at {until} unless confirmed",
    ),
    "status.alarms": Words("告警：  ", "alarms      "),
    "status.none": Words("无", "none"),
    "status.no_supervisor": Words("没有程序状态：设备未运行", "no state of programs: the box is not running"),
    "status.console": Words("串口：{port}", "serial port {port}"),
    "agent.is": Words("坐席 {number}：{state}", "agent {number} is {state}"),
    "agent.wish": Words("，通话后{state}", ", and {state} after the call"),
    "restart.calls": Words("将中断 {calls} 个通话，继续？", "this ends {calls} calls. Restart?"),
    "restart.left": Words("未重启", "not restarted"),
    "restart.done": Words("已重启：{answer}", "{answer}"),
    "interfaces.routes": Words("默认路由：", "default route  "),
    "interfaces.servers": Words("域名服务器：", "name servers   "),
    "log.none": Words("没有 {name} 的日志；有 {right}", "there is no log of {name}; there is {right}"),
    "log.lines": Words("{value}：应为 1 到 {most}", "{value}: 1 to {most} is right"),
    "version.dead": Words("没有应答", "does not answer"),
    "watch.title": Words("{time}  按任意键结束", "{time}  any key ends this"),
    "compare.same": Words("没有差别", "nothing is different"),
    "compare.new": Words("新增 {path}：{after}", "{path} is new: {after}"),
    "compare.gone": Words("删除 {path}", "{path} is gone"),
    "compare.secret": Words("{path} 已更换", "{path} is another one"),
    "compare.changed": Words("{path}：{before} 改为 {after}", "{path} was {before} and becomes {after}"),
    "check.right": Words("没有问题", "nothing is wrong"),
    "commit.done": Words("版本 {revision} 已生效", "revision {revision} is in force"),
    "commit.same": Words("候选配置没有改动", "the candidate changes nothing; there is nothing to commit"),
    "confirm.done": Words("版本 {revision} 已确认", "revision {revision} stays in force"),
    "candidate.changed": Words("候选配置有改动：请先 commit 或 discard", "it has changes: commit or discard them"),
}


class Say:
    """Speaks one language, which may change."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **places: str) -> str:
        """Return a text in the language spoken."""
        words = WORDS[key]
        text = words.zh if self.language == "zh" else words.en
        return text.format_map(places) if places else text


def known(key: str) -> bool:
    """Whether there is such a text."""
    return key in WORDS
