"""A box's home with something in each of its folders, and a picture of one to compare with."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import insert

from firmware.config.configuration import Configuration
from firmware.records import schema
from firmware.records.database import Writer, open_database, upgrade, url_of

PASSPHRASE = "correct horse battery"
SECRET = "Str0ng-Secret-201"
STAYS = ("run", "log", "backups", "restore", "replaced")


def configuration(home: Path) -> Configuration:
    """Return a home's configuration, open; at the first time with the factory's."""
    found = Configuration(home / "config", now=lambda: datetime.now(UTC), wrong_with_sound=lambda name: "")
    found.open()
    return found


def make_home(home: Path, *, name: str = "Mingde", calls: int = 3, revisions: int = 2) -> Path:
    """Make a home that has been used: revisions, a secret, users, prompts, records, a recording, sessions, a log."""
    (home / "backups").mkdir(parents=True)
    opened = configuration(home)
    for number in range(1, revisions):
        document = msgspec.to_builtins(opened.config)
        document["box"]["name"] = name
        document["extensions"][0]["secret"] = SECRET
        asyncio.run(opened.replace(document, who="li", why=f"change {number}"))
    opened.close()
    add_calls(home, calls)
    put(home / "users/users.json", b'{"users": {"1": {"name": "li"}}}')
    put(home / "users/sessions.json", b"{}")
    put(home / "prompts/问候.wav", name.encode() * 1000)
    put(home / "recordings/2026/01/02/k-0-1.wav", b"RIFF" + name.encode() * 50_000)
    put(home / "console/password", b"$argon2id$...")
    put(home / "log/exchange.log", b"said\n")
    return home


def put(path: Path, data: bytes) -> None:
    """Write a file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def add_calls(home: Path, count: int, first: int = 0) -> None:
    """Put closed calls into a home's records, which are made where they are missing."""
    engine = open_database(url_of(home))
    upgrade(engine)
    Writer(engine).write([(insert(schema.calls), row(number)) for number in range(first, first + count)])
    engine.dispose()


def row(number: int, /, **fields: object) -> dict[str, object]:
    """Return a closed call as the records have it."""
    return {
        "call_id": f"k-{number}", "direction": "in", "source": "line:1", "did": "", "number": f"1380013{number:04}",
        "e164": f"+861380013{number:04}", "name": "", "withheld": False, "started_s": 1000.0 + number,
        "answered_s": None, "ended_s": 1010.0 + number, "duration_s": 10.0, "outcome": "ivr", "cause": 16,
        "by": "caller", "queue": "", "agent": "", "wait_s": 0.0, "talk_s": 0.0, "hold_s": 0.0, "gap": "", "gap_s": 0.0,
    } | fields  # fmt: skip


def picture(home: Path) -> dict[str, bytes]:
    """Return every file of a home that is state, by its path; of the records what is in them."""
    found = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if path.is_file() and name.split("/")[0] not in STAYS and not name.startswith(("records/", "config/lock")):
            found[name] = path.read_bytes()
    if (home / "records/records.sqlite").exists():
        engine = open_database(url_of(home))
        with engine.connect() as connection:
            rows = connection.execute(schema.calls.select().order_by(schema.calls.c.call_id)).all()
        engine.dispose()
        found["records"] = repr(rows).encode()
    return found
