"""What the page says of telephones that do not register, and of who is kept out."""

from webui.words.text import Words

WORDS = {
    "bans": Words("话机登记与封禁", "Registration and bans"),
    "bans.help": Words(
        "话机登记不上时看这里：最近一小时哪部话机为什么被拒绝。本页每十秒刷新。",
        "Look here when a telephone does not register: which ones were turned away within the last hour, and why. The "
        "page is fresh every ten seconds.",
    ),
    "bans.no_edge": Words(
        "SIP 边界没有应答，不知道它拒绝了谁。", "The SIP edge does not answer: whom it turned away is not known."
    ),
    "bans.more": Words(
        "还有更多，这里列不下：有人在大量尝试。", "There are more than can be listed: somebody tries a lot."
    ),
    "bans.telephones": Words("话机", "Telephones"),
    "bans.extension": Words("分机", "Extension"),
    "bans.state": Words("登记", "Registered"),
    "bans.in": Words("已登记", "registered"),
    "bans.out": Words("未登记", "not registered"),
    "bans.tried": Words("上次被拒绝", "Turned away last"),
    "bans.no_extension": Words("还没有配置分机。", "No extension is configured yet."),
    "bans.nothing_came": Words(
        "未登记又没有被拒绝的话机，一小时内没有来过：请核对它的服务器地址、端口和网线。",
        "From one that is not registered and was not turned away nothing came within the hour: check its server "
        "address, its port and its cable.",
    ),
    "bans.others": Words("不是本机分机的", "As no extension of this box"),
    "bans.kept_out": Words("被挡在外的", "Kept out now"),
    "bans.none": Words("没有人被挡在外。", "Nobody is kept out."),
    "ban.subject": Words("地址或用户", "Address or user"),
    "ban.why": Words("原因", "Why"),
    "ban.until": Words("直到", "Until"),
    "ban.lift": Words("放行", "Let in again"),
    "ban.by_itself": Words("停下后自动放行", "ends when it stops"),
    "ban.gone": Words("它已经不在名单上。", "It is kept out no more."),
}
