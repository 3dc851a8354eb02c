"""An open page when its reader's session ends, and when the exchange dies and comes back."""

import time

import pytest

from firmware.control.client import Client
from tests.webui.test_live import Fixed, events_of
from webui import stream as stream_module
from webui.parts import PARTS

SOON_S = 2.0


class Open:
    """An open page's stream."""

    def __init__(self, client):
        self.response = client.get("/live?lang=en")
        self.chunks = self.response.iter_encoded()
        self.first = [next(self.chunks) for _ in ("hello", *PARTS)]

    def rest(self):
        """Return the names of the events that still come until it ends, which must be soon."""
        deadline = time.monotonic() + SOON_S
        chunks = []
        for chunk in self.chunks:
            chunks.append(chunk)
            assert time.monotonic() < deadline, "it goes on"
        return [kind for kind, _ in events_of(chunks)]


@pytest.fixture
def reader(page, picture, monkeypatch):
    monkeypatch.setattr(stream_module, "HEARTBEAT_S", 0.5)  # what goes on shows it
    feed = Fixed(picture)
    client = page(feed)
    opened = Open(client)
    opened.feed, opened.client = feed, client
    yield opened
    opened.response.close()


@pytest.mark.parametrize("act", ["user.remove", "user.role", "user.password", "sign out"])
def test_it_ends_soon_after_the_session(reader, people, act):
    token = reader.client.get_cookie("busyhour").value
    with people.exchange() as exchange:
        if act == "sign out":
            exchange.call("session.resume", token=token)
            exchange.call("session.close")
        else:
            exchange.call(act, name="a-viewer", **({"role": "supervisor"} if act == "user.role" else {}))
    assert reader.rest() == ["signed-out"]


def test_it_goes_on_while_the_session_does(reader):
    assert next(reader.chunks) == b": still here\n\n"


def test_it_does_not_keep_its_reader_from_becoming_idle(reader, people, door):
    (session,) = door.door.users.sessions.of("a-viewer")
    used_s = session.used_s
    Open(reader.client).response.close()
    (session,) = door.door.users.sessions.of("a-viewer")
    assert session.used_s == used_s
    assert reader.client.get("/account/").status_code == 200
    (session,) = door.door.users.sessions.of("a-viewer")
    assert session.used_s > used_s


def test_an_exchange_that_comes_back_without_the_session_ends_it(reader, door, people):
    door.run(door.door.server.close())
    assert next(reader.chunks) == b": still here\n\n"  # nobody knows otherwise
    door.run(door.door.users.sessions.end(door.door.users.sessions.of("a-viewer")))
    door.run(door.door.serve())
    assert reader.rest()[-1] == "signed-out"


def test_an_exchange_that_comes_back_with_the_session_is_watched_again(reader, door, people):
    door.run(door.door.server.close())
    assert next(reader.chunks) == b": still here\n\n"
    (before,) = door.door.users.sessions.of("a-viewer")
    door.run(door.door.serve())
    assert next(reader.chunks) == b": still here\n\n"
    assert door.door.users.sessions.of("a-viewer") == [before]  # to watch is not to use
    with Client(door.door.path) as exchange:
        exchange.call("user.password", name="a-viewer")
    assert reader.rest()[-1] == "signed-out"
