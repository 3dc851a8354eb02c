"""All methods of an exchange, composed of its parts."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from firmware.acd.dispatcher import Dispatcher
from firmware.acd.live import LiveQueues
from firmware.agents.roster import Roster
from firmware.alarms import Alarms
from firmware.backup.backups import Backups
from firmware.calls.bans import Bans
from firmware.calls.gateway import Gateway
from firmware.calls.switch import Switch
from firmware.certificate.acme import Acme
from firmware.certificate.store import Store
from firmware.clock import Clock
from firmware.config.candidate import Candidates
from firmware.config.configuration import Configuration
from firmware.config.schema import Config
from firmware.control.agent import AgentMethods
from firmware.control.alarm import AlarmMethods, History
from firmware.control.api import ApiMethods
from firmware.control.backup import BackupMethods
from firmware.control.ban import BanMethods, Lockout
from firmware.control.box import BoxMethods
from firmware.control.call import CallMethods
from firmware.control.candidate import CandidateMethods
from firmware.control.certificate import CertificateMethods
from firmware.control.config import ConfigMethods
from firmware.control.consultation import ConsultationMethods
from firmware.control.country import CountryMethods
from firmware.control.desk import DeskMethods
from firmware.control.extension import ExtensionMethods
from firmware.control.hold import HoldMethods
from firmware.control.learning import LearningMethods
from firmware.control.limit import LimitMethods
from firmware.control.line import LineMethods
from firmware.control.line_report import LineReportMethods
from firmware.control.mail import MailMethods
from firmware.control.methods import Methods
from firmware.control.note import NoteMethods
from firmware.control.own import OwnMethods
from firmware.control.person import PersonMethods
from firmware.control.picture import PictureMethods
from firmware.control.profile import ProfileMethods
from firmware.control.prompt import PromptMethods
from firmware.control.queue import QueueMethods
from firmware.control.recording import RecordingMethods
from firmware.control.span import SpanMethods
from firmware.control.token import TokenMethods
from firmware.control.topics import Topics
from firmware.control.user import UserMethods
from firmware.control.webhook import WebhookMethods
from firmware.events import Bus
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
from firmware.proxy.runtime import Runtime
from firmware.records.audit import Audit
from firmware.records.callers import Callers
from firmware.records.notes import Notes
from firmware.records.reader import Reader
from firmware.retention.holds import Holds
from firmware.retention.persons import Persons
from firmware.users.users import Users
from firmware.webhooks.webhooks import Webhooks


class Parts(NamedTuple):
    """What control needs of an exchange.

    `committed` returns when all that happened is on disk
    (Journal.committed). The bus's earlier listeners, journal and live counters, must have subscribed before.
    """

    home: Path
    clock: Clock
    bus: Bus
    alarms: Alarms
    configuration: Configuration
    gateway: Gateway
    switch: Switch
    roster: Roster
    dispatcher: Dispatcher
    queues: LiveQueues
    limits: Limits
    records: Reader
    committed: Callable[[], Awaitable[None]]
    users: Users
    audit: Audit
    notes: Notes
    callers: Callers
    alarm_history: History
    drafts: Drafts
    prompts: PromptStage
    backups: Backups
    holds: Holds
    persons: Persons
    webhooks: Webhooks
    mailer: Mailer
    line_tests: LineTests
    quiet: QuietBearers
    learning: Learning
    bans: Bans
    console: Lockout
    spans: Spans
    traces: Traces
    span_tests: SpanTests
    mailboxes: Mailboxes


def table(parts: Parts) -> tuple[Methods, Topics]:
    """Return the methods and topics that a `Server` serves."""
    live = parts.switch.calls
    agents = AgentMethods(parts.roster, parts.committed, parts.notes, parts.audit.note, parts.clock)
    calls = CallMethods(live, parts.records, parts.audit, parts.clock, parts.configuration)
    recordings = RecordingMethods(calls, parts.records, parts.audit, parts.clock)
    pictures = PictureMethods(parts.records, parts.configuration, parts.clock)
    lines = LineMethods(
        parts.configuration, parts.gateway, parts.roster, live, tests=parts.line_tests, quiet=parts.quiet,
        records=parts.records, audit=parts.audit, clock=parts.clock, committed=parts.committed, learning=parts.learning,
        mailboxes=parts.mailboxes, traces=parts.traces,
    )  # fmt: skip
    queues = QueueMethods(parts.queues, parts.dispatcher, live)
    spans = SpanMethods(
        lambda: parts.configuration.config, parts.gateway, parts.spans, parts.span_tests, parts.traces, parts.audit,
        parts.clock,
    )  # fmt: skip
    bans = BanMethods(parts.bans, parts.users, parts.console, parts.audit, parts.clock)
    box = BoxMethods(
        clock=parts.clock,
        bus=parts.bus,
        alarms=parts.alarms,
        configuration=parts.configuration,
        gateway=parts.gateway,
        records=parts.records,
        agents=agents,
        calls=calls,
        lines=lines,
        queues=queues,
        bans=bans,
        spans=spans,
    )
    limits = LimitMethods(parts.limits, parts.committed)
    candidates = Candidates(parts.configuration)
    users = UserMethods(parts.users, parts.audit, parts.configuration, candidates)
    sessions = OwnMethods(parts.users, parts.audit)
    def config() -> Config:
        return parts.configuration.config

    notes = NoteMethods(
        notes=parts.notes, callers=parts.callers, records=parts.records, calls=live, roster=parts.roster,
        config=config, clock=parts.clock, bus=parts.bus, committed=parts.committed,
    )  # fmt: skip
    desk = DeskMethods(
        roster=parts.roster, switch=parts.switch, config=config, clock=parts.clock, agents=agents, queues=queues,
        notes=parts.notes, callers=parts.callers, records=parts.records, committed=parts.committed,
    )  # fmt: skip
    configs = ConfigMethods(parts.configuration, parts.bus, parts.clock)
    store = Store(parts.home)
    certificates = CertificateMethods(
        store, Acme(parts.home), Runtime(parts.home), parts.clock, parts.audit
    )
    tokens = TokenMethods(parts.users.tokens, parts.audit, parts.configuration)
    prompts = PromptMethods(parts.drafts, parts.prompts, parts.configuration, parts.audit, parts.clock)
    backups = BackupMethods(parts.backups, parts.configuration)
    holds = HoldMethods(parts.holds, parts.persons, parts.records, parts.audit, parts.clock)
    persons = PersonMethods(parts.persons, parts.notes, parts.audit, live, parts.bus, parts.clock)
    methods = Methods(
        agents,
        calls,
        recordings,
        pictures,
        lines,
        CountryMethods(),
        LineReportMethods(parts.configuration, parts.line_tests, parts.mailer, parts.audit, parts.clock),
        LearningMethods(parts.configuration, parts.learning, parts.audit, parts.clock),
        queues,
        box,
        limits,
        configs,
        ExtensionMethods(parts.configuration, parts.audit, parts.clock, store),
        CandidateMethods(parts.configuration, candidates, parts.clock),
        users,
        sessions,
        tokens,
        notes,
        desk,
        ConsultationMethods(desk, config, parts.committed),
        certificates,
        AlarmMethods(parts.alarms, parts.alarm_history, parts.committed),
        prompts,
        backups,
        holds,
        persons,
        WebhookMethods(parts.webhooks, parts.configuration),
        MailMethods(parts.mailer),
        bans,
        spans,
        ProfileMethods(),
    )
    methods.add(ApiMethods(methods, parts.configuration))
    return methods, Topics(parts.bus, box.live)
