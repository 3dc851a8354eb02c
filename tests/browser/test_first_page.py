"""The first page in a real browser: both languages, light and dark, desk and telephone."""

import json
import time
from collections.abc import Callable, Iterator

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.judge import CONTRASTS, WIDTHS
from tests.webui.exchange_stand_in import TOKEN, Exchange
from tests.webui.program import Page as Program
from webui.picture import Agent, Alarm, Box, Call, Leg, Line, Past, Picture, Queue


def busy(now_s: float) -> Picture:
    """Return a box on a full morning."""
    return Picture(
        at_s=now_s,
        box=Box("明德商贸 Mingde Trading", "Asia/Shanghai"),
        lines=(
            Line(1, "总机", "01088880001", "in_use"), Line(2, "客服", "01088880002", "ringing"),
            Line(3, "", "01088880003", "idle"), Line(4, "", "", "fault"),
        ),
        calls=(
            Call(
                "a", "in", "line:1", "01088880001", "13800138000", where="queue", name="service", started_s=now_s - 83,
                recording=True, legs=(Leg("agent", "extension:201", "201", "answered"),),
            ),
            Call(
                "b", "in", "trunk:carrier", "", "+8613911112222", "<b>Zhang</b> <img src=x onerror=alert(1)>",
                where="queue", name="service", started_s=now_s - 35,
                legs=(Leg("agent", "extension:202", "202", "ringing"),),
            ),
            Call("c", "in", "line:2", withheld=True, where="flow", name="main", started_s=now_s - 4),
            Call(
                "d", "out", "extension:203", "", "203", "李雷", where="number", name="10086", started_s=now_s - 3700,
                legs=(Leg("outside", "line:3:10086", "", "answered", held=True),),
            ),
        ),
        queues=(Queue("service", "客户服务", 3, now_s - 71, 0, 4), Queue("sales", "Sales", 0, None, 1, 2)),
        agents=(
            Agent("201", "王芳", "talking", "", "201", True, now_s - 60, "not_ready"),
            Agent("202", "Li Na", "offered", "", "202", True, now_s - 5),
            Agent("203", "李雷", "not_ready", "lunch", "203", True, now_s - 1260),
            Agent("204", "", "ready", "", "204", False, now_s - 300), Agent("205"),
        ),
        last=(
            Past("1", "in", "13800138000", "", False, "answered", "service", "201", now_s - 600, 12, 183),
            Past("2", "in", "01066667777", "A Very Long Company Name of Beijing", False, "abandoned", "service", "",
                 now_s - 1500, 45, 0),
            Past("3", "in", "", "", True, "ivr", "", "", now_s - 86400, 0, 0),
            Past("4", "internal", "202", "", False, "answered", "", "", now_s - 90000, 0, 3725),
        ),
        alarms=(Alarm("edge", "kamailio", now_s - 900, "it does not answer", "major"),),
    )  # fmt: skip


def idle() -> Picture:
    """Return a box as it leaves the factory, before its first call."""
    return Picture(
        at_s=time.time(),
        box=Box("Busyhour", "Asia/Shanghai"),
        lines=tuple(Line(number, "", f"0108888000{number}", "idle") for number in range(1, 5)),
        queues=(Queue("service", "客户服务"),),
        agents=tuple(Agent(str(number)) for number in range(201, 205)),
    )


@pytest.fixture
def visit(chromium: Browser, program: Program) -> Iterator[Callable[..., Page]]:
    """Open the page; every request elsewhere, every refusal and every message of the browser fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_page(language: str = "en", scheme: str = "light", width: str = "desk", fails: bool = False) -> Page:
        wide, high = WIDTHS[width]
        locale = {"zh": "zh-CN", "en": "en-GB"}[language]
        context = chromium.new_context(
            viewport={"width": wide, "height": high}, color_scheme=scheme, locale=locale
        )
        contexts.append(context)
        origin = f"http://127.0.0.1:{program.port}/"
        context.add_cookies([{"name": "busyhour", "value": TOKEN, "url": origin}])
        page = context.new_page()
        page.on("request", lambda request: request.url.startswith(origin) or complaints.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}") or dialog.dismiss())
        if not fails:
            page.on("console", lambda message: complaints.append(message.text))
        with page.expect_response(lambda answer: "event-stream" in answer.headers.get("content-type", "")):
            page.goto(origin)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def tell_programs(exchange: Exchange, exchange_state: str = "up") -> None:
    states = dict.fromkeys(("edge", "office", "gateway", "exchange", "web"), "up") | {"exchange": exchange_state}
    rows = [{"name": name, "state": state} for name, state in states.items()]
    (exchange.home / "run/programs.json").write_text(json.dumps({"programs": rows}))


@pytest.mark.parametrize(
    ("language", "none", "place", "where"),
    [
        ("zh", "现在没有通话", "队列 客户服务", "坐席 201"),
        ("en", "No call at the moment", "queue 客户服务", "agent 201"),
    ],
)
def test_a_call_appears_and_goes(visit, exchange, language, none, place, where):
    exchange.tell(idle())
    page = visit(language)
    calls = page.locator("#part-calls")
    expect(calls).to_contain_text(none)
    expect(calls).to_contain_text(".venv/bin/busyhour demo")
    now_s = time.time()
    leg = Leg("agent", "extension:201", "201", "ringing")
    call = Call("x", number="13800138000", where="queue", name="service", started_s=now_s - 65, legs=(leg,))
    exchange.tell(msgspec.structs.replace(idle(), calls=(call,)))
    expect(calls).to_contain_text("13800138000")
    expect(calls).to_contain_text(place)
    expect(calls).to_contain_text(where)
    expect(calls.locator("time")).to_have_text("1:05")
    expect(calls.locator("time")).to_have_text("1:08")  # it counts by itself
    expect(page.locator("#news")).to_have_text({"zh": "当前通话: 1", "en": "Calls now: 1"}[language])
    exchange.tell(idle())
    expect(calls).to_contain_text(none)
    expect(calls).not_to_contain_text("13800138000")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_can_be_read(visit, exchange, shots, language, scheme, width):
    tell_programs(exchange)
    for name, picture in (("busy", busy(time.time())), ("idle", idle())):
        exchange.tell(picture)
        page = visit(language, scheme, width)
        expect(page.locator("#part-programs li")).to_have_count(5)
        expect(page.locator("#part-calls li")).to_have_count(len(picture.calls))
        page.screenshot(path=shots / f"{name}-{language}-{scheme}-{width}.png", full_page=True)
        assert page.evaluate(CONTRASTS) == []
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width][0]


def test_a_text_too_faint_would_be_found(visit, exchange):
    exchange.tell(idle())
    page = visit()
    page.evaluate("document.querySelector('footer small').style.color = '#aaaaaa'")
    [found] = page.evaluate(CONTRASTS)
    assert found.startswith("What you do to others' calls")


def test_a_callers_markup_is_only_text(visit, exchange):
    exchange.tell(busy(time.time()))
    page = visit()
    expect(page.locator("#part-calls")).to_contain_text("<b>Zhang</b> <img src=x onerror=alert(1)>")
    assert page.locator("#part-calls img").count() == 0


def test_a_dead_exchange_is_told_and_the_page_recovers(visit, exchange, shots):
    tell_programs(exchange)
    exchange.tell(busy(time.time()))
    page = visit("zh")
    expect(page.locator("#part-calls li")).to_have_count(4)
    exchange.die()
    tell_programs(exchange, "down")
    expect(page.get_by_text("与交换程序失去联系")).to_be_visible()
    expect(page.locator("#part-programs")).to_contain_text("已停止")
    expect(page.locator("#part-calls li")).to_have_count(4)
    lasted = page.locator("#part-calls .long").first.inner_text()
    expect(page.locator("#part-feed time")).to_have_text("0:02")
    assert page.locator("#part-calls .long").first.inner_text() == lasted  # nobody knows whether it still lasts
    page.screenshot(path=shots / "lost-zh-light-desk.png", full_page=True)
    exchange.start()
    exchange.tell(idle())
    expect(page.get_by_text("与交换程序失去联系")).to_have_count(0)
    expect(page.locator("#part-calls")).to_contain_text("现在没有通话")


def test_a_dead_page_program_is_told_and_found_again(visit, exchange, program):
    exchange.tell(idle())
    page = visit("en", fails=True)
    expect(page.locator("#part-feed")).to_contain_text("Live")
    program.stop()
    expect(page.locator("#page-lost")).to_be_visible()
    again = Program(exchange.home, f"127.0.0.1:{program.port}")
    again.port = program.port
    try:
        again.wait_until_it_answers()
        expect(page.locator("#page-lost")).to_be_hidden()
        expect(page.locator("#part-feed")).to_contain_text("Live")
    finally:
        again.stop()


def test_the_language_is_switched_by_a_link_and_stays(visit, exchange):
    exchange.tell(idle())
    page = visit("en")
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_role("heading", name="当前通话")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.goto(page.url.partition("?")[0])
    expect(page.get_by_role("heading", name="当前通话")).to_be_visible()


def test_a_keyboard_reaches_the_content_first(visit, exchange):
    exchange.tell(idle())
    page = visit("en")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
