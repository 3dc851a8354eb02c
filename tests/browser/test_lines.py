"""The page of a line: pressed, it fills with what was found without being loaded anew, and prints as a report."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from drivers.link.messages import ToneLearnt
from tests.browser.judge import CONTRASTS, WIDTHS
from tests.browser.reader import Box, reader
from tests.browser.reader import box as furnished
from tests.fakes.line_tests import SILENT, WELL

LEVELS = (((-14,) * 9 + (-62,) * 21) * 7)[:200]
SPECTRUM = tuple(-14 if band in (19, 25) else -30 if band in (18, 20, 24, 26) else -64 for band in range(80))


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Return an exchange's real door, and the pages' program before it."""
    with furnished() as made:
        yield made


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", "desk"), ("zh", "dark", "telephone")])
def test_a_line_is_tested_at_its_page_and_the_report_can_be_printed(
    box, chromium: Browser, shots, language, scheme, width
) -> None:
    door, program = box
    with reader(chromium, box, "admin", (language, scheme, width)) as (page, _):
        page.goto(f"{program.origin}/lines/2")
        button = page.get_by_role("button", name={"en": "Test this line", "zh": "测试这条外线"}[language])
        silent = {"en": "nothing is heard", "zh": "听不到任何声音"}
        for found, says in ((SILENT, silent[language]), (WELL, "-12.0 dBm0")):
            door.door.found = found
            page.evaluate("window.same = true")
            button.click()
            expect(page.locator("#part-report table.findings")).to_contain_text(says)
            assert page.evaluate("window.same")
        page.screenshot(path=shots / f"line-{language}-{scheme}-{width}.png", full_page=True)
        assert page.evaluate(CONTRASTS) == []
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width][0]
        page.get_by_role("button", name={"en": "Learn the tone", "zh": "学习忙音"}[language]).click()
        waits = {"en": "call this line from a mobile now", "zh": "现在用手机拨打这条外线"}
        expect(page.locator("#part-tone")).to_contain_text(waits[language])
        told = ToneLearnt(1, 0.0, "", 2, "learnt", "", "480+620/180,0/420", LEVELS, SPECTRUM)
        door.do(lambda: door.door.learning.ended(told))
        expect(page.locator("#part-tone svg.tone")).to_have_count(2)
        page.screenshot(path=shots / f"line-tone-{language}-{scheme}-{width}.png", full_page=True)
        assert page.evaluate(CONTRASTS) == []
        page.get_by_role("button", name={"en": "Accept this tone", "zh": "采用这个忙音"}[language]).click()
        forget = page.get_by_role("button", name={"en": "Forget its tone", "zh": "弃用本线忙音"}[language])
        expect(forget).to_be_visible()
        forget.click()
        page.emulate_media(media="print")
        expect(button).to_be_hidden()
        expect(page.locator(".signature")).to_be_visible()
        page.screenshot(path=shots / f"line-printed-{language}.png", full_page=True)
        page.emulate_media(media="screen")
        page.goto(f"{program.origin}/lines/")
        page.screenshot(path=shots / f"lines-{language}-{scheme}-{width}.png", full_page=True)
