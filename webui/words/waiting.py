"""What is said of messages that wait for an extension."""

from webui.words.text import Words

WORDS = {
    "waiting": Words("新留言", "Messages waiting"),
    "waiting.new": Words("{count} 条新留言", "new: {count}"),
    "waiting.help": Words(
        "话机以特殊拨号音或指示灯提示。数目由外部程序（接口）或命令 busyhour extension waiting 告知。",
        "The telephone shows it by another dial tone or by its lamp. A program says how many there are by REST, or the "
        "command busyhour extension waiting.",
    ),
}
