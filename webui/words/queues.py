"""What is said of queues."""

from webui.words.text import Words

WORDS = {
    "queues": Words("队列", "Queues"),
    "queues.none": Words("没有配置队列。", "No queue is configured."),
    "queue": Words("队列", "Queue"),
    "queue.waiting": Words("等候", "Waiting"),
    "queue.longest": Words("最久", "Longest"),
    "queue.ready": Words("示闲", "Ready"),
    "queue.nobody": Words(
        "没有坐席登录。坐席在工作台页面登录，或在话机上拨登录功能码（见话机参数单）。",
        "No agent is logged in. Agents log in at their desk's page, or by the feature code on their telephone's sheet.",
    ),
}
