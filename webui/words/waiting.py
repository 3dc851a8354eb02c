"""What is said of messages that wait for an extension."""

from webui.words.text import Words

WORDS = {
    "waiting": Words("新留言", "Messages waiting"),
    "waiting.new": Words("{count} 条新留言", "new: {count}"),
    "waiting.of": Words("分机 {number}：{count} 条新留言", "Extension {number}: {count} new"),
    "waiting.pbx": Words(
        "老交换机由 QSIG 告知，由它点亮话机的指示灯。", "The PBX is told by QSIG, and lights the lamp."
    ),
    "waiting.unseen": Words(
        "话机不会提示：只有 E1 使用 QSIG，才能告知老交换机。",
        "Its telephone does not show it: the PBX can only be told by QSIG, which its span does not speak.",
    ),
    "waiting.help": Words(
        "话机以特殊拨号音或指示灯提示。数目由外部程序（接口）或命令 busyhour extension waiting 告知。",
        "The telephone shows it by another dial tone or by its lamp. A program says how many there are by REST, or the "
        "command busyhour extension waiting.",
    ),
}
