"""Users on a virtual clock, in a home of their own, and what the audit was told."""

from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pytest

from firmware.clock import VirtualLoop
from firmware.config.disk import Disk
from firmware.config.schema import SignIn
from firmware.records.audit import Entry
from firmware.users.by import By
from firmware.users.users import Users
from tests.fakes.box import QUICK, BoxClock
from tests.fakes.disk import AtOnce

ADMIN = By("root", "")
HERE = "192.0.2.7"


class House:
    """The users of one box, from one exchange to the next."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "users"
        self.loop = VirtualLoop()
        self.clock = BoxClock(self.loop)
        self.limits = SignIn()
        self.noted: list[Entry] = []
        self.start()

    def start(self, disk: Disk | None = None, working: Executor | None = None, hasher: Any = QUICK) -> None:
        """Be the next exchange."""
        self.users = Users(
            self.folder, clock=self.clock, working=working or AtOnce(), limits=lambda: self.limits, hasher=hasher,
            disk=disk,
        )  # fmt: skip
        self.users.note = self.noted.append
        self.do(self.users.open)

    def restart(self, **how: Any) -> None:
        """End, and be the next."""
        self.users.close()
        self.start(**how)

    def wait(self, asked: Coroutine[Any, Any, Any]) -> Any:
        """Return what somebody's act gives."""
        return self.loop.run_until_complete(asked)

    def do(self, act: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Return what something done within the loop gives."""

        async def acting() -> Any:
            return act(*arguments, **named)

        return self.loop.run_until_complete(acting())

    # ---- people ------------------------------------------------------------------------------------------------------

    def add(self, name: str, role: str = "viewer", agent: str = "") -> str:
        """Return the one-time password of a new user."""
        return self.wait(self.users.add(name, role, "en", agent, ADMIN))[1]

    def settled(self, name: str, password: str, role: str = "viewer") -> str:
        """Return the token of a new user who has chosen a password."""
        token, _ = self.sign_in(name, self.add(name, role))
        return self.choose(token, password)

    def sign_in(self, name: str, password: str, address: str = HERE) -> Any:
        return self.wait(self.users.sign_in(name, password, address))

    def choose(self, token: str, password: str, former: str = "") -> str:
        session, user = self.resume(token)
        by = By(user.name, session.address)
        return self.wait(self.users.choose_password(user.name, former, password, session.id, by))

    def resume(self, token: str, used: bool = True) -> Any:
        return self.do(self.users.resume, token, used=used)

    def told(self, what: str) -> list[Entry]:
        return [entry for entry in self.noted if entry.what == what]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.users.close()
    made.loop.close()
