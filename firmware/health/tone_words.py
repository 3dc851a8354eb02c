"""What is said of a line's own busy tone and of how it is learnt, in Chinese and English.

Every door reads it here: page, command, console. It imports nothing of the box.
"""

from collections.abc import Sequence
from typing import Any

from firmware.health.tables import word

# how far it is, and what to do now
STATES = {
    "waiting": ("现在用手机拨打这条外线，听到提示音后挂机", "call this line from a mobile now; hang up after the beep"),
    "calling": ("正在呼叫；对方接听后请挂机", "it is calling; whoever answers, hang up"),
    "listening": ("已接通：请挂机，正在听挂机后的声音", "talking: hang up; it listens for what comes then"),
    "learnt": ("学到了这条外线的忙音", "the line's busy tone was learnt"),
    "failed": ("没有学到忙音", "no busy tone was learnt"),
    "stopped": ("已停止", "stopped"),
}
HEARD = {
    "": ("", ""),
    "silence": ("无声", "silence"),
    "sound": ("有声音，不是信号音", "sound that is no tone"),
    "tone": ("信号音", "a tone"),
}
# why nothing was learnt, and what to do
REASONS = {
    "silence": (
        "挂机后没有任何声音：这条外线不用声音表示挂机。请向运营商申请反极，或设置静音挂断。",
        "nothing is heard after the hangup: the line does not tell it by a tone. Order polarity reversal from the "
        "carrier, or let long silence end its calls.",
    ),
    "speech": ("听到的是说话声。请挂机后再等几秒。", "speech is heard: hang up, and let it listen for some seconds."),
    "music": ("听到的是音乐，不能当作忙音。", "music is heard, which can be no busy tone."),
    "ringback": ("听到的是回铃音：对方还没有接听。", "ringback is heard: nobody has answered yet."),
    "steady": (
        "听到的是连续音（如拨号音），通话中可能出现，不能用来挂断。",
        "a tone without pauses is heard, as dial tone is: too much in a call sounds like it.",
    ),
    "uneven": ("听到信号音，但节奏不固定。请再试一次。", "a tone is heard without a steady rhythm. Try once more."),
    "known": ("这就是本国的忙音，本机原来就认得，不必学习。", "the country's own, which the box knows: no need."),
    "signalled": ("局端用断电流或反极表示挂机，不需要学忙音。", "the office tells it by the line's current: no need."),
    "no-call": ("两分钟内没有来电。", "no call came within two minutes."),
    "not-answered": ("试呼没有接通。", "the test call was not answered."),
    "gone": ("线路或网关中断。", "the line or the gateway went."),
}
FULL_BLOCKS = 3  # of 20 ms, in one sign of a drawing
LEAST_DBM0 = -45


def state_word(state: str, language: str) -> str:
    """Return how far it is."""
    return word(STATES, state, language)


def heard_word(heard: str, language: str) -> str:
    """Return what is heard now."""
    return word(HEARD, heard, language)


def reason_word(reason: str, language: str) -> str:
    """Return why nothing was learnt."""
    return word(REASONS, reason, language)


def tone_words(tone: str, language: str) -> str:
    """Return a tone as people say it: 480 + 620 Hz, 250 ms on, 250 ms off."""
    parts = [part.split("/") for part in tone.split(",")]
    hertz = parts[0][0].replace("+", " + ")
    lengths = [int(part[1]) for part in parts]
    words = ("响 {} 毫秒", "停 {} 毫秒") if language == "zh" else ("{} ms on", "{} ms off")
    told = [words[place % 2].format(length) for place, length in enumerate(lengths)]
    return f"{hertz} Hz" + ("：" if language == "zh" else ": ") + ("，" if language == "zh" else ", ").join(told)


def drawn(levels: Sequence[int], most: int = 66) -> str:
    """Return a tone's last seconds as signs of 60 ms: # where it sounds, . where it does not."""
    if not levels:
        return ""
    least = max(LEAST_DBM0, max(levels) - 12)
    signs = [max(levels[at : at + FULL_BLOCKS]) >= least for at in range(0, len(levels), FULL_BLOCKS)]
    return "".join("#" if sounds else "." for sounds in signs[-most:])


def told(attempt: dict[str, Any], language: str) -> list[str]:
    """Return an attempt in lines: how far it is, what is heard or was learnt, its drawing, why it failed."""
    heard = heard_word(attempt["heard"], language)
    lines = [state_word(attempt["state"], language) + (f" ({heard})" if heard else "")]
    if attempt["reason"]:
        lines.append(reason_word(attempt["reason"], language))
    if attempt["tone"]:
        lines.append(tone_words(attempt["tone"], language))
    if attempt["levels"]:
        lines.append(drawn(attempt["levels"]))
    return lines
