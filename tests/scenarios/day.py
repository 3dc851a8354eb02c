"""A short day on a whole box, as its people live it: at fixed times, whatever the exchange does meanwhile.

A caller on a telephone line and one on a trunk choose by key, wait, and talk with agents (one of whom puts the caller
on hold); a third caller waits in vain; one extension calls another. Everybody says a steady tone of their own.
"""

import contextlib
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from firmware.control.client import SOCKET, Client
from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Caller, Office

LENGTH_S = 20.0        # the last one hangs up before; kills come before, too
TRUNK = "127.0.0.9"
DID = "01088886666"
LINE_CALLER, GIVES_UP, TRUNK_CALLER, INSIDE = "13800000001", "13800000004", "13900000002", "203"
CALLERS = (LINE_CALLER, GIVES_UP, TRUNK_CALLER, INSIDE)
# Whole 20 ms blocks hold a fraction of a period of each, so that a lost block shows as a step of the phase.
VOICES_HZ = {"201": 1003.0, "202": 1403.0, "203": 903.0, "204": 1303.0, LINE_CALLER: 603.0, TRUNK_CALLER: 803.0}
SETTLE_S = 20.0        # after the day: longer than after-call work, and than the gateway's counters take


class Kill(NamedTuple):
    """A death and what came of it, in seconds since the day began: all is as before at `back_s`."""

    program: str
    at_s: float
    back_s: float


@dataclass
class Told:
    """What a day leaves: the box's records by the caller's number, and what its people saw and heard themselves.

    `moments` are seconds since the day began, by caller, then by name.
    """

    began_s: float = 0.0
    kills: list[Kill] = field(default_factory=list)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    moments: dict[str, dict[str, float]] = field(default_factory=lambda: {caller: {} for caller in CALLERS})
    heard: dict[str, Path] = field(default_factory=dict)    # by who heard it
    recordings: dict[str, list[Path]] = field(default_factory=dict)
    agents: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)           # what should be gone and is not
    counters: dict[str, float] = field(default_factory=dict)


def configure(box: Box) -> None:
    """Give a box short prompts, a trunk, and two queues of one agent each: who gets which call is no chance."""
    prompts = box.home / "prompts"
    prompts.mkdir(exist_ok=True)
    for name, duration_s in (("hello", 0.8), ("notice", 0.6), ("menu", 1.2)):
        audio.write_wav(prompts / f"{name}.wav", audio.sine(2100, duration_s))
    config = box.ask("config.export", secrets=True)
    flow = {
        "name": "main", "greeting": ["file:hello.wav"], "notice": ["file:notice.wav"], "menu": ["file:menu.wav"],
        "keys": {"1": {"to": "queue:service"}, "2": {"to": "queue:sales"}}, "wait_s": 10, "no_key": "hangup",
    }
    queue = config["queues"][0] | {"ring_timeout_s": 12, "acw_s": 4}
    queues = [queue | {"name": "service", "agents": ["201"]}, queue | {"name": "sales", "agents": ["202"]}]
    trunk = {"name": "carrier", "host": TRUNK, "addresses": [TRUNK], "numbers": [DID]}
    box.configure(
        flows=[flow], queues=queues, trunks=[trunk], routes=[{"name": "all", "to": "flow:main"}], hours=[],
        limits=config["limits"] | {"hours": ""},
    )


class Day:
    """One day on a box that runs. `live` takes it from first to last."""

    def __init__(self, box: Box, folder: Path) -> None:
        self.told = Told()
        self._box, self._folder = box, folder
        self._office = Office(box.home)
        self._phones: dict[str, Phone] = {}
        for number in ("201", "202", "203", "204"):
            secret = box.ask("extension.secret", number=number)["secret"]
            self._phones[number] = Phone(folder / number, box.sip, number, secret, self._voice(number))
        self._carrier = Phone(
            folder / "carrier", box.sip, TRUNK_CALLER, "none", self._voice(TRUNK_CALLER), address=TRUNK, registers=False
        )

    def _voice(self, who: str) -> Path:
        path = self._folder / f"{who}-says.wav"
        audio.write_wav(path, audio.sine(VOICES_HZ[who], 40))
        return path

    def live(self, kills: Sequence[tuple[str, float]] = ()) -> Told:
        """Live through the day; each of `kills` is a program and when it dies."""
        with contextlib.ExitStack() as stack:
            stack.callback(self._office.close)
            for phone in (*self._phones.values(), self._carrier):
                stack.enter_context(phone)
            self._log_in("201", "202")
            self.told.began_s = time.time()
            people = (self._line_caller, self._gives_up, self._trunk_caller, self._first_agent, self._second_agent,
                      self._inside, self._called_inside)
            with ThreadPoolExecutor(len(people) + 1) as pool:
                everybody = [pool.submit(person) for person in people]
                dying = pool.submit(self._kill_all, kills)
                for done in (*everybody, dying):
                    done.result(60)
            self._settle()
        for number, phone in (*self._phones.items(), (TRUNK_CALLER, self._carrier)):
            self.told.heard[number] = phone.heard
        return self.told

    def _log_in(self, *agents: str) -> None:
        with Client(self._box.home / SOCKET) as client:
            deadline = time.monotonic() + 10
            for agent in agents:
                client.call("agent.login", number=agent)
            while any(
                row["state"] != "ready" or not row["registered"]
                for row in client.call("agent.list") if row["number"] in agents
            ):
                assert time.monotonic() < deadline, client.call("agent.list")
                time.sleep(0.05)

    # ---- the people --------------------------------------------------------------------------------------------------

    def _line_caller(self) -> None:
        self.told.heard[LINE_CALLER] = self._folder / "line-caller.wav"
        caller = self._office.call(1, LINE_CALLER, record=str(self.told.heard[LINE_CALLER]))
        self._choose(caller, LINE_CALLER, 5.0)
        caller.say(tone_hz=VOICES_HZ[LINE_CALLER])
        self._until(15.5)
        self._leave(caller, LINE_CALLER)

    def _gives_up(self) -> None:
        self._until(8.0)
        caller = self._office.call(2, GIVES_UP, caller_id="dtmf")
        self._choose(caller, GIVES_UP, 12.0)
        self._until(16.5)
        self._leave(caller, GIVES_UP)

    def _choose(self, caller: Caller, who: str, at_s: float) -> None:
        """Press the key at its time, or as soon as one knows where one is."""
        answered = caller.wait_for("answered")
        moments = self.told.moments[who]
        moments["placed"] = caller.started_s - self.told.began_s
        moments["answered"] = answered.at - self.told.began_s
        self._until(max(at_s, moments["answered"] + 1))
        caller.press("1")
        caller.wait_for("digit")
        time.sleep(0.3)    # the key, and a breath

    def _leave(self, caller: Caller, who: str) -> None:
        caller.hang_up()
        report = caller.report()
        assert report.ended_s is not None
        self.told.moments[who]["hung_up"] = report.started_s + report.ended_s - self.told.began_s

    def _trunk_caller(self) -> None:
        self._until(1.0)
        self._carrier.dial(DID)
        established = self._note(TRUNK_CALLER, "answered", self._carrier, "CALL_ESTABLISHED")
        self._until(max(6.5, established + 1))
        self._carrier.press("2")
        self._note(TRUNK_CALLER, "caller_left", self._carrier, "CALL_CLOSED", 25)

    def _first_agent(self) -> None:
        """Answer, ask for a moment, and come back."""
        phone = self._phones["201"]
        established = self._pick_up(LINE_CALLER, phone, 7.5)
        moments = self.told.moments[LINE_CALLER]
        self._until(max(10.0, established + 1.5))
        phone.hold()
        moments["held"] = self._now()
        self._until(max(12.0, moments["held"] + 1))
        phone.resume()
        moments["resumed"] = self._now()
        self._note(LINE_CALLER, "callee_left", phone, "CALL_CLOSED", 25)

    def _second_agent(self) -> None:
        phone = self._phones["202"]
        self._pick_up(TRUNK_CALLER, phone, 9.0)
        self._until(17.0)
        phone.hang_up()
        self._note(TRUNK_CALLER, "callee_left", phone, "CALL_CLOSED")

    def _inside(self) -> None:
        self._until(3.0)
        self._phones["203"].dial("204")
        self._note(INSIDE, "answered", self._phones["203"], "CALL_ESTABLISHED")
        self._until(13.0)
        self._phones["203"].hang_up()
        self._note(INSIDE, "caller_left", self._phones["203"], "CALL_CLOSED")

    def _called_inside(self) -> None:
        self._pick_up(INSIDE, self._phones["204"], 5.0)
        self._note(INSIDE, "callee_left", self._phones["204"], "CALL_CLOSED", 25)

    def _pick_up(self, caller: str, phone: Phone, at_s: float) -> float:
        """Answer at the time, or half a second after it rings when that is later; return when the call stood."""
        rings = self._note(caller, "rings", phone, "CALL_INCOMING", 25)
        self._until(max(at_s, rings + 0.5))
        phone.answer()
        return self._note(caller, "picked_up", phone, "CALL_ESTABLISHED")

    def _note(self, caller: str, name: str, phone: Phone, kind: str, timeout_s: float = 15) -> float:
        at_s: float = phone.wait_event(kind, timeout_s)["at_s"] - self.told.began_s
        self.told.moments[caller][name] = at_s
        return at_s

    def _now(self) -> float:
        return time.time() - self.told.began_s

    def _until(self, at_s: float) -> None:
        time.sleep(max(0.0, at_s - self._now()))

    # ---- deaths ------------------------------------------------------------------------------------------------------

    def _kill_all(self, kills: Sequence[tuple[str, float]]) -> None:
        for program, at_s in kills:
            self._until(at_s)
            pid = self._box.kill(program)
            killed_s = self._now()
            self._box.wait_back(program, pid)
            self.told.kills.append(Kill(program, killed_s, self._now()))

    # ---- what is left ------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Wait until nothing goes on any more, and collect what the box knows."""
        told = self.told
        deadline = time.monotonic() + SETTLE_S
        ended_s = time.time()
        with Client(self._box.home / SOCKET) as client:
            while time.monotonic() < deadline:
                time.sleep(0.2)
                status = client.call("status")
                told.counters = status["gateway"]["counters"]
                told.agents = {row["number"]: row["state"] for row in client.call("agent.list")}
                live = client.call("call.live")
                lines = [line for line in self._office.order("lines") if line["loop_closed"] or line["state"] != "idle"]
                told.left = [
                    *(f"call {call['id']} of {call['number']} is live: {call}" for call in live),
                    *(f"agent {number} is {state}" for number, state in told.agents.items()
                      if state != {"201": "ready", "202": "ready"}.get(number, "logged_out")),
                    *(f"line {line['line']} is {line['state']}" for line in lines),
                    *(f"{told.counters.get(name)} {name}" for name in ("channels", "sip_dialogs")
                      if told.counters.get(name) != 0),
                ]
                stats_are_fresh = status["at_s"] > ended_s + 3.5
                if not told.left and stats_are_fresh:
                    break
            for number in ("201", "202"):
                client.call("agent.logout", number=number)    # confirmed when it and all before is on disk
            calls = client.call("call.list", limit=100)["calls"]
            details = [client.call("call.show", id=call["call_id"]) for call in calls]
        for number, phone in (*self._phones.items(), ("carrier", self._carrier)):
            begun = {event["id"] for event in phone.events if event.get("class") == "call"}
            closed = {event["id"] for event in phone.events if event.get("type") == "CALL_CLOSED"}
            told.left += [f"telephone {number} still has call {call}" for call in begun - closed]
        for detail in details:
            number = detail["call"]["number"]
            if number in told.records:
                told.left.append(f"a second record of {number}: {detail['call']}")
            told.records[number] = detail
            told.recordings[number] = [
                Path(shutil.copy(self._box.home / path, self._folder)) for path in detail["call"]["recordings"]
            ]
