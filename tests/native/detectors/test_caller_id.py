"""Caller id at the limits of its line, on both sides of each: Bell 202 (TIA/EIA-716), V.23 (EN 300 659-1), and DTMF.

Japan's (JCLIP) goes by V.23's modem to who is off-hook, and is tried at V.23's limits.

0 dBm0 is 0 dBm here; -40 dBV at 600 ohms is -37.8 dBm. One ear listens for all kinds, as that of an idle line does.
"""

from typing import NamedTuple

import numpy as np
import pytest

from native.media import Ear
from tests.audio import RATE_HZ, Samples, amplitude
from tests.native.signals import BELL_202, V_23, as_bytes, dtmf, japanese, mdmf, noise, silence

MESSAGE = mdmf((1, b"11221430"), (2, b"13800138000"), (7, b"ZHANG SAN"))
KNOWN = 0
WHO = [("13800138000\tZHANG SAN", KNOWN)]


class Modem(NamedTuple):
    """What a receiver has to take: levels of a frequency in dBm, how much stronger mark may be, dB.

    And a message with its check, and what is told of it.
    """

    mark_space_hz: tuple[float, float]
    strongest_dbm0: float
    weakest_dbm0: float
    refused_dbm0: float
    twists_db: tuple[float, float]
    off: float       # of each frequency, a share
    noise_db: float  # below the signal
    octets: bytes
    who: list[tuple[str, int]]


CHECKED = MESSAGE + bytes([-sum(MESSAGE) & 0xFF])
JAPANESE = japanese((0x02, b"0312345678"), (0x21, b"215"))
MODEMS = {
    "Bell 202": Modem(BELL_202, -4.2, -36.2, -48.3, (-6, 10), 0.01, 25, CHECKED, WHO),
    "V.23": Modem(V_23, -5.8, -37.8, -47.8, (-6, 6), 0.015, 20, CHECKED, WHO),
    "JCLIP": Modem(V_23, -5.8, -37.8, -47.8, (-6, 6), 0.015, 20, JAPANESE, [("0312345678\t", KNOWN)]),
}


def sent(
    modem: Modem, level_dbm0: float = -20, twist_db: float = 0, off: float = 0, baud: float = 1200, seizure: int = 300,
    mark: int = 180, stop: int = 1,
) -> Samples:
    """Return the message; `level_dbm0` is the weaker frequency's; mark is `twist_db` stronger, or weaker if below 0."""
    bits = [0, 1] * (seizure // 2) + [1] * mark
    for byte in modem.octets:
        bits += [0, *(byte >> bit & 1 for bit in range(8)), *[1] * stop]
    bits += [1] * 10
    count = round(len(bits) * RATE_HZ / baud)
    marks = np.asarray(bits)[np.minimum((np.arange(count) * baud / RATE_HZ).astype(int), len(bits) - 1)] == 1
    hertz = np.where(marks, *modem.mark_space_hz) * (1 + off)
    levels = np.where(marks, amplitude(level_dbm0 + max(0, twist_db)), amplitude(level_dbm0 + max(0, -twist_db)))
    return np.concatenate([silence(0.3), levels * np.sin(2 * np.pi * np.cumsum(hertz) / RATE_HZ), silence(0.3)])


def told(samples: Samples) -> list[tuple[str, int]]:
    """Return the callers that are told of samples."""
    heard = Ear(True, {}, True).hear(as_bytes(np.concatenate([samples, silence(0.7)])))
    return [(one.value, one.number) for one in heard if one.kind == "caller_id"]


@pytest.fixture(params=MODEMS)
def modem(request: pytest.FixtureRequest) -> Modem:
    return MODEMS[request.param]


@pytest.mark.parametrize("edge", ["strongest_dbm0", "weakest_dbm0"])
def test_the_strongest_and_the_weakest_are_read_with_all_else_at_its_limit(modem: Modem, edge: str) -> None:
    for number, twist_db in enumerate((*modem.twists_db, 0)):
        level_dbm0 = getattr(modem, edge) - (abs(twist_db) if edge == "strongest_dbm0" else 0)
        for off, baud in ((modem.off, 1212), (-modem.off, 1188), (modem.off, 1188)):
            samples = sent(modem, level_dbm0, twist_db, off, baud)
            hiss = noise(level_dbm0 - modem.noise_db, len(samples) / RATE_HZ, number)[: len(samples)]
            assert told(samples + hiss) == modem.who, (twist_db, off, baud)


def test_what_is_weaker_than_a_signal_may_be_is_none(modem: Modem) -> None:
    for twist_db in (0, 2, -2):
        assert told(sent(modem, modem.refused_dbm0 - abs(twist_db), twist_db)) == []


@pytest.mark.parametrize("how", [
    {"seizure": 96}, {"seizure": 0}, {"seizure": 315}, {"mark": 55}, {"mark": 205}, {"seizure": 96, "mark": 55},
    {"seizure": 0, "mark": 55}, {"stop": 10}, {"stop": 2},
], ids=str)  # fmt: skip
def test_every_length_of_its_parts_is_read(modem: Modem, how: dict[str, int]) -> None:
    assert told(sent(modem, **how)) == modem.who


@pytest.mark.parametrize("seed", range(5))
def test_in_whatever_noise_no_wrong_number_is_told(modem: Modem, seed: int) -> None:
    samples = sent(modem, -20)
    for below_db in (25, 12, 6, 3, 0):
        found = told(samples + noise(-20 - below_db, len(samples) / RATE_HZ, seed)[: len(samples)])
        assert found in ([modem.who] if below_db >= 12 else [modem.who, []]), below_db


DIGITS = [("13800138000\t", KNOWN)]


@pytest.mark.parametrize("form", ["D{}C", "A{}C", "A{}#", "{}#"])
@pytest.mark.parametrize("how", [
    {"level_dbm0": -36}, {"level_dbm0": -3.5}, {"twist_db": 4}, {"twist_db": -8}, {"on_ms": 41, "off_ms": 41},
    {"on_ms": 110, "off_ms": 140}, {"detune": 0.013}, {"detune": -0.013},
], ids=str)  # fmt: skip
def test_digits_are_read_at_their_limits_in_noise(form: str, how: dict[str, float]) -> None:
    samples = np.concatenate([silence(0.2), dtmf(form.format("13800138000"), **how), silence(0.2)])
    level_dbm0 = how.get("level_dbm0", -12) + min(0, how.get("twist_db", 0))
    assert told(samples + noise(level_dbm0 - 20, len(samples) / RATE_HZ)[: len(samples)]) == DIGITS


@pytest.mark.parametrize(("field", "told_as"), [
    ((0x04, b"P"), ("\t", 1)), ((0x04, b"O"), ("\t", 2)), ((0x04, b"C"), ("\t", 2)), ((0x04, b"S"), ("\t", 2)),
    ((0x02, b"09012345678"), ("09012345678\t", KNOWN)),
])  # fmt: skip
def test_japans_reasons_for_no_number_are_told(field: tuple[int, bytes], told_as: tuple[str, int]) -> None:
    assert told(sent(MODEMS["JCLIP"]._replace(octets=japanese(field)))) == [told_as]


def test_a_japanese_message_that_is_spoiled_is_none() -> None:
    octets = bytearray(JAPANESE)
    octets[12] ^= 0x03  # another digit, of the same parity
    assert told(sent(MODEMS["JCLIP"]._replace(octets=bytes(octets)))) == []


@pytest.mark.parametrize("first", [*MODEMS, "digits"])
@pytest.mark.parametrize("second", [*MODEMS, "digits"])
def test_one_ear_knows_the_kind_by_itself_call_after_call(first: str, second: str) -> None:
    kinds = {name: (sent(modem), modem.who) for name, modem in MODEMS.items()} | {
        "digits": (np.concatenate([dtmf("D13800138000C"), silence(0.3)]), DIGITS)
    }
    samples = np.concatenate([kinds[first][0], silence(2.5), kinds[second][0]])
    assert told(samples) == kinds[first][1] + kinds[second][1]
