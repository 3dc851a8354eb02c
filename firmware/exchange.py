"""The exchange: composes all rooms, and tells each what it must know of the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from random import Random

from drivers.link.messages import (
    Alarm,
    BanLifted,
    Happening,
    LineChanged,
    LineLearning,
    LineTested,
    Refused,
    RegistrationChanged,
    SlotRestarted,
    Sound,
    SpanTested,
    SpanTesting,
    Stats,
    ToneLearnt,
)
from firmware import numbers, routing
from firmware.acd.dispatcher import Dispatcher
from firmware.acd.live import LiveQueues
from firmware.acd.queue import QueueStage
from firmware.agents.roster import Roster
from firmware.alarms import GATEWAY, Alarms
from firmware.backup.backups import Backups
from firmware.calls.bans import Bans
from firmware.calls.call import Call
from firmware.calls.destination import Destination, Stage
from firmware.calls.gateway import Gateway
from firmware.calls.link import Connection, Link
from firmware.calls.plant import Plant
from firmware.calls.state import CallState
from firmware.calls.switch import Switch
from firmware.calls.visit import Visit
from firmware.clock import Clock
from firmware.config import extensions
from firmware.config.configuration import Change, Configuration
from firmware.config.provision import provision
from firmware.config.schema import Config, Extension
from firmware.console.lockout import Lockout
from firmware.control.table import Parts, table
from firmware.control.version import version
from firmware.events import Bus, Event, Kind, alarm_data
from firmware.health.health import Health, Looks, Run
from firmware.ivr.flow import FlowStage
from firmware.lines.learning import Learning
from firmware.lines.linetests import LineTests
from firmware.lines.quiet import QuietBearers
from firmware.lines.spans import Spans
from firmware.lines.spantests import SpanTests
from firmware.lines.traces import Traces
from firmware.mail.mailer import Mailer
from firmware.mailboxes import Mailboxes
from firmware.outside.outside import Outside
from firmware.pbx.bearers import Bearers
from firmware.pbx.elsewhere import ElsewhereStage
from firmware.pbx.extension import ExtensionStage
from firmware.pbx.feature import FeatureStage
from firmware.pbx.handback import HandBack
from firmware.pbx.joined import JoinedStage
from firmware.pbx.limits import Limits
from firmware.pbx.number import NumberStage
from firmware.pbx.prompt import PromptStage
from firmware.prompts import catalogue, spool
from firmware.prompts.drafts import Drafts
from firmware.prompts.own import Own
from firmware.prompts.workshop import Makers, Workshop
from firmware.records.recordings import complete
from firmware.records.records import Records
from firmware.retention.date import BelievedDate
from firmware.retention.holds import Holds
from firmware.retention.persons import Persons
from firmware.retention.retention import Retention
from firmware.users.users import Users
from firmware.webhooks.webhooks import Webhooks

log = logging.getLogger(__name__)
SIGN_OF_LIFE_S = 10.0  # so exactly is the end known of calls whose gateway and exchange died together


class Exchange:
    """All logic of one box. Make it with the loop at hand, then `start` it."""

    def __init__(
        self,
        home: Path,
        *,
        clock: Clock,
        chance: Random,
        configuration: Configuration,
        records: Records,
        users: Users,
        connect: Callable[[], Awaitable[Connection]],
        machine: Looks | None = None,
        outside: Outside | None = None,
        run: Run = asyncio.to_thread,
        workshop: Workshop | None = None,
        working: Executor | None = None,
    ) -> None:
        """`configuration` and `users` are open, `connect` reaches the gateway.

        Without a `machine` nobody watches over one; without an `outside` nobody there is told anything.

        `run` carries out what waits for the disk.

        `workshop` makes prompts and `working` moves their files: programs and a thread of their own unless given.

        Raises NoStorage when the records cannot be read.
        """
        clock.move_to(configuration.config.box.timezone)
        midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        left = records.unfinished(midnight.timestamp())
        self.clock, self.configuration, self.records, self.users = clock, configuration, records, users
        self.bus = Bus()
        self.ledger = records.follow(self.bus, clock, left)  # first of all listeners: what others publish comes after
        self.alarms = Alarms(self.bus, clock, left.alarms)
        self.gateway = Gateway(f"x{chance.getrandbits(40):08x}", clock, left.taken)
        self.plant = Plant(
            clock, self.bus, self.gateway, home,
            hold_music=self._hold_music, internal=self._internal, recorded_s=complete,
            position=self._position, fax=self._fax,
        )
        self.roster = Roster(self.bus, clock, self._config)
        self.dispatcher = Dispatcher(self.roster, self._config)
        self.bearers = Bearers(self._config, lambda: self.gateway.lines)
        self.queues = LiveQueues(self._config, self.dispatcher, self.roster, clock)
        self.limits = Limits(self._config, self.bus, clock, lambda *leg: number.end(*leg))
        number = NumberStage(self.bearers, self.limits, self._config, lambda: self.switch.calls)
        self.hand_back = HandBack(self.limits, self._config, lambda: self.switch.calls)
        self.drafts = Drafts(
            home / spool.FOLDER, Own(home / "prompts"), clock=clock, workshop=workshop or Makers(),
            working=working or ThreadPoolExecutor(1, "prompts"),
        )
        self.prompts = PromptStage(
            self.drafts, self.roster, self._config, home, lambda extension, to: self.switch.originate(extension, "", to)
        )
        self.stages: Mapping[str, Stage] = {
            "flow": FlowStage(self._config),
            "queue": QueueStage(self.dispatcher, self.roster, self._config),
            "extension": ExtensionStage(self.roster, self._config),
            "number": number,
            "leg": JoinedStage(self._config),
            "feature": FeatureStage(self.roster, self._config, records.journal.committed),
            "prompt": self.prompts,
            "elsewhere": ElsewhereStage(),
        }
        self.switch = Switch(self.plant, Visit(self._route, self.stages).handle, self._e164, self._at_pbx)
        self.backups = Backups(
            home, clock=clock, bus=self.bus, config=self._config, note=records.audit.note, release=version()
        )
        self.retention = Retention(
            home, clock=clock, bus=self.bus, config=self._config, records=records,
            date=BelievedDate(alarms=self.alarms, bus=self.bus, clock=clock, last_s=left.last_s),
        )
        self.webhooks = Webhooks(
            outside, outbox=records.outbox, bus=self.bus, clock=clock, chance=chance, alarms=self.alarms,
            hooks=lambda: configuration.config.webhooks,
        )
        self.mailer = Mailer(
            outside, outbox=records.outbox, bus=self.bus, clock=clock, alarms=self.alarms, config=self._config
        )
        self.quiet = QuietBearers(records=records, bus=self.bus, clock=clock, config=self._config)
        self.line_tests = LineTests(
            gateway=self.gateway, bus=self.bus, clock=clock, config=self._config, alarms=self.alarms,
            quiet=self.quiet, earlier=left.line_tests,
        )
        self.learning = Learning(gateway=self.gateway, bus=self.bus, clock=clock, config=self._config)
        self.mailboxes = Mailboxes(self._config, self.bus, clock, left.waiting)
        self.bans = Bans(self.gateway)
        self.spans, self.traces = Spans(self.gateway), Traces(self.gateway)
        self.span_tests = SpanTests(gateway=self.gateway, bus=self.bus, clock=clock, earlier=left.span_tests)
        self._refusals = (
            self.bans.take, self.spans.take, self.traces.refused, self.span_tests.refused, self.line_tests.refused,
            self.learning.refused,
        )  # fmt: skip
        self._reached = outside is not None
        self.methods, self.topics = table(Parts(
            home=home, clock=clock, bus=self.bus, alarms=self.alarms, configuration=configuration, gateway=self.gateway,
            switch=self.switch, roster=self.roster, dispatcher=self.dispatcher, queues=self.queues,
            limits=self.limits, records=records.reader, committed=records.journal.committed,
            users=users, audit=records.audit, notes=records.notes, callers=records.callers,
            alarm_history=records.alarms,
            drafts=self.drafts, prompts=self.prompts,
            backups=self.backups, holds=Holds(records),
            persons=Persons(home, records, self._config, configuration.digest),
            webhooks=self.webhooks, mailer=self.mailer, line_tests=self.line_tests, quiet=self.quiet,
            learning=self.learning, bans=self.bans, console=Lockout(home), spans=self.spans,
            traces=self.traces, span_tests=self.span_tests, mailboxes=self.mailboxes,
        ))
        self.health = None if machine is None else Health(
            machine, alarms=self.alarms, bus=self.bus, clock=clock, config=self._config, gateway=self.gateway,
            queues=self.queues, run=run,
        )
        self._link = Link(self.gateway, connect)
        self._tasks: list[asyncio.Task[None]] = []
        self._alive_s = 0.0
        self._listen()
        self.switch.restore(left.events, left.last_s)
        self.bearers.restore(self.switch.calls.values())
        self.roster.restore(left.agent_states, self.switch.calls.values())
        for event in left.today:
            self.queues.follow(event)
        self.limits.restore([*left.alarms, *left.today])

    def start(self) -> None:
        """Begin to reach for the gateway, to keep the time of a configuration on trial, and to watch over the box."""
        self.configuration.start()
        loop = asyncio.get_running_loop()
        self._tasks.append(loop.create_task(self._link.run()))
        self._tasks.append(loop.create_task(self.line_tests.run()))
        if self.health is not None:
            self._tasks.append(loop.create_task(self.health.watch()))
        self.drafts.tidy()
        if self._reached:
            self._tasks.append(loop.create_task(self.mailer.run()))
        self.webhooks.start()

    def follow(self, wall_s: float) -> None:
        """Follow the machine's clock, should it have been set: a box without a battery learns the date after its start.

        What goes on neither became longer nor shorter by that: whatever is kept of its begin is put right.
        """
        if step_s := self.clock.follow(wall_s):
            self._correct(step_s)

    def _correct(self, step_s: float) -> None:
        log.warning("the machine's clock was set by %+.1f s; what goes on is told by the new one", step_s)
        self.gateway.correct(step_s)
        self.dispatcher.correct(step_s)
        self.users.sessions.correct(step_s)
        self._alive_s += step_s
        self.bus.publish(Event(self.clock.wall_s(), Kind.CLOCK_SET, data={"step_s": step_s}))
        self.switch.correct(step_s)

    async def leave(self) -> None:
        """Part from the gateway and write what is left. Calls go on: the next exchange finds them as they are."""
        for task in self._tasks:
            task.cancel()
        self.webhooks.close()
        self._link.close()
        await self.backups.close()
        await self.retention.close()
        self.users.close()
        self.drafts.close()
        await self.records.close()

    # ---- what the rooms ask of each other ----------------------------------------------------------------------------

    def _config(self) -> Config:
        return self.configuration.config

    def _route(self, call: Call) -> Destination:
        return routing.route(call, self._config(), self.clock.now())

    def _e164(self, source: str, number: str) -> str:
        box = self._config().box
        return numbers.e164(number, box.country, box.area_code)

    def _at_pbx(self, source: str, number: str) -> Extension | None:
        return extensions.calling(self._config(), source, number)

    def _hold_music(self, call: CallState) -> Sound | None:
        """What a caller hears whose counterpart went to look something up: the music of the queue they came by."""
        at = call.consultation.destination if call.consultation is not None else call.destination
        queue = self.dispatcher.queue(at.name) if at.kind == "queue" else None
        language = call.variables.get("language") or self._config().box.language
        return next(iter(catalogue.sounds(queue.music if queue is not None else "music", language)), None)

    def _position(self, call: CallState) -> int:
        waiting = self.dispatcher.waiting(call.destination.name)
        return next((place for place, caller in enumerate(waiting, 1) if caller.call == call.id), len(waiting) + 1)

    def _fax(self, call: CallState) -> Destination | None:
        return routing.fax(call.source, self._config())

    def _internal(self, call: CallState, number: str) -> Destination:
        return routing.transferred(number, self._config())

    # ---- what each is told -------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        gateway = self.gateway
        gateway.provision = lambda: provision(self._config(), gateway.next_id())
        gateway.waiting = self.mailboxes.table
        gateway.on_news = self._news
        gateway.on_stats = self._stats
        gateway.on_spans = self.topics.redraw
        gateway.on_signals = self.traces.take
        gateway.on_testing = self._span_tested
        gateway.on_taken = self.ledger.mark
        gateway.on_registered = lambda: self.roster.set_registered(gateway.registered)
        self.switch.on_clock_set = self._correct
        gateway.on_anew.append(lambda hello: self.alarms.gateway_anew())
        self.records.journal.on_disk = gateway.acknowledge
        self.users.note = self.records.audit.note
        self.configuration.subscribe(self._configured)
        self.bus.subscribe(self.bearers.follow)
        self.bus.subscribe(self.queues.follow)
        self.bus.subscribe(self.limits.follow)
        self.bus.subscribe(self.hand_back.follow)
        self.bus.subscribe(self.prompts.follow)
        self.bus.subscribe(self.mailboxes.follow)
        self.bus.subscribe(self._waiting)

    def _news(self, happening: Happening) -> None:
        match happening:
            case RegistrationChanged():
                self.roster.registration_changed(happening.name, happening.registered)
            case Alarm():
                data = alarm_data(
                    happening.name, happening.subject, raised=happening.raised, wrong=happening.wrong, by=GATEWAY
                )
                self.bus.publish(Event(happening.at_s, Kind.ALARM, data=data))
            case LineChanged():
                self.bearers.line_changed()
            case LineTested():
                self.line_tests.tested(happening)
            case LineLearning():
                self.learning.step(happening)
            case ToneLearnt():
                self.learning.ended(happening)
            case BanLifted():
                self.bans.take(happening)
            case SlotRestarted():
                self.spans.take(happening)
            case SpanTested():
                self._span_tested(happening)
            case Refused() if any(take(happening) for take in self._refusals):
                pass
            case _:
                self.switch.take(happening)

    def _waiting(self, event: Event) -> None:
        if event.kind is Kind.MESSAGES_WAITING:
            self.gateway.send_waiting()

    def _span_tested(self, told: SpanTesting | SpanTested) -> None:
        self.span_tests.take(told)
        self.topics.redraw()

    def _stats(self, stats: Stats) -> None:
        if self.switch.calls and stats.at_s - self._alive_s > SIGN_OF_LIFE_S:
            self._alive_s = stats.at_s
            self.ledger.mark(self.gateway.epoch, self.gateway.seq, stats.at_s)

    def _configured(self, change: Change, before: Config, now: Config) -> None:
        self.clock.move_to(now.box.timezone)
        revision = change.revision
        data = {"revision": revision.number, "who": revision.who, "why": revision.why}
        self.bus.publish(Event(self.clock.wall_s(), Kind.CONFIG_CHANGED, data=data))
        self.gateway.send_provision()
        self.webhooks.configured()
        self.mailer.configured()
