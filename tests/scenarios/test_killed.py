"""The exchange killed at seeded instants of a day on the whole box: nothing lost, nobody cut off, no gap heard.

A few instants always; `BUSYHOUR_KILLS=200 ./build.sh test tests/scenarios/test_killed.py` tries as many as wanted, and
`python -m tests.scenarios.killed --instants 200` does the same with a line for each day.
"""

import math
import os
from pathlib import Path

import pytest

from tests.scenarios.day import Told
from tests.scenarios.killed import KILLS_A_DAY, choose, complaints, live_a_day

KILLS = int(os.environ.get("BUSYHOUR_KILLS", "6"))
SEED = int(os.environ.get("BUSYHOUR_SEED", "7"))


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The day on which nothing dies; it must be as its own people saw and heard it."""
    told = live_a_day(tmp_path_factory.mktemp("unkilled"))
    assert complaints(told, told) == []
    return told


@pytest.mark.parametrize("day", range(math.ceil(KILLS / KILLS_A_DAY)))
def test_nothing_is_lost_when_the_exchange_is_killed(unkilled: Told, tmp_path: Path, day: int) -> None:
    instants = choose(KILLS, SEED, unkilled)[day]
    told = live_a_day(tmp_path, instants)
    assert len(told.kills) == len(instants)
    assert complaints(told, unkilled) == [], told.kills
