"""What the box can say: every built-in prompt by name, its words in both languages, and where its sound lies.

A sound is named as in the configuration: `welcome` (in the caller's language), `zh/welcome` (always Chinese) or
`file:ours.wav` (the user's own, in the folder prompts/ of BUSYHOUR_HOME).
"""

import os
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from drivers.link.messages import Prompt
from firmware.errors import NotFound
from firmware.prompts.numerals import MOST, words_en, words_zh

LANGUAGES = ("zh", "en")
SOUNDS = Path(__file__).resolve().parent / "sounds"  # zh/ en/ any/, made by `python -m firmware.prompts`
RATE_HZ = 8000
WITHOUT_WORDS = ("music",)  # the same in every language; found in sounds/any/


class Words(NamedTuple):
    """One prompt in every language."""

    zh: str
    en: str


PROMPTS: dict[str, Words] = {
    # ---- for callers: the menu -----------------------------------------------------------------------------------
    "welcome": Words("您好，感谢您的来电。", "Hello, and thank you for calling."),
    "recording-notice": Words(
        "为了保证服务质量，您的通话将被录音。",
        "To help us serve you well, this call will be recorded.",
    ),
    "main-menu": Words(
        "中文服务，请按一。英文服务，请按二。人工总机，请按零。再听一遍，请按九。",
        "For service in Chinese, press 1. For service in English, press 2. For the operator, press 0. "
        "To hear this again, press 9.",
    ),
    "wrong-key": Words("您的输入有误，请再选一次。", "Sorry, that is not one of the choices. Please try again."),
    "no-key": Words("我们没有收到您的选择。", "We did not receive your choice."),
    "closed": Words(
        "您好，现在是非工作时间，请在工作时间再来电。",
        "We are closed at the moment. Please call again during our opening hours.",
    ),
    "goodbye": Words("谢谢，再见。", "Thank you for calling. Goodbye."),
    # ---- for callers: the queue ----------------------------------------------------------------------------------
    "please-hold": Words("正在为您转接，请稍候。", "Please hold while we connect you."),
    "all-agents-busy": Words(
        "客服人员正在忙，请您稍候，我们会很快为您接听。",
        "All our agents are busy at the moment. Please hold, and we will be with you as soon as we can.",
    ),
    "position-before": Words("您现在排在第", "You are number"),
    "position-after": Words("位，请继续等候。", "in the queue. Please stay on the line."),
    "next-in-line": Words("您是下一位，请不要挂机。", "You are next in line. Please stay on the line."),
    "queue-full": Words(
        "对不起，现在等候的来电太多，请稍后再拨。",
        "Sorry, too many callers are waiting at the moment. Please call again later.",
    ),
    "waited-too-long": Words(
        "对不起，暂时没有客服人员能够接听，请稍后再拨。",
        "Sorry, nobody was free to take your call. Please call again later.",
    ),
    "no-agents": Words(
        "对不起，目前没有客服人员在线，请稍后再拨。",
        "Sorry, nobody is on duty at the moment. Please call again later.",
    ),
    # ---- for everybody who calls a telephone -----------------------------------------------------------------------
    "not-available": Words("您拨打的电话暂时无法接通。", "The person you are calling is not available."),
    "extension-busy": Words(
        "您拨打的分机正在通话中，请稍后再拨。",
        "The extension you are calling is busy. Please call again later.",
    ),
    "no-answer": Words("您拨打的电话无人接听，请稍后再拨。", "There is no answer. Please call again later."),
    "number-not-possible": Words(
        "您拨打的号码不正确，请核对后再拨。",
        "The number you have dialled is not possible. Please check it and dial again.",
    ),
    "lines-busy": Words("所有外线正忙，请稍后再拨。", "All outside lines are busy. Please try again later."),
    "lines-held": Words(
        "外线正被另一部话机占用，请稍后再拨。",
        "Another telephone is using the outside line. Please try again later.",
    ),
    "not-permitted": Words(
        "您的分机没有拨打此类号码的权限，请联系管理员。",
        "Your telephone is not permitted to call this kind of number. Please ask your administrator.",
    ),
    "limit-reached": Words(
        "今天的外拨限额已经用完，请联系管理员。",
        "The limit for calls outside has been reached for today. Please ask your administrator.",
    ),
    "gave-way": Words(
        "您的通话已中断，因为有人正在拨打紧急电话，需要使用这条外线。",
        "Your call was ended, because the line was needed for an emergency call.",
    ),
    "not-allowed": Words("您没有权限使用此功能。", "You are not allowed to do this."),
    "fault": Words("系统暂时出现故障，请稍后再拨。", "Something went wrong on our side. Please call again later."),
    # ---- for agents ------------------------------------------------------------------------------------------------
    "agent-logged-in": Words("您已登录。", "You are logged in."),
    "agent-logged-out": Words("您已退出登录。", "You are logged out."),
    "agent-ready": Words("您已示闲，可以接听来电。", "You are ready to take calls."),
    "agent-not-ready": Words("您已示忙。", "You are not ready."),
    "agent-not-ready-later": Words("本次通话结束后将为您示忙。", "You will be not ready after this call."),
    "agent-not-logged-in": Words("您尚未登录。", "You are not logged in."),
    "agent-unknown": Words("没有这个工号。", "There is no agent with that number."),
    "agent-elsewhere": Words("该工号已在其他话机登录。", "That agent is logged in at another telephone."),
    "reason-unknown": Words("没有这个示忙原因。", "There is no such reason."),
    "enter-agent": Words("请输入您的工号，按井号键结束。", "Please enter your agent number, then press the hash key."),
    "enter-pin": Words("请输入密码，按井号键结束。", "Please enter your P I N, then press the hash key."),
    "wrong-pin": Words("密码错误。", "That P I N is not right."),
    # ---- for who records a prompt by telephone ---------------------------------------------------------------------
    "record-after-tone": Words(
        "请在提示音之后录音，录完请按井号键，或直接挂机。",
        "Please speak after the tone. When you have finished, press the hash key, or simply hang up.",
    ),
    "recorded-as-follows": Words("您的录音如下。", "This is what was recorded."),
    "nothing-recorded": Words("没有录到声音，请再试一次。", "Nothing was recorded. Please try again."),
    # ---- numbers ---------------------------------------------------------------------------------------------------
    **{f"number-{n}": Words(words_zh(n), words_en(n)) for n in range(100)},
    **{f"number-{n}": Words(words_zh(n), words_en(n)) for n in range(100, 1000, 100)},
    "number-and": Words("零", "and"),  # 105 is 一百零五, one hundred and five
}


def names() -> list[str]:
    """Return the names of all built-in sounds."""
    return [*PROMPTS, *WITHOUT_WORDS]


def home_folder() -> Path:
    """Return where the user's own sounds lie: the folder prompts/ of BUSYHOUR_HOME."""
    return Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve() / "prompts"


def exists(name: str) -> bool:
    """Tell whether a sound of that name (as the configuration writes it) can be played."""
    return not wrong_with(name)


def wrong_with(name: str) -> str:
    """Say why a sound of that name cannot be played, for the person who wrote it; "" when it can."""
    if name.startswith("file:"):
        path = home_folder() / name.removeprefix("file:")
        if path.name in ("", ".", "..") or path.parent != home_folder():
            return "a file's name has no folder in it"
        return wrong_with_file(path)
    language, _, plain = name.rpartition("/")
    if language not in ("", *LANGUAGES):
        return f"there is no language {language!r}; there are {', '.join(LANGUAGES)}"
    if plain not in PROMPTS and plain not in WITHOUT_WORDS:
        return f"there is no built-in sound {plain!r}; a file of your own is written file:NAME.wav"
    return ""


def wrong_with_file(path: Path) -> str:
    """Say why a sound file cannot be played; "" when it can."""
    wanted = "a WAV file, mono, 8000 Hz, 16 bit, is right"
    try:
        with wave.open(str(path), "rb") as sound:
            shape = (sound.getnchannels(), sound.getframerate(), 8 * sound.getsampwidth())
            frames = sound.getnframes()
    except FileNotFoundError:
        return f"there is no file {path}"
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    except (wave.Error, EOFError) as error:
        return f"{path} is no sound this box plays ({error}); {wanted}"
    if shape != (1, RATE_HZ, 16):
        return f"{path} has {shape[0]} channels, {shape[1]} Hz, {shape[2]} bit; {wanted}"
    return "" if frames else f"{path} holds no sound; {wanted}"


def sounds(name: str, language: str) -> list[Prompt]:
    """Return what to play for a sound's name to somebody who hears `language` ("zh" or "en").

    Raises NotFound for a name or a language the box does not have.
    """
    if name.startswith("file:"):
        return [Prompt(str(home_folder() / name.removeprefix("file:")))]
    own_language, _, plain = name.rpartition("/")
    folder = own_language or language
    if plain in WITHOUT_WORDS:
        return [Prompt(f"{SOUNDS}/any/{plain}.wav")]
    if plain not in PROMPTS or folder not in LANGUAGES:
        raise NotFound(f"no sound {name!r} in language {language!r}: {wrong_with(name) or 'there are zh and en'}")
    return [Prompt(f"{SOUNDS}/{folder}/{plain}.wav")]


def all_sounds(several: Sequence[str], language: str) -> list[Prompt]:
    """Return what to play for several names, one after the other; raises as `sounds` does."""
    return [prompt for name in several for prompt in sounds(name, language)]


def say_number(number: int, language: str) -> list[Prompt]:
    """Return how 0 to 999 is said; a larger number is said digit by digit. Raises NotFound for a negative one."""
    if number < 0:
        raise NotFound(f"no sound for the number {number}: 0 or more is right")
    if number > MOST:
        return say_digits(str(number), language)
    if number < 100 or number % 100 == 0:
        return sounds(f"number-{number}", language)
    pieces = [f"number-{number - number % 100}"]
    rest = number % 100
    if language == "en" or rest < 10:
        pieces.append("number-and")
    # 一百一十二, never 一百十二: the tens are said "one ten" behind a hundred
    if language == "zh" and 10 <= rest < 20:
        pieces.append("number-1")
    pieces.append(f"number-{rest}")
    return all_sounds(pieces, language)


def say_digits(digits: str, language: str) -> list[Prompt]:
    """Return how a telephone or agent number is said, digit by digit; other characters are passed over."""
    return all_sounds([f"number-{digit}" for digit in digits if digit in "0123456789"], language)


def queue_position(position: int, language: str) -> list[Prompt]:
    """Return what tells a waiting caller the place in the queue; 1 is next in line."""
    if position <= 1:
        return sounds("next-in-line", language)
    number = say_number(position, language)
    return [*sounds("position-before", language), *number, *sounds("position-after", language)]
