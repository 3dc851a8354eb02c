"""What each alarm says to people: what is wrong, and what to do about it, in Chinese and English.

Every door reads them here: page, command, console, e-mail. It imports nothing.
"""

from typing import NamedTuple


class AlarmWords(NamedTuple):
    """One alarm in one language."""

    wrong: str
    remedy: str


# name: what is wrong (zh, en), what to do (zh, en)
ALARMS: dict[str, tuple[str, str, str, str]] = {
    "emergency-call": (
        "有人拨打了紧急号码", "An emergency number was called",
        "问清拨打者是否需要帮助，并给来救援的人引路；确认后此告警即消失。",
        "Ask who called whether they need help, and show rescuers the way. It is over when you acknowledge it.",
    ),
    "outgoing-limit-near": (
        "今日外拨限额即将用完", "A daily limit of calls outside is nearly used up",
        "查看是谁在拨打外线；若属正常，可提高限额。",
        "See who calls outside. If it is right, raise the limit.",
    ),
    "outgoing-limit-reached": (
        "今日外拨限额已用完", "A daily limit of calls outside is reached",
        "先排查是否有人盗打；确认正常后运行 busyhour limit reset。",
        "Make sure first that nobody abuses a password; then run busyhour limit reset.",
    ),
    "recordings-removed": (
        "硬盘空间不足，最早的录音已被删除", "The disk had too little room: the oldest recordings were removed",
        "更换更大的硬盘，或把录音保留天数设短；需要保留的录音请设法律保留。",
        "Use a larger disk, or keep recordings for fewer days; put what must stay under a legal hold.",
    ),
    "backup": (
        "没有新的备份", "There is no new backup",
        "查看备份页面上的原因：备份盘是否已接好、是否还有空间。",
        "See why on the page of backups: whether the disk for them is there, and has room.",
    ),
    "recordings-storage": (
        "通话无法录音", "Calls are not recorded",
        "检查硬盘是否已满或不可写，删除不再需要的录音。",
        "See whether the disk is full or cannot be written, and remove recordings that are not needed.",
    ),
    "records-storage": (
        "通话记录无法保存", "Records of calls cannot be kept",
        "检查硬盘是否已满或不可写；恢复前不要断电，未保存的记录还在内存里。",
        "See whether the disk is full or cannot be written. Do not switch off before: the rest is in memory.",
    ),
    "records-lost": (
        "部分通话记录已丢失", "Records of calls were lost",
        "硬盘曾长时间不可写。检查硬盘；确认后此告警即消失。",
        "The disk took nothing for long. Check it. This is over when you acknowledge it.",
    ),
    "records-broken": (
        "通话记录已损坏，已重新建立", "Records of calls were broken; new ones were begun",
        "损坏的文件已保留，可从备份恢复。检查硬盘；确认后此告警即消失。",
        "The broken file is kept; a backup may have it whole. Check the disk. This is over when you acknowledge it.",
    ),
    "program-lost": (
        "有程序意外退出或无法启动", "A program of the box died or does not start",
        "它会自动重新启动。若反复出现，查看该程序的日志（设备上的 log/，或控制台的 show log）。",
        "It is started again by itself. If it happens again, read its log (log/ on the box, show log on the console).",
    ),
    "gateway-lost": (
        "与网关失去联系，无法接打电话", "The exchange has no gateway: no calls can be made or taken",
        "它会自动重新连接。若一分钟后仍未恢复，请重新启动设备。",
        "It connects again by itself. If it has not within a minute, restart the box.",
    ),
    "disk-space": (
        "硬盘空间不足", "The disk is nearly full",
        "删除不再需要的录音和备份，或换更大的硬盘；满了之后将无法录音。",
        "Remove recordings and backups that are not needed, or fit a larger disk: a full one records nothing.",
    ),
    "disk-filling": (
        "硬盘将在几天内写满", "At this rate the disk is full within days",
        "查看是什么在增长（多半是录音），缩短保留时间或换更大的硬盘。",
        "See what grows (mostly recordings); keep it for a shorter time, or fit a larger disk.",
    ),
    "disk-read-only": (
        "硬盘变为只读", "The disk has become read-only",
        "硬盘多半已有故障。备份数据，重新启动设备；若再次出现，更换硬盘。",
        "The disk is probably failing. Back up what is there and restart the box; if it comes again, replace the disk.",
    ),
    "clock-jumped": (
        "系统时钟发生跳变", "The machine's clock jumped",
        "若刚设置过时间，可不理会；否则检查时间服务器和主板电池。十分钟后自动消失。",
        "If somebody set it just now, all is well. Else check time server and battery. Over in ten minutes.",
    ),
    "clock-unsynchronised": (
        "系统时钟没有与时间服务器同步", "The machine's clock is not synchronised",
        "检查网络和时间服务器（NTP）设置；时间会越走越偏，记录和营业时间也随之不准。",
        "Check the network and the time server (NTP). The clock drifts, and with it records and opening hours.",
    ),
    "clock-impossible": (
        "系统时间显然不对", "The machine's clock shows an impossible date",
        "设置正确的日期和时间，或接通时间服务器；营业时间和记录目前都不可信。",
        "Set date and time, or let it reach a time server. Opening hours and records cannot be trusted until then.",
    ),
    "date-doubted": (
        "系统日期突然向前跳了很多天", "The date leapt ahead by days",
        "核对日期。在此之前，录音和记录仍按原来的日期保留，不会提前删除。日期正确（例如设备曾长期关机）就确认此告警。",
        "Check it. Until then recordings and records are kept as by the date before. Acknowledge this if the date is "
        "right, as after weeks without power.",
    ),
    "media-late": (
        "语音处理跟不上，通话可能断续", "The media core comes late: voices may stutter",
        "设备负荷过高，或有其他程序占用处理器。减少同时通话数，停掉无关程序。",
        "The machine has too much to do. Let fewer calls go on at once, and end other programs on it.",
    ),
    "queue-wait": (
        "有来电等待过久", "A caller has waited too long",
        "让更多坐席示闲，或在配置中设置溢出去向。",
        "Let more agents be ready, or let the queue overflow elsewhere.",
    ),
    "webhook-failing": (
        "网络回调的接收方没有接收事件", "The receiver of a webhook does not take what it is told",
        "检查接收方是否运行、地址是否正确；事件在此等候一天，恢复后按顺序补发。",
        "See whether the receiver runs and its address is right. Events wait for it, in order, for a day.",
    ),
    "mail-failing": (
        "告警邮件发不出去", "Mail about alarms cannot be sent",
        "检查邮件服务器、用户名和密码，再运行 busyhour mail test；在此之前只能在页面上看到告警。",
        "Check server, user name and password, then run busyhour mail test. Until then alarms are on the page alone.",
    ),
    "edge": (
        "SIP 边界未接受配置", "The SIP edge does not take the configuration",
        "话机和中继仍按旧配置工作。运行 busyhour status，必要时在控制台执行 restart edge。",
        "Telephones and trunks work by the former one. See busyhour status; on the console, restart edge.",
    ),
    "line-no-battery": (
        "外线没有馈电", "A telephone line has no battery",
        "检查电话线是否插好；若插好，请致电运营商报障。",
        "See whether the line is plugged in. If it is, tell the carrier that it is dead.",
    ),
    "line-off-hook": (
        "另一部话机长时间占用外线", "Another telephone has had a line off hook for an hour",
        "检查与本机并接在该外线上的话机、传真机是否挂好，挂好后自动消失。若都已挂好，请致电运营商检查线路电压。",
        "Find the telephone or fax beside the box on that line and hang it up. If all are: the voltage is low, tell "
        "the carrier.",
    ),
    "line-no-dial-tone": (
        "外线没有拨号音", "A telephone line has no dial tone",
        "用话机直接插在该外线上试听；若也没有拨号音，请致电运营商报障。线路恢复后此告警自动消失。",
        "Plug a telephone into the line and listen. If it has none either, tell the carrier. It is over by itself.",
    ),
    "no-calls": (
        "外线或中继多日没有通话", "No call came or went by a line or trunk for days",
        "用手机拨打该号码试一次；若打不进来，请致电运营商，并核对呼叫转移和号码。一有通话即消失。",
        "Call its number from a mobile. If it does not ring, ask the carrier, and check diversions. A call ends this.",
    ),
    "connections-refused": (
        "有连接被拒绝：来自同一地址或全部的连接太多",
        "Connections are refused: there are too many, or too many of one address",
        "查看说明中的地址：若不是自己的话机，请在防火墙上拦截；话机和通话不受影响。",
        "See the address: if it is no telephone of yours, keep it out by the firewall. Calls are not touched.",
    ),
    "certificate-ends": (
        "证书即将到期", "The certificate is about to end",
        "导入新证书，或运行 busyhour certificate self-signed；到期后浏览器和话机将拒绝连接。",
        "Import a new one, or run busyhour certificate self-signed. Browsers and telephones refuse it afterwards.",
    ),
    "trunk-certificate": (
        "运营商的证书不可信，已拒绝连接", "A carrier's certificate is not trusted: it is not connected",
        "核对中继的服务器名；若运营商使用自己的证书机构，把其证书填入该中继。证书过期则请致电运营商。",
        "Check the trunk's host. Enter the carrier's own authority where it has one. Call them where it is over.",
    ),
    "trunk-lost": (
        "SIP 中继没有应答", "A SIP trunk does not answer",
        "检查网络；若其他网络访问正常，请致电运营商，并核对中继的地址、用户名和密码。",
        "Check the network. If all else is reached, ask the carrier, and check the trunk's host, user name and secret.",
    ),
    "span-lost": (
        "E1 不在或无法使用", "An E1 span is not there, or cannot be used",
        "核对配置里的 E1 序号和板卡；“E1 状态”页列出已装的。若 /etc/dahdi/system.conf 另有设置，以它为准，请改正它。",
        "Check the span's number and the card: “E1 state” lists what is there. What /etc/dahdi/system.conf sets "
        "stays: mend it there.",
    ),
    "span-alarm": (
        "E1 线路告警", "An E1's wire has an alarm",
        "红色：查线是否插好、收发是否接反、75/120 欧是否一致、CRC4 是否与对方相同。蓝色或黄色：请致电运营商报障。",
        "RED: see whether the cable is in, its pairs are not crossed, 75 or 120 ohm and CRC4 are the other side's. "
        "BLUE or YELLOW: tell the carrier.",
    ),
    "span-down": (
        "E1 的信令通道不通，不能打进打出", "An E1's signalling is down: no call comes or goes",
        "若线路也有告警，先排除它。然后核对用户侧/网络侧与对方相反、协议相同；仍不通请致电运营商查 D 通道。",
        "Where the wire has an alarm, see to that first. Then: one side is user, the other network, with one variant. "
        "Else ask the carrier about the D-channel.",
    ),
    "span-short": (
        "E1 的通道比配置的少", "An E1 has fewer channels than are configured",
        "核对 E1 和中继群的通道与运营商开通的是否一致；若由 /etc/dahdi/system.conf 设置，在那里补上 bchan= 或 cas=。",
        "See whether the channels of the span and of its groups are those that the carrier opened. Where "
        "/etc/dahdi/system.conf sets the span up, add them there (bchan= or cas=).",
    ),
    "span-slips": (
        "E1 滑码过多，通话有杂音，传真会断", "An E1 slips too often: calls click and faxes break off",
        "双方时钟不同步。接运营商的 E1 时钟优先级应为 1；接老交换机的应为 0。一天内不再滑码即消失。",
        "The two clocks differ. A carrier's span should have clock priority 1, one to an old PBX 0. It is over after a "
        "day without.",
    ),
    "board-lost": (
        "语音卡没有应答，其外线全部不可用", "A voice board does not answer: none of its lines can be used",
        "检查板卡和驱动；模拟交换局则查看程序 office 的日志。",
        "Check the card and its driver; for the simulated lines, the log of the program office.",
    ),
    "port-lost": (
        "分机所在的电话端口不存在", "The port that an extension's telephone should be in is not there",
        "检查配置中该分机的端口号，以及语音卡上的电话模块（FXS）是否插好。",
        "Check the extension's port in the configuration, and the telephone module (FXS) of the card.",
    ),
    "board-clock": (
        "语音卡的时钟停了，通话改用本机时钟", "The clock of a voice board stands still: calls follow the machine's own",
        "检查板卡、驱动和 E1 线路；在此之前外线上可能听到轻微的杂音。",
        "Check the card, its driver and the E1. Until then lines may crackle now and then.",
    ),
}
SEVERITIES = {
    "critical": ("紧急", "critical"),
    "major": ("严重", "major"),
    "minor": ("一般", "minor"),
    "warning": ("提示", "warning"),
}


def alarm_words(name: str, language: str) -> AlarmWords:
    """Return what an alarm says in a language (zh, en); one without words says its name."""
    if name not in ALARMS:
        return AlarmWords(name, "")
    wrong_zh, wrong_en, remedy_zh, remedy_en = ALARMS[name]
    return AlarmWords(wrong_zh, remedy_zh) if language == "zh" else AlarmWords(wrong_en, remedy_en)


def severity_word(severity: str, language: str) -> str:
    """Return a severity's word in a language."""
    return SEVERITIES.get(severity, (severity, severity))[0 if language == "zh" else 1]
