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
    "state.up": Words("运行中", "running"),
    "state.starting": Words("启动中", "starting"),
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


