"""What a telephone is sent to tell who calls: in every country by its own kind, heard by what displays listen for."""

import pytest

from drivers import countries
from drivers.boards import bell
from drivers.countries import country
from native.dsp import spectral_peaks
from native.media import Ear
from native.tones import DtmfReceiver
from tests.native.signals import BELL_202, V_23, as_bytes, silence

NUMBER = "13800138000"
FORMS = {"dtmf-d": "D{}C", "dtmf": "D{}C", "dtmf-a": "A{}C", "dtmf-hash": "A{}#"}  # spandsp's adsi.h
MARK_HZ = {"bell202": BELL_202[0], "fsk": BELL_202[0], "v23": V_23[0], "aclip": V_23[0], "jclip": V_23[0]}
MARK_S = (0.26, 0.39)       # 180 bits without a change, after 300 with (EN 300 659-1 §6.2); within them
JCLIP_MARK_S = (0.005, 0.055)   # it begins with that
ALERT_HZ, ALERT_S = {2130, 2750}, (0.07, 0.15)  # DT-AS, EN 300 659-1 §6.1.2


def sent(code: str, number: str = NUMBER) -> tuple[bell.Way, bytes]:
    way = bell.way_of(country(code))
    return way, bell.caller_id(way, number, "WANG")


def part(samples: bytes, from_s: float, to_s: float) -> bytes:
    return samples[int(from_s * 8000) * 2 : int(to_s * 8000) * 2]


@pytest.mark.parametrize("code", countries.codes())
def test_each_country_s_telephones_are_told_by_the_first_of_its_kinds(code: str) -> None:
    kinds = country(code).caller_id or ("bell202",)
    way, samples = sent(code)
    heard = Ear(True, {}, True).hear(samples + as_bytes(silence(1)))
    assert [one.value.split("\t")[0] for one in heard if one.kind == "caller_id"] == [NUMBER]
    if kinds[0] in FORMS:
        assert DtmfReceiver().receive(samples + as_bytes(silence(0.1))) == FORMS[kinds[0]].format(NUMBER)
        return
    if way.alert:
        dual = {round(hertz / 10) * 10 for hertz, _ in spectral_peaks(part(samples, *ALERT_S), within_db=6)}
        assert dual == ALERT_HZ
        samples = samples[round(len(silence(0.17))) * 2 :]
    ((hertz, _), *_) = spectral_peaks(part(samples, *(JCLIP_MARK_S if way.asked else MARK_S)), within_db=20)
    assert hertz == pytest.approx(MARK_HZ[kinds[0]], abs=15)
    assert way.asked == (code == "JP")


@pytest.mark.parametrize(("start", "way"), [
    ("ring", (False, False, False)), ("", (False, False, False)), ("alert", (True, True, False)),
    ("reversal", (True, True, True)),
])  # fmt: skip
def test_fsk_comes_before_the_ring_where_something_else_wakes_a_display(start: str, way: tuple[bool, ...]) -> None:
    assert bell.way_of(country("GB")._replace(caller_id_start=start))[1:4] == way
    assert not bell.way_of(country("GB")).asked


@pytest.mark.parametrize(("code", "keys"), [("BE", "B00C"), ("DK", "D3#"), ("MX", None)])
def test_a_number_that_is_not_known_is_told_as_that(code: str, keys: str | None) -> None:
    _, samples = sent(code, "")
    if keys is not None:
        assert DtmfReceiver().receive(samples + as_bytes(silence(0.1))) == keys
    (heard,) = [one for one in Ear(True, {}, True).hear(samples + as_bytes(silence(1))) if one.kind == "caller_id"]
    assert (heard.value.split("\t")[0], heard.number) == ("", 2)
