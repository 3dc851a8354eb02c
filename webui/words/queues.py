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
        "没有坐席登录：在话机上拨 *20 登录，或运行：",
        "No agent is logged in: dial *20 on a telephone, or run:",
    ),
}
