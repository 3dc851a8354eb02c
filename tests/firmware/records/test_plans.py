"""How the database goes about what is asked of it: off an index, however many calls there are."""

from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from firmware.records import search
from firmware.records.database import open_database, upgrade, url_of
from firmware.records.search import Filter, Order, OrderName, Which, find
from firmware.reports import metrics

ORDERS = get_args(OrderName)
HOURS = [(1.0, 2.0), (3.0, 4.0)]
IN_INDEXES = {
    "all": Which(),
    "a time": Which(Filter(from_s=1, until_s=9)),
    "direction": Which(Filter(direction="in")),
    "line": Which(Filter(via="line:1")),
    "queue": Which(Filter(queue="sales")),
    "any queue": Which(Filter(queue="*")),
    "agent": Which(Filter(agent="201")),
    "outcome": Which(Filter(outcome="failed")),
    "length": Which(Filter(duration_from_s=3, duration_until_s=9)),
    "wait": Which(Filter(wait_from_s=3)),
    "recorded": Which(Filter(recorded="yes")),
    "hour": Which(Filter(from_s=1, until_s=9, hour=3), HOURS),
    "an agent's own": Which(Filter(), (), "201"),
    "an agent's own of an outcome": Which(Filter(outcome="abandoned"), (), "201"),
    "several together": Which(Filter(direction="in", agent="201", via="line:2", recorded="no", wait_until_s=5)),
}
OF_TEXTS = {
    "number": Which(Filter(number="13800138000")),
    "world-wide": Which(Filter(number="+86138")),
    "name": Which(Filter(name="王芳先生")),
    "number and name": Which(Filter(number="138", name="明德商贸")),
    "an agent's own with a number": Which(Filter(number="138"), (), "201"),
}


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    upgrade(engine := open_database(url_of(home)))
    engine.dispose()
    engine = open_database(url_of(home), read_only=True)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def plan_of(connection):
    """Return what tells the plans of all that a question asks the database, a line for each table read."""

    def told(ask):
        asked = []

        def note(_connection, _cursor, statement, parameters, *_):
            asked.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        ask()
        event.remove(connection, "before_cursor_execute", note)
        explained = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", given) for words, given in asked]
        return [row.detail for one in explained for row in one]

    return told


def reads(plan):
    """Return how tables are read, without what is counted of what was read."""
    return [step for step in plan if step.startswith(("SCAN", "SEARCH")) and step.split()[1].startswith("calls")]


@pytest.fixture(params=["few", "many"])
def amount(request, monkeypatch):
    """Have it take what fits for few calls, which are sorted, or for too many, which are read in order."""
    if request.param == "many":
        all_are_many(monkeypatch)
    return request.param


def all_are_many(monkeypatch):
    for name in ("FEW", "FEW_ROWS", "FEW_TEXTS"):
        monkeypatch.setattr(search, name, -1)


@pytest.mark.parametrize("asked", IN_INDEXES)
def test_what_is_in_the_indexes_is_read_from_them_alone_in_every_order(connection, plan_of, amount, asked):
    for by in ORDERS:
        for down in (True, False):
            steps = reads(plan_of(lambda by=by, down=down: find(connection, IN_INDEXES[asked], Order(by, down), 50)))
            assert steps
            for step in steps:
                own = "calls_talked" in step or "INTEGER PRIMARY KEY" in step  # an agent's, by their ids
                looked_up = amount == "few" and by in ("number", "name") and step.startswith("SEARCH")
                assert "COVERING INDEX" in step or own or looked_up, (by, down, step)


@pytest.mark.parametrize("asked", [*IN_INDEXES, *OF_TEXTS])
def test_where_many_fit_a_page_is_read_in_its_order_and_nothing_is_sorted(connection, plan_of, monkeypatch, asked):
    all_are_many(monkeypatch)
    for by in ORDERS:
        plan = plan_of(lambda by=by: find(connection, (IN_INDEXES | OF_TEXTS)[asked], Order(by), 50))
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan, (by, plan)


@pytest.mark.parametrize("asked", ["an agent's own", "an agent's own of an outcome"])
def test_few_calls_of_an_agents_own_are_looked_up_by_their_ids_in_every_order(connection, plan_of, asked):
    for by in ORDERS:
        steps = reads(plan_of(lambda by=by: find(connection, IN_INDEXES[asked], Order(by), 50)))
        own, looked_up = steps
        assert own.startswith("SEARCH calls_talked USING COVERING INDEX"), (by, steps)
        assert looked_up == "SEARCH calls USING INTEGER PRIMARY KEY (rowid=?)", (by, steps)


@pytest.mark.parametrize("asked", ["world-wide", "name", "part of a name"])
def test_by_number_those_who_do_not_fit_are_passed_by_within_the_index(connection, plan_of, monkeypatch, asked):
    """All who have no number of the outside, or are called otherwise, may stand before the first who fits."""
    all_are_many(monkeypatch)
    which = {"part of a name": Which(Filter(name="王"))}.get(asked) or OF_TEXTS[asked]
    steps = reads(plan_of(lambda: find(connection, which, Order("number"), 50)))
    assert steps[-1].endswith("COVERING INDEX ix_calls_by_number"), steps


@pytest.mark.parametrize("asked", OF_TEXTS)
def test_calls_with_a_text_are_found_without_reading_all(connection, plan_of, asked):
    for by in ORDERS:
        steps = reads(plan_of(lambda by=by: find(connection, OF_TEXTS[asked], Order(by), 50)))
        assert steps
        for step in steps:
            assert step.startswith("SEARCH") or "VIRTUAL TABLE INDEX" in step, (by, step)


@pytest.mark.parametrize("figure", ["totals", "by_hour", "waits", "ways"])
def test_figures_read_the_calls_of_their_time_and_no_others(connection, plan_of, figure):
    more = {"by_hour": (ZoneInfo("Asia/Shanghai"),), "ways": ((), 9.0)}.get(figure, ())
    steps = reads(plan_of(lambda: getattr(metrics, figure)(connection, 1.0, 9.0, *more)))
    assert steps == ["SEARCH calls USING COVERING INDEX ix_calls_by_started_s (started_s>? AND started_s<?)"]
