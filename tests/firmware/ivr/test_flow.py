"""A caller hears a greeting, the recording notice and a menu, and goes where the key says."""

import pytest

from firmware.events import Kind
from tests.fakes.floor import config, queue

MAIN = {
    "name": "main",
    "greeting": ["welcome"],
    "notice": ["recording-notice"],
    "menu": ["main-menu"],
    "keys": {
        "1": {"to": "queue:service", "language": "zh"},
        "2": {"to": "queue:service", "language": "en"},
        "3": {"to": "repeat", "language": "en"},
        "0": {"to": "extension:201"},
        "9": {"to": "repeat"},
        "*": {"to": "flow:closed"},
    },
    "wait_s": 5,
    "repeats": 2,
    "no_key": "queue:service",
}
CLOSED = {"name": "closed", "greeting": ["closed"], "no_key": "hangup"}


@pytest.fixture
def floor(floor):
    """A floor whose callers come to the flow `main`; each prompt lasts two seconds."""
    floor.configure(with_flow())
    return floor


def with_flow(**changes):
    return config(
        flows=[MAIN | changes, CLOSED], routes=[{"name": "all", "to": "flow:main"}],
        queues=[queue(announce_every_s=600)],
    )


def choices(floor):
    return [(event.data["digits"], event.data["outcome"]) for event in floor.seen(Kind.IVR_CHOICE)]


def test_a_caller_hears_greeting_notice_and_menu_in_this_order(floor):
    caller = floor.call()
    floor.wait(6)
    assert floor.said(caller) == ["welcome", "recording-notice", "main-menu"]
    assert caller.state == "answered"


def test_a_key_after_the_menu_leads_where_it_says(floor):
    floor.phone("201").answers_after(1)
    caller = floor.call()
    floor.wait(8)
    caller.press("0")
    floor.wait(2)
    assert caller.hears_party(floor.phone("201").party)
    assert choices(floor) == [("0", "chosen")]


def test_a_key_during_the_menu_ends_it_and_counts(floor):
    caller = floor.call()
    floor.wait(4.5)
    assert caller.hears == "main-menu"
    caller.press("1")
    floor.wait(0.2)
    assert floor.queue().waiting == 1
    assert choices(floor) == [("1", "chosen")]


def test_a_key_during_the_greeting_ends_it_but_the_notice_is_heard_to_its_end(floor):
    caller = floor.call()
    floor.wait(0.5)
    caller.press("1")
    floor.wait(0.2)
    assert caller.hears == "recording-notice"
    floor.wait(1.5)
    assert caller.hears == "recording-notice"
    floor.wait(0.5)
    assert choices(floor) == [("1", "chosen")]
    assert floor.queue().waiting == 1


def test_a_key_during_the_notice_is_kept_for_the_menu(floor):
    caller = floor.call()
    floor.wait(3)
    caller.press("1")
    floor.wait(0.5)
    assert caller.hears == "recording-notice"
    floor.wait(1)
    assert choices(floor) == [("1", "chosen")]


def test_a_wrong_key_is_said_to_be_wrong_and_the_menu_comes_again(floor):
    caller = floor.call()
    floor.wait(6.5)
    caller.press("7")
    floor.wait(3)
    assert floor.said(caller)[2:] == ["main-menu", "wrong-key", "main-menu"]
    caller.press("1")
    floor.wait(0.2)
    assert choices(floor) == [("7", "wrong"), ("1", "chosen")]


def test_a_right_key_during_the_wrong_key_prompt_is_taken_at_once(floor):
    caller = floor.call()
    floor.wait(6.5)
    caller.press("7")
    floor.wait(0.5)
    caller.press("1")
    floor.wait(0.2)
    assert choices(floor) == [("7", "wrong"), ("1", "chosen")]


def test_without_a_key_the_menu_is_repeated_and_then_the_caller_goes_to_no_key(floor):
    caller = floor.call()
    floor.wait(4 + 3 * 7 - 1)
    assert floor.said(caller).count("main-menu") == 3
    assert floor.queue().waiting == 0
    floor.wait(1.5)
    assert choices(floor) == [("", "none")] * 3
    assert floor.queue().waiting == 1


def test_the_wait_for_a_key_counts_from_the_end_of_the_menu(floor):
    floor.call()
    floor.wait(4 + 2 + 4.5)
    assert choices(floor) == []
    floor.wait(1)
    assert choices(floor) == [("", "none")]


def test_wrong_keys_do_not_go_on_for_ever(floor):
    caller = floor.call()
    floor.wait(6.5)
    for _ in range(3):
        caller.press("7")
        floor.wait(4.5)
    assert floor.queue().waiting == 1


def test_the_repeat_key_says_the_menu_again_and_costs_no_try(floor):
    caller = floor.call()
    floor.wait(6.5)
    for _ in range(5):
        caller.press("9")
        floor.wait(3)
    assert choices(floor) == [("9", "repeat")] * 5
    assert floor.queue().waiting == 0
    assert floor.said(caller).count("main-menu") == 6


def test_a_line_that_sounds_like_keys_for_ever_ends_at_no_key(floor):
    caller = floor.call()
    floor.wait(6.5)
    for _ in range(40):
        caller.press("9")
        floor.wait(0.2)
    assert floor.queue().waiting == 1
    assert len(choices(floor)) == 30


def test_no_repeats_means_the_menu_is_said_once(floor):
    floor.configure(with_flow(repeats=0))
    caller = floor.call()
    floor.wait(12)
    assert floor.said(caller).count("main-menu") == 1
    assert floor.queue().waiting == 1


def test_the_language_of_a_key_is_spoken_from_there_on(floor):
    caller = floor.call()
    floor.wait(6.5)
    caller.press("2")
    floor.wait(0.5)
    assert floor.live[0].variables["language"] == "en"
    assert "/en/next-in-line" in caller.channel.playing.sounds[0].path


def test_a_key_may_change_the_language_of_the_menu_itself(floor):
    caller = floor.call()
    floor.wait(6.5)
    assert "/zh/main-menu" in floor.gateway.orders[-2].sounds[0].path
    caller.press("3")
    floor.wait(0.5)
    assert "/en/main-menu" in caller.channel.playing.sounds[0].path


def test_a_sound_that_names_its_language_stays_in_it(floor):
    floor.configure(with_flow(greeting=["zh/welcome", "en/welcome"]))
    caller = floor.call()
    floor.wait(1)
    assert [sound.path.split("/")[-2] for sound in caller.channel.playing.sounds] == ["zh", "en"]


def test_a_flow_without_keys_says_its_piece_and_goes_on_without_waiting(floor):
    floor.configure(config(flows=[CLOSED], routes=[{"name": "all", "to": "flow:closed"}]))
    caller = floor.call()
    floor.wait(1.9)
    assert caller.hears == "closed"
    floor.wait(0.5)
    assert (caller.state, floor.said(caller)) == ("ended", ["closed"])
    assert choices(floor) == []


def test_a_key_may_lead_to_another_flow(floor):
    caller = floor.call()
    floor.wait(6.5)
    caller.press("*")
    floor.wait(1)
    assert caller.hears == "closed"
    floor.wait(2)
    assert caller.state == "ended"


def test_the_hash_key_is_a_key_like_others(floor):
    floor.configure(with_flow(keys={"#": {"to": "queue:service"}}))
    caller = floor.call()
    floor.wait(6.5)
    caller.press("#")
    floor.wait(0.2)
    assert choices(floor) == [("#", "chosen")]


def test_a_caller_who_heard_the_notice_is_not_told_again_in_the_queue(floor):
    floor.configure(config(
        flows=[MAIN, CLOSED], routes=[{"name": "all", "to": "flow:main"}], queues=[queue(record=True)],
    ))
    caller = floor.call()
    floor.wait(6.5)
    caller.press("1")
    floor.wait(5)
    assert floor.said(caller).count("recording-notice") == 1
    assert floor.said(caller)[-1] == "music"


def test_a_caller_who_hangs_up_in_the_menu_ends_the_call(floor):
    caller = floor.call()
    floor.wait(5)
    caller.hang_up()
    assert floor.live == []
    assert floor.seen(Kind.CALL_ENDED)[0].data["by"] == "caller"
    assert choices(floor) == []


def test_every_node_is_in_the_journal_once(floor):
    caller = floor.call()
    floor.wait(6.5)
    caller.press("1")
    floor.wait(0.2)
    assert [event.data["node"] for event in floor.seen(Kind.IVR_NODE)] == ["greeting", "notice", "menu"]


# ---- restarts --------------------------------------------------------------------------------------------------------


def restart(floor):
    floor.kill()
    floor.loop.advance(0.3)
    floor.start()
    floor.wait(0.5)


def test_killed_during_the_greeting_nobody_is_greeted_twice(floor):
    caller = floor.call()
    floor.wait(1)
    restart(floor)
    floor.wait(5)
    assert floor.said(caller) == ["welcome", "recording-notice", "main-menu"]


def test_killed_during_the_notice_it_is_heard_whole_all_the_same(floor):
    caller = floor.call()
    floor.wait(3)
    restart(floor)
    floor.wait(3)
    assert floor.said(caller) == ["welcome", "recording-notice", "recording-notice", "main-menu"]


def test_killed_in_the_menu_the_caller_is_asked_again_and_answers(floor):
    caller = floor.call()
    floor.wait(5)
    restart(floor)
    floor.wait(1)
    assert floor.said(caller)[2:] == ["main-menu", "main-menu"]
    caller.press("1")
    floor.wait(0.5)
    assert floor.queue().waiting == 1


def test_a_key_pressed_while_there_was_no_exchange_counts(floor):
    caller = floor.call()
    floor.wait(7)
    floor.kill()
    caller.press("1")
    floor.loop.advance(0.3)
    floor.start()
    floor.wait(0.5)
    assert floor.queue().waiting == 1


def test_the_language_chosen_before_is_spoken_after(floor):
    caller = floor.call()
    floor.wait(6.5)
    caller.press("3")
    floor.wait(1)
    restart(floor)
    assert "/en/main-menu" in caller.channel.playing.sounds[0].path


def test_a_flow_taken_away_meanwhile_ends_its_callers_properly(floor):
    caller = floor.call()
    floor.wait(5)
    floor.kill()
    floor.config = config()
    floor.start()
    floor.wait(1)
    assert caller.state == "ended"
    assert floor.live == []
