"""Sessions: how long they last, what outlives a restart, and who is told of their end."""

import pytest

from firmware.config.schema import SignIn
from firmware.errors import NotFound, SignedOut
from firmware.users.sessions import MOST_OF_ONE
from tests.firmware.users.conftest import ADMIN, HERE

LONG = "correct horse battery"


@pytest.fixture
def token(house):
    return house.settled("li", LONG)


def over(house, token):
    with pytest.raises(SignedOut):
        house.resume(token, used=False)
    return True


def test_who_does_nothing_for_half_an_hour_is_signed_out(house, token):
    house.clock.advance(1799)
    assert house.resume(token, used=False)
    house.clock.advance(2)
    assert over(house, token)
    assert house.users.sessions.of("li") == []


def test_who_does_something_stays_but_not_for_ever(house, token):
    for _ in range(12 * 3):
        house.clock.advance(1190)
        house.resume(token)
    house.clock.advance(12 * 3600 - 36 * 1190 - 1)
    assert house.resume(token)
    house.clock.advance(2)
    assert over(house, token)


def test_to_watch_is_not_to_do_something(house, token):
    for _ in range(10):
        house.clock.advance(179)
        house.resume(token, used=False)
    house.clock.advance(11)
    assert over(house, token)


def test_the_limits_are_those_of_the_configuration_also_for_who_is_in(house, token):
    house.limits = SignIn(idle_s=60, longest_s=600)
    house.clock.advance(59)
    assert house.resume(token)
    house.clock.advance(61)
    assert over(house, token)


def test_a_session_outlives_the_exchange_and_its_end_does_too(house, token):
    ended, _ = house.sign_in("li", LONG)
    house.wait(house.users.end_session(house.resume(ended)[0].id, ADMIN))
    house.restart()
    assert house.resume(token)[1].name == "li"
    assert over(house, ended)
    house.clock.advance(1800)
    house.restart()
    assert over(house, token)


def test_what_was_used_before_a_restart_is_not_idle_after_it(house, token):
    for _ in range(5):
        house.clock.advance(600)
        house.resume(token)
    house.restart()
    house.clock.advance(1500)
    assert house.resume(token)


def watched(house, token):
    ends = []
    session = house.resume(token)[0]
    house.do(house.users.sessions.watch, session.id, lambda: ends.append(house.clock.wall_s()))
    return session, ends


def test_a_watcher_is_told_when_a_session_becomes_old(house, token):
    begun_s = house.clock.wall_s()
    _, ends = watched(house, token)
    house.clock.advance(3600)
    assert [round(at_s - begun_s) for at_s in ends] == [1800]


def test_a_watcher_is_told_at_once_of_an_end_and_only_of_its_own(house, token):
    session, ends = watched(house, token)
    _, others = watched(house, house.sign_in("li", LONG)[0])
    house.wait(house.users.end_session(session.id, ADMIN))
    assert ends == [house.clock.wall_s()]
    assert others == []


def test_who_watches_no_longer_is_not_told(house, token):
    ends = []
    session = house.resume(token)[0]
    house.do(house.users.sessions.watch, session.id, lambda: ends.append(1))()
    house.wait(house.users.end_session(session.id, ADMIN))
    assert ends == []


def test_a_user_has_a_bounded_number_of_sessions_the_longest_unused_goes(house, token):
    house.clock.advance(1)
    for _ in range(MOST_OF_ONE):
        house.sign_in("li", LONG)
    assert len(house.users.sessions.of("li")) == MOST_OF_ONE
    assert over(house, token)


@pytest.mark.parametrize("token", ["", "x", "é\ud800", "A" * 43])
def test_what_is_no_token_is_nobodys(house, token):
    assert over(house, token)


def test_a_session_that_is_not_there_cannot_be_ended(house):
    with pytest.raises(NotFound, match="no session 77"):
        house.wait(house.users.end_session("77", ADMIN))


def test_where_somebody_signed_in_is_known(house, token):
    assert [session.address for session in house.users.sessions.of("LI")] == [HERE]


def test_a_clock_that_is_set_forward_makes_old_at_once(house, token):
    house.clock.offset_s += 3600
    assert over(house, token)


def test_the_machines_clock_may_be_set_back(house, token):
    house.clock.offset_s -= 86400
    house.clock.advance(1)
    assert house.resume(token)
    house.clock.advance(1801)
    assert over(house, token)
