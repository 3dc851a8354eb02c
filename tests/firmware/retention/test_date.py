"""A clock that leaps ahead by months deletes nothing that is not old; who knows that the date is right says so."""

import pytest

from firmware.events import AlarmName
from firmware.health.words import alarm_words
from firmware.retention.date import LEAP_S
from tests.firmware.retention.conftest import DAY_S, NOW_S, Archive

DOUBTED = (AlarmName.DATE_DOUBTED, "date")


def kept(home, **archive):
    """Return an archive with calls of three ages, kept for 30 days, whose clock has been looked at."""
    made = Archive(home, **archive)
    for number, age in ((1, 5), (2, 29), (3, 31)):
        made.add(number, age)
    made.rules(recordings_days=30, records_days=30)
    return made


async def night(archive):
    """Let the box look at its clock, and carry out the rules as it does every night."""
    await archive.keeper.look()
    await archive.keeper.sweep()


@pytest.mark.parametrize("days", [8, 90, 4000])
async def test_after_a_leap_what_was_old_before_goes_and_nothing_else(home, days):
    archive = kept(home)
    archive.clock.follow(NOW_S + days * DAY_S)
    await night(archive)
    assert archive.calls() == archive.sounds() == ["k-1", "k-2"]
    assert archive.raised() == [(*DOUBTED, f"{days} days later than it was")]


async def test_time_goes_on_from_before_the_leap(home):
    archive = kept(home)
    archive.clock.follow(NOW_S + 90 * DAY_S)
    await night(archive)
    archive.passed_s = 2 * DAY_S
    await night(archive)
    assert archive.calls() == ["k-1"]


async def test_acknowledged_the_date_is_believed(home):
    archive = kept(home)
    archive.clock.follow(NOW_S + 90 * DAY_S)
    await night(archive)
    archive.alarms.acknowledge(*DOUBTED, "anna")
    await night(archive)
    assert archive.calls() == archive.sounds() == []
    assert archive.raised() == []


async def test_set_back_all_is_as_before(home):
    archive = kept(home)
    archive.clock.follow(NOW_S + 90 * DAY_S)
    await night(archive)
    archive.clock.follow(NOW_S)
    await night(archive)
    assert (archive.calls(), archive.raised()) == (["k-1", "k-2"], [])


async def test_a_clock_that_was_wrong_in_the_past_and_is_set_right_is_no_leap(home):
    archive = kept(home)
    archive.clock.follow(NOW_S - 400 * DAY_S)
    await night(archive)
    assert archive.calls() == ["k-1", "k-2", "k-3"]
    archive.clock.follow(NOW_S)
    await night(archive)
    assert (archive.calls(), archive.raised()) == (["k-1", "k-2"], [])


async def test_a_step_within_the_week_is_believed(home):
    archive = kept(home)
    archive.clock.follow(NOW_S + LEAP_S - 60)
    await night(archive)
    assert (archive.calls(), archive.raised()) == (["k-1"], [])


async def test_a_box_that_starts_with_a_later_date_than_it_ended_with_doubts_it(home):
    archive = kept(home, last_s=NOW_S - 60 * DAY_S)
    archive.add(4, 91)
    await night(archive)
    assert (archive.calls(), archive.raised()) == (["k-1", "k-2", "k-3"], [(*DOUBTED, "60 days later than it was")])


async def test_a_new_box_believes_its_clock(home):
    archive = kept(home, last_s=0)
    await night(archive)
    assert (archive.calls(), archive.raised()) == (["k-1", "k-2"], [])


async def test_the_next_exchange_doubts_on(home):
    archive = kept(home)
    archive.clock.follow(NOW_S + 90 * DAY_S)
    await night(archive)
    archive.again(last_s=NOW_S + 90 * DAY_S)
    await night(archive)
    assert archive.calls() == ["k-1", "k-2"]
    archive.alarms.acknowledge(*DOUBTED, "anna")
    await night(archive)
    assert archive.calls() == []


async def test_a_leap_ends_no_legal_hold_even_where_room_is_made(home):
    archive = kept(home)
    await archive.holds.place("call", "k-1", "anna", "a lawsuit", NOW_S, until_s=NOW_S + 30 * DAY_S)
    archive.clock.follow(NOW_S + 90 * DAY_S)
    archive.free[0] = 1 << 20
    await night(archive)
    assert archive.sounds() == ["k-1"]


def test_the_alarm_says_in_both_languages_what_to_do():
    assert "确认" in alarm_words(DOUBTED[0], "zh").remedy
    assert "Acknowledge" in alarm_words(DOUBTED[0], "en").remedy
