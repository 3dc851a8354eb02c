"""The pages of calls on record: found by their address, listed, downloaded, shown; and who may see which."""

import csv
import io
import re

import msgspec
import pytest

from firmware.control.client import Client
from firmware.errors import Unavailable
from firmware.events import Event, Kind
from tests.fakes.past import CALL
from tests.webui.test_live import text_of
from webui.spreadsheet import cell

NASTY = '=HYPERLINK("http://x","<script>alert(1)</script>")'


@pytest.fixture
def many(door):
    """Put 120 calls on record beside the one that is there: one an hour, the newest last."""
    door.door.records.add(*(
        msgspec.structs.replace(
            CALL, call_id=f"n-{n}", number=f"138000{n:05}", e164=f"+86138000{n:05}", name="",
            agent="202" if n % 2 else "", outcome="answered" if n % 2 else "abandoned",
            started_s=CALL.started_s + 3600 * (n + 1), recordings=(), segments=(), wait_s=float(n),
            duration_s=1000.0 - n, via="trunk:carrier",
        )
        for n in range(120)
    ))  # fmt: skip
    return door.door.records


def numbers(answer):
    return re.findall(r'<bdi class="number">([^<]*)</bdi>', answer.text)


def downloaded(answer):
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def fifty():
    return [msgspec.structs.replace(CALL, call_id=f"n-{n}", recordings=()) for n in range(50)]


def next_page(answer, rel):
    (link,) = re.findall(rf'href="([^"]*)" rel="{rel}"', answer.text)
    return link.replace("&amp;", "&")


def test_the_list_is_paged_forward_and_back_by_its_addresses(page, many):
    client = page(role="supervisor")
    first = client.get("/calls/")
    assert (len(numbers(first)), numbers(first)[0]) == (50, "13800000119")
    assert "All calls on record 121" in text_of(first.text)
    second = client.get(next_page(first, "next"))
    third = client.get(next_page(second, "next"))
    assert (len(numbers(second)), len(numbers(third)), numbers(third)[-1]) == (50, 21, CALL.number)
    assert 'rel="next"' not in third.text
    again = client.get(next_page(client.get(next_page(third, "prev")), "prev"))
    assert numbers(again) == numbers(first)


def test_a_page_beside_a_call_that_is_gone_is_the_first(page, many):
    client = page(role="supervisor")
    assert numbers(client.get("/calls/?after=gone")) == numbers(client.get("/calls/"))


def test_every_head_sorts_and_sorts_the_other_way_and_keeps_what_was_asked_for(page, many):
    client = page(role="supervisor")
    answer = client.get("/calls/?outcome=abandoned")
    links = [link.replace("&amp;", "&") for link in re.findall(r'<th [^>]*><a href="([^"]+)"', answer.text)]
    assert len(links) == 9
    for link in links:
        assert "outcome=abandoned" in link
        assert 'aria-sort="' in client.get(link).text
    waits = client.get("/calls/?sort=wait_s")
    assert numbers(waits)[0] == "13800000119"
    other = client.get(re.search(r'aria-sort="descending"><a href="([^"]+)"', waits.text)[1].replace("&amp;", "&"))
    assert numbers(other)[:2] == ["13800000000", "13800000001"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=13800000007", ["13800000007"]),
        ("q=%2B86+138+0000+0007", ["13800000007"]),
        ("q=0000000", [f"1380000000{n}" for n in range(9, -1, -1)]),
        ("q=韩梅", [CALL.number]),
        ("via=line:2", [CALL.number]),
        ("agent=201&queue=*", [CALL.number]),
        ("recorded=yes", [CALL.number]),
        ("wait_from_s=118", ["13800000119", "13800000118"]),
        ("duration_until_s=64", [CALL.number]),
        ("from=2026-01-06&until=2026-01-06&outcome=answered", [f"13800000{n:03}" for n in range(117, 94, -2)]),
        ("from=2026-01-02T05:00&until=2026-01-02T06:00", ["13800000005", "13800000004"]),
        ("from=2026-01-02&until=2026-01-03&hour=3", ["13800000026", "13800000002"]),
        ("q=9999999", []),
    ],
)  # fmt: skip
def test_an_address_finds_what_it_says_on_the_boxs_clock(page, many, asked, found):
    answer = page(role="supervisor").get(f"/calls/?{asked}")
    assert answer.status_code == 200
    assert numbers(answer) == found


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ("from=yesterday", "from", "2026-03-02 or"),
        ("until=2026-13-01", "until", "2026-03-02 or"),
        ("from=2026-03-02&until=2026-03-01", "until", "later than"),
        ("wait_from_s=-1", "wait_from_s", "number from zero"),
        ("wait_from_s=nan", "wait_from_s", "number from zero"),
        ("hour=24", "hour", "number from zero"),
        ("hour=9&from=2020-01-01&until=2026-03-01", "hour", "at most 32 days"),
        ("q=138%000", "q", "control characters"),
        ("q=%0a", "q", "control characters"),
        ("queue=ser%7fvice", "queue", "control characters"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(page, asked, field, said):
    client = page(role="supervisor")
    for path in ("/calls/", "/calls/calls.csv"):
        answer = client.get(f"{path}?{asked}")
        assert answer.status_code == 422
        (beside,) = re.findall(rf'<small id="{field}-wrong" class="wrong">([^<]*)</small>', answer.text)
        assert said in beside


def test_an_empty_page_says_what_to_do(page, door):
    client = page(role="supervisor")
    assert "Ask for a longer time" in client.get("/calls/?q=999999").text
    door.door.records.clear()
    assert "busyhour demo" in client.get("/calls/").text
    assert "还没有通话记录" in client.get("/calls/?lang=zh").text


def test_all_that_fits_is_downloaded_in_the_readers_language(page, many):
    client = page(role="supervisor")
    answer = client.get("/calls/calls.csv?outcome=abandoned")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="calls.csv"'
    rows = downloaded(answer)
    assert rows[0][:5] == ["When", "Direction", "Line", "Caller", "Name"]
    assert len(rows) == 61
    assert rows[1][:4] == ["2026-01-06 23:00:00", "incoming", "trunk carrier", "13800000118"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    chinese = client.get("/calls/calls.csv?lang=zh&outcome=abandoned").data.decode("utf-8-sig")
    assert chinese.startswith("时间,方向,线路,主叫,姓名")


def test_a_download_of_many_pages_leaves_nothing_out(page, door, monkeypatch):
    monkeypatch.setattr("webui.calls.AT_ONCE", 7)
    door.door.records.add(*fifty())
    rows = downloaded(page(role="supervisor").get("/calls/calls.csv"))
    assert len({row[-1] for row in rows[1:]}) == len(rows) - 1 == 51


def test_a_download_that_cannot_be_finished_is_broken_off_and_not_cut_short_silently(page, door, monkeypatch):
    """Whoever gets it must not take half for the whole: the connection ends with an error."""
    monkeypatch.setattr("webui.calls.AT_ONCE", 7)
    door.door.records.add(*fifty())
    answer = page(role="supervisor").get("/calls/calls.csv", buffered=False)
    lines = answer.iter_encoded()
    for _ in range(3):
        next(lines)
    door.run(door.door.server.close())
    with pytest.raises(Unavailable):
        list(lines)


def test_nothing_in_a_download_makes_a_spreadsheet_calculate(page, door):
    nasty = {"name": NASTY, "number": "+8613800138000"}
    door.door.records.add(msgspec.structs.replace(CALL, call_id="n", recordings=(), **nasty))
    rows = downloaded(page(role="supervisor").get("/calls/calls.csv?q=HYPER"))
    assert rows[1][3:5] == ["'+8613800138000", f"'{NASTY}"]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " ="])
def test_a_text_that_could_be_a_formula_is_none(begins):
    assert cell(f"{begins}1+1") == f"'{begins}1+1"
    assert cell("1=1") == "1=1"
    assert cell(-1.5) == "-1.5"  # a figure of ours


def test_a_call_is_shown_with_what_became_of_it(page, door):
    seen = text_of(page(role="supervisor").get("/calls/call?id=k-0").text)
    for said in ("incoming · 13900139000 韩梅梅", "2026-01-02 00:00:00", "answered", "line 2", "客户服务", "201",
                 "Wait 0:12", "Talk 0:40", "Length 1:04", "the caller cause 16", "menu main 0:03 0:08",
                 "wait 客户服务 Service 0:11 0:12", "talk 201 0:23 0:40"):  # fmt: skip
        assert said in seen, said
    assert "通话记录" in page(role="supervisor").get("/calls/call?id=k-0&lang=zh").text


def test_a_call_that_long_silence_ended_says_so_in_both_languages(page, door):
    door.door.records.add(msgspec.structs.replace(CALL, call_id="s", recordings=(), by="gateway", cause=102))
    assert "cause 102 · long silence" in text_of(page(role="supervisor").get("/calls/call?id=s").text)
    assert "原因码 102 · 长时间无声" in text_of(page(role="supervisor").get("/calls/call?id=s&lang=zh").text)


def test_the_picture_of_a_call_has_a_bar_a_part_where_it_was(page):
    answer = page(role="supervisor").get("/calls/call?id=k-0")
    bars = re.findall(r'<rect class="(\w+)" x="([\d.]+)" y="1" width="([\d.]+)"', answer.text)
    whole_s = CALL.duration_s
    assert [kind for kind, _, _ in bars] == ["ivr", "wait", "talk"]
    assert [float(x) for _, x, _ in bars] == [round(s / whole_s * 1000, 1) for s in (3, 11, 23)]
    assert [float(width) for _, _, width in bars] == [round(s / whole_s * 1000, 1) for s in (8, 12, 40)]


def test_events_are_for_admins(page, door):
    door.door.records.add(events=[Event(CALL.started_s + 2, Kind.DIGIT, CALL.call_id, "1", {"digit": "7"})])
    assert "digit=7" in page(role="admin").get("/calls/call?id=k-0").text
    assert "digit=7" not in page(role="supervisor").get("/calls/call?id=k-0").text


def test_a_call_that_is_not_there_is_told(page):
    answer = page(role="supervisor").get("/calls/call?id=x")
    assert answer.status_code == 404
    assert "There is no such call on record" in answer.text


def test_agents_see_the_calls_in_which_they_talked_and_viewers_none(page, many):
    agent = page(role="agent")  # 201
    assert numbers(agent.get("/calls/")) == [CALL.number]
    assert agent.get("/calls/call?id=k-0").status_code == 200
    assert agent.get("/calls/call?id=n-1").status_code == 403
    assert len(agent.get("/calls/calls.csv").data.splitlines()) == 2
    viewer = page(role="viewer")
    for path in ("", "calls.csv", "call?id=k-0", "recording?call=k-0", "peaks?call=k-0"):
        assert viewer.get(f"/calls/{path}").status_code == 403
    assert "/calls/" not in viewer.get("/").text


def posted(client, **fields):
    """Send the form of a call's legal hold as the page has it."""
    form = re.search(r'name="form" value="([^"]+)"', client.get("/calls/call?id=k-0").text)[1]
    return client.post("/calls/hold?id=k-0", data={"form": form} | fields)


def test_the_note_of_a_call_is_read_and_written_where_the_call_is(page, door, people):
    with people.exchange() as exchange:
        exchange.call("call.note", call="k-0", text="wants the blue one")
        exchange.call("call.note", call="k-0", text="wants the red one")
    for role in ("agent", "supervisor"):
        text = page(role=role).get("/calls/call?id=k-0").text
        assert re.search(r"<textarea[^>]*>\nwants the red one</textarea>", text)
        assert "wants the blue one" in text  # who wrote what before
        assert 'data-note="/notes/"' in text
        assert "note.js" in text


def test_admins_keep_a_call_for_a_court_and_let_go_of_it_again(page, door):
    admin = page(role="admin")
    assert "None: record and recordings go when their time is over" in text_of(admin.get("/calls/call?id=k-0").text)
    assert posted(admin, act="place", why="case 12/26").status_code == 303
    assert "Legal hold by a-admin: case 12/26" in text_of(admin.get("/calls/call?id=k-0").text)
    assert 'name="why"' not in admin.get("/calls/call?id=k-0").text  # one is enough
    with Client(door.door.path) as client:
        (held,) = client.call("hold.list", call="k-0")
        assert (held["kind"], held["subject"]) == ("call", "k-0")
    assert posted(admin, act="lift", hold=str(held["id"])).status_code == 303
    assert "Legal hold by" not in text_of(admin.get("/calls/call?id=k-0").text)
    assert posted(admin, act="lift", hold=str(held["id"])).status_code == 303  # somebody else was quicker


def test_why_a_call_is_kept_must_be_said(page):
    answer = posted(page(role="admin"), act="place", why="x")
    assert answer.status_code == 422
    assert "3 to 200 characters" in text_of(answer.text)


def test_supervisors_see_a_legal_hold_and_only_admins_change_it(page, door):
    assert posted(page(role="admin"), act="place", why="case 12/26").status_code == 303
    supervisor, agent = page(role="supervisor"), page(role="agent")
    text = supervisor.get("/calls/call?id=k-0").text
    assert "case 12/26" in text
    assert "/calls/hold" not in text
    assert "case 12/26" not in agent.get("/calls/call?id=k-0").text
    for client in (supervisor, agent):
        assert posted(client, act="place", why="case 13").status_code == 403
        assert posted(client, act="lift", hold="1").status_code == 403


def test_a_hold_of_a_number_is_told_at_each_of_its_calls(page, door):
    with Client(door.door.path) as client:
        client.call("hold.place", number="13900139000", why="case 14")
    text = page(role="admin").get("/calls/call?id=k-0").text
    assert "case 14" in text
    assert "all calls of this number" in text
    assert 'value="lift"' not in text


def test_a_callers_name_is_text_and_never_markup(page, door):
    nasty = {"name": NASTY, "did": "<b>1</b>", "queue": "<i>q</i>"}
    door.door.records.add(msgspec.structs.replace(CALL, call_id="n", recordings=(), **nasty))
    client = page(role="admin")
    for path in ("/calls/", "/calls/call?id=n", "/calls/?q=<script>alert(1)</script>&agent=<b>x</b>"):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert not re.search(r"<b>|<i>", text)
        assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text) == []
