"""The table of countries: every row is whole, and its tones are libtonezone's."""

import ctypes
import ctypes.util
import re
import tarfile
from pathlib import Path

import pytest

from drivers import countries
from drivers.countries import RECOMMENDED, Sound, Tone, country

TONES = {  # DAHDI_TONE_*
    "dial": 0, "busy": 1, "ringback": 2, "congestion": 3, "waiting": 4, "information": 7, "stutter": 10,
}  # fmt: skip
OURS = {  # written otherwise; countries.toml says why
    ("AU", "congestion"), ("JP", "ringback"), ("NZ", "stutter"), ("CR", "waiting"), ("JP", "waiting"),
    ("TH", "waiting"),
}  # fmt: skip
GREAT_BRITAIN = "uk"


class ZoneSound(ctypes.Structure):
    """struct tone_zone_sound of tonezone.h."""

    _fields_ = [("toneid", ctypes.c_int), ("data", ctypes.c_char * 256)]


class Zone(ctypes.Structure):
    """struct tone_zone, as far as it is read here."""

    _fields_ = [
        ("zone", ctypes.c_int), ("country", ctypes.c_char * 10), ("description", ctypes.c_char * 40),
        ("ringcadence", ctypes.c_int * 16), ("tones", ZoneSound * 16),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    name = ctypes.util.find_library("tonezone")
    assert name, "libtonezone2.0 is not installed"
    found = ctypes.CDLL(name)
    found.tone_zone_find.restype = ctypes.POINTER(Zone)
    return found


@pytest.mark.parametrize("code", countries.codes())
def test_a_row_says_what_libtonezone_says(library: ctypes.CDLL, code: str) -> None:
    zone = library.tone_zone_find(GREAT_BRITAIN.encode() if code == "GB" else code.lower().encode()).contents
    theirs = {sound.toneid: sound.data.decode() for sound in zone.tones if sound.data}
    row = countries._rows()[code]
    assert {name: row[name] for name in TONES if (code, name) not in OURS} == {
        name: theirs[number] for name, number in TONES.items() if (code, name) not in OURS
    }
    assert row["ring_ms"] == [time_ms for time_ms in zone.ringcadence if time_ms]


def test_all_of_libtonezone_s_countries_have_a_row(library: ctypes.CDLL) -> None:
    library.tone_zone_find_by_num.restype = ctypes.POINTER(Zone)
    zones = [zone.contents.country.decode() for number in range(100) if (zone := library.tone_zone_find_by_num(number))]
    assert sorted({"uk": "GB"}.get(zone, zone.upper()) for zone in zones if zone != "us-old") == countries.codes()


def test_each_round_of_the_tone_of_a_waiting_call_ends_with_a_pause() -> None:
    assert country("US").waiting == (Tone((440.0,), (300, 10000)),)
    assert country("CN").waiting == (Tone((450.0,), (400, 4000)),)
    for code in countries.codes():
        rounds = country(code).waiting
        assert rounds[-1].on_off_ms[-1] >= 100, code
        assert sum(tone.on_off_ms[0] for tone in rounds) <= 2500, code


def test_the_tone_of_waiting_messages_is_heard_as_it_is_written() -> None:
    once, repeated = country("US").stutter
    assert once == (Tone((350.0, 440.0), (100, 100)),) * 6
    assert repeated == (Tone((350.0, 440.0), (1000, 0)),)
    assert country("GB").stutter == ((), (Tone((350.0, 440.0), (750, 0)), Tone((440.0,), (750, 0))))
    assert country("DK").stutter == ((), (Tone((425.0,), (450, 50)),))
    for code in [*countries.codes(), ""]:
        assert country(code).stutter.repeated, code
        assert country(code).stutter != ((), (country(code).dial,)), code


FIELDS = {"caller_id", "caller_id_start", "hangup"}


@pytest.mark.parametrize("code", countries.codes())
def test_a_row_has_what_may_be_there_and_says_where_it_is_from(code: str) -> None:
    row, known = countries._rows()[code], country(code)
    fields = {name for name in FIELDS if name in row}
    assert row.keys() - set(RECOMMENDED) - {"opermode", "break_ms"} == fields | {f"{name}_from" for name in fields}
    assert set(known.caller_id) <= set(countries.CALLER_ID)
    assert set(known.hangup) <= set(countries.HANGUPS)
    assert known.caller_id_start in ("", *countries.STARTS)
    assert known.break_ms == 0 or (200 <= known.break_ms <= 1000 and "break" in known.hangup)  # a line wants 200
    tones = set(RECOMMENDED) - {"howler"}
    assert known.sources.keys() == fields | tones | ({"opermode"} if known.opermode else set())
    assert all(sources and all(source.strip() for source in sources) for sources in known.sources.values())
    assert all(len(sources) == len(set(sources)) for sources in known.sources.values())


def test_each_source_is_cited_by_a_row() -> None:
    cited = {source for code in countries.codes() for sources in country(code).sources.values() for source in sources}
    assert set(countries._table()["sources"].values()) == cited


def test_impedances_are_all_those_that_dahdi_has_for_these_countries() -> None:
    with tarfile.open(".build/dahdi/usr/src/dahdi.tar.bz2") as archive:
        header = archive.extractfile("modules/dahdi/drivers/dahdi/fxo_modes.h")
        assert header is not None
        modes = set(re.findall(r'name = "(\w+)"', header.read().decode()))
    assert {country(code).opermode for code in countries.codes()} - {""} <= modes
    without = [code for code in countries.codes() if not country(code).opermode]
    assert without == ["CR", "EE", "LT", "PA", "TR", "VE"]
    assert not modes & {"COSTARICA", "ESTONIA", "LITHUANIA", "PANAMA", "TURKEY", "VENEZUELA"}


def test_the_readme_says_of_how_many_countries_what_is_known() -> None:
    rows = [country(code) for code in countries.codes()]
    known = {
        "the kind of caller id": sum(bool(row.caller_id) for row in rows),
        "what it comes after": sum(bool(row.caller_id_start) for row in rows),
        "how a hangup is told": sum(bool(row.hangup) for row in rows),
        "the impedance": sum(bool(row.opermode) for row in rows),
    }
    readme = Path("README.md").read_text("utf-8")
    said = re.search(r"\| what is known of a country \| (.*) \|", readme)
    assert said
    assert f"{len(rows)} countries" in said[1]
    assert [f"{what} of {count}" for what, count in known.items() if f"{what} of {count}" not in said[1]] == []


def test_a_country_without_a_row_has_what_e180_recommends() -> None:
    assert country("XX").busy == Tone((425.0,), (500, 500))
    assert country("XX").ring_ms == tuple(RECOMMENDED["ring_ms"])  # type: ignore[arg-type]
    assert (country("XX").caller_id, country("XX").hangup, country("XX").sources) == ((), (), {})
    assert "XX" not in countries.codes()


def test_tones_are_read_as_they_are_written() -> None:
    assert country("CN").dial == Tone((450.0,), (1000, 0))
    assert country("GB").ringback == Tone((400.0, 450.0), (400, 200, 400, 2000))
    assert country("IN").dial == Tone((400.0,), (1000, 0), 25.0)
    assert country("TR").congestion == Tone((450.0,), (600, 200))  # what comes once is no part of the rhythm
    assert country("MX").information == (Sound((950.0,), 330, 0), Sound((1400.0,), 330, 30), Sound((1800.0,), 330, 30))
    assert country("TR").information == Tone((950.0, 1400.0), (300, 1000))
    assert (country("CN").caller_id, country("CN").opermode) == (("bell202", "dtmf-d"), "CHINA")
