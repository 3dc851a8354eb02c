"""What DAHDI is told of the ports that its drivers found."""

import asyncio
from pathlib import Path

import pytest

from drivers.boards.dahdi.setup import configure, ranges, system_conf
from drivers.link.errors import DriverError
from native.dahdi import Channel, Signalling, Span

FXO = Signalling.FXSKS | Signalling.FXSLS | Signalling.CLEAR     # as wctdm24xxp has its modules
FXS = Signalling.FXOKS | Signalling.FXOLS | Signalling.CLEAR
E1 = FXO | FXS | Signalling.CAS


def channel(number: int, capable: int, broken: bool = False) -> Channel:
    return Channel(number, 1, number, f"WCTDM/0/{number}", 0, capable, False, 0, "mulaw", broken)


def card(channels: int) -> dict[int, Span]:
    return {1: Span(1, "WCTDM/0", "", "FXS", "Wildcard TDM410P", 0, channels, 0, False, 0, {})}


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
    with pytest.raises(DriverError, match=said):
        asyncio.run(configure(tmp_path / "run" / "system.conf", "loadzone=cn\n"))
    assert (tmp_path / "run" / "system.conf").read_text() == "loadzone=cn\n"
