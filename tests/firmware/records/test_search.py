"""Pages of calls, found in whatever way is quickest: the same as by a look at every call."""

import random

import msgspec
import pytest
from sqlalchemy import insert

from firmware.records import schema, search
from firmware.records.database import open_database, upgrade, url_of
from firmware.records.search import Filter, Order, Which, find

NUMBERS = ["20", "207", "13800138000", "13900000001", "01088880001", "4008123123", ""]
NAMES = ["", "王芳", "李雷", "ZHANG Wei", "明德商贸有限公司", "坐席 207"]
EQUAL = ("direction", "via", "agent", "outcome")
WANTED = [
    Filter(),
    Filter(number="+86138"), Filter(number="+86"), Filter(number="20"), Filter(number="207"), Filter(number="8000"),
    Filter(number="86139"), Filter(number="86108"), Filter(number="000000000"),
    Filter(name="雷"), Filter(name="明德"), Filter(name="明德商贸"), Filter(name="zhang"),
    Filter(name="诸葛"), Filter(name="孔"),
    Filter(agent="207"), Filter(outcome="answered"), Filter(queue="*", recorded="yes"),
    Filter(from_s=900, until_s=2100), Filter(duration_from_s=20, wait_until_s=9),
    Filter(name="明德", agent="207"), Filter(name="雷", from_s=2500), Filter(name="坐", outcome="answered"),
    Filter(number="20", outcome="busy"), Filter(number="+86138", name="王芳"), Filter(number="138", name="德商贸"),
    Filter(number="138", name="王芳"),
    Filter(number="207", direction="out", recorded="no"),
]  # fmt: skip


@pytest.fixture(scope="module")
def rows():
    """Calls of every direction, some of the same instant, their texts and numbers in no relation to each other."""
    chance = random.Random(7)
    found = []
    for number in range(400):
        direction = chance.choice(["in", "in", "out", "internal"])
        caller = chance.choice(NUMBERS)
        known = len(caller) >= 10 and chance.random() < 0.8
        found.append({
            "call_id": f"c{number}", "direction": direction, "source": "", "did": chance.choice(NUMBERS),
            "number": caller, "e164": f"+86{caller.removeprefix('0')}" if known else "",
            "name": chance.choice(NAMES) if number % 20 else "诸葛", "withheld": False,
            "started_s": chance.randrange(300) * 10.0, "answered_s": None, "ended_s": 0.0,
            "duration_s": float(chance.randrange(40)),
            "outcome": chance.choice(["answered", "answered", "abandoned", "busy"]), "cause": 16, "by": "caller",
            "queue": chance.choice(["", "sales", "service"]), "agent": chance.choice(["", "207", "208"]),
            "wait_s": float(chance.randrange(20)), "talk_s": float(chance.randrange(9)), "hold_s": 0.0, "gap": "",
            "gap_s": 0.0, "via": chance.choice(["", "line:1", "trunk:carrier"]), "recordings": chance.randrange(2),
        })  # fmt: skip
    return found


@pytest.fixture(scope="module")
def talked():
    """Who talked in which call, whoever served it."""
    chance = random.Random(8)
    return {f"c{number}": chance.sample(["207", "208", "209"], chance.randrange(3)) for number in range(400)}


@pytest.fixture(scope="module")
def connection(tmp_path_factory, rows, talked):
    home = tmp_path_factory.mktemp("home")
    upgrade(engine := open_database(url_of(home)))
    states = [
        {"agent": agent, "state": "talking", "reason": "", "extension": agent, "call_id": call, "since_s": 1.0,
         "until_s": 2.0, "facts": {}} for call, agents in talked.items() for agent in agents
    ]  # fmt: skip
    with engine.begin() as writing:
        writing.execute(insert(schema.calls), rows)
        writing.execute(insert(schema.agent_states), states)
    engine.dispose()
    engine = open_database(url_of(home), read_only=True)
    with engine.begin() as reading:
        yield reading
    engine.dispose()


@pytest.fixture(params=[50_000, 25, -1], ids=["few", "some", "many"])
def most(request, monkeypatch):
    """Have it think so many calls few: all that are here, some, or none."""
    for name in ("FEW", "FEW_ROWS", "FEW_TEXTS"):
        monkeypatch.setattr(search, name, request.param)


def fits(row, wanted):
    """Tell whether a call fits, by the words that say what each field means."""
    number, own, e164 = wanted.number, row["number"], row["e164"]
    if number.startswith("+"):
        of_number = e164.startswith(number)
    elif len(number) < 3:
        of_number = number in ("", own)
    else:
        abroad = "" if e164.endswith(own) else e164  # a country code before it is in all of them
        of_number = any(number in one for one in (own, abroad, row["did"] if row["direction"] != "in" else ""))
    return (
        of_number
        and wanted.name.lower() in row["name"].lower()
        and all(getattr(wanted, name) in ("", row[name]) for name in EQUAL)
        and (wanted.queue in ("", row["queue"]) or (wanted.queue == "*" and row["queue"] != ""))
        and wanted.recorded in ("", "yes" if row["recordings"] else "no")
        and within(row["started_s"], wanted.from_s, wanted.until_s)
        and within(row["duration_s"], wanted.duration_from_s, wanted.duration_until_s)
        and within(row["wait_s"], wanted.wait_from_s, wanted.wait_until_s)
    )


def within(value, since, to):
    return value >= since and (not to or value < to)


@pytest.mark.parametrize("of_agent", [None, "207"], ids=["all", "own"])
@pytest.mark.parametrize("wanted", WANTED, ids=lambda wanted: str(msgspec.to_builtins(wanted)))
def test_every_page_is_that_of_a_look_at_every_call(connection, rows, talked, most, wanted, of_agent):
    expected = [
        (id, row) for id, row in enumerate(rows, 1)
        if fits(row, wanted) and (of_agent is None or of_agent in talked[row["call_id"]])
    ]  # fmt: skip
    which = Which(wanted, (), of_agent)
    for number, by in enumerate(schema.ORDERS):
        down = number % 2 == (0 if of_agent else 1)
        expected.sort(key=lambda one: (one[1][by], one[1]["started_s"], one[0]), reverse=down)
        ids = [id for id, _ in expected]
        first = find(connection, which, Order(by, down), 7)
        assert (first.ids, first.after) == (ids[:7], len(ids) > 7), by
        assert first.total in ({len(ids)} if len(ids) <= 7 else {len(ids), None}), by
        if ids:
            place = len(ids) // 2
            beside = rows[ids[place] - 1]["call_id"]
            after = find(connection, which, Order(by, down), 7, after=beside)
            assert (after.ids, after.after) == (ids[place + 1 : place + 8], len(ids) > place + 8), by
            before = find(connection, which, Order(by, down), 7, before=beside)
            assert (before.ids, before.before) == (ids[max(0, place - 7) : place], place > 7), by
