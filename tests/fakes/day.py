"""A day at a small call centre, as its people live it: at fixed times, whatever the exchange does meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from firmware.config.schema import Config
from tests.fakes.box import EXTENSIONS, Box, config
from tests.fakes.parties import Party

LENGTH_S = 330.0
AGENTS = ["201", "202"]


def day_config() -> Config:
    """Return the configuration the day needs."""
    return config(
        trunks=[{"name": "carrier", "host": "192.0.2.1", "numbers": ["88880000"]}],
        queues=[{
            "name": "service", "agents": AGENTS, "ring_timeout_s": 12, "acw_s": 5, "max_wait_s": 40,
            "announce_every_s": 15, "overflow": "extension:204",
        }],
        flows=[{
            "name": "main", "greeting": ["welcome"], "notice": ["recording-notice"], "menu": ["main-menu"],
            "keys": {"1": {"to": "queue:service"}, "0": {"to": "extension:204"}}, "wait_s": 5, "no_key": "hangup",
        }],
        routes=[{"name": "all", "to": "flow:main"}],
    )


class Day:
    """Schedules what people do on a box's loop, from now on. `callers` are known by their numbers."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self.callers: dict[str, Party] = {}
        self._begin_s = box.loop.time()
        for extension in EXTENSIONS:
            box.phone(extension)
        self._plan()

    def _plan(self) -> None:
        at, phone = self._at, self._box.phone
        at(0, lambda: phone("201").answers_after(3))
        at(0, lambda: phone("202").answers_after(4))
        at(0, lambda: phone("203").answers_after(2))
        at(0, lambda: phone("204").busy())

        # two are served, one gives up waiting, one listens and goes
        self._rings(10, 1, "13800000001", press=(21, "1"))
        at(60, lambda: phone("201").hang_up())
        self._rings(13, 2, "13800000002", press=(24, "1"), hang_up=52)
        self._rings(16, 3, "13800000003", press=(27, "1"), hang_up=42)
        self._rings(19, 4, "13800000004", hang_up=26)

        # by a trunk to a busy extension
        self._calls(70, "88880000", "13800000005", press=(81, "0"), hang_up=95)

        # the first agent does not answer, the second does
        at(100, lambda: phone("202").rings())
        at(145, lambda: phone("202").answers_after(4))
        at(160, lambda: phone("202").calls("*22"))
        self._rings(101, 1, "13800000006", press=(111, "1"), hang_up=150)

        # one extension calls another, and one calls out and puts the one outside on hold
        at(105, lambda: self._from("204", "203"))
        at(120, lambda: self.callers["204"].hang_up())
        at(122, lambda: self._box.line(3).far_end.answers_after(6))
        at(122, lambda: self._box.line(4).far_end.answers_after(6))
        at(125, lambda: self._from("204", "988881234"))
        at(138, lambda: self.callers["204"].hold())
        at(142, lambda: self.callers["204"].resume())
        at(155, lambda: self._far_end_hangs_up())

        # an agent holds, and sends the caller on
        self._rings(170, 2, "13800000007", press=(181, "1"), hang_up=225)
        at(192, lambda: phone("201").hold())
        at(198, lambda: phone("201").resume())
        at(204, lambda: phone("201").transfer("203"))

        # gone while the agent's telephone rings
        at(228, lambda: (phone("201").rings(), phone("202").rings()))
        self._rings(230, 1, "13800000008", press=(241, "1"), hang_up=247)

        # waited as long as one may: to the extension, which answers by now
        at(255, lambda: (phone("201").refuses(), phone("202").refuses()))
        at(255, lambda: phone("204").answers_after(3))
        self._rings(257, 1, "13800000009", press=(268, "1"), hang_up=322)

    def _at(self, second: float, act: Callable[[], Any]) -> None:
        self._box.loop.call_at(self._begin_s + second, act)

    def _rings(
        self, second: float, line: int, number: str, press: tuple[float, str] | None = None,
        hang_up: float | None = None,
    ) -> None:
        self._arrives(second, lambda: self._box.line(line).ring(number), number, press, hang_up)

    def _calls(
        self, second: float, did: str, number: str, press: tuple[float, str] | None = None,
        hang_up: float | None = None,
    ) -> None:
        self._arrives(second, lambda: self._box.trunk("carrier").calls(did, number), number, press, hang_up)

    def _arrives(
        self, second: float, call: Callable[[], Party], number: str, press: tuple[float, str] | None,
        hang_up: float | None,
    ) -> None:
        def arrive() -> None:
            self.callers[number] = call()

        self._at(second, arrive)
        if press is not None:
            self._at(press[0], lambda: self.callers[number].press(press[1]))
        if hang_up is not None:
            self._at(hang_up, lambda: self.callers[number].hang_up())

    def _from(self, extension: str, number: str) -> None:
        self.callers[extension] = self._box.phone(extension).calls(number)

    def _far_end_hangs_up(self) -> None:
        for line in (3, 4):
            far_end = self._box.line(line).far_end
            if far_end.parties and far_end.state == "answered":
                far_end.hang_up()
