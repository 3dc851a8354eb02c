"""Event streams of the server as it runs."""

import contextlib
import json
import re
import time

import httpx
import pytest

from firmware.events import Event, Kind, alarm_data
from webui.api.app import STREAMS_EACH
from webui.api.kinds import FIGURES, KEPT, KINDS, wanted


class Reader:
    """One open stream."""

    def __init__(self, caller, path="/events", **headers):
        self.context = caller.session.stream("GET", path, headers=headers)
        self.response = self.context.__enter__()
        self.lines = self.response.iter_lines()

    def next(self):
        """Return (kind, data, id) of the next event, None when the stream is over."""
        kind, data, number = "", None, ""
        for line in self.lines:
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif line.startswith("id: "):
                number = line[4:]
            elif not line and kind:
                return kind, data, number
        return None

    def close(self):
        self.context.__exit__(None, None, None)


@pytest.fixture
def reader():
    made = []

    def make(*args, **headers):
        made.append(Reader(*args, **headers))
        return made[-1]

    yield make
    for each in made:
        each.close()


def publish(door, *events):
    for event in events:
        door.do(lambda event=event: door.door.bus.publish(event))


def happening(number, kind=Kind.CALL_ANSWERED):
    return Event(float(number), kind, f"k-{number}")


def test_what_happens_is_told_as_it_happens_by_its_kind(served, reader, door):
    stream = reader(served("viewer"), "/events?kinds=call.*,agent.state")
    assert stream.response.headers["Content-Type"].startswith("text/event-stream")
    kind, data, _ = stream.next()
    assert (kind, data) == ("hello", {"gap": False})
    publish(door, happening(1), happening(2, Kind.LEG_RINGING), happening(3, Kind.CALL_ENDED))
    first, second = stream.next(), stream.next()
    assert (first[0], first[1]["call"]) == ("call.answered", "k-1")
    assert (second[0], second[1]["call"]) == ("call.ended", "k-3")
    assert first[2] == first[1]["id"] != second[2]


def test_a_callers_keys_are_told_to_nobody(served, reader, door):
    stream = reader(served("admin"))
    while stream.next()[0] != FIGURES:
        pass
    publish(door, Event(1.0, Kind.DIGIT, "k-1", data={"digit": "7"}), happening(2))
    heard = []
    while "call.answered" not in heard:
        heard.append(stream.next()[0])
    assert "digit" not in heard


def test_who_comes_back_gets_what_was_missed_and_is_told_of_a_gap(served, reader, door):
    viewer = served("viewer")
    stream = reader(viewer, "/events?kinds=call.*")
    stream.next()
    publish(door, happening(1))
    _, _, last = stream.next()
    stream.close()
    publish(door, happening(2), happening(3))
    again = reader(viewer, "/events?kinds=call.*", **{"Last-Event-ID": last})
    assert again.next()[:2] == ("hello", {"gap": False})
    assert [again.next()[1]["call"] for _ in range(2)] == ["k-2", "k-3"]
    publish(door, happening(4))
    assert again.next()[1]["call"] == "k-4"
    other = reader(viewer, "/events?kinds=call.*", **{"Last-Event-ID": "ffffffff-17"})
    assert other.next()[:2] == ("hello", {"gap": True})


def test_a_queues_figures_come_first_and_again_when_they_change(served, reader, door):
    stream = reader(served("viewer"), f"/events?kinds={FIGURES}")
    stream.next()
    kind, data, _ = stream.next()
    assert (kind, data["data"]["name"], data["data"]["ready"]) == (FIGURES, "service", 0)
    door.do(lambda: door.door.roster.login("201", ""))
    while data["data"]["ready"] == 0:
        _, data, _ = stream.next()
    assert data["data"]["agents"] == 1


def test_a_revoked_token_cuts_its_open_streams(served, reader, owner):
    stream = reader(served("viewer", name="gone"), "/events?kinds=alarm")
    stream.next()
    owner.call("token.revoke", name="gone")
    kind, data, _ = stream.next()
    assert (kind, data["code"]) == ("bye", "signed-out")
    assert stream.next() is None


def test_streams_have_an_end_of_places_and_give_them_back(served, reader, door):
    viewer = served("viewer")
    streams = [reader(viewer, "/events?kinds=alarm") for _ in range(STREAMS_EACH)]
    for stream in streams:
        assert stream.next()[0] == "hello"
    refused = viewer.get("/events")
    assert (refused.status_code, refused.json()["code"]) == (503, "too-many-streams")
    assert int(refused.headers["Retry-After"]) > 0
    assert reader(served("viewer", name="other"), "/events?kinds=alarm").next()[0] == "hello"
    assert viewer.get("/status").status_code == 200
    streams[0].close()
    deadline = time.monotonic() + 20
    while (again := reader(viewer)).response.status_code == 503:
        again.close()
        alarm = Event(1.0, Kind.ALARM, data=alarm_data("records-storage", "", raised=True))
        publish(door, alarm)  # the server notices by writing that a reader is gone
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert again.next()[0] == "hello"


def test_who_asks_for_what_there_is_not_is_told_what_there_is(served):
    viewer = served("viewer")
    for path in ("/events?kinds=nonsense", "/events?kinds=call.*,", "/events?kind=alarm", "/events?kinds=digit"):
        answer = viewer.get(path)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad-request")
        assert answer.json()["problems"]


def test_the_end_of_the_exchange_ends_a_stream_in_words(served, reader, door):
    stream = reader(served("viewer"), "/events?kinds=alarm")
    stream.next()
    door.run(door.door.server.close())
    assert stream.next()[:1] == ("bye",)
    assert stream.next() is None


def test_who_does_not_read_is_cut_off_and_disturbs_nobody(served, program, door):
    viewer = served("viewer")
    big, times = {"node": "x" * 20_000}, 1200
    with viewer.session.stream("GET", "/events?kinds=ivr.node") as deaf:
        for number in range(times):
            door.do(lambda number=number: door.door.bus.publish(Event(float(number), Kind.IVR_NODE, "k", data=big)))
        assert viewer.get("/status").status_code == 200
        deadline = time.monotonic() + 30
        while "too slow" not in program.said():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        heard = 0
        with contextlib.suppress(httpx.HTTPError):
            for some in deaf.iter_raw():
                heard += len(some)
        assert 0 < heard < times * 20_000


def test_every_kind_of_event_is_told_of_or_kept_back_for_a_reason():
    undecided = [kind.name for kind in Kind if kind not in KINDS and kind not in KEPT]
    assert not undecided, f"tell them in KINDS or keep them back in KEPT (webui/api/kinds.py): {undecided}"
    assert not KINDS.keys() & KEPT.keys()


def test_kinds_are_named_singly_or_by_their_noun():
    assert wanted("call.*") == {"call.offered", "call.answered", "call.ended"}
    assert wanted("alarm, agent.state") == {"alarm", "agent.state"}
    assert wanted("") == {str(kind) for kind in KINDS}
    for wrong in ("call", "*.*", ".*", "digit"):
        with pytest.raises(ValueError, match=re.escape(wrong)):
            wanted(wrong)
    with pytest.raises(ValueError, match=r"^$"):
        wanted(",")
