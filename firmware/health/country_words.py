"""What is known of a country's telephone lines, in the words of who installs them, in Chinese and English."""

from typing import Any

from firmware.health.tables import word

FIELDS = {
    "caller_id": ("来电显示方式", "Kind of caller id"),
    "caller_id_start": ("来电显示之前", "Caller id comes after"),
    "hangup": ("对方挂机的信号", "Sign of a hangup"),
    "dial": ("拨号音", "Dial tone"),
    "ringback": ("回铃音", "Ringback"),
    "busy": ("忙音", "Busy tone"),
    "congestion": ("拥塞音", "Congestion tone"),
    "information": ("特殊信息音", "Information tone"),
    "ring_ms": ("振铃（毫秒，响与停）", "Ring (ms on and off)"),
    "opermode": ("端口阻抗（opermode）", "Impedance (opermode)"),
}
VALUES = {
    "bell202": ("FSK（Bell 202）", "FSK (Bell 202)"),
    "v23": ("FSK（V.23）", "FSK (V.23)"),
    "aclip": ("FSK（ACLIP，V.23）", "FSK (ACLIP, V.23)"),
    "jclip": ("FSK（JCLIP，V.23）", "FSK (JCLIP, V.23)"),
    "fsk": ("FSK", "FSK"),
    "dtmf-a": ("双音频（A 号码 C）", "keys (A number C)"),
    "dtmf-d": ("双音频（D 号码 C）", "keys (D number C)"),
    "dtmf-hash": ("双音频（A 号码 #）", "keys (A number #)"),
    "dtmf": ("双音频", "keys"),
    "ring": ("第一声振铃之后", "the first ring"),
    "alert": ("提示音（DT-AS），振铃之前", "a dual tone (DT-AS), before the first ring"),
    "reversal": ("极性反转", "a reversal of the polarity"),
    "request": ("专用短振铃（CAR），须应答", "a ring of its own (CAR), which is answered"),
    "nothing": ("无提示，振铃之前", "nothing, before the first ring"),
    "tone": ("忙音", "busy tone"),
    "break": ("断电", "a break of the battery"),
}
UNKNOWN = ("资料中没有；不作预期", "not known: nothing is expected")


def field_word(field: str, language: str) -> str:
    """Return what a field of a country's row is called."""
    return word(FIELDS, field, language)


def values_words(fact: dict[str, Any], language: str) -> str:
    """Return what is known of a field, as `country.show` tells it; that nothing is, where it has no value."""
    if not fact["values"]:
        return UNKNOWN[0 if language == "zh" else 1]
    said = [word(VALUES, value, language) for value in fact["values"]]
    if fact["for_ms"]:
        said[-1] += f" {fact['for_ms']} ms"
    return ("、" if language == "zh" else ", ").join(said)
