"""A revision on trial, as all admins see it at once, whichever page each has open."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.reader import Box
from tests.browser.reader import box as furnished
from tests.webui.people import People


@pytest.fixture
def box() -> Iterator[Box]:
    """Return an exchange's real door, and the pages' program before it."""
    with furnished() as made:
        yield made


def opened(chromium: Browser, box: Box, path: str) -> Page:
    """Return a page of an admin's own browser."""
    door, program = box
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "busyhour", "value": People(door).signed_in("admin"), "url": program.origin}])
    page = context.new_page()
    page.goto(program.origin + path)
    return page


def test_a_trial_begins_counts_and_ends_on_every_open_page(chromium: Browser, box, shots) -> None:
    door, _ = box
    floor, typing = opened(chromium, box, "/"), opened(chromium, box, "/settings/box/")
    typing.get_by_label("Area code").fill("021")
    expect(floor.locator("#trial-bar")).to_have_count(0)
    with People(door).exchange() as exchange:
        config = exchange.call("config.export")
        exchange.call(
            "config.commit", config=config | {"box": config["box"] | {"name": "Mingde"}}, base=1, confirm_within_min=5
        )
    for page in (floor, typing):
        expect(page.locator("#trial-bar")).to_contain_text("Revision 2 is on trial")
        expect(page.locator("#trial-bar .left strong")).to_contain_text("4:5")  # it counts by itself
    floor.screenshot(path=shots / "trial-floor.png")
    typing.screenshot(path=shots / "trial-typing.png")
    expect(typing.get_by_label("Area code")).to_have_value("021")  # nobody's typing is lost
    floor.get_by_role("button", name="Confirm").click()
    for page in (floor, typing):
        expect(page.locator("#trial-bar")).to_have_count(0)
    expect(typing.get_by_label("Area code")).to_have_value("021")
    for page in (floor, typing):
        page.context.close()


def test_a_settings_page_on_which_nobody_types_shows_what_is_in_force_by_itself(chromium: Browser, box) -> None:
    door, _ = box
    page = opened(chromium, box, "/settings/box/")
    with People(door).exchange() as exchange:
        config = exchange.call("config.export")
        exchange.call("config.import", config=config | {"box": config["box"] | {"name": "Mingde"}})
    expect(page.locator("#name")).to_have_value("Mingde")
    page.context.close()
