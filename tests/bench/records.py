"""How long pages of a million calls take, and what their indexes cost each call: `python -m tests.bench.records`.

Makes the database anew in a folder that is taken away again (or kept, `--keep FOLDER`, which is used again where it is
there), asks for every order, filter and direction, thousands of pages together, for the pictures and for the beginning
of a download, and prints one JSON document. Each question tells two times: what it took, and how much CPU it took,
which other work on the machine changes less. Exits with 1 when a page took more than AIM_S of either.
"""

import argparse
import functools
import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, get_args
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, func, insert, select

from firmware.records import schema
from firmware.records.database import Writer, open_database, upgrade, url_of
from firmware.records.reader import page_of
from firmware.records.search import Filter, Order, OrderName, Which, find
from firmware.reports import metrics

AIM_S = 0.3
CALLS, YEARS_S, NOW_S = 1_000_000, 3 * 365 * 86400.0, 1_772_000_000.0
AGENTS = [str(number) for number in range(201, 221)]
ROUNDS = 2  # of each question, of which the quicker counts: the other one was held up by something else
DOWNLOADED = 500  # calls at once
NAMES = ["", "", "王芳", "李雷", "Zhang Wei", "明德商贸有限公司"]
Row = dict[str, Any]
Answer = TypeVar("Answer")


def calls(count: int, seed: int = 1) -> Iterator[Row]:
    """Yield calls of some years, most of them served by a queue's agents."""
    chance = random.Random(seed)
    for number in range(count):
        direction = chance.choices(["in", "out", "internal"], [80, 15, 5])[0]
        outcome = chance.choices(
            ["answered", "abandoned", "ivr", "busy", "no_answer", "timed_out", "failed"], [70, 12, 8, 4, 3, 2, 1]
        )[0]
        queued = direction == "in" and outcome != "ivr"
        queue = chance.choice(["service", "service", "sales", "support"]) if queued else ""
        outside = f"1{chance.randrange(30, 100)}{chance.randrange(10**8):08d}"
        own, other = chance.sample(AGENTS, 2)
        caller, called = {
            "in": (outside, "01088880001"), "out": (own, outside), "internal": (own, other)
        }[direction]  # fmt: skip
        lasted_s = chance.expovariate(1 / 150)
        started_s = NOW_S - YEARS_S * (1 - number / count)
        way = chance.choice(["line:1", "line:2", "line:3", "line:4", "trunk:carrier"])
        yield {
            "call_id": f"x{chance.getrandbits(40):010x}-{number}", "direction": direction,
            "source": way if direction == "in" else f"extension:{own}", "did": called,
            "number": caller, "e164": f"+86{outside}" if direction == "in" else "",
            "name": chance.choice([*NAMES, f"客户{number % 5000}"]) if direction == "in" else f"坐席 {own}",
            "withheld": False, "started_s": started_s, "answered_s": started_s + 3, "ended_s": started_s + lasted_s,
            "duration_s": lasted_s, "outcome": outcome, "cause": 16, "by": "caller", "queue": queue,
            "agent": chance.choice(AGENTS) if queue and outcome == "answered" else "",
            "wait_s": chance.expovariate(1 / 20) if queue else 0.0,
            "talk_s": lasted_s * 0.8 if outcome == "answered" else 0.0, "hold_s": 0.0, "gap": "", "gap_s": 0.0,
            "via": "" if direction == "internal" else way, "recordings": int(outcome == "answered" and number % 3 > 0),
        }  # fmt: skip


def make(home: Path, count: int) -> None:
    """Make a database with so many calls, and the states of their agents."""
    upgrade(engine := open_database(url_of(home)))
    states: list[Row] = []
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA cache_size = -600000")  # indexes are filled in no order
        batch: list[Row] = []
        for row in calls(count):
            batch.append(row)
            if row["agent"]:
                states.append(state_of(row))
            if len(batch) == 20_000:
                connection.execute(insert(schema.calls), batch)
                connection.execute(insert(schema.agent_states), states)
                batch, states = [], []
                print(f"\rbench: {row['call_id'].rpartition('-')[2]} calls", end="", file=sys.stderr, flush=True)
        if batch:
            connection.execute(insert(schema.calls), batch)
            connection.execute(insert(schema.agent_states), states)
    print(file=sys.stderr)
    engine.dispose()


def state_of(row: Row) -> Row:
    """Return the state of the agent who talked in a call."""
    return {
        "agent": row["agent"], "state": "talking", "reason": "", "extension": row["agent"],
        "call_id": row["call_id"], "since_s": row["started_s"], "until_s": row["ended_s"], "facts": {},
    }  # fmt: skip


def filters() -> dict[str, Which]:
    """Return what is asked for: each field by itself, many fits and few, and what fits nothing at all."""
    day_s = 86400.0
    wanted = {
        "all": Filter(),
        "today": Filter(from_s=NOW_S - day_s),
        "a month long ago": Filter(from_s=NOW_S - 700 * day_s, until_s=NOW_S - 670 * day_s),
        "two years": Filter(from_s=NOW_S - 900 * day_s, until_s=NOW_S - 170 * day_s),
        "incoming": Filter(direction="in"),
        "internal": Filter(direction="internal"),
        "no direction": Filter(direction="up"),
        "line": Filter(via="line:1"),
        "queue": Filter(queue="sales"),
        "any queue": Filter(queue="*"),
        "agent": Filter(agent="207"),
        "no agent": Filter(agent="999"),
        "answered": Filter(outcome="answered"),
        "failed": Filter(outcome="failed"),
        "recorded": Filter(recorded="yes"),
        "not recorded": Filter(recorded="no"),
        "long": Filter(duration_from_s=900),
        "very long": Filter(duration_from_s=9000),
        "waited": Filter(wait_from_s=60),
        "whole number": Filter(number="13800138000"),
        "beginning": Filter(number="138"),
        "world-wide": Filter(number="+86138"),
        "everybody's": Filter(number="+86"),
        "an extension's": Filter(number="207"),
        "called by all": Filter(number="01088880001"),
        "end": Filter(number="8000"),
        "no number": Filter(number="000000000000"),
        "extension": Filter(number="20"),
        "in e164 alone": Filter(number="86138"),
        "name": Filter(name="王芳"),
        "part of a name": Filter(name="明德"),
        "long name": Filter(name="明德商贸"),
        "one character": Filter(name="雷"),
        "no name": Filter(name="诸葛"),
        "no long name": Filter(name="诸葛孔明"),
        "agent and abandoned": Filter(agent="207", outcome="abandoned"),
        "agent on a line, recorded": Filter(agent="207", via="line:2", recorded="yes"),
        "internal in a queue": Filter(direction="internal", queue="*"),
        "short and recorded and failed": Filter(duration_until_s=5, recorded="yes", outcome="failed"),
        "beginning and agent": Filter(number="138", agent="207"),
        "beginning and internal in a queue": Filter(number="138", direction="internal", queue="*"),
        "an extension's and abandoned and recorded": Filter(number="207", outcome="abandoned", recorded="yes"),
        "name and agent": Filter(name="王芳", agent="207"),
        "name and number": Filter(name="客户1234", number="13"),
        "name and nothing": Filter(name="王芳", agent="999"),
    }
    found = {name: Which(one) for name, one in wanted.items()}
    found |= {f"own: {name}": Which(wanted[name], (), "207") for name in (
        "all", "today", "answered", "beginning", "whole number", "internal", "agent and abandoned")}
    hours = [(NOW_S - n * day_s, NOW_S - n * day_s + 3600) for n in range(30)]
    found["an hour of thirty days"] = Which(Filter(hour=9, from_s=NOW_S - 30 * day_s, until_s=NOW_S), hours)
    return found


Seconds = tuple[float, float]  # by the clock, and of CPU


def timed(ask: Callable[[], Answer]) -> tuple[Seconds, Answer]:
    """Return how long a question takes, and the answer."""
    took = []
    for _ in range(ROUNDS):
        began_s, cpu_s = time.perf_counter(), time.thread_time()
        answer = ask()
        took.append((round(time.perf_counter() - began_s, 4), round(time.thread_time() - cpu_s, 4)))
    return min(took), answer


def measure(connection: Connection, wanted: str = "") -> dict[str, dict[str, Seconds]]:
    """Return the seconds of every page asked for: first, following, former, and one from the middle; most CPU first."""
    found = {}
    middle = _call_id(connection, connection.scalars(select(func.max(schema.calls.c.id))).one() // 2)
    asked = [(name, which, Order(by, down)) for name, which in filters().items() if wanted in name
             for by in get_args(OrderName) for down in (True, False)]  # fmt: skip
    for number, (name, which, order) in enumerate(asked):
        page = functools.partial(find, connection, which, order, 50)
        row: dict[str, Seconds] = {}
        row["first"], first = timed(page)
        row["middle"], _ = timed(functools.partial(page, after=middle))
        if first.after:
            row["after"], second = timed(functools.partial(page, after=_call_id(connection, first.ids[-1])))
            row["before"], again = timed(functools.partial(page, before=_call_id(connection, second.ids[0])))
            assert again.ids == first.ids, (name, order)
        found[f"{name}, by {order.by}{' down' if order.down else ' up'}"] = row
        print(f"\rbench: {number + 1} of {len(asked)} kinds of page ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return dict(sorted(found.items(), key=lambda one: -max(cpu_s for _, cpu_s in one[1].values())))


def pictures(connection: Connection) -> dict[str, Seconds]:
    """Return the seconds of each figure of a day, a week, a month and a year."""
    found: dict[str, Seconds] = {}
    zone = ZoneInfo("Asia/Shanghai")
    for days in (1, 7, 30, 365):
        from_s = NOW_S // 86400 * 86400 - days * 86400 - 8 * 3600
        until_s = from_s + (days + 1) * 86400
        found |= {
            f"{what}, {days} days": timed(functools.partial(ask, connection, from_s, until_s))[0]
            for what, ask in (
                ("totals", metrics.totals), ("by hour", functools.partial(metrics.by_hour, zone=zone)),
                ("waits", metrics.waits), ("ways", functools.partial(metrics.ways, names=(), now_s=NOW_S)),
            )
        }  # fmt: skip
    return found


def downloads(connection: Connection) -> dict[str, Seconds]:
    """Return the seconds until the first calls of a download are read, and of those that follow."""
    found: dict[str, Seconds] = {}
    for name in ("all", "two years", "answered", "everybody's", "own: all"):
        which = filters()[name]
        read = functools.partial(page_of, connection, which, Order(), DOWNLOADED)
        found[f"{name}, begins"], page = timed(read)
        found[f"{name}, goes on"], _ = timed(functools.partial(read, page.next))
    return found


def _call_id(connection: Connection, row: int) -> str:
    found: str = connection.execute(schema.calls.select().where(schema.calls.c.id == row)).mappings().one()["call_id"]
    return found


def writing(home: Path, count: int = 2000) -> dict[str, float]:
    """Return the milliseconds that a served call takes, one in each commit and many, with its indexes and without."""
    result: dict[str, float] = {}
    rows = [row | {"call_id": f"w{number}", "agent": "207"} for number, row in enumerate(calls(2 * count, seed=2))]
    with tempfile.TemporaryDirectory(dir=home) as bare:
        upgrade(engine := open_database(url_of(Path(bare))))
        engine.dispose()
        with sqlite3.connect(url_of(Path(bare)).database or "") as connection:
            names = connection.execute(
                "SELECT type, name FROM sqlite_master WHERE name LIKE 'ix_calls_by_%' "
                "OR name LIKE 'calls_%' AND type = 'trigger'"
            ).fetchall()
            for kind, name in names:
                connection.execute(f"DROP {kind} {name}")
        for what, folder in (("with", home), ("without", Path(bare))):
            writer = Writer(engine := open_database(url_of(folder)))
            call, state = insert(schema.calls), insert(schema.agent_states)
            began_s = time.perf_counter()
            for row in rows[:count]:
                writer.write([(state, state_of(row)), (call, row)])
            alone_s = time.perf_counter() - began_s
            began_s = time.perf_counter()
            writer.write([both for row in rows[count:] for both in ((state, state_of(row)), (call, row))])
            together_s = time.perf_counter() - began_s
            result |= {
                f"{what}_alone_ms": round(alone_s / count * 1000, 3),
                f"{what}_together_ms": round(together_s / count * 1000, 3),
            }
            with engine.begin() as writing:
                for table in (schema.calls, schema.agent_states):
                    writing.execute(table.delete().where(table.c.call_id.like("w%")))
            engine.dispose()
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the records; print one JSON document.")
    parser.add_argument("--calls", type=int, default=CALLS, metavar="N", help=f"on record (default {CALLS})")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the database is kept, or is already")
    parser.add_argument("--only", default="", metavar="NAME", help="those filters whose names have this in them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bh-records-") as folder:
        home = options.keep or Path(folder)
        path = Path(url_of(home).database or "")
        began_s = time.perf_counter()
        if not path.exists():
            make(home, options.calls)
        made_s = time.perf_counter() - began_s
        reading = open_database(url_of(home), read_only=True)
        with reading.begin() as connection:
            figures, csv, pages = pictures(connection), downloads(connection), measure(connection, options.only)
        took = [seconds for row in (figures, csv, *pages.values()) for seconds in row.values()]
        result = {
            "calls": options.calls, "made_s": round(made_s), "database_mb": round(path.stat().st_size / 1e6),
            "load_average": round(os.getloadavg()[0], 1), "write_ms_per_call": writing(home),
            "kinds_of_page": len(pages), "pages": sum(map(len, pages.values())), "aim_s": AIM_S,
            "slowest_s": max(clock_s for clock_s, _ in took), "most_cpu_s": max(cpu_s for _, cpu_s in took),
            "slower_than_aimed": sum(max(map(max, row.values())) > AIM_S for row in pages.values()),
            "pictures": figures, "downloads": csv, "most_cpu_pages": dict(list(pages.items())[:25]),
        }  # fmt: skip
    print(json.dumps(msgspec.to_builtins(result), indent=1, ensure_ascii=False))
    sys.exit(result["slowest_s"] > AIM_S)


if __name__ == "__main__":
    main()
