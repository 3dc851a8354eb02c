"""What the live floor says of itself and of the programs."""

from webui.words.text import Words

WORDS = {
    "trace.none": Words("还没有消息。", "Nothing passed yet."),
    "trace.when": Words("时间", "When"),
    "trace.way": Words("方向", "Way"),
    "trace.sent": Words("发出", "sent"),
    "trace.came": Words("收到", "received"),
    "trace.call": Words("呼叫参考", "Call"),
    "trace.facts": Words("内容", "Content"),
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
    "foot": Words("只读页面，仅供查看。", "This page only shows; nothing can be changed here."),
    "foot.agent": Words("仅显示您所在队列与您自己的通话。", "You see your own queues, and your own calls."),
    "foot.acts": Words(
        "您对他人通话和状态的操作都会记入审计。",
        "What you do to others' calls and states is on record.",
    ),
    "floor.cancel": Words("取消", "Cancel"),
    "floor.change": Words("更改状态", "Change state"),
    "floor.hang_up.sure": Words(
        "挂断 {who} 的通话？所有通话方都会断开。", "Hang up the call of {who}? It ends for everybody in it."
    ),
    "floor.logout.sure": Words("让坐席 {agent} 退出登录？", "Log agent {agent} out?"),
    "floor.not_ready.sure": Words("让坐席 {agent} 示忙？", "Set agent {agent} not ready?"),
    "floor.ready.sure": Words("让坐席 {agent} 示闲？", "Set agent {agent} ready?"),
    "programs": Words("运行状态", "What is running"),
    "program.edge": Words("SIP 边界", "SIP edge"),
    "program.proxy": Words("加密入口（TLS）", "TLS of telephones and the page"),
    "program.forwarder": Words("到运营商的 TLS", "TLS to carriers"),
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
    "state.resting": Words("无事可做", "nothing to do"),
    "state.unknown": Words("未知", "unknown"),
}
