"""Every place in the navigation, as people see it: both languages, light and dark, wide and narrow. New ones too.

What is on a page's list is not asked here, only that it can be read and used by everybody: axe finds nothing serious
(Deque axe-core, WCAG 2.2 A and AA), no text is too faint, nothing sticks out of a telephone's screen.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from firmware.config import factory
from tests.browser.judge import CONTRASTS, WIDTHS
from tests.browser.reader import LOOKS, Box, Look, reader, serious
from tests.browser.reader import box as furnished
from tests.webui.people import People
from tests.webui.program import Page as Program
from webui.places import PLACES
from webui.sections import SECTIONS, Section

FACTORY = factory.build()


def form(section: Section) -> str:
    """Return the address of the form of a part's first entry; of a new one, where there is none."""
    entries = getattr(FACTORY, section.noun)
    name = f"?name={getattr(entries[0], section.identity)}" if entries else ""
    return f"/settings/{section.noun}/entry{name}"


FORMS = [
    *(form(section) for section in SECTIONS if section.identity and not section.page),
    "/settings/review/", "/settings/history/1", "/settings/history/2", "/extensions/sheet/?number=201",
]  # fmt: skip


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Return an exchange's real door, and the pages' program before it."""
    with furnished() as made:
        yield made


@pytest.fixture(scope="module")
def drafted(box: Box) -> Program:
    """Return the program, with a second revision, and an admin's draft in which something is wrong."""
    door, program = box
    with People(door).exchange() as exchange:
        config = exchange.call("config.export")
        config["trunks"] = [{"name": "carrier", "host": "sip.example.com", "numbers": ["01088880001", "01088880002"]}]
        exchange.call("config.import", config=config, why="the carrier's trunk 运营商中继")
        exchange.call("session.resume", token=People(door).signed_in("admin"))
        exchange.call("candidate.set", noun="box", value=config["box"] | {"name": "Mingde 明德"})
        exchange.call("candidate.set", noun="queues", name="service", value=config["queues"][0] | {"acw_s": 25})
    return program


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


@pytest.mark.parametrize("look", [("zh", "light", "telephone"), ("en", "dark", "desk")], ids="-".join, indirect=True)
@pytest.mark.parametrize("path", FORMS, ids=FORMS)
def test_every_form_of_the_settings_can_be_read_and_used(look, drafted, shots, path):
    page, (language, scheme, width), complaints = look
    assert page.goto(drafted.origin + path).status == 200
    name = path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-")
    page.screenshot(path=shots / f"form-{name}-{language}-{scheme}-{width}.png", full_page=True)
    assert complaints == []
    assert serious(page) == []
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width][0]


@pytest.mark.parametrize("look", [("zh", "light", "telephone"), ("en", "dark", "desk")], ids="-".join, indirect=True)
def test_choosing_a_profile_shows_what_it_sets(look, drafted, shots):
    page, (language, scheme, width), complaints = look
    page.goto(drafted.origin + "/settings/trunks/entry")
    sets = page.locator("[data-profile]:visible")
    expect(sets).to_have_count(0)
    page.locator("#profile").select_option("ims")
    expect(sets).to_have_count(1)
    expect(sets).to_contain_text("P-Called-Party-ID")
    page.locator("details.own > summary").click()
    sets.locator("summary").click()
    page.screenshot(path=shots / f"profile-{language}-{scheme}-{width}.png", full_page=True)
    assert complaints == []
    assert serious(page) == []
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width][0]


def test_what_axe_would_find_is_found(look, box):
    page, _, _ = look
    page.goto(box[1].origin + "/users/")
    page.evaluate("document.querySelector('label[for=name]').remove()")
    assert "label" in {found.split(":")[0] for found in serious(page)}
