"""A picture of a busy box, and a page that shows it without any other program."""

import shutil
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.client import Client
from tests.firmware.control.door import DoorThread
from tests.webui.exchange_stand_in import Exchange
from tests.webui.people import People
from webui.app import create_app
from webui.feed import Feed
from webui.picture import Agent, Box, Call, Leg, Line, Past, Picture, Queue


@pytest.fixture
def picture() -> Picture:
    """Return a box at work; the caller's name is not what a caller's name should be."""
    now_s = time.time()
    return Picture(
        at_s=now_s,
        box=Box("Mingde", "Asia/Shanghai"),
        lines=(Line(1, "总机", "01088880001", "in_use"), Line(2, state="idle")),
        calls=(
            Call(
                "c1", "in", "line:1", "01088880001", "13800138000", '<b>Zhang</b> & "<script>alert(1)</script>',
                where="queue", name="service", started_s=now_s - 83,
                legs=(Leg("agent", "extension:201", "201", "ringing"),),
            ),
        ),
        queues=(Queue("service", "客户服务", 1, now_s - 60, 0, 2),),
        agents=(Agent("201", "王芳", "offered", "", "201", True, now_s - 5), Agent("202")),
        last=(Past("c0", "in", "01066667777", outcome="abandoned", queue="service", started_s=1000000000, wait_s=45),),
    )  # fmt: skip


@pytest.fixture
def door() -> Iterator[DoorThread]:
    """Return the exchange's real door, with little more than data behind it."""
    with DoorThread() as thread:
        yield thread
    shutil.rmtree(thread.door.home)


@pytest.fixture
def people(door: DoorThread) -> People:
    """Return what makes users of the exchange behind the door."""
    return People(door)


@pytest.fixture
def page(door: DoorThread, people: People) -> Iterator[Callable[..., FlaskClient]]:
    """Return what makes a test client for a feed, its reader signed in as a viewer unless told otherwise."""
    feeds: list[Feed] = []

    def make(feed: Feed | None = None, most_streams: int = 40, role: str = "viewer") -> FlaskClient:
        feeds.append(feed or Feed(lambda: iter(())))
        app: Flask = create_app(feeds[-1], most_streams, lambda: Client(door.door.path))
        app.testing = True
        browser = app.test_client()
        if role:
            browser.set_cookie("busyhour", people.signed_in(role))
        return browser

    yield make
    for feed in feeds:
        feed.close()


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    """Return a hand-written exchange on a socket of its own home, listening."""
    with Exchange() as stand_in:
        yield stand_in
