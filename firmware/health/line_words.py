"""What a test of a line says to people, in Chinese and English: in the words of who installs telephones.

Every door reads them here: page, command, console. It imports nothing of the box.
"""

from typing import Any

from firmware.health.tables import word

# what was looked at, as `busyhour line test` and the page name it
FINDINGS = {
    "battery": ("馈电", "Battery"),
    "caller_id": ("来电显示方式", "Kind of caller id"),
    "hangup": ("对方挂机的信号", "Sign of a hangup"),
    "dial_tone": ("拨号音", "Dial tone after"),
    "dial_tone_level": ("拨号音电平", "Level of the dial tone"),
    "dial_tone_frequency": ("拨号音频率", "Frequency of the dial tone"),
    "dtmf": ("按键断拨号音", "A key breaks the dial tone"),
    "pulses": ("脉冲断拨号音", "A dial pulse breaks the dial tone"),
    "noise": ("静噪电平", "Noise on the quiet line"),
    "echo_return_loss": ("回声损耗", "Echo return loss"),
}
VERDICTS = {
    "good": ("正常", "good"),
    "poor": ("欠佳", "poor"),
    "bad": ("故障", "bad"),
    "unknown": ("未知", "unknown"),
}
# why something is not good, and what that mostly means
REASONS = {
    "silent": ("听不到任何声音", "nothing is heard"),
    "other-tone": ("听到的不是本国拨号音", "a tone is heard that is not this country's dial tone"),
    "busy": ("听到忙音", "busy tone is heard"),
    "noise": ("噪声大：检查接头、线路是否受潮", "noise: look for bad joints and wet cable"),
    "echo": (
        "回声大：检查端口阻抗设置（opermode）和并接的设备",
        "echo: look at the port's impedance (opermode) and at what else is on the pair",
    ),
    "late": ("拨号音来得太慢", "it comes late"),
    "weak": ("太弱：线路过长或接触不良", "weak: a long line, or a bad contact"),
    "loud": ("太强", "loud"),
    "off": ("偏离标称频率", "off its frequency"),
    "otherwise-fsk": ("以 FSK 送号，与本国资料不同；能识别", "by FSK, not as known of this country; it is read"),
    "otherwise-keys": ("以双音频送号，与本国资料不同；能识别", "by keys, not as known of this country; it is read"),
    "otherwise-reversal": ("反极，与本国资料不同；能识别", "a reversal, not as known of this country; it ends calls"),
    "otherwise-break": ("断电，与本国资料不同；能识别", "a battery break, not as known of this country; it ends calls"),
    "not-told": (
        "上次来电没有送来号码：向运营商确认已开通来电显示，再用手机试呼一次",
        "the last call brought none: ask the carrier whether caller id is ordered, then call from a mobile again",
    ),
    "tone-stays": (
        "拨号后拨号音仍在：局端没有收到；只认脉冲的局在线路设置里改为脉冲拨号",
        "it goes on after the digit: the office did not take it. One that takes pulses alone wants dialling by pulses, "
        "in the line's settings",
    ),
}
OUTCOMES = {
    "done": ("测试完成", "tested"),
    "in": ("有来电，测试已让出", "a call came in: the test gave way"),
    "out": ("有去电，测试已让出", "a call was to go out: the test gave way"),
    "gone": ("线路已断开", "the line went"),
    "parallel": ("并接的另一部话机正在使用，未测试", "another telephone on the line is off hook: not tested"),
}
WHO = {
    "night": ("夜间测试", "nightly"), "again": ("故障复测", "again"),
    "call": ("呼出失败后测试", "after a call that failed"), "": ("", ""),
}  # fmt: skip


def finding_word(name: str, language: str) -> str:
    """Return what was looked at."""
    return word(FINDINGS, name, language)


def verdict_word(verdict: str, language: str) -> str:
    """Return how it is; of a line that was never tested, nothing."""
    return word(VERDICTS, verdict, language)


def reason_word(reason: str, language: str) -> str:
    """Return why it is not good."""
    return word(REASONS, reason, language)


def outcome_word(outcome: str, language: str) -> str:
    """Return how a test ended."""
    return word(OUTCOMES, outcome, language)


def who_word(by: str, language: str) -> str:
    """Return who ordered a test: a person by name, the box by why."""
    return word(WHO, by, language)


def figure(finding: dict[str, Any]) -> str:
    """Return a finding's figure with its unit, "" where it has none."""
    value = finding["figure"]
    return "" if value is None else f"{value:.{0 if finding['unit'] == 'Hz' else 1}f} {finding['unit']}".strip()
