"""What passes on a line or a span, signal by signal, in Chinese and English.

Every door reads it here: page, command, console. The names of a span's messages and signals (SETUP, line 1001) are the
standards' own, in every language.
"""

from typing import Any

from firmware.health.tables import word

SIGNS = {
    "battery-none": ("馈电中断", "battery gone"),
    "battery-low": ("馈电低：并接的话机摘机", "battery low: another telephone on the pair is off hook"),
    "battery-full": ("馈电正常", "battery full"),
    "break": ("馈电瞬断", "battery break"),
    "ring-on": ("振铃开始", "ring on"),
    "ring-off": ("振铃停止", "ring off"),
    "polarity-reversed": ("反极", "polarity reversed"),
    "polarity-back": ("极性恢复", "polarity back"),
    "caller-id-fsk": ("来电显示（FSK）", "caller id (FSK)"),
    "caller-id-keys": ("来电显示（DTMF）", "caller id (DTMF)"),
    "withheld-fsk": ("来电显示（FSK）：对方不显示号码", "caller id (FSK): number withheld"),
    "withheld-keys": ("来电显示（DTMF）：对方不显示号码", "caller id (DTMF): number withheld"),
    "caller-id-none": ("没有读到来电显示", "no caller id was read"),
    "caller-id-unread": ("听到按键，但不成来电显示", "keys were heard that are no caller id"),
    "gave-up": ("主叫放弃", "the caller gave up"),
    "glare": ("双占：占线时有来电", "glare: a call came in as the line was seized"),
    "answer-reversal": ("对方应答（反极）", "answered: polarity reversed"),
    "answer-assumed": ("推定对方已应答（听声音）", "answer assumed, by what is heard"),
    "cleared-tone": ("对方挂机（忙音）", "the far end hung up: tone"),
    "cleared-break": ("对方挂机（断电）", "the far end hung up: battery break"),
    "cleared-reversal": ("对方挂机（反极）", "the far end hung up: polarity"),
    "no-dial-tone": ("没有拨号音", "no dial tone came"),
    "no-sound": ("拨号后没有任何声音", "nothing was heard after dialling"),
    "ended": ("通话结束", "call ended"),
    "tone-dial": ("拨号音", "dial tone"),
    "tone-ringback": ("回铃音", "ringback"),
    "tone-busy": ("忙音", "busy tone"),
    "tone-congestion": ("拥塞音", "congestion tone"),
    "tone-information": ("特殊信息音", "information tone"),
    "tone-learnt": ("本线学到的忙音", "the line's own busy tone"),
    "fax": ("传真音", "fax tone"),
    "digit": ("按键（不显示是哪个键）", "key pressed (which is not shown)"),
    "loop-closed": ("摘机（环路闭合）", "off hook (loop closed)"),
    "loop-opened": ("挂机（环路断开）", "on hook (loop opened)"),
    "answer": ("应答", "answered"),
    "test": ("占线测试", "seized for a test"),
    "take": ("摘机取来电显示", "off hook for caller id alone"),
    "dialled": ("拨出", "dialled"),
    "flash": ("拍叉", "hook flash"),
    "left": ("不应答，任其振铃", "left to ring"),
    "hang-up": ("本机挂断", "the box hung up"),
    "silence": ("长时间无声，挂断", "long silence: hung up"),
}
FACTS = {"slot": ("通道", "ch"), "cause": ("原因", "cause")}

# Supplementary services in a span's message (ITU-T Q.932 §8.2): what is said, and of what
SAYS = {
    "invoke": ("请求", "asks for"),
    "result": ("同意", "agrees"),
    "error": ("拒绝", "refuses"),
    "reject": ("不接受", "rejects"),
}
OPERATIONS = {
    "ect:1": ("接通双方（ECT）", "joining both (ECT)"),
    "ect:4": ("呼叫标识（ECT）", "the call's link (ECT)"),
    "ect:5": ("转移通知（ECT）", "note of a transfer (ECT)"),
}
LAMPS = {
    "mwiActivate": ("点亮 {served} 的留言灯（MWI）", "lighting the lamp of {served} (MWI)"),
    "mwiDeactivate": ("熄灭 {served} 的留言灯（MWI）", "putting out the lamp of {served} (MWI)"),
}
# EN 300 196-1: the general errors
ERRORS = {
    "0": ("未开通", "not subscribed"),
    "1": ("网络不允许", "rejected by the network"),
    "3": ("不可用", "not available"),
    "7": ("呼叫状态不符", "the call is not in that state"),
    "8": ("业务不支持", "not for this kind of call"),
    "10": ("与其他业务冲突", "another service forbids it"),
    "11": ("资源不足", "no resources"),
}


def signal_word(signal: dict[str, Any], language: str) -> str:
    """Return what passed."""
    return word(SIGNS, signal["text"], language)


def service_words(service: str, language: str) -> str:
    """Return what a message says of a supplementary service: `asks for joining both (ECT)`."""
    said, _, what = service.partition(":")
    if what.startswith("mwi:"):
        _, name, served = what.split(":")
        return f"{word(SAYS, said, language)} {word(LAMPS, name, language).format(served=served)}"
    words = word(ERRORS if said == "error" else OPERATIONS, what, language) if what else ""
    return " ".join(filter(None, [word(SAYS, said, language), words]))


def facts_words(signal: dict[str, Any], language: str) -> str:
    """Return a signal's facts as a technician writes them: `13800138000 WANG > 62871234  ch 3  cause 17`."""
    caller = " ".join(filter(None, [signal["calling"], signal["name"]]))
    numbers = " > ".join(filter(None, [caller, signal["called"]]))
    if signal["called"] and not caller:
        numbers = f"> {numbers}"
    slot, cause = (
        f"{word(FACTS, fact, language)} {signal[fact]}" if signal[fact] else "" for fact in ("slot", "cause")
    )
    services = [service_words(service, language) for service in signal["services"]]
    return "  ".join(filter(None, [numbers, slot, cause, *services]))
