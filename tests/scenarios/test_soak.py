"""The box in a busy shop for a while: nothing grows that does not shrink again; and with its programs dying in turn.

Ten minutes on every run, of which the first three warm up. `BUSYHOUR_SOAK_S=7200` soaks for two hours,
`BUSYHOUR_DEATHS=60` kills for ten minutes.
"""

import os
import time
from itertools import pairwise

import pytest

from firmware.events import AlarmName
from tests.scenarios.shop import LISTEN_S, TALK_S, Reading, Shop

SOAK_S = float(os.environ.get("BUSYHOUR_SOAK_S", "420"))
LISTENERS_A_S = 6.0  # what each call leaves is seen the sooner
DEATHS = int(os.environ.get("BUSYHOUR_DEATHS", "12"))
APART_S = 10.0
# Pools grow to what the load needs, and what is kept of the last events (5,000, 50 a second here) and orders fills:
# the exchange levels off after two minutes, 8 MB above where it began
WARM_S = 180.0
LOOK_S = 40.0
REST_S = 3.0
GROWTH_MB, GROWTH_MB_A_HOUR = 1.5, 3.0  # what is no leak: an allocator's leftovers, a page of indexes
GROWTH_DESCRIPTORS = 3
PARTS = 4  # of the time: what leaks grows in each of them, an allocator only when more is under way than ever before
# Others are as they should be: the callers' trunk answers no OPTIONS, and programs did die
HARM = {AlarmName.NO_RECORDS, AlarmName.NOT_RECORDED, AlarmName.RECORDS_LOST, AlarmName.RECORDS_BROKEN}


@pytest.mark.parametrize("seconds", [SOAK_S])
def test_nothing_grows_however_long_the_shop_is_busy(seconds: float) -> None:
    with Shop(WARM_S + seconds, LISTENERS_A_S) as shop, shop.customers() as calls:
        time.sleep(WARM_S)
        began = time.monotonic()
        looks = [shop.least(LOOK_S)]
        for part in range(1, PARTS + 1):
            time.sleep(max(0.0, began + seconds * part / PARTS - LOOK_S - time.monotonic()))
            looks.append(shop.least(LOOK_S))
        after = looks[-1]
        grown = {
            name: readings for name in after
            if leaks(readings := [look[name] for look in looks], GROWTH_MB + GROWTH_MB_A_HOUR * seconds / 3600)
        }  # fmt: skip
        assert not grown, f"from the warm box to the one after {seconds:.0f} s of the same work: {grown}"
        for call in calls:
            call.finish()
        shop.wait_empty()
        time.sleep(REST_S)  # records come to the disk a moment later than a call is over
        kept = {name: (after[name], now) for name, now in shop.readings().items() if grew(after[name], now, GROWTH_MB)}
        assert not kept, f"from the box at work to the idle one: {kept}"
        records = shop.records()
        assert HARM.isdisjoint(alarm["name"] for alarm in shop.status()["alarms"])
        assert len(records) == shop.talks + shop.listeners
        outcomes = {record["outcome"] for record in records if record["recordings"]}
        assert outcomes == {"answered"}
        assert sum(len(record["recordings"]) for record in records) == shop.talks
        assert shop.unplayable(records) == []


@pytest.mark.parametrize(
    ("memory_mb", "descriptors", "leak"),
    [
        ((80, 80.5, 81, 81.5, 82), (50, 50, 50, 50, 50), True),
        ((80, 84, 84, 84, 84), (50, 60, 50, 40, 50), False),
        ((80, 80, 82, 82, 85), (50, 51, 52, 53, 53), False),
        ((80, 80, 80, 80, 80), (50, 51, 52, 53, 54), True),
    ],
)
def test_what_grows_all_the_time_is_a_leak(
    memory_mb: tuple[float, ...], descriptors: tuple[int, ...], leak: bool
) -> None:
    assert leaks([Reading(*each) for each in zip(memory_mb, descriptors, strict=True)], 1.6) is leak


def leaks(looks: list[Reading], most_mb: float) -> bool:
    """Tell whether a program held more at every look than at the one before, or ends with more descriptors."""
    steps_mb = [after.memory_mb - before.memory_mb for before, after in pairwise(looks)]
    return min(steps_mb) > most_mb / PARTS or looks[-1].descriptors > looks[0].descriptors + GROWTH_DESCRIPTORS


def grew(before: Reading, after: Reading, most_mb: float) -> bool:
    """Tell whether a program holds more than it should."""
    return after.memory_mb > before.memory_mb + most_mb or after.descriptors > before.descriptors + GROWTH_DESCRIPTORS


def test_whatever_dies_every_call_has_a_closed_record_and_every_recording_plays() -> None:
    seconds = (DEATHS + 1) * APART_S
    with Shop(seconds) as shop, shop.customers() as calls:
        programs = shop.programs()
        for death in range(DEATHS):
            time.sleep(APART_S / 2)
            name = programs[death % len(programs)]
            killed = shop.box.kill(name)
            shop.box.wait_back(name, killed)
            time.sleep(APART_S / 2)
            shop.ready_again()
        for call in calls:
            call.process.wait(TALK_S + LISTEN_S + 90)
        shop.wait_empty(60)
        records = shop.records()
        talks = [record for record in records if record["talk_s"]]
        assert [record for record in records if record["ended_s"] is None] == []
        # who called while the edge or the exchange was away is turned off or kept waiting; everybody else is served
        assert len(talks) > 0.6 * shop.talks, {record["outcome"] for record in records}
        assert [record["call_id"] for record in talks if not record["recordings"]] == []
        assert shop.unplayable(records) == []
        assert HARM.isdisjoint(alarm["name"] for alarm in shop.status()["alarms"])
        with_new_custom(shop)


def with_new_custom(shop: Shop) -> None:
    """Assert that the box serves as before."""
    shop.ready_again()
    began_s, deadline = time.time(), time.monotonic() + 60
    shop.talks = shop.listeners = 8
    with shop.customers() as calls:
        for call in calls:
            call.finish()
    while len(fresh := [record for record in shop.records() if record["started_s"] >= began_s]) < 16:
        assert time.monotonic() < deadline, f"{len(fresh)} of 16 calls are on record"
        time.sleep(0.2)
    assert sum(record["outcome"] == "answered" for record in fresh) == 8
