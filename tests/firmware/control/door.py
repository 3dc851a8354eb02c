"""An exchange's door for tests: the real socket, methods and topics, and behind them little more than data."""

import asyncio
import itertools
import tempfile
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import msgspec
from sqlalchemy import create_engine

from drivers.link.messages import (
    BanLifted,
    Banned,
    ChannelBits,
    Guarded,
    LearnTone,
    LiftBan,
    LineLearning,
    LineTested,
    RestartSlot,
    Signal,
    Signals,
    SlotRestarted,
    SpanState,
    SpanTested,
    SpanTesting,
    StopLearning,
    StopSpanTest,
    TestLine,
    TestSpan,
    ToneLearnt,
    TraceSignals,
    Turned,
)
from drivers.link.messages import Refused as LinkRefused
from firmware.acd.dispatcher import Dispatcher
from firmware.acd.live import LiveQueues
from firmware.agents.roster import Roster
from firmware.alarms import Alarms
from firmware.backup.backups import Backups
from firmware.calls.bans import Bans
from firmware.calls.destination import Destination
from firmware.calls.leg import LegState, Purpose
from firmware.clock import Clock
from firmware.config.configuration import Configuration
from firmware.console.lockout import Lockout
from firmware.control.client import Client
from firmware.control.server import Server
from firmware.control.table import Parts, table
from firmware.events import Bus, Event, Kind
from firmware.lines.learning import Learning
from firmware.lines.linetests import LineTests
from firmware.lines.quiet import QuietBearers
from firmware.lines.spans import Spans
from firmware.lines.spantests import SpanTests
from firmware.lines.traces import Traces
from firmware.mail.mailer import Mailer
from firmware.mailboxes import Mailboxes
from firmware.pbx.limits import Limits
from firmware.pbx.prompt import PromptStage
from firmware.prompts.drafts import Drafts
from firmware.prompts.own import Own
from firmware.prompts.workshop import Makers
from firmware.records.alarms import PastAlarm
from firmware.records.audit import Entry, NumberedEntry
from firmware.records.callers import Callers
from firmware.records.notes import Notes
from firmware.records.outbox import Outbox
from firmware.records.schema import metadata
from firmware.retention.holds import Holds
from firmware.retention.persons import Persons
from firmware.users.users import Users
from firmware.webhooks.webhooks import Webhooks
from tests.fakes.box import QUICK
from tests.fakes.line_tests import WELL
from tests.fakes.outside import Outside
from tests.fakes.past import CALL, Past


def leg(purpose: Purpose, target: str = "", agent: str = "", state: LegState = LegState.ANSWERED) -> SimpleNamespace:
    return SimpleNamespace(
        id="2", purpose=purpose, target=target, agent=agent, state=state, held=False, recording=""
    )


def call(**fields: Any) -> SimpleNamespace:
    """Return a call in progress: a caller on line 1 who waits in the queue."""
    caller = leg(Purpose.CALLER)
    given = {
        "id": "k-1",
        "direction": "in",
        "source": "line:1",
        "did": "",
        "number": "13800138000",
        "e164": "+8613800138000",
        "caller_name": "李雷",
        "withheld": False,
        "started_s": 1000.0,
        "consultation": None,
        "bridge": frozenset(),
        "queue": "service",
        "emergency": "",
        "caller": caller,
        "legs": {"1": caller},
        "destination": Destination("queue", "service"),
    } | fields
    return SimpleNamespace(**given)


class Audit:
    """An audit in memory."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def note(self, entry: Entry) -> None:
        self.entries.append(entry)

    async def kept(self) -> None:
        pass

    async def page(self, limit: int = 50, before: int | None = None) -> list[NumberedEntry]:
        newest = [NumberedEntry(**msgspec.structs.asdict(entry), id=n) for n, entry in enumerate(self.entries)][::-1]
        return [entry for entry in newest if before is None or entry.id < before][:limit]


class Journal:
    """A journal that keeps nothing, and always says it did."""

    def add(self, rows: Any) -> None:
        pass

    async def committed(self) -> None:
        pass


class NoRecords:
    """A database without a row: whoever asks it finds nothing."""

    async def ask(self, question: Any) -> Any:
        engine = create_engine("sqlite://")
        metadata.create_all(engine)
        with engine.begin() as connection:
            return question(connection)


class AlarmHistory:
    """One alarm that was."""

    async def page(self, limit: int = 50, before: int | None = None) -> list[PastAlarm]:
        facts = {"free_mb": 107, "total_mb": 1024, "least_mb": 500}
        past = PastAlarm(
            1, "disk-space", "disk", "health", "little is left", 1000.0, 2000.0, 1500.0, "li", "seen to", "disk-left",
            facts,
        )  # fmt: skip
        return [past][:limit] if before is None or before > 1 else []


TRACED = (
    Signal(1, 1000.0, sent=True, text="SABME"),
    Signal(2, 1000.1, sent=False, text="SETUP", reference=5, called="62871234", calling="13800138000", slot=3),
    Signal(3, 1000.2, sent=True, text="DISCONNECT", reference=5, cause=17),
)
LINE_TRACED = (
    Signal(1, 1000.0, sent=False, text="ring-on"),
    Signal(2, 1000.9996, sent=False, text="caller-id-fsk", calling="13800138000", name="WANG"),
    Signal(3, 1001.2, sent=True, text="loop-closed"),
    Signal(4, 1003.0, sent=False, text="ended", cause=16),
)


class Door:
    """A served socket in a home of its own. `calls` may be changed; `events` are published on its bus."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
        self.calls: dict[str, Any] = {}
        self.commits = 0
        self._orders = itertools.count(1)
        self.found = WELL  # by every test of a line
        self.learnt: dict[str, Any] = {}  # by every attempt, at once; without, a test tells

    async def open(self) -> None:
        clock = Clock(asyncio.get_running_loop(), "Asia/Shanghai")
        self.bus = Bus()
        self.configuration = Configuration(self.home / "config", now=clock.now, wrong_with_sound=lambda name: "")
        self.configuration.open()
        self.roster = Roster(self.bus, clock, lambda: self.configuration.config)
        self.roster.set_registered({"201"})
        lines = {1: "in_use", 2: "idle", 3: "idle", 4: "fault"}
        self.gateway = SimpleNamespace(
            connected=True, epoch="g1", provisioned=True, counters={"ticks": 50.0}, lines=lines, on_anew=[],
            next_id=lambda: f"o{next(self._orders)}", send=self._carry_out, legs={},
            spans=(SpanState(1, device="TE110"),), opermode="",
            guarded=Guarded(
                (Banned("192.0.2.7", "passwords", 1000.0, 9e9), Banned("192.0.2.8", "flood", 0.0, 9e9)),
                (Turned("192.168.1.20", "203", "password", 5, 1000.0, 1300.0),),
            ),
        )
        self.bans = Bans(self.gateway)
        self.spans, self.traces = Spans(self.gateway), Traces(self.gateway)
        self.span_tests = SpanTests(gateway=self.gateway, bus=self.bus, clock=clock, earlier=[])
        self.span_test_s: float | None = None  # so long a test lasts; None: until it is told to end
        self.comes_back = (ChannelBits(1, "pattern", 640000, 0), ChannelBits(2, "pattern", 640000, 64, errored_s=3))
        self.dispatcher = Dispatcher(self.roster, lambda: self.configuration.config)
        self.records = Past(self.home)
        self.records.clear()
        self.records.add(CALL, events=[Event(CALL.started_s, Kind.CALL_OFFERED, CALL.call_id, data={"number": "1"})])
        self.working = ThreadPoolExecutor(1)
        self.users = Users(
            self.home / "users",
            clock=clock,
            working=self.working,
            limits=lambda: self.configuration.config.sign_in,
            hasher=QUICK,
        )
        self.users.open()
        self.audit = Audit()
        self.notes, self.callers = Notes(Journal(), self.records), Callers(self.records)
        self.users.note = self.audit.note
        queues = LiveQueues(lambda: self.configuration.config, self.dispatcher, self.roster, clock)
        self.limits = Limits(lambda: self.configuration.config, self.bus, clock)
        self.bus.subscribe(self.limits.follow)
        self.path = self.home / "run/exchange.sock"
        self.backups = Backups(
            self.home, clock=clock, bus=self.bus, config=lambda: self.configuration.config, note=self.audit.note,
            release="0",
        )  # fmt: skip
        self.alarms = Alarms(self.bus, clock, [])
        self.clock, self.live_queues = clock, queues
        self.drafts = Drafts(
            self.home / "spool", Own(self.home / "prompts"), clock=clock, workshop=Makers(), working=self.working
        )
        self.prompts = PromptStage(
            self.drafts, self.roster, lambda: self.configuration.config, self.home,
            lambda extension, to: call(id="k-9", source=f"extension:{extension}", destination=to),
        )  # fmt: skip
        self.bus.subscribe(self.prompts.follow)
        outbox = Outbox(Journal(), NoRecords())
        self.outside = Outside()
        self.webhooks = Webhooks(
            self.outside, outbox=outbox, bus=self.bus, clock=clock, chance=Random(1), alarms=self.alarms,
            hooks=lambda: self.configuration.config.webhooks,
        )  # fmt: skip
        self.mailer = Mailer(
            self.outside, outbox=outbox, bus=self.bus, clock=clock, alarms=self.alarms,
            config=lambda: self.configuration.config,
        )  # fmt: skip
        self.configuration.subscribe(lambda *change: self.webhooks.configured())
        nothing = SimpleNamespace(reader=NoRecords(), journal=Journal())
        self.quiet = QuietBearers(records=nothing, bus=self.bus, clock=clock, config=lambda: self.configuration.config)
        self.line_tests = LineTests(
            gateway=self.gateway, bus=self.bus, clock=clock, config=lambda: self.configuration.config,
            alarms=self.alarms, quiet=self.quiet, earlier=[],
        )  # fmt: skip
        self.learning = Learning(
            gateway=self.gateway, bus=self.bus, clock=self.clock, config=lambda: self.configuration.config
        )
        self.mailboxes = Mailboxes(lambda: self.configuration.config, self.bus, clock)
        self.bus.subscribe(self.mailboxes.follow)
        self.bus.subscribe(self._keep_test)
        await self.serve()

    async def serve(self) -> None:
        """Begin to answer, also again after `server.close`."""
        nothing = SimpleNamespace(reader=NoRecords(), change=NoRecords().ask, journal=Journal())
        methods, topics = table(
            Parts(
                home=self.home,
                clock=self.clock,
                bus=self.bus,
                alarms=self.alarms,
                configuration=self.configuration,
                gateway=self.gateway,
                switch=SimpleNamespace(calls=self.calls),
                roster=self.roster,
                dispatcher=self.dispatcher,
                queues=self.live_queues,
                limits=self.limits,
                records=self.records,
                committed=self._committed,
                users=self.users,
                audit=self.audit,
                notes=self.notes,
                callers=self.callers,
                alarm_history=AlarmHistory(),
                drafts=self.drafts,
                prompts=self.prompts,
                backups=self.backups,
                holds=Holds(SimpleNamespace(reader=self.records, change=self.records.change)),
                persons=Persons(self.home, nothing, lambda: self.configuration.config, lambda text: "0" * 32),
                webhooks=self.webhooks,
                mailer=self.mailer,
                line_tests=self.line_tests,
                quiet=self.quiet,
                learning=self.learning,
                bans=self.bans,
                console=Lockout(self.home),
                spans=self.spans,
                traces=self.traces,
                span_tests=self.span_tests,
                mailboxes=self.mailboxes,
            )
        )
        self.methods, self.topics = methods, topics
        self.server = Server(self.path, methods, topics, self.users)
        await self.server.start()

    async def close(self) -> None:
        await self.server.close()
        await self.backups.close()
        self.webhooks.close()
        self.configuration.close()
        self.users.close()
        self.working.shutdown()
        self.records.close()

    def _carry_out(
        self,
        order: TestLine | LearnTone | StopLearning | LiftBan | RestartSlot | TraceSignals | TestSpan | StopSpanTest,
    ) -> None:
        """Be a gateway that does at once what it can."""
        if isinstance(order, RestartSlot):
            self._restart(order)
            return
        if isinstance(order, TraceSignals):
            self._trace(order)
            return
        if isinstance(order, TestSpan | StopSpanTest):
            self._test_span(order)
            return
        if isinstance(order, TestLine):
            self._test_line(order)
            return
        if isinstance(order, LearnTone | StopLearning):
            self._learn(order)
            return
        before = self.gateway.guarded.banned
        banned = tuple(one for one in before if one.address != order.address or one.why == "flood")
        self.gateway.guarded = msgspec.structs.replace(self.gateway.guarded, banned=banned)
        told = BanLifted(1, self.clock.wall_s(), order.id, order.address, banned != before)
        asyncio.get_running_loop().call_soon(self.bans.take, told)

    def _restart(self, order: RestartSlot) -> None:
        """Be a gateway that restarts channels while the D-channel is up."""
        now_s, soon = self.clock.wall_s(), asyncio.get_running_loop().call_soon
        signalling = next(one.signalling for one in self.gateway.spans if one.number == order.span)
        if signalling == "up":
            soon(self.spans.take, SlotRestarted(1, now_s, order.id, order.span, order.slot, True))
            return
        why = "the D-channel is down" if signalling else "it is not there"
        soon(self.spans.take, LinkRefused(1, now_s, order.id, "wrong-state", f"span {order.span}: {why}"))

    def _trace(self, order: TraceSignals) -> None:
        """Be a gateway that tells what passed before on a span that is used, or a line that is plugged in."""
        now_s, soon = self.clock.wall_s(), asyncio.get_running_loop().call_soon
        kind, _, number = order.place.partition(":")
        if kind == "line":
            there = self.gateway.lines.get(int(number), "fault") != "fault"
        else:
            there = next(one.signalling for one in self.gateway.spans if one.number == int(number)) != ""
        if there:
            signals = LINE_TRACED if kind == "line" else TRACED
            soon(self.traces.take, Signals(now_s, order.place, signals[:1], more=True))
            asyncio.get_running_loop().call_later(0.05, self.traces.take, Signals(now_s, order.place, signals[1:]))
            return
        why = f"line {number} is not plugged in" if kind == "line" else f"span {number}: it is not there"
        soon(self.traces.refused, LinkRefused(1, now_s, order.id, "wrong-state", why))

    def _test_span(self, order: TestSpan | StopSpanTest) -> None:
        """Be a gateway that tests a span until it is told to stop, or another test ends."""
        now_s, soon = self.clock.wall_s(), asyncio.get_running_loop().call_soon
        if isinstance(order, TestSpan):
            span = next(one for one in self.gateway.spans if one.number == order.span)
            if span.signalling == "up" and not order.slot and not order.local:
                why = f"span {order.span}: its signalling is up, so that the far end is an exchange and no loop"
                soon(self.span_tests.refused, LinkRefused(1, now_s, order.id, "no-far-loop", why))
                return
            if span.testing:
                why = f"span {order.span} is being tested"
                soon(self.span_tests.refused, LinkRefused(1, now_s, order.id, "under-test", why))
                return
            self.testing = order
            soon(self.span_tests.take, SpanTesting(now_s, order.id, order.span, self.comes_back))
            if self.span_test_s is not None:
                asyncio.get_running_loop().call_later(self.span_test_s, self.end_span_test)
            return
        self.end_span_test("stopped")

    def end_span_test(self, outcome: str = "done") -> None:
        """Have the span's test end."""
        tested = SpanTested(1, self.clock.wall_s(), self.testing.id, self.testing.span, outcome, self.comes_back)
        self.span_tests.take(tested)
        self.topics.redraw()

    def _test_line(self, order: TestLine) -> None:
        """Be a gateway that tests a line at once."""
        if self.gateway.lines.get(order.line) == "in_use":
            text = f"line {order.line} is talking; to test it must be idle"
            told = LinkRefused(1, self.clock.wall_s(), order.id, "wrong-state", text)
            asyncio.get_running_loop().call_soon(self.line_tests.refused, told)
            return
        tested = LineTested(1, self.clock.wall_s(), order.id, order.line, "done", self.found)
        asyncio.get_running_loop().call_soon(self.line_tests.tested, tested)

    def _learn(self, order: LearnTone | StopLearning) -> None:
        """Be a gateway that begins to learn, and ends, at once."""
        now_s, soon = self.clock.wall_s(), asyncio.get_running_loop().call_soon
        if isinstance(order, StopLearning):
            soon(self.learning.ended, ToneLearnt(1, now_s, order.id, order.line, "stopped"))
        elif self.gateway.lines.get(order.line) == "in_use":
            text = f"line {order.line} is talking; to answer it must be offered"
            soon(self.learning.refused, LinkRefused(1, now_s, order.id, "wrong-state", text))
        else:
            step = "calling" if order.number else "waiting"
            soon(self.learning.step, LineLearning(1, now_s, order.id, order.line, step))
            if self.learnt:
                soon(self.learning.ended, ToneLearnt(1, now_s, order.id, order.line, **self.learnt))

    def _keep_test(self, event: Event) -> None:
        if event.kind is Kind.LINE_TESTED:
            self.records.add_line_test(event)

    async def _committed(self) -> None:
        self.commits += 1


class DoorThread:
    """A door on a loop of its own, for clients that wait."""

    def __init__(self) -> None:
        self.door = Door()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "DoorThread":
        self._thread.start()
        self.run(self.door.open())
        return self

    def __exit__(self, *error: object) -> None:
        self.run(self.door.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Carry out a coroutine on the door's loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def mail_server(self) -> Outside:
        """Name a mail server in the configuration; return the world that it is in."""
        with closing(Client(self.door.path)) as owner:
            people = [{"address": "duty@example.com"}]
            mail = {"host": "192.168.1.5", "sender": "box@example.com", "recipients": people}
            owner.call("config.import", config=owner.call("config.export", secrets=True) | {"mail": mail})
        return self.door.outside

    def do(self, work: Callable[[], Any]) -> Any:
        """Carry out a function on the door's loop and return its result."""

        async def once() -> Any:
            return work()

        return self.run(once())
