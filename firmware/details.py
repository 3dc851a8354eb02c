"""What exactly is wrong, by its code and figures, in Chinese and English; every door says an alarm's details by this.

It imports nothing, so that page, command and console may read it as well as those who raise alarms.
"""

import re
from collections.abc import Mapping
from typing import Any

LANGUAGES = ("zh", "en")
SAID = "said"  # the code of words that came from elsewhere: {text}

# code: the sentence (zh, en), filled with the facts
DETAILS: dict[str, tuple[str, str]] = {
    SAID: ("{text}", "{text}"),
    "called-for-help": ("{by} 拨打了 {number}", "{by} called {number}"),
    "limit-used": (
        "今日外拨 {calls} 次（限 {most_calls}），{minutes} 分钟（限 {most_minutes}）；用完后到午夜或重置之前不能再外拨",
        "{calls} of {most_calls} calls outside, {minutes} of {most_minutes} minutes today; "
        "at 100 % no more are let out until midnight, or until the limits are reset",
    ),
    "removed": (
        "为腾出空间删除了 {count} 个录音，现有 {free_mb} MB 可用",
        "{count} recordings were removed to make room: {free_mb} MB are free",
    ),
    "removed-all": (
        "为腾出空间删除了 {count} 个录音，现有 {free_mb} MB 可用，已没有可以删除的录音",
        "{count} recordings were removed to make room: {free_mb} MB are free; no recording is left that may go",
    ),
    "backup-failed": ("定时备份失败：{why}", "the backup on schedule failed: {why}"),
    "backup-overdue": ("到了时间却没有备份", "no backup was made when it should have been"),
    "not-recorded": ("通话 {call} 没有录音：{why}", "call {call} is not recorded: {why}"),
    "not-written": ("无法写入：{why}", "nothing can be written: {why}"),
    "events-lost": (
        "记录无法写入期间丢失了 {count} 个事件",
        "{count} events could not be kept while the records could not be written",
    ),
    "set-aside": (
        "损坏的记录保存为 {file}，已另建新的记录",
        "the records were broken and are kept as {file}; new ones were begun",
    ),
    "program-down": ("没有运行", "it does not run"),
    "program-cannot": ("当前条件下无法运行，原因见其日志", "it cannot work as things are; its log says why"),
    "program-died": ("意外退出，已重新启动", "it died and was started again"),
    "program-silent": ("启动后还没有应答", "it does not answer yet"),
    "not-connected": ("没有连接", "it is not connected"),
    "disk-left": (
        "共 {total_mb} MiB，可用 {free_mb} MiB，应不少于 {least_mb} MiB",
        "{free_mb} MiB of {total_mb} MiB are free, {least_mb} should be",
    ),
    "disk-fills": (
        "{hours} 小时内增加了 {mb} MiB，照此 {days} 天后写满", "{mb} MiB in {hours} h: full in {days} days",
    ),
    "read-only": ("只能读取，不能写入", "it can only be read"),
    "clock-step": ("跳变了 {step_s} 秒", "by {step_s} s"),
    "clock-unset": ("没有时间服务器校准过它", "no time server has set it"),
    "clock-shows": ("显示为 {time}（UTC）", "it shows {time} (UTC)"),
    "date-leapt": ("比此前向前跳了 {days} 天", "{days} days later than it was"),
    "ticks-late": ("最近一分钟有 {percent} % 的节拍晚了", "{percent} % of the ticks of the last minute were late"),
    "sound-lost": (
        "最近一分钟：丢失节拍 {dropped_ticks}，录音溢出 {recorder_overruns}，事件溢出 {event_overflows}",
        "in the last minute: {dropped_ticks} dropped ticks, {recorder_overruns} recorder overruns, "
        "{event_overflows} event overflows",
    ),
    "waits": ("{waiting} 人在等，最长 {longest_s} 秒", "{waiting} wait, the longest for {longest_s} s"),
    "refused": (
        "拒绝了 {count} 个连接，最多的来自 {address}", "{count} connections were refused, most are from {address}",
    ),
    "all-used": (
        "{most} 个连接已全部占用，最多的来自 {address}", "all {most} connections are in use, most from {address}",
    ),
    "certificate-days": ("还有 {days} 天", "in {days} days"),
    "certificate-over": ("已经到期", "it is over"),
    "not-vouched": ("{host}:{port} 的证书：{why}", "the certificate of {host}:{port}: {why}"),
    "no-tls": (
        "{host}:{port} 不支持 TLS 1.2 或更高版本：{why}", "{host}:{port} speaks no TLS 1.2 or newer: {why}",
    ),
    "answers": ("接收方回答 {status} {text}", "the receiver answers {status} {text}"),
    "name-unknown": ("找不到域名 {host}", "the name {host} is not found"),
    "no-address": ("域名 {host} 没有地址", "the name {host} has no address"),
    "silent": ("{host} 在 {wait_s} 秒内没有应答", "{host} did not answer within {wait_s} s"),
    "unreachable": ("{host}：{why}", "{host}: {why}"),
    "mail-refused": ("{host} 不接受寄给 {addresses} 的邮件", "{host} does not take mail for {addresses}"),
    "no-answer": ("{host} 没有应答", "{host} does not answer"),
    "not-registered": ("{host} 不接受我们的注册", "{host} does not take our registration"),
    "no-voltage": ("交换局没有送来电压", "no voltage comes from the central office"),
    "off-hook-long": (
        "{minutes} 分钟以来，线路电压一直像有话机摘机", "for {minutes} minutes its voltage has been that of one in use",
    ),
    "tested-no-battery": ("测试发现没有馈电", "a test of the line found none"),
    "nothing-heard": ("听不到任何声音", "nothing is heard"),
    "other-tone": ("听到的是 {hertz} Hz 的音", "a tone of {hertz} Hz is heard instead"),
    "noise": ("听到的是 {level_dbm0} dBm0 的噪声", "noise of {level_dbm0} dBm0 is heard instead"),
    "busy-tone": ("听到的是忙音", "busy tone is heard instead"),
    "no-calls": ("{days} 天没有来去电", "no call came or went for {days} days"),
    "lines-shut": ("外线无法使用：{lines}", "{lines}"),
    "port-gone": (
        "{line} 号电话端口（通道 {channel}）已断开", "the telephone in port {line} (channel {channel}) is gone",
    ),
    "no-port": (
        "分机 {extension} 应在 {port} 号电话端口，现有的电话端口：{there}",
        "extension {extension} should be in port {port}; there are telephone ports {there}",
    ),
    "channel-gone": ("{line} 号外线（通道 {channel}）已断开", "line {line} (channel {channel}) is gone"),
    "wire-red": (
        "红色告警：收不到信号或帧（LOS）", "RED: no signal, or no frame, comes in (LOS)",
    ),
    "wire-blue": (
        "蓝色告警：对方设备只送来全 1（AIS）", "BLUE: the far side's equipment sends nothing but ones (AIS)",
    ),
    "wire-yellow": (
        "黄色告警：对方收不到我方信号（RAI）", "YELLOW: the far side does not receive us (RAI)",
    ),
    "wire-loopback": ("线路处于环回测试", "the wire is looped back for a test"),
    "wire-closed": ("E1 口没有启动", "the span was not started"),
    "no-slots": ("缺少通道 {missing}，现有 {there}", "channels {missing} are not there; those there are {there}"),
    "no-dchannel": ("D 通道没有应答", "the D-channel does not answer"),
    "slips": ("24 小时内滑码 {slips} 次", "{slips} slips in 24 hours"),
    "no-ticks": ("60 毫秒没有收到它的节拍", "no tick came from it for 60 ms"),
    "no-office": ("没有交换局", "no central office is there"),
    "wire-lost": ("与交换局的连线断开：{why}", "the wire to the central office is lost: {why}"),
}
# What a fact is where nothing limits it
NONE = ("不限", "unlimited")
# What is named in front of a colon: `line:3`, `extension:201`
SUBJECTS = {
    "line": ("{name} 号外线", "line {name}"),
    "port": ("{name} 号电话端口", "port {name}"),
    "trunk": ("中继 {name}", "trunk {name}"),
    "span": ("E1 线路 {name}", "span {name}"),
    "extension": ("分机 {name}", "extension {name}"),
}
# There is one of them in a box, and the alarm's own words name it
ONLY = frozenset({"certificate", "clock", "date", "disk", "kamailio", "mail", "recordings", "records", "schedule"})
# What system and libraries say most often, for who reads no English; the rest is shown as it came
SYSTEM = tuple((re.compile(pattern), words) for pattern, words in (
    (r"No space left on device|database or disk is full", "硬盘已满"),
    (r"Read-only file system|attempt to write a readonly database", "硬盘只读"),
    (r"(?:Input/output error|disk I/O error)", "硬盘读写出错"),
    (r"unable to open database file", "无法打开数据库文件"),
    (r"database is locked", "数据库被占用"),
    (r"Permission denied", "没有权限"),
    (r"No such file or directory", "没有这个文件或文件夹"),
    (r"less than (\d+) MB free", r"剩余空间不足 \1 MB"),
    (r"Connection refused|All connection attempts failed", "连接被拒绝"),
    (r"Connection reset by peer", "连接被对方中断"),
    (r"(?:Network is unreachable|No route to host)", "网络不通"),
    (r"(?i)timed out", "超时"),
    (r"no answer", "没有应答"),
    (r"is the disk mounted\?", "备份盘接好了吗？"),
    (r"the records cannot be written", "记录无法写入"),
    (r"certificate has expired", "已经过期"),
    (r"certificate is not yet valid", "尚未生效"),
    (r"self[- ]signed certificate(?: in certificate chain)?", "是自签名的，签发者不受信任"),
    (r"unable to (?:get (?:local )?issuer certificate|verify the first certificate)", "签发它的机构不受信任"),
    (r"(?:Hostname|IP address) mismatch, certificate is not valid for '(.*)'\.?", r"不是发给 \1 的"),
    (r"\[Errno -?\d+\] ", ""),
    (r"span (\d+) is not there: this board has none", r"没有 E1 \1：没有数字板卡"),
    (r"span (\d+) is not there; spans are \[(.*?)\]", r"没有 E1 \1；已装的是 [\2]"),
    (r"span (\d+) is being set up", r"正在设置 E1 \1"),
    (r"span (\d+) is not set up for ISDN in (\S+): it has (\d+) D-channels \(dchan=\) and (\d+) B-channels \(bchan=\)",
     r"\2 没有把 E1 \1 设为 ISDN：有 \3 个 D 通道（dchan=）、\4 个 B 通道（bchan=）"),
    (r"span (\d+) has (\d+) channels and is no E1", r"第 \1 口有 \2 个通道，不是 E1"),
    (r"span (\d+) is not set up for R2 in (\S+): it has no channels cas=", r"\2 没有把 E1 \1 设为 R2：没有 cas= 通道"),
    (r"span (\d+) has (\d+) analog ports and is no E1", r"第 \1 口是模拟卡，有 \2 个端口，不是 E1"),
    (r"no channel is idle: ", "没有空闲通道："),
    (r"(\d+) blocked\b", r"\1 个被对方闭塞"),
    (r"(\d+) unknown\b", r"\1 个线路信号不明"),
))  # fmt: skip


def sentence(code: str, facts: Mapping[str, Any], language: str, otherwise: str = "") -> str:
    """Return what is wrong in a language (zh, en); `otherwise` for a code that this release does not know."""
    words = DETAILS.get(code)
    if words is None:
        return otherwise
    try:
        return words[_index(language)].format_map({name: _shown(fact, language) for name, fact in facts.items()})
    except (KeyError, IndexError):  # another release had other figures
        return otherwise


def subject_words(subject: str, language: str) -> str:
    """Return what an alarm is about in a language: `line:3` is "line 3", `disk` "", one without words as it came."""
    if subject in ONLY:
        return ""
    kind, _, name = subject.partition(":")
    words = SUBJECTS.get(kind)
    return words[_index(language)].format(name=name) if words else subject


def _shown(fact: str | float | None, language: str) -> str:
    if fact is None:
        return NONE[_index(language)]
    if not isinstance(fact, str):
        return str(fact)
    fact = subject_words(fact, language) if re.fullmatch("(line|trunk|span|extension):[^ ]+", fact) else fact
    if language == "zh":
        fact = system_words(fact)
    return fact


def system_words(text: str) -> str:
    """Return in Chinese what a system or a driver said in English, as far as that is known."""
    for pattern, words in SYSTEM:
        text = pattern.sub(words, text)
    return text


def _index(language: str) -> int:
    return 0 if language == "zh" else 1
