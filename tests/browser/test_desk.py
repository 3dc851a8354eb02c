"""The desk of a whole box: a real caller, a real telephone, an agent's page and a supervisor's floor in Chromium."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from firmware.control.client import SOCKET, Client
from tests import audio
from tests.browser.judge import CONTRASTS, WIDTHS
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Office

PASSWORD = "correct horse battery"
SHORTER = {
    "en": {"ready": "ready", "talking": "talking", "acw": "after-call work", "lunch": "lunch",
           "held": "on hold: they hear music"},
    "zh": {"ready": "示闲", "talking": "通话中", "acw": "话后整理", "lunch": "午餐", "held": "保持中：对方听到音乐"},
}


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Return a box whose line 4 leads straight to the queue, with long after-call work."""
    with Box() as box:
        config = box.ask("config.export", secrets=True)
        routes = [{"name": "straight", "source": "line:4", "to": "queue:service"}, *config["routes"]]
        queue = config["queues"][0] | {"acw_s": 60}
        box.configure(queues=[queue], routes=routes)
        yield box


@pytest.fixture(scope="module")
def users(box: Box) -> dict[str, str]:
    """Return the token of an agent (201) and of a supervisor."""
    tokens = {}
    for role in ("agent", "supervisor"):
        with Client(box.home / SOCKET) as client:
            given = client.call("user.add", name=role, role=role, agent="201" if role == "agent" else "")["password"]
            token = client.call("session.open", name=role, password=given, address="192.0.2.1")["token"]
            client.call("session.resume", token=token)
            tokens[role] = client.call("own.password", password=PASSWORD)["token"]
    return tokens


@pytest.fixture(scope="module")
def phone(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    """Return the telephone of extension 201, a baresip."""
    folder = tmp_path_factory.mktemp("desk")
    audio.write_wav(folder / "voice.wav", np.zeros(8000 * 60, np.int16))
    secret = box.ask("extension.secret", number="201")["secret"]
    with Phone(folder / "phone", box.server(), "201", secret, folder / "voice.wav") as phone:
        box.wait_registered("201")
        yield phone


@pytest.fixture(scope="module")
def colleague(box: Box, phone: Phone) -> Iterator[Phone]:
    """Return the telephone of extension 202."""
    secret = box.json("extension", "secret", "202")["secret"]
    folder = phone.folder.parent
    with Phone(folder / "colleague", box.server(), "202", secret, folder / "voice.wav") as colleague:
        box.wait_registered("202")
        yield colleague


@pytest.fixture
def visit(box: Box, users: dict[str, str], chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page as a role; whatever the browser complains of fails the test."""
    contexts, complaints = [], []

    def visit(role: str, path: str, language: str = "en", scheme: str = "light", width: str = "desk") -> Page:
        wide, high = WIDTHS[width]
        locale = {"zh": "zh-CN", "en": "en-GB"}[language]
        context = chromium.new_context(viewport={"width": wide, "height": high}, color_scheme=scheme, locale=locale)
        contexts.append(context)
        cookies = {"busyhour": users[role], "language": language}
        url = f"http://{box.web}"
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url + path)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def caller(box: Box) -> Iterator[Callable[..., Any]]:
    """Call on line 4, which leads to the queue; whoever is left hangs up at the end."""
    office = Office(box.home)

    def call(number: str, hold_s: float = 60) -> Any:
        return office.call(4, number, hold_s=hold_s)

    yield call
    office.close()


@pytest.fixture(autouse=True)
def idle(box: Box) -> Iterator[None]:
    """Begin and end with no call, and with the agent logged out."""
    yield
    with Client(box.home / SOCKET) as client:
        for call in client.call("call.live"):
            client.call("call.hang_up", id=call["id"])
        deadline = time.monotonic() + 15
        while client.call("call.live"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        if client.call("agent.list")[0]["state"] != "logged_out":
            client.call("agent.logout", number="201")


def looks_right(page: Page, name: str, shots: Path) -> None:
    """Keep a picture of a page, and check that everybody can read and use it."""
    page.screenshot(path=shots / f"{name}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("en", "light", "desk"), ("zh", "dark", "telephone")]
)
def test_a_call_comes_with_its_past_and_its_note_outlives_reload_and_exchange(
    box, phone, visit, caller, shots, language, scheme, width
):
    words = SHORTER[language]
    look = f"{language}-{scheme}-{width}"
    number = {"en": "13800138001", "zh": "13800138002"}[language]
    page = visit("agent", "/desk/", language, scheme, width)
    looks_right(page, f"desk-out-{look}", shots)
    page.locator("button[value=login]").click()
    expect(page.locator("#part-state .big")).to_have_text(words["ready"])
    caller(number)
    phone.wait_event("CALL_INCOMING", since=len(phone.events))
    expect(page.locator("#part-call .number")).to_have_text(number)
    looks_right(page, f"desk-rings-{look}", shots)
    phone.answer()
    expect(page.locator("#part-state .big")).to_have_text(words["talking"])
    expect(page.locator("#part-call")).to_contain_text(f"+86{number}")
    page.locator("textarea").fill("wants <b>two</b>\nand a receipt")
    page.locator("#note-mark").select_option("follow_up")
    expect(page.locator("#note-said time, #note-said")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))
    looks_right(page, f"desk-talks-{look}", shots)
    page.locator("button[value=hold]").click()
    expect(page.locator("#part-call")).to_contain_text(words["held"])
    looks_right(page, f"desk-holds-{look}", shots)
    page.locator("button[value=resume]").click()
    expect(page.locator("button[value=hold]")).to_be_visible()
    box.wait_back("exchange", box.kill("exchange"))
    page.reload()
    expect(page.locator("textarea")).to_have_value("wants <b>two</b>\nand a receipt")
    expect(page.locator("#note-mark")).to_have_value("follow_up")
    expect(page.locator("#part-state .big")).to_have_text(words["talking"])
    page.locator("button[value=hang_up]").click()
    phone.wait_event("CALL_CLOSED")
    expect(page.locator("#part-state .big")).to_have_text(words["acw"])
    looks_right(page, f"desk-acw-{look}", shots)
    page.locator("textarea").fill("wants three")
    page.locator("button[value=ready]").click()
    expect(page.locator("#part-state .big")).to_have_text(words["ready"])
    expect(page.locator("textarea")).to_have_count(0)
    expect(page.locator("#part-served")).to_contain_text("wants three")
    caller(number)
    expect(page.locator("#part-past")).to_contain_text("wants three")
    looks_right(page, f"desk-past-{look}", shots)


ASKED = {
    "en": ["Calling 202. The caller hears music.", "Talking with 202. The caller hears music.",
           "Talking with the caller. 202 hears music.", "202 is busy."],
    "zh": ["正在呼叫 202，来电者听到音乐。", "正在与 202 通话，来电者听到音乐。", "正在与来电者通话，202 听到音乐。",
           "202 忙。"],
}  # fmt: skip


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", "desk"), ("zh", "dark", "telephone")])
def test_an_agent_asks_a_colleague_at_the_page_and_hands_the_caller_over(
    box, phone, colleague, visit, caller, shots, language, scheme, width
):
    rings, talks, waits, busy = ASKED[language]
    look = f"{language}-{scheme}-{width}"
    page, floor = visit("agent", "/desk/", language, scheme, width), visit("supervisor", "/", language, scheme, width)
    page.locator("button[value=login]").click()
    customer, before = caller("13800138003"), len(phone.events)
    phone.wait_event("CALL_INCOMING", since=before)
    phone.answer()

    def ask(since: int) -> None:
        page.locator("#transfer").fill("202")
        page.locator("button[value=consult]").first.click()
        expect(page.locator("#part-call")).to_contain_text(rings)
        colleague.wait_event("CALL_INCOMING", since=since)

    ask(before := len(colleague.events))
    looks_right(page, f"consult-rings-{look}", shots)
    colleague.hang_up()
    expect(page.locator("#part-call")).to_contain_text(busy)
    expect(page.locator("#transfer")).to_be_visible()
    looks_right(page, f"consult-busy-{look}", shots)
    colleague.wait_event("CALL_CLOSED", since=before)
    ask(len(colleague.events))
    colleague.answer()
    expect(page.locator("#part-call")).to_contain_text(talks)
    looks_right(page, f"consult-talks-{look}", shots)
    looks_right(floor, f"consult-floor-{look}", shots)
    page.locator("button[value=swap]").click()
    expect(page.locator("#part-call")).to_contain_text(waits)
    looks_right(page, f"consult-waits-{look}", shots)
    page.locator("button[value=complete]").click()
    phone.wait_event("CALL_CLOSED")
    expect(page.locator("#part-state .big")).to_have_text(SHORTER[language]["acw"])
    expect(page.locator("#part-acts button")).to_have_count(0)
    looks_right(page, f"consult-handed-over-{look}", shots)
    looks_right(floor, f"consult-handed-over-floor-{look}", shots)
    customer.hang_up()
    expect(floor.locator("#part-calls .count")).to_have_text("0")
    with Client(box.home / SOCKET) as client:
        newest = client.call("call.list", limit=1)["calls"][0]["call_id"]
    record = visit("supervisor", f"/calls/call?id={newest}", language, scheme, width)
    expect(record.locator("table.story")).to_contain_text({"en": "consultation", "zh": "咨询"}[language])
    looks_right(record, f"consult-record-{look}", shots)


def test_what_is_done_at_the_telephone_shows_at_the_page_and_the_other_way_round(box, phone, visit):
    page = visit("agent", "/desk/")
    state = page.locator("#part-state .big")
    expect(state).to_have_text("logged out")
    for dialled, seen in (("*20", "ready"), ("*232", "not ready"), ("*22", "ready")):
        since = len(phone.events)
        phone.dial(dialled)
        expect(state).to_have_text(seen)
        phone.wait_event("CALL_CLOSED", since=since)
    page.get_by_role("button", name="Not ready · lunch").click()
    expect(state).to_have_text("not ready")
    [agent] = [one for one in box.ask("agent.list") if one["number"] == "201"]
    assert (agent["state"], agent["reason"]) == ("not_ready", "lunch")
    page.locator("#digits").fill("77")
    page.get_by_role("button", name="Dial").click()
    expect(page.locator("#act-wrong")).to_have_text("Nobody can be reached at 77.")


def test_two_windows_show_the_same_and_lose_nobodys_words(phone, visit, caller):
    one, other = visit("agent", "/desk/"), visit("agent", "/desk/", "zh")
    one.locator("button[value=login]").click()
    caller("13800138009")
    phone.wait_event("CALL_INCOMING", since=len(phone.events))
    phone.answer()
    for page in (one, other):
        expect(page.locator("textarea")).to_be_visible()
    one.locator("textarea").fill("from the one")
    expect(other.locator("textarea")).to_have_value("from the one")
    other.route("**/notes/", lambda route: route.abort())  # its wire is broken for a while
    other.locator("textarea").fill("from the other")
    expect(other.locator("#note-said")).to_contain_text("尚未保存")
    one.locator("textarea").fill("from the one, again")
    expect(one.locator("#note-said")).to_contain_text(re.compile(r"Saved \d"))
    other.unroute("**/notes/")
    expect(other.locator("#note-said")).to_contain_text("from the one, again")
    other.get_by_role("button", name="用我的").click()
    expect(one.locator("textarea")).to_have_value("from the other")


def test_dialling_at_the_page_rings_the_own_telephone(box, phone, visit):
    page = visit("agent", "/desk/")
    page.locator("button[value=login]").click()
    before = len(phone.events)
    page.locator("#digits").fill("10086")
    page.get_by_role("button", name="Dial").click()
    phone.wait_event("CALL_INCOMING", since=before)
    phone.answer()
    expect(page.locator("#part-call .number")).to_have_text("10086")
    expect(page.locator("#part-call")).to_contain_text("talking")
    expect(page.locator("#part-state .big")).to_have_text("on an ordinary call")
    page.get_by_role("button", name="Hang up").click()
    expect(page.locator("#part-state .big")).to_have_text("ready")


def test_a_supervisor_hangs_up_a_call_and_sets_a_state_once_they_are_sure(box, phone, visit, caller, shots):
    floor, desk = visit("supervisor", "/"), visit("agent", "/desk/", "zh")
    desk.locator("button[value=login]").click()
    expect(floor.locator("#part-agents .agent").first).to_contain_text("ready")
    caller("13800138010")
    phone.wait_event("CALL_INCOMING", since=len(phone.events))
    phone.answer()
    expect(floor.locator("#part-calls")).to_contain_text("13800138010")
    hang_up = floor.locator("#part-calls button[value=hang_up]")
    hang_up.click()
    expect(floor.locator("#sure")).to_contain_text("13800138010")
    looks_right(floor, "floor-sure", shots)
    floor.get_by_role("button", name="Cancel").click()
    expect(floor.locator("#part-calls")).to_contain_text("13800138010")
    hang_up.click()
    floor.locator("#sure button[value=yes]").click()
    expect(floor.locator("#part-calls")).to_contain_text("No call at the moment")
    phone.wait_event("CALL_CLOSED")
    expect(desk.locator("#part-state .big")).to_have_text("话后整理")
    floor.locator("#part-agents details summary").first.click()
    floor.locator("#part-agents button[value=not_ready]").first.click()
    floor.locator("#sure button[value=yes]").click()
    expect(desk.locator("#part-state .big")).to_have_text("示忙")
    with Client(box.home / SOCKET) as client:
        audit = [(one["what"], one["by"], one["address"]) for one in client.call("user.audit", limit=2)]
    assert audit == [("agent.state", "supervisor", "192.0.2.1"), ("call.hung_up", "supervisor", "192.0.2.1")]
    looks_right(floor, "floor-supervisor", shots)
