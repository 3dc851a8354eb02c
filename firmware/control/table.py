"""All methods of an exchange, composed of its parts."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from firmware.acd.dispatcher import Dispatcher
from firmware.acd.live import LiveQueues
from firmware.agents.roster import Roster
from firmware.alarms import Alarms
from firmware.calls.call import Call
from firmware.calls.gateway import Gateway
from firmware.clock import Clock
from firmware.config.configuration import Configuration
from firmware.control.agent import AgentMethods
from firmware.control.box import BoxMethods
from firmware.control.call import CallMethods
from firmware.control.config import ConfigMethods
from firmware.control.limit import LimitMethods
from firmware.control.line import LineMethods
from firmware.control.methods import Methods
from firmware.control.own import OwnMethods
from firmware.control.queue import QueueMethods
from firmware.control.topics import Topics
from firmware.control.user import UserMethods
from firmware.events import Bus
from firmware.pbx.limits import Limits
from firmware.records.audit import Audit
from firmware.records.reader import Reader
from firmware.users.users import Users


class Parts(NamedTuple):
    """What control needs of an exchange.

    `calls` are those in progress (Switch.calls); `committed` returns when all that happened is on disk
    (Journal.committed). The bus's earlier listeners, journal and live counters, must have subscribed before.
    """

    clock: Clock
    bus: Bus
    alarms: Alarms
    configuration: Configuration
    gateway: Gateway
    calls: Mapping[str, Call]
    roster: Roster
    dispatcher: Dispatcher
    queues: LiveQueues
    limits: Limits
    records: Reader
    committed: Callable[[], Awaitable[None]]
    users: Users
    audit: Audit


def table(parts: Parts) -> tuple[Methods, Topics]:
    """Return the methods and topics that a `Server` serves."""
    agents = AgentMethods(parts.roster, parts.committed)
    calls = CallMethods(parts.calls, parts.records)
    lines = LineMethods(parts.configuration, parts.gateway, parts.roster, parts.calls)
    queues = QueueMethods(parts.queues, parts.dispatcher, parts.calls)
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
    )
    limits = LimitMethods(parts.limits, parts.committed)
    users = UserMethods(parts.users, parts.audit, parts.configuration)
    sessions = OwnMethods(parts.users, parts.audit)
    methods = Methods(agents, calls, lines, queues, box, limits, ConfigMethods(parts.configuration), users, sessions)
    return methods, Topics(parts.bus, box.live)
