"""The journal: nothing waits for it, nothing is said to be on disk that is not, nothing is lost when the disk fails."""

import asyncio

import pytest
from sqlalchemy import insert, select

from firmware.clock import VirtualLoop
from firmware.errors import NoStorage
from firmware.records import schema
from firmware.records.database import Writer, open_database, upgrade
from firmware.records.journal import AT_ONCE_S, GATHER_S, Journal
from firmware.records.ledger import TAKEN, TAKEN_FIRST
from tests.fakes.disk import Disk

DISK_S = 0.01  # what a write takes
EVENT = insert(schema.events)
CALL = insert(schema.open_calls)


def row(name):
    return (EVENT, {"at_s": 1.0, "kind": "digit", "call": name, "leg": "1", "data": {}})


class FailingWriter(Writer):
    """Writes, unless the disk is full."""

    full = False
    batches = 0

    def write(self, rows):
        if self.full:
            raise NoStorage("database or disk is full")
        self.batches += 1
        super().write(rows)


class Bench:
    """A journal on a virtual clock."""

    def __init__(self, folder, kept_rows=1000):
        self.loop = VirtualLoop()
        self.engine = open_database(f"sqlite:///{folder}/records.sqlite")
        upgrade(self.engine)
        self.writer = FailingWriter(self.engine)
        self.journal = Journal(self.writer, Disk(self.loop, DISK_S), kept_rows=kept_rows)
        self.journal.taken_row = lambda epoch, seq, at_s: (
            TAKEN, {"of_epoch": epoch, "new_seq": seq, "new_at_s": at_s}
        )
        self.soon(lambda: self.journal.add([(TAKEN_FIRST, {"epoch": "g", "seq": 0, "at_s": 0.0})]))
        self.loop.advance(1)
        self.writer.batches = 0
        self.acknowledged: list[int] = []
        self.troubles: list[str] = []
        self.journal.on_disk = lambda epoch, seq: self.acknowledged.append(seq)
        self.journal.on_trouble = self.troubles.append

    def add(self, *names, detail=False):
        self.soon(lambda: self.journal.add([row(name) for name in names], detail=detail))

    def take(self, name, seq):
        """Add a row and note that it came of the gateway's event `seq`, as the exchange does."""
        self.soon(lambda: (self.journal.add([row(name)]), self.journal.mark("g", seq, 1.0)))

    def soon(self, act):
        self.loop.call_soon(act)
        self.loop.step()

    def committed(self):
        asked = self.loop.create_task(self.journal.committed())
        self.loop.step()
        return asked

    @property
    def written(self):
        with self.engine.begin() as connection:
            return list(connection.execute(select(schema.events.c.call).order_by(schema.events.c.id)).scalars())

    @property
    def taken(self):
        with self.engine.begin() as connection:
            return connection.execute(select(schema.taken.c.seq)).scalar()


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.loop.close()
    bench.engine.dispose()


def test_what_happens_at_one_instant_and_what_follows_is_written_together(bench):
    bench.add("a")
    bench.add("b")
    assert bench.written == []
    bench.loop.advance(GATHER_S + DISK_S + 0.001)
    assert (bench.written, bench.writer.batches) == (["a", "b"], 1)


def test_an_event_is_acknowledged_when_it_is_on_disk_and_not_before(bench):
    bench.take("a", 1)
    bench.take("b", 2)
    bench.loop.advance(GATHER_S + DISK_S / 2)
    assert bench.acknowledged == []
    bench.loop.advance(DISK_S)
    assert (bench.acknowledged, bench.taken, bench.written) == ([2], 2, ["a", "b"])


def test_what_comes_while_a_write_is_under_way_is_not_acknowledged_with_it(bench):
    bench.take("a", 1)
    bench.loop.advance(GATHER_S + DISK_S / 2)
    bench.take("b", 2)
    bench.loop.advance(DISK_S)
    assert (bench.acknowledged, bench.written) == ([1], ["a"])
    bench.loop.advance(GATHER_S + DISK_S)
    assert (bench.acknowledged, bench.written) == ([1, 2], ["a", "b"])


def test_who_asks_is_told_when_all_before_the_question_is_on_disk_and_no_later(bench):
    bench.add("a")
    asked = bench.committed()
    bench.loop.advance(AT_ONCE_S + DISK_S / 2)
    assert not asked.done()
    bench.loop.advance(DISK_S)
    assert asked.done()
    assert asked.exception() is None


def test_who_asks_while_a_write_is_under_way_waits_for_the_next_one_only(bench):
    bench.add("a")
    bench.loop.advance(GATHER_S + DISK_S / 2)
    bench.add("b")
    asked = bench.committed()
    bench.loop.advance(DISK_S)
    assert (bench.written, asked.done()) == (["a"], False)
    bench.loop.advance(AT_ONCE_S + DISK_S)
    assert (bench.written, asked.done()) == (["a", "b"], True)


def test_who_asks_when_nothing_is_left_to_write_is_told_at_once(bench):
    asked = bench.committed()
    bench.loop.step()
    assert asked.done()


def test_a_full_disk_loses_nothing_keeps_the_order_and_acknowledges_nothing(bench):
    bench.writer.full = True
    bench.take("a", 1)
    bench.loop.advance(3)
    bench.take("b", 2)
    bench.loop.advance(3)
    assert (bench.acknowledged, bench.written) == ([], [])
    assert bench.troubles == ["database or disk is full"]
    bench.writer.full = False
    bench.loop.advance(6)
    assert (bench.acknowledged, bench.written) == ([2], ["a", "b"])
    assert bench.troubles == ["database or disk is full", ""]


def test_who_asks_while_the_disk_is_full_is_refused_and_not_left_waiting(bench):
    bench.writer.full = True
    bench.add("a")
    asked = bench.committed()
    bench.loop.advance(0.1)
    assert isinstance(asked.exception(), NoStorage)
    later = bench.committed()
    bench.loop.advance(6)
    assert isinstance(later.exception(), NoStorage)


def test_past_its_bound_detail_is_let_go_of_first_and_counted(tmp_path):
    bench = Bench(tmp_path, kept_rows=10)
    bench.writer.full = True
    bench.add(*[f"detail{number}" for number in range(15)], detail=True)
    bench.add("record")
    bench.add(*[f"more{number}" for number in range(40)])
    bench.writer.full = False
    bench.loop.advance(6)
    assert len(bench.written) == 40
    assert bench.written[:11] == [*[f"detail{number}" for number in range(10)], "record"]
    assert bench.journal.dropped == 5 + 11
    bench.loop.close()


def test_a_row_that_the_database_will_never_take_holds_up_nothing(bench, caplog):
    bench.add("a")
    bench.soon(lambda: bench.journal.add([(CALL, {"call": "twice"}), (CALL, {"call": "twice"})]))
    bench.soon(lambda: bench.journal.add([row("half a \ud800 character"), row(2**70), (EVENT, {"call": "no more"})]))
    bench.add("b")
    bench.loop.advance(1)
    assert bench.written == ["a", "b"]
    assert bench.troubles == []
    assert caplog.text.count("refused for good") == 4


def test_ten_thousand_rows_are_written_whole_and_in_order(tmp_path):
    bench = Bench(tmp_path, kept_rows=20_000)
    names = [f"{number:05}" for number in range(10_000)]
    bench.take("first", 1)
    bench.add(*names)
    bench.take("last", 2)
    bench.loop.advance(1)
    assert bench.written == ["first", *names, "last"]
    assert bench.acknowledged == [2]
    bench.loop.close()


def test_closing_writes_what_is_left_and_takes_nothing_more(bench):
    bench.add("a")
    closing = bench.loop.create_task(bench.journal.close())
    bench.loop.step()
    bench.add("too late")
    bench.loop.advance(1)
    assert closing.done()
    assert bench.written == ["a"]


def test_a_disk_that_hangs_holds_up_nobody(bench):
    journal, began_s = Journal(bench.writer, Disk(bench.loop, 3600)), bench.loop.time()

    async def a_busy_minute():
        for number in range(600):
            journal.add([row(str(number))])
            await asyncio.sleep(0.1)
        return asyncio.get_running_loop().time()

    assert bench.loop.run_until_complete(a_busy_minute()) - began_s == pytest.approx(60, abs=0.1)
