"""What a loopback test of a digital span says to people, in Chinese and English, and what to do about it.

Every door reads it here: page, command, console. It imports nothing of the box.
"""

from typing import Any

from firmware.health.tables import word

VERDICTS = {
    "clean": ("环回正常：{bits} 个比特没有误码", "the loop is good: no errors in {bits} bits"),
    "errors": (
        "{bits} 个比特中有 {errors} 个误码（{ratio}）：检查电缆和接头、时钟源、接地",
        "{errors} errors in {bits} bits ({ratio}): look at cable and connectors, clock source, grounding",
    ),
    "slips": (
        "滑码 {slips} 次：两端时钟不一致，检查时钟源", "{slips} slips: the clocks differ; look at the clock source"
    ),
    "losses": (
        "测试码中断 {losses} 次：检查接头是否松动，看线路告警",
        "the pattern was gone {losses} times: look for a loose plug or cable, and at the alarms of the wire",
    ),
    "part": (
        "没有返回的通道：{missing}；其余 {bits} 个比特中有 {errors} 个误码",
        "channels that do not come back: {missing}; on the others {errors} errors in {bits} bits",
    ),
    "no-loop": (
        "没有环回：收到的不是发出的。插好环回头，或请运营商把通道环回",
        "no loop: what comes back is not what was sent; put the loop plug in, or have the carrier loop the channel",
    ),
    "silent": (
        "没有环回：什么也没有收到。插好环回头，或请运营商把通道环回",
        "no loop: nothing comes back; put the loop plug in, or have the carrier loop the channel",
    ),
    "": ("还没有结果", "nothing is known yet"),
}
STATES = {
    "running": ("测试中", "under way"),
    "done": ("测试完成", "done"),
    "stopped": ("已中止", "stopped"),
    "gone": ("线路已断开", "the span went"),
}
HEARD = {
    "pattern": ("测试码", "the pattern"),
    "other": ("别的内容", "something other"),
    "nothing": ("没有", "nothing"),
}
LATE = (
    "本机有 {late} 次忙不过来，当时丢失的不计在内",
    "the box was too busy {late} times; what went missing then is not counted",
)
GOOD = {"clean": "good", "": "unknown"}


def verdict_words(test: dict[str, Any], language: str) -> str:
    """Return what was found, with its figures, and what to do about it."""
    channels = test["channels"]
    text = word(VERDICTS, test["verdict"], language).format(
        bits=test["bits"], errors=test["errors"], ratio=ratio_words(test["ratio"]),
        slips=sum(one["slips"] for one in channels), losses=sum(one["losses"] for one in channels),
        missing=_ranges([one["slot"] for one in channels if one["heard"] != "pattern"]),
    )  # fmt: skip
    if test["late"]:
        text += ("；" if language == "zh" else "; ") + LATE[language != "zh"].format(late=test["late"])
    return text


def verdict_of(test: dict[str, Any]) -> str:
    """Return good, bad or unknown."""
    return GOOD.get(test["verdict"], "bad")


def state_words(test: dict[str, Any], language: str) -> str:
    """Return how far it is."""
    return word(STATES, test["state"], language)


def heard_word(heard: str, language: str) -> str:
    """Return what came back on a channel."""
    return word(HEARD, heard, language)


def ratio_words(ratio: float) -> str:
    """Return an error ratio as technicians write it: `1.0E-3`, `0`."""
    if not ratio:
        return "0"
    figure, _, power = f"{ratio:.1e}".partition("e")
    return f"{figure}E{int(power)}"


def _ranges(numbers: list[int]) -> str:
    """Return numbers in their order, those in a row as `3-7`."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join("-".join(map(str, part)) for part in parts)
