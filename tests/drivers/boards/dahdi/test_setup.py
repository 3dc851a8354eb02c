"""What DAHDI is told of the ports that its drivers found."""

import asyncio
from pathlib import Path

import pytest

from drivers.boards.dahdi import setup
from drivers.boards.dahdi.board import DahdiBoard
from drivers.boards.dahdi.setup import by_hand, configure, span_conf, system_conf
from drivers.boards.ranges import ranges
from drivers.link.errors import DriverError, WrongState
from drivers.link.messages import SpanSetting
from native.dahdi import Channel, Signalling, Span

FXO = Signalling.FXSKS | Signalling.FXSLS | Signalling.CLEAR     # as wctdm24xxp has its modules
FXS = Signalling.FXOKS | Signalling.FXOLS | Signalling.CLEAR
E1 = FXO | FXS | Signalling.CAS


def channel(number: int, capable: int, broken: bool = False) -> Channel:
    return Channel(number, 1, number, f"WCTDM/0/{number}", 0, capable, False, 0, "mulaw", broken)


def card(channels: int) -> dict[int, Span]:
    return {1: Span(1, "WCTDM/0", "", "FXS", "Wildcard TDM410P", "", 0, channels, 0, False, 0, {})}


def test_each_port_is_signalled_as_its_module_needs_it() -> None:
    ports = [channel(1, FXO), channel(2, FXO), channel(3, FXS), channel(4, Signalling.CLEAR)]  # the last is empty
    assert system_conf(card(4), ports, "cn").splitlines()[1:] == [
        "# span 1: Wildcard TDM410P, 4 channels",
        "fxsks=1-2",
        "fxoks=3",
        "echocanceller=oslec,1-3",
        "loadzone=cn",
        "defaultzone=cn",
    ]


def test_a_port_that_is_broken_and_a_digital_span_are_left_alone() -> None:
    text = system_conf(card(3), [channel(1, FXO, broken=True), channel(2, FXO), channel(3, E1)], "de", echo="")
    assert text.splitlines()[2:] == ["fxsks=2", "loadzone=de", "defaultzone=de"]


def test_a_country_s_impedance_is_written_for_who_loads_the_drivers_and_again_only_when_it_is_another(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    board = DahdiBoard(tmp_path)
    assert board.set_country("CHINA") == "CHINA"
    board.set_country("CHINA")
    written = tmp_path / "run/modprobe.conf"
    assert written.read_text().splitlines()[2:6] == [
        "options opvxa1200 opermode=CHINA", "options wcaxx opermode=CHINA", "options wctdm opermode=CHINA",
        "options wctdm24xxp opermode=CHINA",
    ]  # fmt: skip
    assert caplog.text.count("should be loaded with opermode=CHINA") == 1
    board.set_country("GERMANY")
    assert "opermode=GERMANY" in written.read_text()
    assert "CHINA" not in written.read_text()
    assert board.set_country("") == ""
    assert "opermode" not in written.read_text()


def test_the_drivers_of_digital_cards_should_be_told_that_their_spans_are_e1(tmp_path: Path) -> None:
    DahdiBoard(tmp_path).set_country("")
    assert (tmp_path / "run/modprobe.conf").read_text().splitlines()[2:] == [
        "options wct4xxp default_linemode=e1", "options wcte12xp default_linemode=e1",
        "options wcte13xp default_linemode=e1", "options wcte43x default_linemode=e1",
    ]  # fmt: skip


def test_an_e1_is_set_up_as_the_configuration_has_it() -> None:
    ports = [channel(number, E1)._replace(span=2, position=number - 24) for number in range(25, 56)]
    text = span_conf(SpanSetting(2, crc4=True, clock=1, slots=(1, 2, 3, *range(17, 32))), ports, "cn")
    assert text.splitlines()[1:] == [
        "span=2,1,0,ccs,hdb3,crc4",
        "bchan=25-27,41-55",
        "dchan=40",
        "alaw=25-27,40-55",
        "echocanceller=oslec,25-27,41-55",
        "loadzone=cn",
        "defaultzone=cn",
    ]
    plain = span_conf(SpanSetting(2, crc4=False, coding="ami", clock=0), ports, "cn", echo="")
    assert plain.splitlines()[1] == "span=2,0,0,ccs,ami"
    assert "echocanceller" not in plain


def test_a_span_with_r2_has_bits_for_each_channel_and_blocks_them_until_we_are_there() -> None:
    ports = [Channel(24 + slot, 2, slot, f"E1/{slot}", 0, E1, False, 0, "alaw", False) for slot in range(1, 32)]
    setting = SpanSetting(2, "r2", crc4=False, slots=(1, 2, 3, *range(17, 32)))
    assert span_conf(setting, ports, "cn", echo="").splitlines()[1:4] == [
        "span=2,1,0,cas,hdb3",
        "cas=25-27,41-55:1101",
        "alaw=25-27,41-55",
    ]


def test_a_span_that_the_administrator_sets_up_is_known(tmp_path: Path) -> None:
    conf = tmp_path / "system.conf"
    assert not by_hand(1, conf)
    conf.write_text("# span=3,1,0,ccs,hdb3\n span = 1,1,0,ccs,hdb3,crc4\nspan=12,0,0,ccs,hdb3\nbchan=1-15\n")
    assert [number for number in range(1, 13) if by_hand(number, conf)] == [1, 12]


def test_an_analog_card_is_no_e1() -> None:
    with pytest.raises(WrongState, match="span 1 has 4 channels and is no E1"):
        span_conf(SpanSetting(1), [channel(number, FXO) for number in range(1, 5)], "cn")


@pytest.mark.parametrize(
    ("numbers", "text"), [([], ""), ([7], "7"), ([3, 1, 2, 9], "1-3,9"), ([1, 3, 5, 6], "1,3,5-6")]
)
def test_numbers_are_written_as_ranges(numbers: list[int], text: str) -> None:
    assert ranges(numbers) == text


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (None, "of Debian's package dahdi is wanted"),
        ("echo 'DAHDI_CHANCONFIG failed on channel 1: Invalid argument (22)'; exit 1", "failed on channel 1"),
    ],
)
def test_what_dahdi_cfg_refuses_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, said: str
) -> None:
    if script is not None:
        (tmp_path / "dahdi_cfg").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "dahdi_cfg").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) if script is None else f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(setup, "SBIN", ())
    with pytest.raises(DriverError, match=said):
        asyncio.run(configure(tmp_path / "run" / "system.conf", "loadzone=cn\n"))
    assert (tmp_path / "run" / "system.conf").read_text() == "loadzone=cn\n"
