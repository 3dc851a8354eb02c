"""The socket: any number of well-behaved clients, and the end of the others."""

import asyncio
import json
import os
import shutil
import socket
import stat

import pytest

from drivers.link.framing import LINE_BYTES
from firmware.control import session as session_module
from firmware.control import topics as topics_module
from firmware.errors import NoStorage
from firmware.events import Event, Kind
from tests.firmware.control.door import Door, call


class Peer:
    """A client that says whatever it likes."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def of(cls, door, limit=LINE_BYTES):
        return cls(*await asyncio.open_unix_connection(door.path, limit=limit))

    def say(self, line):
        self.writer.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")

    async def hear(self):
        line = await asyncio.wait_for(self.reader.readline(), 10)
        return json.loads(line) if line else None

    async def ask(self, method, number=1, /, **params):
        self.say({"id": number, "method": method, "params": params})
        return await self.hear()

    async def end(self):
        """Return all that still comes until the connection is over."""
        try:
            rest = await asyncio.wait_for(self.reader.read(), 10)
        except ConnectionError:
            return []
        return [json.loads(line) for line in rest.splitlines() if line]


class opened:  # noqa: N801 - reads as a phrase: async with opened() as door
    async def __aenter__(self):
        self.door = Door()
        await self.door.open()
        return self.door

    async def __aexit__(self, *error):
        await self.door.close()
        shutil.rmtree(self.door.home)


async def test_requests_are_answered_in_order_with_their_ids():
    async with opened() as door:
        peer = await Peer.of(door)
        for number in range(50):
            peer.say({"id": f"r{number}", "method": "queue.list"})
        assert [(await peer.hear())["id"] for _ in range(50)] == [f"r{number}" for number in range(50)]


async def test_a_client_that_has_said_all_still_gets_every_answer():
    async with opened() as door:
        door.calls |= {f"k-{n}": call(id=f"k-{n}") for n in range(100)}
        peer = await Peer.of(door, limit=1024)
        for number in range(40):
            peer.say({"id": number, "method": "call.live"})
        peer.writer.write_eof()
        answers = await peer.end()
        assert [answer["id"] for answer in answers] == list(range(40))
        assert all(len(answer["result"]) == 100 for answer in answers)


@pytest.mark.parametrize(
    ("line", "answer_id", "said"),
    [
        (b"nonsense\n", None, "one JSON object a line"),
        (b"\n", None, "one JSON object a line"),
        (b"\xff\xfe\n", None, "one JSON object a line"),
        (b"[" * 5000 + b"\n", None, "one JSON object a line"),
        (b"[1]\n", None, "an object with keys is right"),
        (b'{"method": "status"}\n', None, "id: null: missing"),
        (b'{"id": 1}\n', None, "method: null: missing"),
        (b'{"id": 1, "method": "status", "params": 3}\n', None, "params: 3"),
        (b'{"id": 1, "method": "status", "more": 3}\n', None, "more: 3: unknown key"),
        (b'{"id": 1, "method": "nothing"}\n', 1, "there is no method 'nothing'"),
        (b'{"id": 1, "method": "subscribe", "params": {"topics": ["news"]}}\n', 1, 'topics[0]: "news": one of'),
        (b'{"id": 1, "method": "subscribe", "params": {"topics": []}}\n', 1, "a list of at least 1"),
        (b'{"id": 1, "method": "agent.login", "params": {"number": "2"}}\n', 1, "2 to 8 digits is right"),
    ],
)
async def test_what_is_no_request_is_told_and_the_next_one_served(line, answer_id, said):
    async with opened() as door:
        peer = await Peer.of(door)
        peer.say(line)
        answer = await peer.hear()
        assert (answer["id"], said in answer["error"]["message"]) == (answer_id, True), answer
        assert "result" in await peer.ask("status", 2)


async def test_a_line_without_end_is_cut_off():
    async with opened() as door:
        peer = await Peer.of(door)
        peer.say(b"x" * (LINE_BYTES + 10))
        (last,) = await peer.end()
        assert last["error"]["code"] == "bad-request"


async def test_a_flood_is_cut_off_and_others_are_served(monkeypatch):
    async with opened() as door:
        flood, other = await Peer.of(door), await Peer.of(door)
        flood.say(b'{"id": 1, "method": "line.list"}\n' * 5000)
        assert "result" in await other.ask("status")
        answers = await flood.end()
        assert answers[-1]["error"]["code"] == "too-many"
        assert len(answers) < 2000


async def test_a_subscriber_who_does_not_read_is_dropped_and_others_hear_all():
    async with opened() as door:
        deaf, other = await Peer.of(door, limit=1024), await Peer.of(door)
        await deaf.ask("subscribe", topics=["events"])
        await other.ask("subscribe", topics=["events"])
        events = 4000
        padding = "x" * 500

        heard, progress = [], asyncio.Event()

        async def publish():
            for number in range(events):
                while number - len(heard) > 500:
                    await progress.wait()
                    progress.clear()
                door.bus.publish(Event(number, Kind.DIGIT, "k-1", "1", {"digit": "1", "padding": padding}))

        async def listen():
            while len(heard) < events:
                heard.append((await other.hear())["data"]["at_s"])
                progress.set()

        await asyncio.gather(publish(), listen())
        assert heard == list(range(events))
        assert len(await deaf.end()) < events
        assert "result" in await other.ask("status")


async def test_a_client_that_does_not_read_its_answers_is_dropped():
    async with opened() as door:
        deaf = socket.socket(socket.AF_UNIX)
        deaf.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(deaf, str(door.path))
        door.calls |= {f"k-{n}": call(id=f"k-{n}") for n in range(500)}

        async def ask_for_ever():
            while True:
                await loop.sock_sendall(deaf, b'{"id": 1, "method": "call.live"}\n')
                await asyncio.sleep(1.2 / session_module.REQUESTS_A_SECOND)  # not so fast that it is a flood

        with pytest.raises(ConnectionError):
            await asyncio.wait_for(ask_for_ever(), 20)
        deaf.close()
        assert "result" in await (await Peer.of(door)).ask("status")


async def test_live_begins_with_a_whole_picture_and_follows_changes(monkeypatch):
    monkeypatch.setattr(topics_module, "GATHER_S", 0.01)
    async with opened() as door:
        peer = await Peer.of(door)
        assert (await peer.ask("subscribe", topics=["live"]))["result"]["topics"] == ["live"]
        first = await peer.hear()
        assert first["topic"] == "live"
        assert first["data"]["calls"] == []
        assert [line["state"] for line in first["data"]["lines"]] == ["in_use", "idle", "idle", "fault"]
        assert [past["id"] for past in first["data"]["last"]] == ["k-0"]
        door.calls["k-1"] = call()
        door.bus.publish(Event(1.0, Kind.QUEUE_ENTERED, "k-1", data={"queue": "service", "position": 1}))
        second = (await peer.hear())["data"]
        assert [(one["id"], one["where"], one["name"]) for one in second["calls"]] == [("k-1", "queue", "service")]
        assert second["lines"][0]["call"] == "k-1"


async def test_pictures_come_by_themselves_and_only_the_newest_waits(monkeypatch):
    monkeypatch.setattr(topics_module, "GATHER_S", 0.001)
    monkeypatch.setattr(topics_module, "PULSE_S", 0.01)
    async with opened() as door:
        peer = await Peer.of(door)
        await peer.ask("subscribe", topics=["live"])
        door.calls |= {f"k-{n}": call(id=f"k-{n}") for n in range(300)}
        await asyncio.sleep(1)  # some dozens of pictures of 100 kB, unread
        pictures = [await peer.hear() for _ in range(3)]
        assert all(picture["topic"] == "live" for picture in pictures)
        assert "result" in await Peer.ask(await Peer.of(door), "status")


async def test_a_listener_leaves_with_its_connection():
    async with opened() as door:
        peer = await Peer.of(door)
        await peer.ask("subscribe", topics=["events", "live"])
        peer.writer.close()
        door.bus.publish(Event(1.0, Kind.DIGIT, "k-1"))
        assert "result" in await (await Peer.of(door)).ask("status")


async def test_a_session_that_gave_up_rights_does_not_get_them_back():
    async with opened() as door:
        peer = await Peer.of(door)
        assert "result" in await peer.ask("config.export")
        assert (await peer.ask("session.lower", role="viewer"))["result"] == {"role": "viewer"}
        assert (await peer.ask("config.export"))["error"]["code"] == "not-allowed"
        assert (await peer.ask("agent.login", number="201"))["error"]["code"] == "not-allowed"
        assert (await peer.ask("session.lower", role="admin"))["error"]["code"] == "not-allowed"
        assert "result" in await peer.ask("queue.list")
        assert "result" in await (await Peer.of(door)).ask("config.export")


async def test_a_fault_inside_is_told_without_its_insides(caplog):
    async with opened() as door:
        door.calls["k-1"] = object()
        answer = await (await Peer.of(door)).ask("call.live")
        assert answer["error"] == {
            "code": "fault",
            "message": "something went wrong inside the exchange; its log says what",
        }
        assert "AttributeError" in caplog.text


async def test_the_socket_is_the_owners_alone_and_a_dead_exchange_leaves_it_for_the_next():
    async with opened() as door:
        assert stat.S_IMODE(os.stat(door.path).st_mode) == 0o600
        door.path.touch()
        door.configuration.close()
        again = Door(door.home)
        await again.open()
        assert "result" in await (await Peer.of(again)).ask("status")
        await again.server.close()
        again.configuration.close()


async def test_a_home_with_a_long_name_works(tmp_path):
    home = tmp_path / ("long" * 40)
    door = Door(home)
    await door.open()
    assert (home / "run/exchange.sock").is_socket()
    await door.close()


async def test_a_socket_that_cannot_be_made_is_named(tmp_path):
    async with opened() as door:
        (door.home / "file").write_text("")
        server = type(door.server)(door.home / "file/exchange.sock", door.methods, door.server._topics, door.users)
        with pytest.raises(NoStorage, match=r"file cannot be written: File exists; a folder is right"):
            await server.start()


async def test_a_closing_server_lets_everybody_go():
    door = Door()
    await door.open()
    peers = [await Peer.of(door) for _ in range(3)]
    for peer in peers:
        await peer.ask("subscribe", topics=["live", "events"])
    await door.close()
    for peer in peers:
        await peer.end()
    assert not door.path.exists()
    shutil.rmtree(door.home)


async def test_too_many_clients_are_refused_politely(monkeypatch):
    from firmware.control import server as server_module

    monkeypatch.setattr(server_module, "MOST_SESSIONS", 2)
    async with opened() as door:
        peers = [await Peer.of(door) for _ in range(2)]
        for peer in peers:
            assert "result" in await peer.ask("status")
        (last,) = await (await Peer.of(door)).end()
        assert last["error"]["code"] == "too-many"
        assert "result" in await peers[0].ask("status")


def test_the_bounds_are_what_the_tests_think():
    assert session_module.BURST < 5000
