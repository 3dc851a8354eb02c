"""The power cut at every write of the journal: every commit that was acknowledged is found again, whole.

A short form runs always; BUSYHOUR_CUTS=all cuts after every single thing asked of the disk, several times over.
"""

import os
import random
import shutil

import pytest
from sqlalchemy import insert, select, text

from firmware.records import schema
from firmware.records.database import Writer, open_database, upgrade
from tests.fakes.power import Tape

CUTS = os.environ.get("BUSYHOUR_CUTS", "150")
COMMITS, ROWS = 120, 5
EVENT = insert(schema.events)


@pytest.fixture(scope="module")
def tape(tmp_path_factory):
    """A tape of a journal's life: its tables are made, then many commits, some checkpoints among them."""
    folder = tmp_path_factory.mktemp("records")
    with Tape(folder) as tape:
        engine = open_database(f"sqlite:///{folder}/records.sqlite")
        upgrade(engine)
        tape.note("tables")
        writer = Writer(engine)
        for commit in range(COMMITS):
            row = {"at_s": float(commit), "kind": "digit", "leg": "1", "data": {"padding": "x" * 400}}
            writer.write([(EVENT, {"call": f"{commit}-{place}", **row}) for place in range(ROWS)])
            tape.note(str(commit))
            if commit % 40 == 20:
                with engine.connect() as connection:
                    connection.connection.cursor().execute("PRAGMA wal_checkpoint(RESTART)")
        engine.dispose()
    return tape


def instants(tape):
    every = list(tape.cuts())
    if CUTS == "all":
        return [(cut, seed) for cut in every for seed in range(3)]
    return [(cut, cut) for cut in sorted(random.Random(3).sample(every, int(CUTS)))]


def found_after(folder):
    """Open what the power cut left as the exchange does at its start, and return the calls of its events."""
    engine = open_database(f"sqlite:///{folder}/records.sqlite")
    upgrade(engine)
    with engine.begin() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        calls = list(connection.execute(select(schema.events.c.call).order_by(schema.events.c.id)).scalars())
    engine.dispose()
    return calls


def test_the_tape_holds_what_it_must(tape):
    kinds = {(step.kind, step.path) for step in tape.steps if step.kind != "note"}
    assert {("write", "records.sqlite-wal"), ("sync", "records.sqlite-wal"), ("write", "records.sqlite")} <= kinds
    assert len(tape.said_before(len(tape.steps))) == COMMITS + 1
    before_first = next(number for number, step in enumerate(tape.steps) if step == ("note", "0", 0, b""))
    assert tape.steps[before_first - 1].kind == "sync"


def test_every_acknowledged_commit_survives_a_power_cut_anywhere(tape, tmp_path):
    for cut, seed in instants(tape):
        folder = tmp_path / f"{cut}-{seed}"
        tape.cut(cut, folder, random.Random(seed))
        acknowledged = [int(said) for said in tape.said_before(cut) if said != "tables"]
        calls = found_after(folder)
        whole = [f"{commit}-{place}" for commit in range(len(calls) // ROWS) for place in range(ROWS)]
        assert calls == whole, f"cut after step {cut}: half a commit, or a hole"
        assert len(calls) // ROWS >= len(acknowledged), f"cut after step {cut}: an acknowledged commit is gone"
        shutil.rmtree(folder)


def test_a_journal_that_did_not_sync_would_be_found_out(tmp_path):
    """The test itself is tried: with syncs left out, acknowledged commits do get lost."""
    folder = tmp_path / "unsafe"
    lost = 0
    with Tape(folder) as tape:
        engine = open_database(f"sqlite:///{folder}/records.sqlite")
        upgrade(engine)
        with engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA synchronous = OFF")
            connection.commit()
        writer = Writer(engine)
        for commit in range(20):
            row = {"at_s": 1.0, "kind": "digit", "call": str(commit), "leg": "1", "data": {}}
            writer.write([(EVENT, row)])
            tape.note(str(commit))
        engine.dispose()
    for cut in range(len(tape.steps) - 40, len(tape.steps) - 5, 5):
        tape.cut(cut, tmp_path / str(cut), random.Random(cut))
        try:
            lost += len(found_after(tmp_path / str(cut))) < len(tape.said_before(cut))
        except Exception:
            lost += 1
    assert lost
