"""The desk and the floor by role, without a server: who sees what, and what a form may do."""

import msgspec
import pytest

from firmware.errors import Unavailable
from tests.fakes.past import CALL
from tests.webui.test_live import Fixed, events_of, text_of
from webui import csrf
from webui.desk import Drawing
from webui.feed import Moment
from webui.picture import Agent, Alarm, Call, Leg, Picture, Queue

NOW_S = 1000.0


@pytest.fixture
def floor() -> Picture:
    """Return a floor where agent 201 talks in the queue service, and others do elsewhere."""
    return Picture(
        calls=(
            Call("own", number="13800138000", where="queue", name="service", legs=(Leg("agent", agent="201"),)),
            Call("foreign", number="13900139000", where="queue", name="sales", legs=(Leg("agent", agent="204"),)),
        ),
        queues=(Queue("service", "Service", 1, members=("201", "202")), Queue("sales", "Sales", 7, members=("204",))),
        agents=(
            Agent("201", "Li", "talking", call="own"), Agent("202", "Han", "ready"), Agent("204", "Wang", "talking"),
        ),
    )  # fmt: skip


def form_of(browser) -> str:
    return csrf.made_for(browser.get_cookie("busyhour").value)


def post(browser, path, **fields):
    return browser.post(path, data={"form": form_of(browser)} | fields, headers={"Accept": "application/json"})


def test_an_agent_sees_own_queues_and_own_calls_and_who_serves_them(page, floor):
    seen = text_of(page(Fixed(floor), role="agent").get("/?lang=en").text)
    assert [text for text in ("13800138000", "Service", "Han") if text not in seen] == []
    assert [text for text in ("13900139000", "Sales", "Wang", "Lines") if text in seen] == []


@pytest.mark.parametrize("role", ["viewer", "supervisor", "admin"])
def test_all_others_see_everything(page, floor, role):
    seen = text_of(page(Fixed(floor), role=role).get("/?lang=en").text)
    assert all(text in seen for text in ("13800138000", "13900139000", "Service", "Sales", "Wang", "Lines"))


@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("agent", False), ("supervisor", True), ("admin", True)])
def test_only_supervisors_have_what_changes_others_calls_and_states(page, floor, role, may):
    browser = page(Fixed(floor), role=role)
    html = browser.get("/?lang=en").text
    assert ('value="hang_up"' in html, 'id="sure"' in html) == (may, may)
    with browser.get("/live?lang=en") as answer:
        streamed = "".join(next(answer.response).decode() for _ in range(8))
    assert ('value=\\"hang_up\\"' in streamed) == may


def test_a_supervisor_changes_an_agents_state_and_nobody_else_does(page, door, floor):
    door.do(lambda: door.door.roster.login("201"))
    for role in ("viewer", "agent"):
        answer = post(page(Fixed(floor), role=role), "/live/act", act="not_ready", number="202")
        assert (answer.status_code, answer.json["wrong"]) == (403, "You have no right to that.")
    assert post(page(Fixed(floor), role="supervisor"), "/live/act", act="not_ready", number="201").status_code == 204
    assert door.door.roster.get("201").state == "not_ready"
    [entry] = [one for one in door.door.audit.entries if one.what == "agent.state"]
    assert (entry.user, entry.by, entry.detail) == ("agent 201", "a-supervisor", "not_ready")
    assert entry.address == "192.0.2.7"


def test_what_cannot_be_done_is_said_in_the_readers_language(page, floor):
    browser = page(Fixed(floor), role="supervisor")
    for language, words in (("en", "It is not there; perhaps it has ended."), ("zh", "找不到：可能已经结束。")):
        answer = post(browser, f"/live/act?lang={language}", act="hang_up", call="gone")
        assert (answer.status_code, answer.json["wrong"]) == (422, words)


def test_a_form_of_another_site_does_nothing(page, door, floor):
    browser = page(Fixed(floor), role="supervisor")
    answer = browser.post("/live/act", data={"act": "logout", "number": "201", "form": "guess"})
    assert answer.status_code == 400


def test_an_agent_logs_in_and_out_at_the_desk(page, door, floor):
    browser = page(Fixed(floor), role="agent")
    assert "Log in at extension" in browser.get("/desk/?lang=en").text
    assert post(browser, "/desk/act", act="login", extension="203").status_code == 204
    assert (door.door.roster.get("201").state, door.door.roster.get("201").extension) == ("ready", "203")
    assert "at extension 203" in browser.get("/desk/?lang=en").text
    assert post(browser, "/desk/act", act="not_ready", reason="lunch").status_code == 204
    assert "lunch" in text_of(browser.get("/desk/?lang=en").text)
    assert post(browser, "/desk/act", act="logout").status_code == 204
    assert door.door.roster.get("201").state == "logged_out"


def test_without_a_script_the_same_form_comes_back_to_the_desk(page, door, floor):
    browser = page(Fixed(floor), role="agent")
    answer = browser.post("/desk/act", data={"form": form_of(browser), "act": "login", "extension": "201"})
    assert (answer.status_code, answer.location) == (303, "/desk/")
    assert door.door.roster.get("201").state == "ready"


def test_an_agent_sits_at_no_other_desk(page, floor):
    browser = page(Fixed(floor), role="agent")
    assert "201" in browser.get("/desk/?lang=en&agent=202").text
    assert post(browser, "/desk/act?agent=202", act="login", extension="202").status_code == 204  # at the own one
    assert page(Fixed(floor), role="viewer").get("/desk/?agent=201").status_code == 403


def test_a_supervisor_finds_every_desk(page, floor):
    browser = page(Fixed(floor), role="supervisor")
    assert "/desk/?agent=204" in browser.get("/desk/").text
    assert "My state" in browser.get("/desk/?lang=en&agent=204").text


def test_an_agent_who_is_no_longer_configured_is_told(page, door, floor):
    browser = page(Fixed(floor), role="supervisor")
    assert "Agent 999 is no longer" in browser.get("/desk/?lang=en&agent=999").text


def test_the_exchange_is_asked_again_only_when_what_concerns_the_agent_has_changed(page, people, floor):
    app = page(Fixed(floor), role="").application
    asked = []
    with people.exchange() as client:

        def asking(method, **params):
            asked.append(method)
            return client.call(method, **params)

        drawing = Drawing(app, "en", "token", "201", asking)

        def draw(**changes):
            before = len(asked)
            parts = drawing.draw(Moment(1, msgspec.structs.replace(floor, **changes)))
            return text_of(parts["queues"]), len(asked) - before

        queue, others = Queue("service", "Service", 3, members=("201",)), floor.agents[1:]
        assert draw()[1] == 1
        assert draw() == draw()
        told, more = draw(queues=(queue,))
        assert ("Service 3" in told, more) == (True, 0)
        assert draw(agents=(floor.agents[0], msgspec.structs.replace(others[0], state="acw"), others[1]))[1] == 0
        assert draw(agents=(msgspec.structs.replace(floor.agents[0], noted=1), *others))[1] == 1


def test_a_desk_keeps_what_it_shows_while_the_exchange_is_silent(page, people, floor):
    app = page(Fixed(floor), role="").application
    with people.exchange() as client:
        drawing = Drawing(app, "en", "token", "201", client.call)
        shown = drawing.draw(Moment(1, floor))
        lost = drawing.draw(Moment(2, floor, lost_s=1000.0))
        assert (lost["state"], "The exchange does not answer" in lost["feed"]) == (shown["state"], True)

        def silent(method, **params):
            raise Unavailable

        drawing = Drawing(app, "en", "token", "201", silent)
        assert set(drawing.draw(Moment(3, floor))) == {"feed", "queues"}


def test_an_open_desk_is_told_every_part(page, floor):
    with page(Fixed(floor), role="agent").get("/desk/stream?lang=en") as answer:
        first = events_of([next(answer.response) for _ in range(9)])
    assert {data["name"] for kind, data in first if kind == "part"} == {
        "feed", "queues", "state", "call", "acts", "note", "past", "served",
    }


def test_a_note_of_nobodys_call_is_refused(page, floor, door):
    door.door.records.add(msgspec.structs.replace(CALL, call_id="k-2", agent="202", recordings=()))
    browser = page(Fixed(floor), role="agent")  # 201
    assert post(browser, "/notes/", act="note", call="k-2", text="x").status_code == 403
    assert post(browser, "/notes/", act="note", call="gone", text="x").status_code == 422


def test_a_note_is_kept_with_its_lines_and_an_older_version_is_told(page, door, floor):
    browser = page(Fixed(floor), role="supervisor")
    answer = post(browser, "/notes/", act="note", call="k-0", text="one\r\ntwo", after="0")
    assert (answer.status_code, answer.json["note"], answer.json["version"]) == (200, "one\ntwo", 1)
    answer = post(browser, "/notes/", act="note", call="k-0", text="three", after="0")
    assert (answer.status_code, answer.json["note"], answer.json["version"]) == (409, "one\ntwo", 1)
    answer = post(browser, "/notes/?lang=en", act="disposition", call="k-0", disposition="nonsense")
    assert (answer.status_code, answer.json["wrong"]) == (422, "Choose one of the configured dispositions.")


def test_the_note_of_a_call_is_changed_long_after_it_with_who_wrote_what_before(page, floor, door):
    door.door.records.add(msgspec.structs.replace(CALL, call_id="k-2", agent="202", recordings=()))
    browser = page(Fixed(floor), role="supervisor")
    for text in ("one", "two"):
        browser.post("/notes/", data={"form": form_of(browser), "act": "note", "call": "k-0", "text": text})
    answer = browser.post("/notes/", data={"form": form_of(browser), "act": "note", "call": "k-0", "text": "<b>three"})
    assert (answer.status_code, answer.location) == (303, "/notes/?call=k-0")
    html = browser.get("/notes/?call=k-0&lang=en").text
    assert "&lt;b&gt;three</textarea>" in html
    shown = text_of(html)
    assert shown.index("one") < shown.index("two") < shown.rindex("<b>three")
    assert "a-supervisor" in shown
    assert page(Fixed(floor), role="agent").get("/notes/?call=k-2").status_code == 403


def test_what_stands_beside_a_desk_is_drawn_once_for_all_agents_of_the_same_queues_until_it_changes(page, floor):
    parts = page(Fixed(floor), role="agent").application.extensions["parts"]

    def beside(picture, number, version=1):
        return parts.draw_beside(Moment(version, picture), picture.of_agent(number), "en")

    first = beside(floor, "201")
    assert "Service" in first["queues"]
    assert beside(floor, "202") is first
    later = msgspec.structs.replace(floor, at_s=NOW_S, agents=(Agent("201", "Li", "ready"), *floor.agents[1:]))
    assert beside(later, "201", 2) is first
    assert "Sales" in beside(floor, "204")["queues"]
    longer = msgspec.structs.replace(floor, queues=(msgspec.structs.replace(floor.queues[0], waiting=8),))
    assert ">8<" in beside(longer, "201", 3)["queues"]


def test_an_alarm_beside_a_desk_tells_its_facts_as_they_are_now(page, floor):
    parts = page(Fixed(floor), role="agent").application.extensions["parts"]

    def told(step_s):
        alarm = Alarm("clock-jumped", "clock", NOW_S, "by some", code="clock-step", facts={"step_s": step_s})
        picture = msgspec.structs.replace(floor, alarms=(alarm,)).of_agent("201")
        return parts.draw_beside(Moment(1, picture), picture, "en")["feed"]

    assert "by 12 s" in told(12)
    assert "by 3600 s" in told(3600)
