"""Every place in the navigation, as people see it: both languages, light and dark, wide and narrow. New ones too.

What is on a page's list is not asked here, only that it can be read and used by everybody: axe finds nothing serious
(Deque axe-core, WCAG 2.2 A and AA), no text is too faint, nothing sticks out of a telephone's screen.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.judge import CONTRASTS, WIDTHS
from tests.browser.reader import LOOKS, Box, Look, reader, serious
from tests.browser.reader import box as furnished
from webui.places import PLACES


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Return an exchange's real door, and the pages' program before it."""
    with furnished() as made:
        yield made


@pytest.fixture(scope="module", params=LOOKS, ids="-".join)
def look(request, box: Box, chromium: Browser) -> Iterator[tuple[Page, Look, list[str]]]:
    """Return a page of a browser in which an admin is signed in, how it looks, and what the browser complained of."""
    with reader(chromium, box, "admin", request.param) as (page, complaints):
        yield page, request.param, complaints


def address(endpoint: str) -> str:
    """Return the path of an endpoint that has no places to fill."""
    from webui.app import create_app
    from webui.feed import Feed

    (rule,) = create_app(Feed(lambda: iter(()))).url_map.iter_rules(endpoint)
    return rule.rule


@pytest.mark.parametrize("place", PLACES, ids=[place.endpoint for place in PLACES])
def test_every_place_can_be_read_and_used(look, box, shots, place):
    page, (language, scheme, width), complaints = look
    answer = page.goto(box[1].origin + address(place.endpoint))
    assert answer.status == 200
    expect(page.locator("main h1").first).to_be_attached()
    page.screenshot(path=shots / f"place-{place.endpoint}-{language}-{scheme}-{width}.png", full_page=True)
    assert complaints == []
    assert serious(page) == []
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width][0]
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language]
    assert page.locator("nav.places a[aria-current], nav.side a[aria-current]").count() >= 1


def test_what_axe_would_find_is_found(look, box):
    page, _, _ = look
    page.goto(box[1].origin + "/users/")
    page.evaluate("document.querySelector('label[for=name]').remove()")
    assert "label" in {found.split(":")[0] for found in serious(page)}
