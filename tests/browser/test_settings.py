"""Settings on a whole box, in both languages: what is put in force in the page is what the next caller hears.

A minute of trial passes as it is: within it the draft is lost neither by reloading nor by the page's own death.
"""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests import audio
from tests.browser.test_box import set_up
from tests.peers.box import ROOT, Box
from tests.peers.office import Office
from tests.peers.watch import Watch

SOUNDS = ROOT / "firmware/prompts/sounds"
GONE_MS = 90_000  # a minute's trial, and a busy machine


def goto(page: Page, box: Box, path: str, language: str = "en") -> None:
    mark = "&" if "?" in path else "?"
    page.goto(f"http://{box.web}{path}{mark}lang={language}")


def caller_hears(box: Box, folder: Path, number: str, key: str) -> tuple[audio.Samples, str]:
    """Return what a caller hears who presses a key in the menu, and what became of the key."""
    office, watch, path = Office(box.home), Watch(box.home), folder / f"{number}.wav"
    try:
        caller = office.call(1, number, record=str(path))
        call = watch.wait("call.offered", number=number)["call"]
        watch.wait("ivr.node", node="menu", call=call)
        caller.press(key)
        outcome = watch.wait("ivr.choice", call=call)["data"]["outcome"]
        caller.hang_up()
        caller.report()
    finally:
        watch.close()
        office.close()
    return audio.read_wav(path).channel(0), str(outcome)


def likeness(sound: audio.Samples, prompt: str) -> float:
    return float(audio.best_match(sound, audio.read_wav(SOUNDS / f"{prompt}.wav").channel(0)).likeness)


def test_a_menu_changed_on_trial_is_heard_by_the_next_caller_and_goes_back_by_itself(
    chromium: Browser, tmp_path: Path
) -> None:
    with Box() as box:
        page = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"http://{box.web}/")
        set_up(page, box)
        other = page.context.new_page()
        goto(other, box, "/settings/flows/entry?name=main")
        # A wrong value is told beside its field, and nothing of what was typed is lost
        goto(page, box, "/settings/flows/entry?name=main")
        page.get_by_label("Greeting 1").select_option("en/goodbye")
        page.get_by_label("Greeting 2").select_option("")
        page.get_by_label("Wait for a key").fill("700")
        page.get_by_role("button", name="Keep in draft").click()
        expect(page.locator("#wait_s-wrong")).to_contain_text("60")
        expect(page.get_by_label("Greeting 1")).to_have_value("en/goodbye")
        page.get_by_label("Wait for a key").fill("7")
        page.get_by_label("5 goes to").select_option("extension:202")
        page.get_by_role("button", name="Keep in draft").click()
        expect(page.get_by_text("Your draft has 3 changes, not in force yet.")).to_be_visible()
        # Another window, opened before, undoes none of it unseen
        other.get_by_label("Say it again, times").fill("1")
        other.get_by_role("button", name="Keep in draft").click()
        expect(other.get_by_role("alert")).to_contain_text("changed in another window just now")
        other.close()
        # Neither a reload nor the death of the page's program loses the draft
        box.wait_back("web", box.kill("web"))
        goto(page, box, "/settings/review/", "zh")
        expect(page.locator("ul.changes li")).to_have_text([
            "菜单“main”：问候语原为 zh/welcome, en/welcome，改为 en/goodbye",
            "菜单“main”：按键 按键 5原为 空，改为 分机 202 分机 202",
            "菜单“main”：等待按键原为 5 秒，改为 7 秒",
        ])  # fmt: skip
        page.get_by_label("原因").fill("新问候语")
        page.get_by_label("先试用：不确认就自动恢复").check()
        page.get_by_label("试用分钟数").fill("1")
        page.get_by_role("button", name="使其生效").click()
        expect(page.locator("#trial-bar")).to_contain_text("版本 2 试用中")
        expect(page.locator("#trial-bar .left strong")).to_have_text("0:45", timeout=30_000)  # it counts by itself
        sound, outcome = caller_hears(box, tmp_path, "13800138001", "5")
        assert likeness(sound, "en/goodbye") > 0.75
        assert likeness(sound, "zh/welcome") < 0.5
        assert outcome == "chosen"
        expect(page.locator("#trial-bar")).to_have_count(0, timeout=GONE_MS)  # the page asks anew by itself
        box.wait_provisioned()
        sound, outcome = caller_hears(box, tmp_path, "13800138002", "5")
        assert outcome == "wrong"
        assert likeness(sound, "zh/welcome") > 0.75
        # It is in the history, can be taken up again, and then stays
        goto(page, box, "/settings/history/2", "zh")
        expect(page.locator("main")).to_contain_text("新问候语")
        page.get_by_role("button", name="取为草稿").click()
        expect(page.locator("ul.changes li")).to_have_count(3)
        page.get_by_label("先试用：不确认就自动恢复").check()
        page.get_by_role("button", name="使其生效").click()
        page.get_by_role("link", name="话务总览").click()
        page.get_by_role("button", name="确认保留").click()
        expect(page.locator("#trial-bar")).to_have_count(0)
        assert box.json("config", "export")["flows"][0]["greeting"] == ["en/goodbye"]
        goto(page, box, "/settings/history/1")
        page.get_by_role("button", name="Go back to this revision").click()
        expect(page.get_by_text("is in force.")).to_be_visible()
        assert box.json("config", "export")["flows"][0]["greeting"] == ["zh/welcome", "en/welcome"]
        page.context.close()
