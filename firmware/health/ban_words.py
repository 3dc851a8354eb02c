"""What is said of who is kept out and of telephones turned away, in Chinese and English, in an installer's words.

Every door reads them here: page, command, console. It imports nothing of the box.
"""

from typing import Any

from firmware.health.tables import word

TURNED = {
    "password": ("{address} 用分机 {number} 登记，密码不对", "wrong password for {number} from {address}"),
    "extension": ("{address} 用 {number} 登记，没有这个分机", "no extension {number}, asked for from {address}"),
    "name": (
        "{address} 用分机 {number} 认证，却自称别的号码",
        "{address} signs in as {number} and calls itself another number"
    ),
}  # fmt: skip
DO = {
    "password": ("请按话机参数单重新输入密码。", "Type the password again as the telephone's sheet has it."),
    "extension": ("请核对话机里的分机号。", "Compare the number in the telephone with the extensions here."),
    "name": (
        "话机里的用户名和认证名都要填这个分机号。",
        "Its user name and its authentication name must both be that number."
    ),
}  # fmt: skip
BANS = {
    ("sip", "passwords"): ("话机密码输错太多", "too many wrong passwords of telephones"),
    ("sip", "flood"): ("请求太密", "too many requests"),
    ("sign-in", "passwords"): ("登录密码输错太多", "too many wrong passwords at sign-in"),
    ("console", "passwords"): ("控制台密码输错太多", "too many wrong passwords at the console"),
}
TIMES = ("{said}（{count} 次）", "{said} ({count} times)")


def turned_words(one: dict[str, Any], language: str) -> str:
    """Return why a telephone was turned away, and how often, as `ban.list` tells it."""
    said = word(TURNED, one["why"], language).format(address=one["address"], number=one["number"] or "?")
    return said if one["count"] == 1 else TIMES[language != "zh"].format(said=said, count=one["count"])


def turned_do(why: str, language: str) -> str:
    """Return what to do about it; nothing of a reason that a newer edge has."""
    return word(DO, why, language) if why in DO else ""


def ban_words(ban: dict[str, Any], language: str) -> str:
    """Return why somebody is kept out."""
    return word(BANS, (ban["door"], ban["why"]), language)
