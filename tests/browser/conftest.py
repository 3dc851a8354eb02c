"""A real Chromium, and the page's program with a hand-written exchange behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.webui.exchange_stand_in import Exchange
from tests.webui.program import Page

PATIENCE_MS = 20_000  # a browser on a machine with other things to do; how quick a page is, the bench measures
expect.set_options(timeout=PATIENCE_MS)

ROOT = Path(__file__).resolve().parents[2]
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")  # it occupies the thread's event loop as long as it lives
def chromium() -> Iterator[Browser]:
    """Return Debian's Chromium; each test opens a fresh profile in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shots() -> Path:
    """Return where pictures of the pages are left for people to look at."""
    folder = ROOT / ".build/screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    """Return a hand-written exchange."""
    with Exchange() as stand_in:
        yield stand_in


@pytest.fixture
def program(exchange: Exchange) -> Iterator[Page]:
    """Return the page's program at the exchange's home."""
    page = Page(exchange.home)
    try:
        page.wait_until_it_answers()
        yield page
    finally:
        page.stop()
