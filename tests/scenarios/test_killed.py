"""The exchange killed at seeded instants of a short day on a whole box: nothing lost, nobody cut off, no gap heard.

`BUSYHOUR_KILLS=200 ./build.sh test tests/scenarios/test_killed.py` tries as many instants as wanted.
"""

import os
from pathlib import Path
from random import Random

import pytest

from tests import audio
from tests.peers.box import Box
from tests.scenarios.day import CALLERS, LENGTH_S, Day, Told, configure

INSTANTS = int(os.environ.get("BUSYHOUR_KILLS", "3"))
SEED = int(os.environ.get("BUSYHOUR_SEED", "1"))
GAP_MS = 40
# Who hears one steady voice from first to last: nobody is put on hold in these talks.
STEADY = ("202", "203", "204")


def a_day(folder: Path, kills: list[tuple[str, float]]) -> tuple[Told, str]:
    """Live through a day on a box of its own; returns what it left, and the ends of the logs."""
    with Box() as box:
        configure(box)
        return Day(box, folder).live(kills), box.logs(15)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The day as it is when nobody dies."""
    told, logs = a_day(tmp_path_factory.mktemp("quiet"), [])
    assert not told.left, logs
    assert set(told.records) == set(CALLERS)
    return told


def what_happened(told: Told, caller: str) -> tuple[str, str, str, list[tuple[str, str]]]:
    """Return what must not depend on a restart: outcome, queue, agent, and the order of the segments."""
    call = told.records[caller]["call"]
    segments: list[tuple[str, str]] = []
    for segment in call["segments"]:
        step = (segment["kind"], segment["who"])
        if not segments or segments[-1] != step:  # a segment may be told in two parts around a restart
            segments.append(step)
    return call["outcome"], call["queue"], call["agent"], segments


def longest_gap_ms(path: Path) -> float:
    """Return the longest quiet in what was heard, but for the first and last half second."""
    samples = audio.read_wav(path).channel(0)[audio.RATE_HZ // 2 : -audio.RATE_HZ // 2]
    return max((1000 * span.duration_s for span in audio.silences(samples, at_least_ms=10)), default=0.0)


def test_a_day_without_deaths_leaves_steady_talks(quiet: Told) -> None:
    for who in STEADY:
        assert longest_gap_ms(quiet.heard[who]) <= GAP_MS, who
    assert {caller: record["call"]["gap"] for caller, record in quiet.records.items()} == dict.fromkeys(CALLERS, "")


@pytest.mark.parametrize("instant_s", [round(Random(SEED + n).uniform(0.5, LENGTH_S - 3), 3) for n in range(INSTANTS)])
def test_the_exchange_killed_loses_no_call_no_event_and_no_record(
    quiet: Told, tmp_path: Path, instant_s: float
) -> None:
    told, logs = a_day(tmp_path, [("exchange", instant_s)])
    assert not told.left, logs
    assert set(told.records) == set(CALLERS)
    for caller in CALLERS:
        assert what_happened(told, caller) == what_happened(quiet, caller), (caller, logs)
    for who in STEADY:
        assert longest_gap_ms(told.heard[who]) <= GAP_MS, who
    (kill,) = told.kills
    for caller, moments in told.moments.items():
        placed_s = moments.get("placed", moments.get("answered", 0.0))
        ended_s = moments.get("ended", moments.get("hung_up", LENGTH_S))
        if placed_s + 0.5 < kill.at_s < ended_s - 0.5:
            assert told.records[caller]["call"]["gap"] == "exchange", caller
        elif kill.at_s > ended_s + 3.5:
            assert told.records[caller]["call"]["gap"] == "", caller
