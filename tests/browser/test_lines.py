"""The page of a line: pressed, it fills with what was found without being loaded anew, and prints as a report."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.judge import CONTRASTS, WIDTHS
from tests.browser.reader import Box
from tests.browser.reader import box as furnished
from tests.fakes.line_tests import SILENT, WELL
from tests.webui.people import People


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
    wide, high = WIDTHS[width]
    context = chromium.new_context(viewport={"width": wide, "height": high}, color_scheme=scheme)
    cookies = {"busyhour": People(door).signed_in("admin"), "language": language}
    context.add_cookies([{"name": name, "value": value, "url": program.origin} for name, value in cookies.items()])
    page: Page = context.new_page()
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
    assert page.evaluate("document.documentElement.scrollWidth") == wide
    page.emulate_media(media="print")
    expect(button).to_be_hidden()
    expect(page.locator(".signature")).to_be_visible()
    page.screenshot(path=shots / f"line-printed-{language}.png", full_page=True)
    page.emulate_media(media="screen")
    page.goto(f"{program.origin}/lines/")
    page.screenshot(path=shots / f"lines-{language}-{scheme}-{width}.png", full_page=True)
    context.close()
