"""Calls on record in a real browser: found, read, and heard; both languages, light and dark, desk and telephone."""

import contextlib
from collections.abc import Callable, Iterator

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from firmware.control.client import Client
from firmware.events import Event, Kind
from firmware.records.cdr import Segment
from tests.browser.judge import CONTRASTS, WIDTHS
from tests.browser.reader import LOOKS, Box, Look, reader, serious
from tests.browser.reader import box as furnished
from tests.fakes.past import CALL
from tests.firmware.control.door import DoorThread
from tests.webui.sounds import record

SECONDS = 40.0
AT = CALL.started_s
BUSY = msgspec.structs.replace(CALL, segments=(
    *CALL.segments, Segment("ring", "202", "2", AT + 12, 5.0), Segment("hold", "201", "2", AT + 35, 6.0),
    Segment("transfer", "203", "2", AT + 50, 8.0), Segment("refused", "international", "3", AT + 55, 0.0),
    Segment("acw", "201", "", AT + 63.5, 20.0),
))  # fmt: skip
OTHERS = msgspec.structs.replace(CALL, call_id="n-1", agent="202", recordings=("recordings/n-1.wav",), segments=())
WORDS = {
    "en": {"play": "Play", "pause": "Pause", "place": "Place in the recording", "left": "Caller", "speed": "Speed"},
    "zh": {"play": "播放", "pause": "暂停", "place": "播放位置", "left": "主叫", "speed": "速度"},
}
# How many points of the canvas are of a side's colour: 0 the caller's, 1 the other's
PAINTED = """([canvas, side]) => {
  const pen = canvas.getContext("2d");
  const half = canvas.height / 2;
  const { data } = pen.getImageData(0, side * half, canvas.width, half);
  let count = 0;
  for (let at = 3; at < data.length; at += 4) if (data[at] > 200) count += 1;
  return count;
}"""


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Return an exchange's door with two recorded calls behind it, one of them noted and kept for a court."""

    def furnish(door: DoorThread) -> None:
        door.door.records.clear()
        events = [Event(AT + n, Kind.DIGIT, CALL.call_id, "1", {"digit": str(n)}) for n in range(9)]
        door.door.records.add(BUSY, OTHERS, length_s=SECONDS, events=events)
        for call in (BUSY, OTHERS):
            record(door.door.home / call.recordings[0], SECONDS)
        with Client(door.door.path) as client:
            client.call("hold.place", number=CALL.number, why="complaint of 12 March")

    with furnished(furnish) as made:
        yield made


@pytest.fixture
def visit(chromium: Browser, box: Box) -> Iterator[Callable[..., Page]]:
    """Return what opens a page for a role; whatever the browser complains of fails the test."""
    complained: list[list[str]] = []
    with contextlib.ExitStack() as opened:

        def open_page(path: str, role: str = "admin", look: Look = ("en", "light", "desk")) -> Page:
            page, complaints = opened.enter_context(reader(chromium, box, role, look))
            complained.append(complaints)
            page.goto(box[1].origin + path)
            return page

        yield open_page
    assert [message for complaints in complained for message in complaints if not expected(message)] == []


def expected(message: str) -> bool:
    """Tell whether the browser speaks of what a test does: being refused, reading a canvas again and again."""
    return "status of 403" in message or "willReadFrequently" in message


def seconds(page: Page) -> float:
    at: float = page.locator("audio").evaluate("audio => audio.currentTime")
    return at


def plays_past(page: Page, at_s: float) -> None:
    page.wait_for_function("at => document.querySelector('audio').currentTime > at", arg=at_s)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_recording_is_drawn_and_heard_and_its_time_advances(visit, box, language):
    words = WORDS[language]
    page = visit("/calls/call?id=k-0", look=(language, "light", "desk"))
    wave = page.get_by_role("slider", name=words["place"])
    expect(wave).to_have_attribute("data-drawn", "600")
    page.get_by_role("button", name=words["play"], exact=True).click()
    plays_past(page, 0.5)
    expect(page.get_by_role("button", name=words["pause"], exact=True)).to_be_visible()
    expect(page.locator(".at")).to_contain_text(" / 0:40")
    expect(wave).to_have_attribute("aria-valuemax", "40")
    listened = [entry for entry in box[0].door.audit.entries if entry.what == "recording.listened"]
    assert (listened[-1].user, listened[-1].by) == ("k-0", "a-admin")


def test_both_sides_are_drawn_where_they_spoke(visit):
    """The caller is loud in the first half, the other side in the second: so is the paint."""
    page = visit("/calls/call?id=k-0")
    canvas = page.locator("canvas")
    expect(page.locator(".wave")).to_have_attribute("data-drawn", "600")
    heard = [page.evaluate(PAINTED, [canvas.element_handle(), side]) for side in (0, 1)]
    assert min(heard) > 2000
    page.get_by_label("Caller", exact=True).uncheck()
    page.get_by_label("Speed").focus()
    assert page.evaluate(PAINTED, [canvas.element_handle(), 0]) < heard[0] / 4  # it is muted, and looks so
    assert page.evaluate(PAINTED, [canvas.element_handle(), 1]) == heard[1]


def test_a_place_is_reached_by_mouse_and_by_keys_also_beyond_what_was_loaded(visit):
    page = visit("/calls/call?id=k-0")
    wave = page.locator(".wave")
    expect(wave).to_have_attribute("data-drawn", "600")
    place = wave.bounding_box()
    page.mouse.click(place["x"] + place["width"] * 0.75, place["y"] + 20)
    page.wait_for_function("() => Math.abs(document.querySelector('audio').currentTime - 30) < 1")
    wave.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => Math.abs(document.querySelector('audio').currentTime - 25) < 1")
    page.keyboard.press("Space")
    plays_past(page, 25.5)
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('audio').paused")
    page.keyboard.press("Home")
    page.wait_for_function("() => document.querySelector('audio').currentTime === 0")


def test_it_plays_at_the_speed_that_was_chosen(visit):
    page = visit("/calls/call?id=k-0")
    page.get_by_label("Speed").select_option("2")
    page.get_by_role("button", name="Play", exact=True).click()
    plays_past(page, 0.2)
    began, at_s = page.evaluate("performance.now()"), seconds(page)
    plays_past(page, at_s + 3)
    assert (page.evaluate("performance.now()") - began) / 1000 < 2.6


def test_each_side_is_muted_by_itself(visit):
    """What comes out is listened to where the valves join: left is the caller, right the other side."""
    page = visit("/calls/call?id=k-0")
    page.evaluate(TAP)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => loudest(0) > 0.2 && loudest(1) < 0.01")  # the caller speaks first
    page.locator(".wave").focus()
    page.keyboard.press("1")
    page.wait_for_function("() => loudest(0) < 0.01")
    page.keyboard.press("1")
    page.wait_for_function("() => loudest(0) > 0.2")
    page.keyboard.press("End")


# Listens to both channels of whatever is joined for the loudspeakers from now on
TAP = """() => {
  const join = AudioContext.prototype.createChannelMerger;
  AudioContext.prototype.createChannelMerger = function (count) {
    const joined = join.call(this, count);
    const split = this.createChannelSplitter(2);
    joined.connect(split);
    const ears = [0, 1].map((side) => { const ear = this.createAnalyser(); split.connect(ear, side); return ear; });
    window.loudest = (side) => {
      const heard = new Float32Array(ears[side].fftSize);
      ears[side].getFloatTimeDomainData(heard);
      return Math.max(...heard.map(Math.abs));
    };
    return joined;
  };
}"""


def test_a_note_is_saved_as_it_is_typed_where_the_call_is_heard(visit):
    page = visit("/calls/call?id=k-0", role="agent")
    page.get_by_role("textbox", name="Note").fill("asks for the blue one")
    expect(page.locator("#note-said")).to_contain_text("Saved")
    page.reload()
    expect(page.get_by_role("textbox", name="Note")).to_have_value("asks for the blue one")


def test_an_admin_keeps_a_call_for_a_court(visit):
    page = visit("/calls/call?id=k-0")
    page.get_by_label("Why", exact=True).fill("case 12/26")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Legal hold by a-admin: case 12/26")).to_be_visible()
    page.get_by_role("button", name="Lift").click()
    expect(page.get_by_text("Legal hold by a-admin: case 12/26")).to_have_count(0)


def test_an_agent_hears_own_calls_and_is_refused_another_ones(visit, box):
    page = visit("/calls/", role="agent")  # 201
    expect(page.locator("table.records tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Open").click()
    page.get_by_role("button", name="Play", exact=True).click()
    plays_past(page, 0.3)
    for path in ("/calls/call?id=n-1", "/calls/recording?call=n-1"):
        assert page.goto(box[1].origin + path).status == 403
        expect(page.get_by_role("heading", name="Not allowed")).to_be_visible()
    refused = [entry for entry in box[0].door.audit.entries if entry.what == "recording.refused"]
    assert [(entry.user, entry.by) for entry in refused] == [("n-1", "a-agent")]


def test_calls_are_found_by_a_number_and_sorted_without_a_script(visit):
    page = visit("/calls/")
    page.get_by_label("Number or name").fill("+86 139-0013 9000")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("table.records tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Wait").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Wait")
    assert "q=" in page.url
    page.get_by_label("Number or name").fill("000000")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("No call fits.")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_the_pages_can_be_read_and_used_by_everybody(visit, shots, look):
    pages = {"list": "/calls/?wait_from_s=1", "call": "/calls/call?id=k-0", "none": "/calls/?q=000000"}
    for name, path in pages.items():
        page = visit(path, look=look)
        if name == "call":
            expect(page.locator(".wave")).to_have_attribute("data-drawn", "600")
            page.locator(".events summary").click()
        page.screenshot(path=shots / f"calls-{name}-{'-'.join(look)}.png", full_page=True)
        assert serious(page) == [], name
        assert page.evaluate(CONTRASTS) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[look[2]][0], name
