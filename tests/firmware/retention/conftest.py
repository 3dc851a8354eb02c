"""A box's records and recordings on a real disk, and all that lets go of them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert, select

from firmware.alarms import Alarms
from firmware.clock import Clock
from firmware.config.schema import Box, Config, Queue, Retention
from firmware.config.vault import Vault
from firmware.events import Bus, Kind
from firmware.records import schema
from firmware.records.database import url_of
from firmware.records.records import Records
from firmware.retention.date import BelievedDate
from firmware.retention.holds import Holds
from firmware.retention.persons import Persons
from firmware.retention.retention import Retention as Keeper
from tests.coroutines import pytest_pyfunc_call  # noqa: F401 - a hook
from tests.firmware.backup.homes import put, row

NOW_S = 1_772_413_200.0  # Monday 2 March 2026, 9:00 in Shanghai
DAY_S = 86400.0
SOUND = b"RIFF" + b"\0" * 9996


class Archive:
    """Records with calls of many days, each with an event, a segment, a note and a recording."""

    def __init__(self, home, last_s=NOW_S):
        """`last_s` is when an earlier exchange wrote something last."""
        self.home = home
        self.records = Records(url_of(home), ThreadPoolExecutor(1), ThreadPoolExecutor(1))
        self.config = Config(box=Box(country="CN", area_code="10"))
        self.told, self.free, self.passed_s = [], [1 << 40], 0.0
        self.clock = Clock(self, "Asia/Shanghai")
        self.clock.offset_s += NOW_S - self.clock.wall_s()
        self.again(last_s)
        self.holds = Holds(self.records)
        self.persons = Persons(home, self.records, lambda: self.config, Vault(Fernet.generate_key()).digest)

    def again(self, last_s):
        """Begin anew, as another exchange does, with the alarms that stand."""
        self.bus = Bus()
        self.bus.subscribe(lambda event: self.told.append(event) if event.kind is Kind.ALARM else None)
        self.alarms = Alarms(self.bus, self.clock, tuple(self.told))
        date = BelievedDate(alarms=self.alarms, bus=self.bus, clock=self.clock, last_s=last_s)
        self.keeper = Keeper(
            self.home, clock=self.clock, bus=self.bus, config=lambda: self.config, records=self.records, date=date,
            free=self._free,
        )

    def time(self):
        """Return the time of the clock that nobody sets."""
        return asyncio.get_running_loop().time() + self.passed_s

    def raised(self):
        """Return each alarm that stands: name, subject and detail."""
        return [(one.name, one.subject, one.detail) for one in self.alarms.table()]

    def _free(self, home):
        """As much room as was set, less a megabyte for each recording."""
        return self.free[0] - (sum(1 for _ in home.rglob("*.wav")) << 20)

    def rules(self, **rules):
        queues = [Queue(name="sales", recordings_days=rules.pop("sales", None))]
        self.config = Config(box=self.config.box, queues=queues, retention=Retention(**rules))

    def add(self, number, age_days, /, **fields):
        """Put a closed call on record, so many days old; return its id."""
        started_s = NOW_S - age_days * DAY_S
        call = row(number, started_s=started_s, ended_s=started_s + 60, **fields)
        name = call["call_id"]
        path = f"recordings/{number:04}/{name}-1.wav"
        put(self.home / path, SOUND)
        offered = {key: call[key] for key in ("number", "e164", "name", "did", "source")}
        segment = {"call_id": name, "kind": "talk", "who": "201", "leg": "2", "since_s": started_s, "duration_s": 50.0}
        rows = [
            (schema.calls, call),
            (schema.segments, segment),
            (schema.events, event(started_s, "call.offered", name, offered)),
            (schema.events, event(started_s, "digit", name, {"digit": "7", "via": "inband"})),
            (schema.recordings, {"path": path, "call_id": name, "leg": "1", "started_s": started_s,
                                 "duration_s": 50.0}),
            (schema.notes, {"call_id": name, "what": "note", "text": "wants a blue one", "at_s": started_s, "by": "li",
                            "address": ""}),
        ]  # fmt: skip
        self.write(*rows)
        return name

    def write(self, *rows):
        with self.records._engine.begin() as connection:
            for table, values in rows:
                connection.execute(insert(table), values)

    def rows(self, table, column):
        with self.records._engine.begin() as connection:
            return list(connection.execute(select(table.c[column]).order_by(table.c[column])).scalars())

    def calls(self):
        return self.rows(schema.calls, "call_id")

    def sounds(self):
        """Return whose recordings are there; rows and files must agree."""
        rows = self.rows(schema.recordings, "path")
        files = sorted(path.relative_to(self.home).as_posix() for path in self.home.rglob("*.wav"))
        assert rows == files
        return [path.split("/")[-1].removesuffix("-1.wav") for path in rows]

    async def audit(self):
        await self.records.journal.committed()
        return [(one.what, one.by, one.detail) for one in await self.records.audit.page()]


def event(at_s, kind, call, data):
    return {"at_s": at_s, "kind": kind, "call": call, "leg": "1", "data": data}


@pytest.fixture
def home(tmp_path):
    (tmp_path / "recordings").mkdir()
    return tmp_path
