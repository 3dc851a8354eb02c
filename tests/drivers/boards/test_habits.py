"""What an office does otherwise than its country's: seen on the line, and said in its test."""

import pytest

from drivers.boards.announced import KEYS_APART_S
from drivers.boards.habits import Habits
from drivers.countries import country
from native.callerid import CallerIdSender
from native.media import Ear
from tests.native.signals import as_bytes, silence


def told(code: str, caller_id: str = "", hangup: str = "") -> list[tuple[str, str, str]]:
    habits = Habits()
    habits.caller_id, habits.hangup = caller_id, hangup  # type: ignore[assignment]
    return [(one.name, one.verdict, one.reason) for one in habits.findings(country(code))]


def test_what_is_as_the_country_s_is_good_and_what_is_not_is_said_and_good_too() -> None:
    assert told("GB", "fsk", "break") == [("caller_id", "good", ""), ("hangup", "good", "")]
    assert told("GB", "keys", "reversal") == [
        ("caller_id", "good", "otherwise-keys"), ("hangup", "good", "otherwise-reversal")
    ]  # fmt: skip
    assert told("BE", "fsk") == [("caller_id", "good", "otherwise-fsk")]
    assert told("CN", "keys") == told("CN", "fsk") == [("caller_id", "good", "")]


@pytest.mark.parametrize("code", ["GB", "CR"])
def test_a_number_that_is_not_told_is_poor_in_every_country(code: str) -> None:
    assert told(code, "none") == [("caller_id", "poor", "not-told")]


@pytest.mark.parametrize("hangup", ["tone", ""])
def test_a_busy_tone_is_never_otherwise(hangup: str) -> None:
    assert told("GB", hangup=hangup) == ([("hangup", "good", "")] if hangup else [])


@pytest.mark.parametrize("code", ["XX", "CR"])
def test_nothing_is_expected_where_nothing_is_known(code: str) -> None:
    assert told(code, "keys", "break") == []


@pytest.mark.parametrize("kind", ["fsk", "v23", "jclip", "dtmf", "dtmf-a", "dtmf-hash"])
@pytest.mark.parametrize("alert", [False, True])
def test_keys_are_heard_just_before_a_caller_id_by_keys_and_no_other(kind: str, alert: bool) -> None:
    sender = CallerIdSender(kind, "0478123456", "WANG", alert=alert)  # type: ignore[arg-type]
    samples = b""
    while len(block := sender.read(160)) == 320:
        samples += block
    heard = Ear(True, {}, True).hear(samples + block + as_bytes(silence(1)))
    (caller,) = [one for one in heard if one.kind == "caller_id"]
    keyed = any(one.kind == "digit" and caller.at_s - KEYS_APART_S < one.at_s <= caller.at_s for one in heard)
    assert keyed is kind.startswith("dtmf")
