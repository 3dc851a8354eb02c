"""The client that waits: results, errors as they were raised, subscriptions, and an exchange that dies."""

import socket
import threading
import time

import pytest

from firmware.control.client import Client, exchange_socket
from firmware.errors import BadConfig, BadRequest, BusyhourError, NotFound, Problem, Unavailable
from firmware.events import Event, Kind


@pytest.fixture
def client(door):
    with Client(door.door.path) as client:
        yield client


def test_a_call_returns_plain_values(client):
    assert [queue["name"] for queue in client.call("queue.list")] == ["service"]


def test_errors_come_back_as_they_were_raised(client):
    with pytest.raises(NotFound, match="no extension 999"):
        client.call("extension.secret", number="999")
    with pytest.raises(BadRequest) as bad:
        client.call("extension.secret", number="x")
    assert bad.value.problems == [
        Problem("number", "x", "2 to 8 digits is right", "digits", {"least": 2, "most": 8})
    ]
    with pytest.raises(BadConfig) as refused:
        client.call("config.import", config={"queue": 1})
    assert [(problem.path, problem.value) for problem in refused.value.problems] == [("queue", 1)]


def test_an_error_of_the_agents_room_keeps_its_code(client):
    with pytest.raises(BusyhourError) as refused:
        client.call("agent.logout", number="201")
    assert refused.value.code == "not-logged-in"


def test_events_come_in_order_with_silence_between(door, client):
    told = client.subscribe("events", wake_s=0.05)
    assert next(told) is None
    for number in range(5):
        door.do(lambda number=number: door.door.bus.publish(Event(number, Kind.DIGIT, "k-1", "1", {"digit": "5"})))
    heard = []
    while len(heard) < 5:
        news = next(told)
        if news:
            heard.append(news)
    ids = [data.pop("id") for _, data in heard]
    assert [one.rpartition("-")[2] for one in ids] == ["1", "2", "3", "4", "5"]
    assert heard == [
        ("events", {"at_s": float(n), "kind": "digit", "call": "k-1", "leg": "1", "data": {"digit": "5"}})
        for n in range(5)
    ]


def test_a_dead_exchange_is_named(tmp_path):
    with pytest.raises(Unavailable, match=r"does not answer at .*/run/exchange.sock: it is not running"):
        Client(tmp_path / "run/exchange.sock")


def test_a_socket_nobody_listens_on_is_a_dead_exchange(tmp_path):
    path = tmp_path / "exchange.sock"
    socket.socket(socket.AF_UNIX).bind(str(path))
    with pytest.raises(Unavailable, match="it is not running"):
        Client(path)


def test_an_exchange_that_dies_meanwhile_is_told(door, client):
    told = client.subscribe("events")
    threading.Timer(0.1, lambda: door.run(door.door.server.close())).start()
    with pytest.raises(Unavailable, match="it closed the connection"):
        next(told)
    with pytest.raises(Unavailable):
        client.call("status")


def silent(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    return listener


def test_an_exchange_that_hangs_is_not_waited_for_for_ever(tmp_path):
    listener = silent(tmp_path / "s")
    client = Client(tmp_path / "s", timeout_s=0.2)
    begin = time.monotonic()
    with pytest.raises(Unavailable, match=r"did not answer status within 0\.2 s"):
        client.call("status")
    assert time.monotonic() - begin < 2
    listener.close()


def test_something_else_on_the_socket_is_noticed(tmp_path):
    listener = silent(tmp_path / "s")
    client = Client(tmp_path / "s")
    connection, _ = listener.accept()
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n")
    with pytest.raises(Unavailable, match="not the exchange that answers"):
        client.call("status")
    listener.close()


def test_the_last_word_of_an_exchange_that_sends_us_away_is_heard(tmp_path):
    listener = silent(tmp_path / "s")
    client = Client(tmp_path / "s")
    connection, _ = listener.accept()
    connection.sendall(b'{"id": null, "error": {"code": "too-many", "message": "more than 100 clients at once"}}\n')
    connection.close()
    with pytest.raises(BusyhourError, match="more than 100 clients") as refused:
        client.call("status")
    assert refused.value.code == "too-many"
    listener.close()


def test_a_closed_client_frees_who_waits(client):
    told = client.subscribe("events")
    threading.Timer(0.1, client.close).start()
    with pytest.raises(Unavailable):
        next(told)


def test_the_socket_is_found_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("BUSYHOUR_HOME", str(tmp_path))
    assert exchange_socket() == tmp_path / "run/exchange.sock"
