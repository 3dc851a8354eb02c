"""What is wrong with a value, in Chinese: pages and the console word a Problem by its code and facts.

In English a Problem says itself what would be right; so it does in Chinese where its code is not known here.
"""

from typing import Any

from firmware.errors import Problem

RULES = {
    # ---- one value: firmware.config.shape and schema
    "object": "应为一组键和值",
    "unknown-key": "没有这个键；可用的有：{there}",
    "missing": "缺少此项，请填写",
    "null": "应为空",
    "list": "应为列表",
    "boolean": "应为是或否",
    "whole-number": "应为整数{range}",
    "number": "应为数字{range}",
    "seconds": "应为秒数{range}",
    "text": "应为文字{length}",
    "line": "最多 {most} 个字，不含控制字符",
    "one-of": "应为以下之一：{there}",
    "session-timer": "应为 0（不用）或 {least} 到 {most} 秒",
    "digits": "应为 {least} 到 {most} 位数字",
    "digits-up-to": "最多 {most} 位数字，或留空",
    "digit": "应为一位数字",
    "time": "应为时刻 HH:MM，如 03:00；留空表示从不",
    "folder": "应为以 / 开头的完整路径；留空则用本机自己的",
    "characters": "应为 {least} 到 {most} 个字符",
    "passphrase": "定时备份需要 8 个字符以上的口令",
    "site": "应为网站地址，如 https://crm.example.com，不带路径",
    "group": "应为中继群的标识，或留空",
    "last-number": "应为 {least} 到 {most} 位数字，或留空",
    "name": "以小写字母开头，只用小写字母、数字、_ 和 -，最多 32 个字符",
    "busy-tone": "应为 480+620/250,0/250 这样的写法：频率（Hz）/响（ms），0/停（ms）；最多四组，频率相同",
    "feature-code": "以 * 或 # 开头，后接 1 到 5 位数字、* 或 #",
    "key": "应为 0-9、* 或 #",
    "destination": "请选择去向",
    "fax": "须为分机或外部号码，也可以留空",
    "sound": "应为提示音名称，如 welcome、zh/welcome 或 file:ours.wav",
    "country": "应为有编号计划的国家或地区的两个大写字母，如 CN",
    "timezone": "应为时区名称，如 Asia/Shanghai",
    "area-code": "最多 5 位数字，不带开头的 0",
    "realm": "应为 1 到 64 个字母、数字、点、- 或 _",
    "did": "最多 15 位数字，前面可加 +，末尾可加 * 表示以此开头",
    "auth-name": "最多 128 个可打印的 ASCII 字符，不含空格、引号和反斜杠",
    "sip-user": "最多 128 个字符，只用 SIP 用户名允许的字符",
    "ascii": "应为 {least} 到 {most} 个英文字母、数字或符号",
    "source": "应为 line、line:N、trunk、trunk:名称，或留空",
    "way": "应为 lines、line:N 或 trunk:名称",
    "slots": "应为通道 1 到 31，小的在前，如 1-15,17-31",
    "span-slots": "应为 E1 的序号，或加冒号写其中的通道，如 1 或 1:1-15",
    # ---- what does not fit the rest of the configuration: firmware.config, acd.check, ivr.check
    "date": "应为日期 YYYY-MM-DD，如 2026-10-01",
    "span": "应为 HH:MM-HH:MM，如 08:30-17:00；全天写 00:00-24:00",
    "overlap": "时段不能重叠；{day}的 {other} 那时还未结束",
    "no-sound": "没有这个提示音，或无法播放",
    "no-such": "没有{noun} {name}；现有：{there}",
    "no-way-out": "没有外呼规则放行这个号码",
    "no-hours": "没有营业时间就没有“其余时间”：请先选择营业时间",
    "no-lines": "没有外线，应选择中继",
    "loop": "来电会永远转圈：{way}；请让其中一处结束",
    "even": "应为偶数端口",
    "odd": "应为奇数端口：RTP 成对使用端口，偶数在前",
    "above": "应至少为 {least}",
    "at-least": "应至少为 {least}",
    "ports": "应至少为 {least}：{calls} 路通话同时需要这么多端口",
    "network": "应为网段或地址，如 192.168.0.0/16",
    "address": "应为对方能到达的 IP 地址",
    "ip-version": "应为 IPv{version} 地址，与网段一致",
    "twice": "已有同名或同号的，每个只能有一个",
    "listed-twice": "重复了，每个只能列一次",
    "flash": "应为 {least} 到 1000 毫秒；不许拍叉时填 0",
    "port-line": "这个端口接的是外线，应为电话端口",
    "port-twice": "分机 {other} 已在这个端口，每个端口只能接一部电话",
    "at-pbx": "分机在中继群 {group} 的老交换机上，电话由它管理：这里应留空",
    "range-telephone": "只有老交换机上的分机才能成段：请先选择中继群，或留空",
    "range": "应为 {digits} 位数字，不小于 {number}",
    "range-most": "一段最多 {most} 个号码",
    "range-taken": "不能与分机 {other} 重叠，也不能一个是另一个的开头",
    "begins": "不能与 {other} 相同，也不能一个是另一个的开头：否则按到一半就接通了",
    "emergency": "不能与紧急号码 {number} 混淆",
    "outside-prefix": "不能以 {prefix} 开头：外呼规则 {rule} 用它拨外线",
    "all-stripped": "最多 {most}：否则没有剩下可拨的号码",
    "caller-id": "应为某条中继的号码：{there}",
    "own-number": "不能是本机自己的号码 {number}：来电会永远转圈",
    "signalling-slot": "通道 {slot} 是信令通道，不能用于通话；全部通道写 {all}",
    "not-given": "E1 {span} 只有通道 {there}，没有 {slot}",
    "channel-twice": "E1 {span} 的通道 {slot} 已在中继群 {other} 里，每个通道只能用一次",
    "r2-digits": "R2 信令要填送来几位号码，否则无法知道号码何时收完",
    "hand-back": "E1 {span} 不是欧洲 ISDN（EuroISDN）且对方为网络侧的链路，不能交还运营商",
    "clock-twice": "E1 {other} 已用这个优先级，请换一个；1 最先",
    "unrouted": "没有路由接这个号码的来电：请先添加来源为 {source}（或任何中继）的路由",
    "domain": "应为域名，或留空",
    "host": "应为主机名或 IP 地址",
    "pem": "应为 PEM 格式的证书，从 -----BEGIN CERTIFICATE----- 到 -----END CERTIFICATE-----",
    "tls-name": "用 TLS 时应为主机名，或填写信任的证书机构：公共证书是签发给名称的",
    "user-name": "需要注册或有密码时，必须填写用户名",
    "beside-us": "应为对方的地址，不包括本机 {address}：从那里呼叫不需要密码",
    "too-wide": "网段最大为 /{widest}：从那里呼叫不需要密码",
    "shared": "这个地址也属于中继 {other}，来电分不清是谁的",
    "secret-of-another": "原密码是给 {other} 的；请填写 {host} 的密码，没有密码就把用户名也清空",
    "mail-address": "应为邮件地址，如 shop@example.com",
    "signing-secret": "应为 whsec_ 加 24 到 64 字节的 base64，或留空由设备生成",
    "url": "应为 https:// 开头的完整地址，不带用户名和 #；内网或本机的接收方需先放宽位置",
    "unreached": "设备不能访问这个地址；内网或本机的接收方需先放宽位置",
    "in-the-clear": "有密码时应选 starttls 或 tls，否则密码会被旁人看到",
    "broken": "这个版本读不出来，改用更早的版本",
    "document": "应为完整的 JSON",
    "no-menu": "应有说明按键的提示音，否则来电者什么也听不到",
    "nothing-to-repeat": "没有菜单可以重听，请选择去向",
}
NOUNS = {
    "queue": "队列", "flow": "菜单", "extension": "分机", "agent": "坐席", "line": "外线", "trunk": "中继",
    "group": "中继群",
    "span": "E1", "entry of hours": "营业时间", "mon": "周一", "tue": "周二", "wed": "周三", "thu": "周四",
    "fri": "周五", "sat": "周六", "sun": "周日",
}  # fmt: skip


def right(problem: Problem, language: str) -> str:
    """Return what would be right, in a language."""
    words = RULES.get(problem.code)
    if language != "zh" or words is None:
        return problem.rule
    facts = {name: _shown(value) for name, value in problem.facts.items()}
    return words.format_map(_Filled(facts | _bounds(problem.facts)))


def told(problem: Problem, language: str) -> str:
    """Return a problem as one line for a person, in a language."""
    return str(Problem(problem.path, problem.value, right(problem, language)))


class _Filled(dict[str, str]):
    """Facts that fill words; one that an older exchange does not tell is left out."""

    def __missing__(self, key: str) -> str:
        return ""


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_shown(one) for one in value) or "无"
    if isinstance(value, str):
        kind, colon, name = value.partition(":")
        return f"{NOUNS[kind]} {name}" if colon and kind in NOUNS else NOUNS.get(value, value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _bounds(facts: dict[str, Any]) -> dict[str, str]:
    least, most = (None if facts.get(name) is None else _shown(facts[name]) for name in ("least", "most"))
    if least and most:
        return {"range": f"，{least} 到 {most}", "length": f"，{least} 到 {most} 个字"}
    if most:
        return {"range": f"，最大 {most}", "length": f"，最多 {most} 个字"}
    return {"range": f"，至少 {least}", "length": f"，至少 {least} 个字"} if least else {"range": "", "length": ""}
