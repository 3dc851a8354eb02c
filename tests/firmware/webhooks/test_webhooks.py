"""What happens in the box is told to whoever subscribed: signed, in order, at least once."""

import base64
import hashlib
import hmac
import json
from itertools import pairwise

import pytest

from drivers.link.messages import Wrong
from firmware.events import AlarmName, Event, Kind, alarm_data
from tests.firmware.webhooks.conftest import SECRET, hook

HOUR_S, DAY_S = 3600, 86400


def receiver(box, name="crm"):
    return box.outside.receiver(f"{name}.example.com")


def told(who):
    """Return what a receiver was told, each message once, in the order in which it came first."""
    return list({request.headers["webhook-id"]: json.loads(request.body) for request in who.requests}.values())


def call(box, number):
    """Let somebody call and hang up."""
    caller = box.line(1).ring(caller_id=number)
    box.clock.advance(2)
    caller.hang_up()
    box.clock.advance(2)


def numbers(who):
    return [one["data"]["record"]["number"] for one in told(who)]


def raised(box):
    return [(alarm.name, alarm.subject) for alarm in box.exchange.alarms.table()]


# ---- what is told


def test_a_call_is_told_with_its_record_within_a_second(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    call(box, "13800138000")
    (message,) = told(crm)
    assert message["type"] == "call.ended"
    assert message["data"]["call"] == message["data"]["record"]["call_id"]
    assert message["data"]["record"]["number"] == "13800138000"
    assert crm.requests[0].target == "/hook"


def test_who_is_taken_away_in_the_moment_something_happens_is_told_nothing_more(reached):
    box = reached(webhooks=[hook(events=("queue.entered", "call.ended"))])
    crm = receiver(box)

    def at_once():
        box.exchange.bus.publish(Event(box.clock.wall_s(), Kind.QUEUE_ENTERED, "", {}))
        box.exchange.webhooks.close()

    box.do(at_once)
    call(box, "13800138000")
    box.clock.advance(60)
    assert crm.requests == []


def test_only_what_was_asked_for_is_told_and_in_order(reached):
    box = reached(webhooks=[hook(events=("call.offered", "call.ended", "queue.entered"))])
    crm = receiver(box)
    for number in ("13800138001", "13800138002"):
        call(box, number)
    assert [one["type"] for one in told(crm)] == ["call.offered", "queue.entered", "call.ended"] * 2
    sequence = [one["sequence"] for one in told(crm)]
    assert sequence == sorted(sequence)


def test_the_signature_is_that_of_standard_webhooks(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    call(box, "13800138000")
    headers, body = crm.requests[0].headers, crm.requests[0].body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{right}"
    assert abs(int(headers["webhook-timestamp"]) - box.clock.wall_s()) < 10
    assert headers["content-type"] == "application/json"


def test_the_specifications_own_example_is_signed_as_it_says():
    from firmware.webhooks.signature import headers

    made = headers(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_whoever_subscribes_is_not_told_of_before(reached):
    box = reached()
    call(box, "13800138001")
    crm = receiver(box)
    document = box.wait(box.exchange.methods.call(admin(), "config.export", {"secrets": True}))
    box.wait(box.configuration.replace(document | {"webhooks": [hook()]}, who="t", why=""))
    call(box, "13800138002")
    assert numbers(crm) == ["13800138002"]


def admin():
    from firmware.control.methods import Asker, Role

    return Asker("test", Role.ADMIN)


# ---- receivers that fail


def test_a_receiver_that_is_away_for_an_hour_is_told_everything_afterwards_in_order(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    crm.status = 503
    for index in range(5):
        call(box, f"1380013800{index}")
        box.clock.advance(600)
    tries = [request.at_s for request in crm.requests]
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert pauses[0] < 6
    assert pauses[-1] > 300  # ever longer, so that nobody is knocked down
    crm.status = 200
    box.clock.advance(HOUR_S)
    assert numbers(crm) == [f"1380013800{index}" for index in range(5)]


def test_pauses_are_never_longer_than_a_quarter_of_an_hour_nor_quite_the_same(reached):
    box = reached(webhooks=[hook(name) for name in ("a", "b")])
    tries = {}
    for name in ("a", "b"):
        receiver(box, name).status = 500
    call(box, "13800138000")
    box.clock.advance(6 * HOUR_S)
    for name in ("a", "b"):
        at = [request.at_s for request in receiver(box, name).requests]
        tries[name] = [round(later - earlier, 3) for earlier, later in pairwise(at)]
        assert max(tries[name]) <= 901
        assert len(at) < 40
    assert tries["a"] != tries["b"]


def test_a_dead_receiver_keeps_no_other_waiting(reached):
    box = reached(webhooks=[hook("dead"), hook("alive")])
    receiver(box, "dead").after_s = 60
    alive = receiver(box, "alive")
    for index in range(3):
        call(box, f"1380013800{index}")
    assert numbers(alive) == [f"1380013800{index}" for index in range(3)]


def test_a_receiver_that_fails_is_an_alarm_within_a_minute_and_over_when_it_is_back(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    crm.after_s = 60  # silence
    call(box, "13800138000")
    box.clock.advance(60)
    assert raised(box) == [("webhook-failing", "crm")]
    crm.after_s = 0
    box.clock.advance(300)
    assert raised(box) == []


def test_an_alarm_is_told_with_its_figures_and_in_words_of_both_languages(reached):
    box = reached(webhooks=[hook(events=["alarm"])])
    crm = receiver(box)
    wrong = Wrong("waits", {"waiting": 3, "longest_s": 180})
    data = alarm_data(AlarmName.QUEUE_WAIT, "service", raised=True, wrong=wrong)
    box.do(box.bus.publish, Event(box.clock.wall_s(), Kind.ALARM, data=data))
    box.clock.advance(5)
    (message,) = told(crm)
    assert (message["data"]["code"], message["data"]["facts"]) == ("waits", {"waiting": 3, "longest_s": 180})
    zh, en = message["data"]["words"]["zh"], message["data"]["words"]["en"]
    assert (zh["wrong"], zh["exactly"]) == ("有来电等待过久", "3 人在等，最长 180 秒")
    assert (en["wrong"], en["exactly"]) == ("A caller has waited too long", "3 wait, the longest for 180 s")
    assert (zh["remedy"][-1], en["remedy"][-1]) == ("。", ".")


def test_what_is_wrong_with_a_receiver_is_told_by_code_and_figures(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    crm.status = 500
    call(box, "13800138000")
    box.clock.advance(60)
    (alarm,) = box.exchange.alarms.table()
    assert (alarm.code, alarm.facts["status"]) == ("answers", 500)


def test_what_a_receiver_refuses_again_and_again_is_a_dead_letter_and_the_rest_goes_on(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    crm.judge = lambda request: 422 if b"13800138001" in request.body else 200
    for index in range(3):
        call(box, f"1380013800{index}")
    box.clock.advance(HOUR_S)
    assert numbers(crm) == [f"1380013800{index}" for index in range(3)]
    assert sum(b"13800138001" in request.body for request in crm.requests) == 5
    (dead,) = box.wait(box.exchange.webhooks.dead("crm"))
    assert (dead.kind, "422" in dead.reason) == ("call.ended", True)
    assert json.loads(dead.body)["data"]["record"]["number"] == "13800138001"


def test_what_waited_for_a_day_is_a_dead_letter(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    crm.status = 500
    call(box, "13800138001")
    box.clock.advance(20 * HOUR_S)
    assert box.wait(box.exchange.webhooks.dead("crm")) == []
    call(box, "13800138002")
    box.clock.advance(5 * HOUR_S)
    assert len(box.wait(box.exchange.webhooks.dead("crm"))) == 1
    crm.status = 200
    before = len(crm.requests)
    box.clock.advance(HOUR_S)
    assert [json.loads(one.body)["data"]["record"]["number"] for one in crm.requests[before:]] == ["13800138002"]


def test_dead_letters_are_sent_again_with_the_same_id_when_somebody_asks(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    crm.status = 400
    call(box, "13800138001")
    box.clock.advance(HOUR_S)
    first = crm.requests[0].headers["webhook-id"]
    crm.requests.clear()
    assert box.wait(box.exchange.webhooks.redeliver("crm", [])) == 1
    box.clock.advance(5)
    assert len(crm.requests) == 1  # refused again: it rests
    assert len(box.wait(box.exchange.webhooks.dead("crm"))) == 1
    crm.status = 200
    box.wait(box.exchange.webhooks.redeliver("crm", []))
    box.clock.advance(5)
    assert [request.headers["webhook-id"] for request in crm.requests] == [first, first]
    assert box.wait(box.exchange.webhooks.dead("crm")) == []


def test_the_oldest_dead_letters_go_first_when_there_are_too_many(reached, monkeypatch):
    monkeypatch.setattr("firmware.records.outbox.KEPT", 2)
    box = reached(webhooks=[hook()])
    receiver(box).status = 400
    for index in range(4):
        call(box, f"1380013800{index}")
        box.clock.advance(HOUR_S)
    left = box.wait(box.exchange.webhooks.dead("crm"))
    assert [json.loads(one.body)["data"]["record"]["number"] for one in left] == ["13800138003", "13800138002"]


# ---- the exchange killed


@pytest.mark.parametrize("last_words", [False, True])
def test_no_event_is_lost_with_the_exchange_and_what_comes_twice_has_the_same_id(reached, last_words):
    box = reached(webhooks=[hook(events=("call.offered", "call.ended"))])
    crm = receiver(box)
    for index in range(12):
        caller = box.line(1).ring(caller_id=f"138001380{index:02}")
        box.clock.advance(2)
        caller.hang_up()
        box.clock.advance(0.05 + 0.06 * index)  # an instant before, while and after it is told
        box.kill(last_words=last_words)
        box.clock.advance(1)
        box.start()
    box.clock.advance(60)
    ended = [event.call for event in box.seen(Kind.CALL_ENDED)]
    assert len(ended) == 12
    assert sorted({one["data"]["call"] for one in told(crm) if one["type"] == "call.ended"}) == sorted(set(ended))
    bodies = {}
    for request in crm.requests:
        bodies.setdefault(request.headers["webhook-id"], set()).add(request.body)
    assert all(len(same) == 1 for same in bodies.values())


def test_an_exchange_killed_while_a_receiver_is_away_tells_it_later(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    crm.status = 500
    call(box, "13800138001")
    box.restart(after_s=30)
    crm.status = 200
    crm.requests.clear()  # none of these was taken
    box.clock.advance(60)
    assert numbers(crm) == ["13800138001"]
    box.restart()
    box.clock.advance(60)
    assert len(crm.requests) == len({request.at_s for request in crm.requests})
    assert numbers(crm) == ["13800138001"]


# ---- changes


def test_a_webhook_that_is_off_is_told_when_it_is_on_again(reached):
    box = reached(webhooks=[hook(on=False)])
    crm = receiver(box)
    call(box, "13800138001")
    assert crm.requests == []
    change(box, on=True)
    box.clock.advance(2)
    assert numbers(crm) == ["13800138001"]


def change(box, **changes):
    return box.wait(box.exchange.methods.call(admin(), "webhook.change", {"name": "crm", **changes}))


def test_a_receiver_that_moved_is_told_at_its_new_address_at_once(reached):
    box = reached(webhooks=[hook()])
    receiver(box).status = 500
    call(box, "13800138001")
    box.clock.advance(HOUR_S)
    new = receiver(box, "new")
    change(box, url="https://new.example.com/")
    box.clock.advance(2)
    assert numbers(new) == ["13800138001"]


def test_a_webhook_that_was_removed_is_told_nothing_and_its_alarm_is_over(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    crm.status = 500
    call(box, "13800138001")
    box.clock.advance(60)
    assert raised(box) == [("webhook-failing", "crm")]
    box.wait(box.exchange.methods.call(admin(), "webhook.remove", {"name": "crm"}))
    before = len(crm.requests)
    box.clock.advance(DAY_S)
    assert (raised(box), len(crm.requests)) == ([], before)
    secret = box.wait(
        box.exchange.methods.call(
            admin(), "webhook.add", {"name": "crm", "url": "https://crm.example.com/", "events": ["call.ended"]}
        )
    ).secret
    crm.status = 200
    call(box, "13800138002")
    assert numbers(crm)[-1] == "13800138002"
    assert secret.startswith("whsec_")
    assert secret != SECRET


def test_a_new_secret_signs_from_then_on(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    given = box.wait(box.exchange.methods.call(admin(), "webhook.secret", {"name": "crm"}))
    call(box, "13800138001")
    headers, body = crm.requests[0].headers, crm.requests[0].body
    from firmware.webhooks.signature import headers as signed

    again = signed(given.secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
    assert again["webhook-signature"] == headers["webhook-signature"]


def test_a_destination_that_may_not_be_reached_is_not_tried(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    box.outside.names["crm.example.com"] = ("192.168.1.7",)  # its name means something else since
    call(box, "13800138001")
    box.clock.advance(60)
    assert crm.requests == []
    status = box.wait(box.exchange.webhooks.statuses())["crm"]
    assert "private network" in status.failing
    change(box, reach="lan")
    box.clock.advance(5)
    assert numbers(crm) == ["13800138001"]


def test_a_call_does_not_wait_for_any_receiver(reached):
    box = reached(webhooks=[hook(events=("call.offered", "call.answered", "queue.entered"))])
    receiver(box).after_s = 60
    caller = box.line(1).ring(caller_id="13800138000")
    box.clock.advance(2)
    assert caller.hears == "music" or caller.hears
    assert [event.kind for event in box.seen(Kind.QUEUE_ENTERED)] == [Kind.QUEUE_ENTERED]
    caller.hang_up()


def test_a_test_says_what_is_wrong(reached):
    box = reached(webhooks=[hook()])
    crm = receiver(box)
    ask = lambda: box.wait(box.exchange.methods.call(admin(), "webhook.test", {"name": "crm"}))  # noqa: E731
    assert (ask().delivered, told(crm)[0]["type"]) == (True, "webhook.test")
    crm.status, crm.text = 401, "who are you"
    tested = ask()
    assert (tested.delivered, tested.wrong) == (False, "the receiver answers 401 who are you")
