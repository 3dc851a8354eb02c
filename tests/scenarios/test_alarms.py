"""A whole box whose lines and programs fail: told within a minute, by page, mail and webhook, and over by itself."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.peers.box import Box
from tests.peers.ports import free_port

WITHIN_S = 60


@pytest.fixture
def letters() -> Iterator[tuple[int, list[str]]]:
    """A mail server: its port, and what it was given."""
    found: list[str] = []

    class Mailbox:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
            found.append(envelope.content.decode())
            return "250 OK"

    controller = Controller(Mailbox(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port, found
    controller.stop()


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A program that takes webhooks: its URL, and what it was told."""
    told: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", told
    server.shutdown()
    server.server_close()


def until(what: Callable[[], bool], within_s: float = WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def raised(box: Box) -> list[tuple[str, str]]:
    return [(alarm["name"], alarm["subject"]) for alarm in box.ask("alarm.list")]


def test_a_cut_line_and_a_killed_program_reach_people_and_programs(
    box: Box, letters: tuple[int, list[str]], receiver: tuple[str, list[dict[str, Any]]]
) -> None:
    (port, mails), (url, told) = letters, receiver
    recipients = [{"address": "li@example.com", "severity": "major"}]
    box.configure(mail={
        "host": "127.0.0.1", "port": port, "security": "none", "sender": "box@example.com", "recipients": recipients,
        "gather_s": 2, "reach": "box",
    })  # fmt: skip
    assert box.command("webhook", "add", "ours", url, "--event", "alarm", check=False).returncode == 1  # not by default
    box.command("webhook", "add", "ours", url, "--event", "alarm", "--reach", "box")

    box.command("office", "battery", "2", "off")
    until(lambda: ("line-no-battery", "line:2") in raised(box))
    until(lambda: any(one["data"]["name"] == "line-no-battery" for one in told))
    until(lambda: len(mails) == 1)
    box.command("office", "battery", "2", "on")
    until(lambda: ("line-no-battery", "line:2") not in raised(box))

    box.wait_back("web", box.kill("web"))
    until(lambda: ("program-lost", "web") in raised(box))
    box.command("alarm", "acknowledge", "program-lost", "web", "--note", "seen")
    (alarm,) = [one for one in box.ask("alarm.list") if one["name"] == "program-lost"]
    assert alarm["note"] == "seen"

    box.wait_back("exchange", box.kill("exchange"))
    until(lambda: ("program-lost", "exchange") in raised(box))
    until(lambda: any(one["data"]["subject"] == "exchange" for one in told))
    history = box.json("alarm", "history")
    (cut,) = [one for one in history if one["name"] == "line-no-battery"]
    assert 0 < cut["over_s"] - cut["raised_s"] < 2 * WITHIN_S
