"""`busyhour demo`: one whole call for somebody with no telephone.

A caller at the simulated central office, a real SIP telephone as an agent, and what each of them heard.
"""

import argparse
import asyncio
import contextlib
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

from drivers.link.errors import DriverError
from drivers.link.office import PlaceCall
from drivers.link.office_client import OfficeClient, OfficeGone, PlacedCall
from firmware.command import calls, tones
from firmware.command.happenings import told
from firmware.command.softphone import Softphone
from firmware.command.terminal import DONE, FAILED, Terminal, printable
from firmware.control.client import SOCKET, Client
from firmware.errors import BusyhourError, NotFound, Refused, Unavailable

AGENT_HZ, CALLER_HZ = 1000.0, 620.0  # what each says; neither is part of a key's or the busy tone
PRESS_AFTER_S, RING_S, TALK_S = 2.0, 3.0, 6.0
LONGEST_S = 120.0
RECORD_S = 10.0  # the record is on disk so soon after the call's end
LEAST_SHARE = 0.7  # of the talk that each must have heard of the other


class Heard(NamedTuple):
    """For how long somebody heard the other's tone, and their own, in seconds."""

    other_s: float
    own_s: float


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `demo`."""
    demo = subparsers.add_parser(
        "demo", help="one whole call, with no telephone needed: watch it, and hear what came over"
    )
    demo.add_argument("--agent", default="201", metavar="NUMBER", help="the agent who answers (default 201)")
    demo.add_argument("--from", dest="number", default="13800138000", metavar="NUMBER", help="the caller's number")
    demo.add_argument("--digits", default="1", metavar="KEYS", help="what the caller presses in the menu (default 1)")
    demo.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the call; 0 when both heard each other and the call is on record."""
    try:
        return asyncio.run(_Demo(args, args.terminal).run())
    except OfficeGone as error:
        raise Unavailable(str(error)) from error
    except DriverError as error:
        raise Refused(str(error)) from error


class _Demo:
    def __init__(self, args: argparse.Namespace, terminal: Terminal) -> None:
        self._agent, self._number, self._digits = args.agent, args.number, args.digits
        self._terminal = terminal
        self._exchange = terminal.exchange()
        self._events: list[dict[str, Any]] = []
        self._call = ""
        self._talked = False

    async def run(self) -> int:
        line, extension = self._free_line(), self._free_agent()
        secret = self._exchange.call("extension.secret", number=extension)["secret"]
        server = self._exchange.call("extension.sheet", number=extension)[0]["registrars"][0]
        with tempfile.TemporaryDirectory(prefix="busyhour-demo-") as name:
            folder = Path(name)
            tones.write(folder / "agent.wav", AGENT_HZ, LONGEST_S)
            phone = Softphone(folder, server, extension, secret, folder / "agent.wav")
            order = PlaceCall(line=line, number=self._number, record=str(folder / "caller.wav"))
            async with await OfficeClient.connect(self._terminal.home) as office, phone:
                with self._agent_ready(extension), Events(self._terminal.home) as happening:
                    await self._watch(line, happening, await office.call(order), phone)
            return self._conclude(await self._record(), folder / "caller.wav", phone.heard())

    # ---- before ------------------------------------------------------------------------------------------------------

    def _free_line(self) -> int:
        if not self._exchange.call("status")["gateway"]["connected"]:
            raise Unavailable("the gateway is not connected; busyhour status says more")
        lines = [line["number"] for line in self._exchange.call("line.list") if line["state"] == "idle"]
        if not lines:
            raise Refused("no line is idle; the demo needs one")
        return int(lines[0])

    def _free_agent(self) -> str:
        agents = {agent["number"]: agent for agent in self._exchange.call("agent.list")}
        agent = agents.get(self._agent)
        if agent is None:
            raise NotFound(f"there is no agent {self._agent}; there are: {', '.join(agents) or 'none'}")
        if agent["state"] not in ("logged_out", "not_ready", "ready"):
            raise Refused(f"agent {self._agent} is {agent['state']}; the demo would disturb")
        others = [number for number, other in agents.items() if other["state"] == "ready" and number != self._agent]
        if others:
            raise Refused(f"agents {', '.join(others)} are ready and would be rung; let them be not ready first")
        configured = self._exchange.call("config.get")["config"]["agents"]
        own = next((str(one["extension"]) for one in configured if one["number"] == self._agent), "")
        extension = str(agent["extension"]) or own
        if not extension:
            raise Refused(f"agent {self._agent} has no extension; the demo's telephone needs one")
        return extension

    @contextlib.contextmanager
    def _agent_ready(self, extension: str) -> Iterator[None]:
        """Let the agent be ready meanwhile, and afterwards what they were."""
        before = next(agent for agent in self._exchange.call("agent.list") if agent["number"] == self._agent)
        try:
            if before["state"] == "logged_out":
                self._exchange.call("agent.login", number=self._agent, extension=extension)
            else:
                self._exchange.call("agent.ready", number=self._agent)
            yield
        finally:
            with contextlib.suppress(BusyhourError):  # an exchange that died tells it by itself
                self._restore(before)

    def _restore(self, before: dict[str, Any]) -> None:
        if before["state"] == "logged_out":
            self._exchange.call("agent.logout", number=self._agent)
        elif before["state"] == "ready":
            self._exchange.call("agent.ready", number=self._agent)
        else:
            known = self._exchange.call("config.get")["config"]["reasons"].values()
            reason = before["reason"] if before["reason"] in known else ""
            self._exchange.call("agent.not_ready", number=self._agent, reason=reason)

    # ---- the call ----------------------------------------------------------------------------------------------------

    async def _watch(self, line: int, happening: "Events", placed: PlacedCall, phone: Softphone) -> None:
        """Tell what happens until the call is over, and play both parties."""
        parties = [asyncio.create_task(self._answer(phone))]
        try:
            async with asyncio.timeout(LONGEST_S):
                async for event in happening:
                    if not self._concerns(event, line):
                        continue
                    self._tell(event, placed.started_s)
                    if event["kind"] == "ivr.node" and event["data"]["node"] == "menu":
                        parties.append(asyncio.create_task(self._press(placed)))
                    elif event["kind"] == "bridge.joined" and not self._talked:
                        self._talked = True
                        parties.append(asyncio.create_task(self._talk(placed)))
                    elif event["kind"] == "call.ended":
                        break
        except TimeoutError:
            self._terminal.complain(f"the call is not over after {LONGEST_S:g} s")
        finally:
            for party in parties:
                party.cancel()
            with contextlib.suppress(DriverError):
                await placed.hang_up()
        await placed.report()

    def _concerns(self, event: dict[str, Any], line: int) -> bool:
        if event["kind"] == "call.offered" and event["data"]["source"] == f"line:{line}" and not self._call:
            self._call = event["call"]
        of_call = bool(self._call) and event["call"] == self._call
        return of_call or bool(event["data"].get("agent") == self._agent)

    def _tell(self, event: dict[str, Any], start_s: float) -> None:
        self._events.append(event)
        sentence = told(event, self._terminal)
        if sentence and not self._terminal.json:
            self._terminal.print(f"{event['at_s'] - start_s:7.2f} s  {printable(sentence)}")

    async def _press(self, placed: PlacedCall) -> None:
        await asyncio.sleep(PRESS_AFTER_S)
        with contextlib.suppress(DriverError):  # the call may be over already
            await placed.press(self._digits)

    async def _answer(self, phone: Softphone) -> None:
        await phone.ringing.wait()
        await asyncio.sleep(RING_S)
        phone.answer()

    async def _talk(self, placed: PlacedCall) -> None:
        with contextlib.suppress(DriverError):
            await placed.say(tone_hz=CALLER_HZ)
            await asyncio.sleep(TALK_S)
            await placed.hang_up()

    # ---- after -------------------------------------------------------------------------------------------------------

    async def _record(self) -> dict[str, Any]:
        """Return the call's record, as soon as it is on disk."""
        if not self._call:
            raise Refused("the call never reached the exchange; busyhour status says more")
        for _ in range(round(RECORD_S / 0.2)):
            with contextlib.suppress(NotFound):
                detail = self._exchange.call("call.show", id=self._call)
                return dict(detail["call"] | {"files": detail["recordings"], "events": []})
            await asyncio.sleep(0.2)
        raise NotFound(f"there is no record of call {self._call} after {RECORD_S:g} s")

    def _conclude(self, record: dict[str, Any], caller: Path, agent: Path) -> int:
        heard = {"caller": _heard(caller, AGENT_HZ, CALLER_HZ), "agent": _heard(agent, CALLER_HZ, AGENT_HZ)}
        for file in record["files"][-1:]:
            path = self._terminal.home / file["path"]
            heard["left"] = _heard(path, CALLER_HZ, AGENT_HZ)
            heard["right"] = _heard(path, AGENT_HZ, CALLER_HZ, channel=1)
        talked = bool(record["talk_s"]) and self._talked
        right = talked and len(heard) == 4 and all(_right(one) for one in heard.values())
        document = {
            "ok": right,
            "heard": {who: one._asdict() for who, one in heard.items()},
            "call": {key: value for key, value in record.items() if key != "events"},
            "events": self._events,
        }
        self._terminal.show(document, lambda: self._summary(record, heard, right))
        return DONE if right else FAILED

    def _summary(self, record: dict[str, Any], heard: dict[str, Heard], right: bool) -> Iterator[str]:
        word = self._terminal.word
        sides = {
            "caller": "the caller heard the agent for {:.1f} s, and itself for {:.1f} s",
            "agent": "the agent heard the caller for {:.1f} s, and itself for {:.1f} s",
            "left": "the recording has on the left the caller for {:.1f} s, the agent for {:.1f} s",
            "right": "the recording has on the right the agent for {:.1f} s, the caller for {:.1f} s",
        }
        yield ""
        for side, one in heard.items():
            yield word(sides[side]).format(*one)
        yield ""
        yield from calls.lines(self._terminal, record)
        yield ""
        yield word("everything worked") if right else word("not everything worked as it should")


def _heard(path: Path, other_hz: float, own_hz: float, channel: int = 0) -> Heard:
    samples = tones.read(path, channel)
    return Heard(round(tones.heard_s(samples, other_hz), 1), round(tones.heard_s(samples, own_hz), 1))


def _right(heard: Heard) -> bool:
    return heard.other_s >= LEAST_SHARE * TALK_S and heard.own_s == 0


class Events:
    """What happens in the exchange from the moment this is entered; iterating raises Unavailable when it ends."""

    def __init__(self, home: Path) -> None:
        self._client = Client(home / SOCKET)
        self._news: asyncio.Queue[dict[str, Any] | BusyhourError] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> Self:
        told = self._client.subscribe("events")
        self._thread = threading.Thread(target=self._follow, args=(told,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()
        self._thread.join()

    def _follow(self, told: Iterator[tuple[str, Any] | None]) -> None:
        try:
            for heard in told:
                if heard is not None:
                    self._loop.call_soon_threadsafe(self._news.put_nowait, heard[1])
        except BusyhourError as error:
            self._loop.call_soon_threadsafe(self._news.put_nowait, error)

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        while True:
            event = await self._news.get()
            if isinstance(event, BusyhourError):
                raise event
            yield event
