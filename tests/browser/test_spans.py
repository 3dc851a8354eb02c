"""The page of a span: its channels change as calls come, and a channel is restarted without leaving the page."""

from collections.abc import Iterator
from types import SimpleNamespace

import msgspec
import pytest
from playwright.sync_api import Browser, expect

from drivers.link.messages import SpanState
from firmware.calls.leg import LegState
from firmware.config.spans import Group, Span
from firmware.events import Event, Kind
from tests.browser.judge import CONTRASTS, WIDTHS
from tests.browser.reader import Box, reader
from tests.browser.reader import box as furnished

UP = SpanState(1, device="Wildcard TE110P T1/E1 Card 0", signalling="up", since_s=1000.0, clock=1)


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Return an exchange's real door, and the pages' program before it."""
    with furnished() as made:
        configuration = made[0].door.configuration
        config = msgspec.structs.replace(
            configuration.config, spans=[Span(1, "电信"), Span(2, clock=0)], groups=[Group("e1", ["1:1-15", "2"])]
        )
        made[0].do(lambda: setattr(configuration, "config", config))
        yield made


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", "desk"), ("zh", "dark", "telephone")])
def test_channels_change_as_calls_come_and_one_is_restarted(
    box, chromium: Browser, shots, language, scheme, width
) -> None:
    door, program = box

    def now(**how) -> None:
        wrong = "span 2 is not there; spans are [1]"
        gateway = door.door.gateway
        gateway.legs = {"c": SimpleNamespace(state=LegState.RINGING, call=SimpleNamespace(id="k-1"))}
        gateway.spans = (msgspec.structs.replace(UP, **how), SpanState(2, there=False, wrong=wrong))
        door.door.bus.publish(Event(door.door.clock.wall_s(), Kind.CALL_OFFERED, "k-1", data={"number": "1"}))

    door.do(now)
    with reader(chromium, box, "admin", (language, scheme, width)) as (page, _):
        page.goto(f"{program.origin}/spans/")
        expect(page.locator(".span").first.locator("li.idle")).to_have_count(15)
        page.evaluate("window.same = true")
        door.do(lambda: now(calls={3: "c", 4: "unheard-of", 5: "u"}))
        expect(page.locator(".span").first.locator("li.in_use")).to_have_count(2)
        expect(page.locator(".span").first.locator("li.ringing")).to_contain_text("3")
        assert page.evaluate("window.same")
        page.screenshot(path=shots / f"spans-{language}-{scheme}-{width}.png", full_page=True)
        assert page.evaluate(CONTRASTS) == []
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width][0]

        page.goto(f"{program.origin}/spans/1")
        expect(page.locator("#part-trace tbody tr")).to_have_count(3)
        page.screenshot(path=shots / f"span-{language}-{scheme}-{width}.png", full_page=True)
        assert page.evaluate(CONTRASTS) == []
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width][0]
        page.locator("form.restart-slot select[name=slot]").select_option("4")
        page.locator("form.restart-slot button").click()
        with page.expect_response("**/spans/1/restart"):
            page.locator("#sure button[value=yes]").click()
        expect(page.locator("#sure")).to_be_hidden()
        expect(page.locator("form.restart-slot button")).to_be_enabled()
        assert [one.detail for one in door.door.audit.entries if one.what == "span.restarted"][-1] == "1:4"
        door.do(lambda: now(alarms=("red",), signalling="down"))
        expect(page.locator("#part-spans")).to_contain_text("LOS")
        page.screenshot(path=shots / f"span-broken-{language}-{scheme}-{width}.png", full_page=True)
        assert page.evaluate(CONTRASTS) == []


def test_the_form_shows_what_the_chosen_signalling_has_and_what_is_wrong(box, chromium: Browser) -> None:
    with reader(chromium, box, "admin", ("en", "light", "desk")) as (page, _):
        page.goto(f"{box[1].origin}/settings/spans/entry")
        isdn, r2 = page.locator("[name='pri.side']"), page.locator("[name='r2.variant']")
        for chosen, shown, hidden in (("r2", r2, isdn), ("pri", isdn, r2)):
            page.locator("[name=signalling]").select_option(chosen)
            expect(shown).to_be_visible()
            expect(hidden).to_be_hidden()
        page.locator("[name=signalling]").select_option("r2")
        page.locator("[name='r2.caller_digits']").fill("many")
        page.locator("[name=signalling]").select_option("pri")
        page.get_by_role("button", name="Keep in draft").click()
        expect(page.locator("[name='r2.caller_digits']")).to_be_visible()


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", "desk"), ("zh", "dark", "telephone")])
def test_a_loop_is_tested_and_what_comes_back_is_seen_while_it_does(
    box, chromium: Browser, shots, language, scheme, width
) -> None:
    door, program = box

    def now(**how) -> None:
        door.door.gateway.spans = (msgspec.structs.replace(UP, signalling="down", **how),)
        door.door.topics.redraw()

    door.do(now)
    with reader(chromium, box, "admin", (language, scheme, width)) as (page, _):
        page.goto(f"{program.origin}/spans/1")
        page.locator("form[action$='/spans/1/test'] select[name=seconds]").select_option("60")
        page.locator("form[action$='/spans/1/test'] button[value=test]").click()
        with page.expect_response("**/spans/1/test"):
            page.locator("#sure button[value=yes]").click()
        expect(page.locator("#part-test button[value=stop]")).to_be_visible()
        door.do(lambda: now(testing=tuple(range(1, 16))))
        expect(page.locator(".slot.testing").first).to_be_visible()
        page.screenshot(path=shots / f"span-testing-{language}-{scheme}-{width}.png", full_page=True)
        assert page.evaluate(CONTRASTS) == []
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width][0]
        page.locator("#part-test button[value=stop]").click()
        expect(page.locator("#part-test strong")).to_contain_text("64")
        expect(page.locator("#part-test button[value=stop]")).to_have_count(0)
        door.do(now)
        page.locator("#part-test summary").click()
        page.screenshot(path=shots / f"span-tested-{language}-{scheme}-{width}.png", full_page=True)
        assert page.evaluate(CONTRASTS) == []
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width][0]
