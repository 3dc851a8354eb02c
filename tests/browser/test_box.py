"""The first page of a whole box: a caller at the central office comes and goes before one's eyes."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.peers.box import ROOT, Box

PASSWORD = "correct horse battery"
BUSYHOUR = Path(sys.executable).parent / "busyhour"


def set_up(page: Page, box: Box) -> None:
    """Sign in as whoever started the box does, with what it printed, and choose a password."""
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(box.set_up_password())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password, once more").fill(PASSWORD)
    page.get_by_role("button", name="Choose this password").click()


def test_a_real_call_comes_and_goes_on_the_page_and_is_on_record(chromium: Browser, shots: Path) -> None:
    with Box() as box:
        page = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"http://{box.web}/")
        set_up(page, box)
        expect(page.get_by_role("heading", name="Calls now")).to_be_visible()
        files = [path for path in box.home.rglob("*") if path.is_file()]
        assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []
        expect(page.locator("#part-calls")).to_contain_text("No call at the moment")
        expect(page.locator("#part-programs li.up")).to_have_count(6)
        expect(page.locator("#part-lines li")).to_have_count(4)
        caller = subprocess.Popen(
            [BUSYHOUR, "office", "call", "--line", "1", "--from", "13800138000", "--digits", "1", "--hold", "14"],
            cwd=ROOT, env=box.environment, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        expect(page.locator("#part-calls li")).to_have_count(1)
        who = page.locator("#part-calls .party").inner_text()
        expect(page.locator("#part-lines")).to_contain_text("in use")
        expect(page.locator("#part-calls")).to_contain_text("queue 客户服务")
        page.screenshot(path=shots / "box-call.png", full_page=True)
        assert caller.wait(60) == 0
        expect(page.locator("#part-calls")).to_contain_text("No call at the moment")
        expect(page.locator("#part-last")).to_contain_text("abandoned")
        expect(page.locator("#part-last .party").last).to_have_text(who)
        page.context.close()
