"""What the pages of webhooks say."""

from webui.words.text import Words

WORDS = {
    "webhooks": Words("网络回调", "Webhooks"),
    "webhooks.about": Words("把事件推送给其他程序", "Events for other programs"),
    "webhooks.all": Words("接收方", "Receivers"),
    "webhooks.none": Words(
        "还没有接收方。添加一个，让客户系统随时知道这里的通话。",
        "No receivers yet. Add one, and your own programs learn of calls as they happen.",
    ),
    "webhook.name": Words("名称", "Name"),
    "webhook.name.help": Words("小写字母、数字、- 和 _，如 crm。", "Small letters, digits, - and _, such as crm."),
    "webhook.url": Words("地址（URL）", "URL"),
    "webhook.url.help": Words("事件以 POST 发送到这里。", "Events are sent there by POST."),
    "webhook.events": Words("发送哪些事件", "Which events"),
    "webhook.reach": Words("接收方位于", "Where it may be"),
    "reach.public": Words("互联网", "the internet"),
    "reach.lan": Words("也可在内部网络", "a private network, too"),
    "reach.box": Words("也可在本设备上", "this machine, too"),
    "webhook.add": Words("添加接收方", "Add receiver"),
    "webhook.add.help": Words(
        "随后显示签名密钥，只显示一次。", "The secret that signs what is sent is shown next, this once."
    ),
    "webhook.change": Words("更改", "Change"),
    "webhook.state": Words("状态", "State"),
    "webhook.off": Words("已停用", "off"),
    "webhook.never": Words("尚未发送", "nothing sent yet"),
    "webhook.delivered": Words("上次送达", "last delivered"),
    "webhook.failing": Words("发送失败", "fails"),
    "webhook.next": Words("下次尝试 {when}", "next try {when}"),
    "webhook.secret": Words("签名密钥", "Secret"),
    "webhook.secret.new": Words("更换密钥", "Make a new secret"),
    "webhook.secret.help": Words(
        "旧密钥立即作废。按 Standard Webhooks 规范验证签名。",
        "The one there is is void at once. Receivers verify by the Standard Webhooks scheme.",
    ),
    "webhook.secret.given": Words("请把它填入接收方 {name}：", "Give it to the receiver {name}:"),
    "webhook.secret.once": Words("只显示这一次。", "It is shown only now."),
    "webhook.test": Words("发送测试", "Send a test"),
    "webhook.test.done": Words("接收方已收到测试消息。", "The receiver has taken the test."),
    "webhook.on": Words("启用", "Switch on"),
    "webhook.switch_off": Words("停用", "Switch off"),
    "webhook.remove": Words("删除", "Remove"),
    "webhook.remove.ask": Words("删除 {name}……", "Remove {name}…"),
    "webhook.remove.help": Words(
        "不再发送；未送达的消息一并丢弃。", "It is told nothing more, and what it had not taken is forgotten."
    ),
    "webhook.dead": Words("未送达", "Dead letters"),
    "webhook.dead.help": Words(
        "接收方一再拒绝，或等候超过一天的消息。", "Refused again and again, or waiting for more than a day."
    ),
    "webhook.dead.at": Words("发生", "Happened"),
    "webhook.dead.reason": Words("原因", "Reason"),
    "webhook.redeliver": Words("全部重新发送", "Try all again"),
    "hooked.call.offered": Words("来电", "a call comes in"),
    "hooked.call.answered": Words("系统应答", "a call is answered"),
    "hooked.call.ended": Words("通话结束（含记录）", "a call has ended, with its record"),
    "hooked.queue.entered": Words("进入队列", "a caller begins to wait"),
    "hooked.queue.left": Words("离开队列", "a caller waits no longer"),
    "hooked.transferred": Words("转接", "a call is transferred"),
    "hooked.emergency": Words("紧急呼叫", "an emergency call"),
    "hooked.recording.ended": Words("录音完成", "a recording is closed"),
    "hooked.agent.state": Words("坐席状态", "an agent's state"),
    "hooked.alarm": Words("告警", "an alarm"),
    "hooked.alarm.acknowledged": Words("告警已确认", "an alarm is acknowledged"),
    "hooked.config.changed": Words("配置更改", "the configuration has changed"),
}
