"""The REST interface before the exchange's real door: in this process, or as it runs, by gunicorn on a free port."""

import contextlib
from collections.abc import Callable, Iterator

import httpx
import pytest

from firmware.control.client import Client
from tests.coroutines import pytest_pyfunc_call  # noqa: F401 - a hook
from tests.firmware.control.door import DoorThread
from tests.webui.program import PATIENCE_S, Page
from webui.app import create_app
from webui.feed import Feed


class Caller:
    """A program that asks with a token; `session` is the httpx client."""

    def __init__(self, origin: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        self.token = token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.session = httpx.Client(
            base_url=f"{origin}/api/v1", headers=headers, timeout=PATIENCE_S, transport=transport
        )

    def __getattr__(self, verb: str) -> Callable[..., httpx.Response]:
        """Return what asks by one verb."""
        return getattr(self.session, verb)  # type: ignore[no-any-return]


@pytest.fixture
def program(door: DoorThread) -> Iterator[Page]:
    """Return the web server before the door."""
    page = Page(door.door.home)
    try:
        page.wait_until_it_answers()
        yield page
    finally:
        page.stop()


@pytest.fixture
def owner(door: DoorThread) -> Iterator[Client]:
    """Return the box's owner, who has all rights."""
    with Client(door.door.path) as client:
        yield client


Make = Callable[..., Caller]


@pytest.fixture
def caller(door: DoorThread, owner: Client) -> Iterator[Make]:
    """Return what makes a program with a token of a role; without a role it has none."""
    feed = Feed(lambda: iter(()))
    app = create_app(feed, connect=lambda: Client(door.door.path))
    with contextlib.closing(feed), callers(owner, "http://localhost", httpx.WSGITransport(app)) as make:
        yield make


@pytest.fixture
def served(program: Page, owner: Client) -> Iterator[Make]:
    """Return the same for the web server as it runs."""
    with callers(owner, program.origin) as make:
        yield make


@contextlib.contextmanager
def callers(owner: Client, origin: str, transport: httpx.BaseTransport | None = None) -> Iterator[Make]:
    made: list[Caller] = []

    def make(role: str = "", name: str = "", **more: object) -> Caller:
        token = ""
        if role:
            wanted = {"name": name or f"a-{role}", "role": role} | more
            token = owner.call("token.create", **wanted)["secret"]
        made.append(Caller(origin, token, transport))
        return made[-1]

    yield make
    for each in made:
        each.session.close()
