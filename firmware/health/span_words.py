"""What is said of digital spans and their channels, in Chinese and English.

Every door reads them here: page, command, console.
"""

from typing import Any

from firmware.details import system_words
from firmware.health.tables import word

STATES = {
    "up": ("正常", "up"),
    "down": ("信令不通", "no signalling"),
    "alarm": ("线路告警", "alarm"),
    "absent": ("不可用", "not usable"),
    "unused": ("未使用", "not used"),
    "unknown": ("未知", "unknown"),
}
# of a channel
SLOTS = {
    "idle": ("空闲", "idle"),
    "ringing": ("接续中", "being set up"),
    "in_use": ("通话", "in use"),
    "testing": ("测试中", "being tested"),
    "out": ("停用", "out of service"),
    "unused": ("不在中继群", "in no group"),
    "signalling": ("信令", "signalling"),
}
ALARMS = {
    "red": ("红色：收不到信号（LOS）", "RED: no signal comes in (LOS)"),
    "blue": ("蓝色：对方只送全 1（AIS）", "BLUE: only ones come in (AIS)"),
    "yellow": ("黄色：对方收不到我方（RAI）", "YELLOW: the far side does not receive us (RAI)"),
    "loopback": ("环回测试", "looped back"),
    "recovering": ("恢复中", "recovering"),
    "closed": ("没有启动", "not started"),
}
ORDER = ("in_use", "ringing", "idle", "testing", "out")


def state_word(state: str, language: str) -> str:
    """Return how a span is."""
    return word(STATES, state, language)


def slot_word(state: str, language: str) -> str:
    """Return how a channel is."""
    return word(SLOTS, state, language)


def alarm_word(alarm: str, language: str) -> str:
    """Return what is wrong with a wire."""
    return word(ALARMS, alarm, language)


def counted(span: dict[str, Any], language: str) -> str:
    """Return how many channels of a span are in which state: `通话 2，空闲 28`."""
    found = [slot["state"] for slot in span["slots"]]
    told = [f"{slot_word(state, language)} {found.count(state)}" for state in ORDER if state in found]
    return ("，" if language == "zh" else ", ").join(told)


def wrong_words(span: dict[str, Any], language: str) -> str:
    """Return what is wrong with a span, "" for nothing: its wire's alarms, and why it cannot be used."""
    why = system_words(span["wrong"]) if language == "zh" else span["wrong"]
    return "; ".join([*(alarm_word(alarm, language) for alarm in span["alarms"]), *filter(None, [why])])
