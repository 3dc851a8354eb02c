"""A fax machine's calling tone (T.30 §4.1) is told within its first pause; nothing that people hear or say is one."""

from pathlib import Path

import numpy as np
import pytest

from drivers.sounds import FAX
from native.media import Ear
from tests.audio import Samples, read_wav
from tests.native.signals import as_bytes, cadence, dtmf, noise, silence, speech_like, tone

SOUNDS = Path("firmware/prompts/sounds")


def told(samples: Samples) -> list[float]:
    """Return when faxes are told of in these samples, in seconds."""
    return [round(heard.at_s, 2) for heard in Ear(True, {"fax": FAX}, False).hear(as_bytes(samples))]


def said(path: Path) -> Samples:
    return read_wav(path).samples.reshape(-1)


def machine(level_dbm0: float = -12.0, hertz: float = 1100.0, on_ms: int = 500) -> Samples:
    return np.concatenate([silence(1), cadence([hertz], level_dbm0, [on_ms, 3000], 2)])


@pytest.mark.parametrize("level_dbm0", [-3.0, -12.0, -20.0, -30.0])
def test_each_beep_is_told_before_the_next(level_dbm0: float) -> None:
    first, second = told(machine(level_dbm0))
    assert first < 3.0
    assert second - first == pytest.approx(3.5, abs=0.05)


@pytest.mark.parametrize("beep", [{"hertz": 1075.0}, {"hertz": 1125.0}, {"on_ms": 450}, {"on_ms": 560}])
def test_a_machine_may_be_a_little_off(beep: dict[str, float]) -> None:
    assert len(told(machine(**beep))) == 2


def test_it_is_heard_in_noise_20_db_below_and_with_an_echo_of_the_greeting() -> None:
    beeps = machine(-15.0)
    assert len(told(beeps + noise(-35, len(beeps) / 8000)[: len(beeps)])) == 2
    greeting = said(SOUNDS / "en" / "welcome.wav")
    echo = np.resize(greeting, len(beeps)) * 10 ** (-20 / 20)
    assert len(told(beeps + echo)) == 2


@pytest.mark.parametrize("language", ["zh", "en", "any"])
def test_nothing_that_the_box_says_or_plays_is_a_fax(language: str) -> None:
    files = sorted((SOUNDS / language).glob("*.wav"))
    assert files
    assert {file.stem: told(said(file)) for file in files if told(said(file))} == {}


@pytest.mark.parametrize("seed", range(4))
def test_no_speech_is_a_fax(seed: int) -> None:
    assert told(speech_like(120, seed)) == []


def test_neither_is_a_steady_tone_nor_a_whistle_nor_keys_nor_another_modem() -> None:
    others = {
        "steady": tone([1100], -12, 5), "long": cadence([1100], -12, [900, 3000], 2),
        "short": cadence([1100], -12, [300, 3000], 2), "calling modem": cadence([1300], -12, [600, 2000], 3),
        "answering fax": np.concatenate([tone([2100], -12, 3), silence(2)]),
        "quick": cadence([1100], -12, [500, 500], 6),
    }
    assert {name: told(samples) for name, samples in others.items() if told(samples)} == {}
    keys = Ear(True, {"fax": FAX}, False).hear(as_bytes(dtmf("1234567890*#")))
    assert {heard.kind for heard in keys} == {"digit"}
