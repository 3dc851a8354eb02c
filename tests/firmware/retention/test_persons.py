"""A caller's data: all of it found, handed over, and erased so that nobody finds the number again."""

import io
import json
import zipfile

import pytest
from sqlalchemy import func, select

from firmware.errors import BadRequest, NotFound, Refused
from firmware.records import schema
from firmware.retention import document
from tests.firmware.retention.conftest import DAY_S, NOW_S, SOUND, Archive, event

NUMBER, E164 = "13900139000", "+8613900139000"


def archive_of(home):
    """Records in which the person stands in every way: called, was called through a trunk, was talked about."""
    archive = Archive(home)
    archive.add(1, 10, number="013900139000", e164=E164, name="韩梅梅", queue="sales", talk_s=50.0, outcome="answered")
    archive.add(2, 9, direction="out", number="201", e164="", did="913900139000")
    archive.add(3, 8)
    archive.add(4, 7, number=f"1{NUMBER}", e164=f"+1{NUMBER}")  # another one, whose number contains this one
    dialled = event(NOW_S, "leg.dialed", "k-2", {"party": "outside", "target": f"trunk:carrier:{NUMBER}", "agent": ""})
    archive.write(
        (schema.segments, {"call_id": "k-2", "kind": "ring", "who": f"trunk:carrier:{NUMBER}", "leg": "2",
                           "since_s": 1.0, "duration_s": 1.0}),
        (schema.events, dialled),
        (schema.events, event(NOW_S, "stage.entered", "k-2", {"destination": {"kind": "number", "name": NUMBER}})),
        (schema.events, event(NOW_S, "alarm", "", {"name": "emergency-call", "subject": NUMBER, "detail": f"{E164}!"})),
        (schema.audit, {"at_s": NOW_S, "what": "x", "user": "", "by": "li", "address": "", "detail": f"for {E164}"}),
        (schema.alarm_history, {"name": "x", "subject": NUMBER, "by": "", "detail": "", "raised_s": 1.0}),
    )  # fmt: skip
    return archive


def nobody(forms):
    return False


@pytest.mark.parametrize("written", ["13900139000", "013900139000", "+86 139 0013 9000", "008613900139000"])
async def test_a_number_is_found_however_it_is_written(home, written):
    person = await archive_of(home).persons.find(written, NOW_S)
    assert [one.call.call_id for one in person.calls] == ["k-1", "k-2"]
    assert [len(one.recordings) for one in person.calls] == [1, 1]
    assert person.notes["k-1"][0]["text"] == "wants a blue one"


async def test_all_of_it_is_handed_over_as_one_document(home):
    import msgspec

    person = msgspec.to_builtins(await archive_of(home).persons.find(NUMBER, NOW_S))
    file = io.BytesIO()
    assert document.write(person, home, file) == 2
    with zipfile.ZipFile(file) as archive:
        told = json.loads(archive.read("person.json"))
        assert archive.read("recordings/0001/k-1-1.wav") == SOUND
    assert told["calls"][0]["call"]["name"] == "韩梅梅"
    assert len(told["calls"][1]["events"]) == 4


async def test_an_erased_number_stands_nowhere_any_more_and_statistics_stay(home):
    archive = archive_of(home)
    before = [(one.call.outcome, one.call.queue, one.call.talk_s) for one in (await found(archive)).calls]
    erased = await archive.persons.erase("+86 13900139000", NOW_S, archive.records.notes, nobody)
    assert (erased.calls, erased.recordings) == (2, 2)
    assert archive.sounds() == ["k-3", "k-4"]
    archive.records.abandon()
    data = b"".join(path.read_bytes() for path in (home / "records").iterdir())
    for trace in (b"0" + NUMBER.encode(), b":" + NUMBER.encode(), b"86" + NUMBER.encode(), "韩梅梅".encode()):
        assert trace not in data, trace
    assert data.count(NUMBER.encode()) == data.count(b"1" + NUMBER.encode())  # the other one's
    again = Archive(home)
    assert again.calls() == ["k-1", "k-2", "k-3", "k-4"]
    shown = [await again.records.reader.show(call) for call in ("k-1", "k-2")]
    assert [(one.call.outcome, one.call.queue, one.call.talk_s) for one in shown] == before
    assert {one.call.number for one in shown} == {erased.name, "201"}
    assert (await again.records.reader.show("k-4")).call.e164 == f"+1{NUMBER}"
    assert [one.call.call_id for one in (await again.persons.find("13800130003", NOW_S)).calls] == ["k-3"]
    assert (await again.records.reader.show("k-3")).events[1].data["digit"] == "7"
    assert shown[0].events[1].data["digit"] == ""
    assert (await found(again)).calls == []


async def found(archive):
    return await archive.persons.find(NUMBER, NOW_S)


async def test_a_legal_hold_prevents_it_and_is_told(home):
    archive = archive_of(home)
    held = await archive.holds.place("call", "k-2", "王律师", "case 17", NOW_S)
    with pytest.raises(Refused, match=r"a legal hold keeps it .王律师: case 17."):
        await archive.persons.erase(NUMBER, NOW_S, archive.records.notes, nobody)
    assert archive.sounds() == ["k-1", "k-2", "k-3", "k-4"]
    await archive.holds.lift(held, "li", NOW_S)
    forms = archive.persons.forms(E164)
    of_number = await archive.holds.place("number", E164, "li", "case", NOW_S, NOW_S + DAY_S, forms)
    assert [one.id for one in (await found(archive)).holds] == [of_number]
    with pytest.raises(Refused, match="legal hold"):
        await archive.persons.erase(NUMBER, NOW_S, archive.records.notes, nobody)
    await archive.persons.erase(NUMBER, NOW_S + 2 * DAY_S, archive.records.notes, nobody)
    assert archive.rows(schema.holds, "subject") == ["k-2"]


async def test_who_is_talking_now_is_not_erased(home):
    archive = archive_of(home)
    with pytest.raises(Refused, match="under way"):
        await archive.persons.erase(NUMBER, NOW_S, archive.records.notes, lambda forms: E164 in forms)


@pytest.mark.parametrize("number", ["", "201", "x", "1234", "+"])
async def test_what_is_no_persons_number_is_refused(home, number):
    with pytest.raises(BadRequest, match="5 digits or more"):
        await Archive(home).persons.erase(number, NOW_S, None, nobody)


async def test_a_number_that_is_not_on_record_is_said_to_be_none(home):
    archive = archive_of(home)
    with pytest.raises(NotFound):
        await archive.persons.erase("13712345678", NOW_S, archive.records.notes, nobody)
    with archive.records._engine.begin() as connection:
        assert connection.execute(select(func.count()).select_from(schema.calls)).scalar() == 4
