"""People sign in, choose passwords and see to users, in a real browser: both languages, light and dark, two widths."""

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.judge import CONTRASTS, WIDTHS
from tests.firmware.control.door import DoorThread
from tests.webui.people import PASSWORD, People
from tests.webui.program import Page as Program

WORDS = {
    "en": {"name": "Name", "password": "Password", "in": "Sign in", "new": "New password",
           "again": "New password, once more", "choose": "Choose this password", "add": "Add user", "out": "Sign out",
           "live": "Calls now", "users": "Users", "settings": "Settings"},
    "zh": {"name": "姓名", "password": "密码", "in": "登录", "new": "新密码", "again": "再输入一次新密码",
           "choose": "设置密码", "add": "添加用户", "out": "退出", "live": "当前通话", "users": "用户",
           "settings": "设置"},
}  # fmt: skip


@pytest.fixture
def door() -> Iterator[DoorThread]:
    with DoorThread() as thread:
        yield thread
    shutil.rmtree(thread.door.home)


@pytest.fixture
def people(door: DoorThread) -> People:
    return People(door)


@pytest.fixture
def web(door: DoorThread) -> Iterator[Program]:
    program = Program(door.door.home)
    try:
        program.wait_until_it_answers()
        yield program
    finally:
        program.stop()


@pytest.fixture
def browser(chromium: Browser, web: Program) -> Iterator[Callable[..., Page]]:
    """Return what opens a page in a profile of its own; whatever the browser complains of fails the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def open_page(path: str = "/", language: str = "en", scheme: str = "light", width: str = "desk") -> Page:
        wide, high = WIDTHS[width]
        locale = {"zh": "zh-CN", "en": "en-GB"}[language]
        context = chromium.new_context(viewport={"width": wide, "height": high}, color_scheme=scheme, locale=locale)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("request", lambda request: request.url.startswith(web.origin) or complaints.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}") or dialog.dismiss())
        page.on("console", lambda message: "status of 4" in message.text or complaints.append(message.text))
        page.goto(web.origin + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Page, name: str, password: str = PASSWORD, language: str = "en") -> None:
    words = WORDS[language]
    page.get_by_label(words["name"]).fill(name)
    page.get_by_label(words["password"]).fill(password)
    page.get_by_role("button", name=words["in"]).click()


def judge(page: Page, shot: str, width: str, shots) -> None:  # type: ignore[no-untyped-def]
    page.screenshot(path=shots / f"{shot}.png", full_page=True)
    assert page.evaluate(CONTRASTS) == [], shot
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width][0], shot


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_the_first_password_to_a_user_who_may_not(browser, people, shots, language, scheme, width):
    words = WORDS[language]
    kind = f"{language}-{scheme}-{width}"
    page = browser("/users/", language, scheme, width)
    judge(page, f"sign-in-{kind}", width, shots)
    sign_in(page, "nobody", "guess", language)
    judge(page, f"sign-in-wrong-{kind}", width, shots)
    sign_in(page, "老板", people.newcomer("老板", "admin"), language)
    page.get_by_label(words["new"], exact=True).fill("short")
    page.get_by_label(words["again"]).fill("short")
    page.get_by_role("button", name=words["choose"]).click()
    expect(page.locator("#password-wrong")).to_be_visible()
    judge(page, f"first-{kind}", width, shots)
    page.get_by_label(words["new"], exact=True).fill(PASSWORD)
    page.get_by_label(words["again"]).fill(PASSWORD)
    page.get_by_role("button", name=words["choose"]).click()
    expect(page.get_by_role("heading", name=words["live"])).to_be_visible()
    judge(page, f"overview-{kind}", width, shots)
    page.locator("nav.places").get_by_role("link", name=words["settings"]).click()
    page.locator("main").get_by_role("link", name=words["users"], exact=True).click()
    expect(page.locator("#agent")).to_be_hidden()
    page.locator("#role").select_option("agent")
    expect(page.locator("#agent")).to_be_visible()
    page.locator("#name").fill("老板")
    page.get_by_role("button", name=words["add"]).click()
    expect(page.locator("#agent-wrong, #name-wrong").first).to_be_visible()
    page.locator("#name").fill("WangXiaoming-of-the-night-shift")
    page.locator("#agent").select_option("201")
    judge(page, f"users-add-{kind}", width, shots)
    page.get_by_role("button", name=words["add"]).click()
    expect(page.locator(".given code")).to_have_text(re.compile(r"^\w{4}-\w{4}-\w{4}$"))
    password = page.locator(".given code").inner_text()
    judge(page, f"given-{kind}", width, shots)
    page.get_by_role("main").get_by_role("button", name=words["users"]).click()
    judge(page, f"users-{kind}", width, shots)
    page.locator("tr", has_text="WangXiaoming").get_by_role("link").click()
    page.locator("main summary").click()
    judge(page, f"user-{kind}", width, shots)
    page.get_by_role("link", name="老板").click()
    judge(page, f"account-{kind}", width, shots)
    page.get_by_role("banner").get_by_role("button", name=words["out"]).click()
    sign_in(page, "wangxiaoming-of-the-night-shift", password, language)
    page.get_by_label(words["new"], exact=True).fill(PASSWORD)
    page.get_by_label(words["again"]).fill(PASSWORD)
    page.get_by_role("button", name=words["choose"]).click()
    expect(page.get_by_role("heading", name=words["live"])).to_be_visible()
    expect(page.get_by_role("link", name=words["settings"], exact=True)).to_have_count(0)
    page.goto(page.url + "users/")
    judge(page, f"not-allowed-{kind}", width, shots)


def test_an_open_page_goes_to_sign_in_when_its_session_ends(browser, people):
    people.settled("li")
    page = browser()
    sign_in(page, "li")
    expect(page.locator("#part-feed")).to_contain_text("Live")
    with people.exchange() as exchange:
        exchange.call("user.remove", name="li")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_who_signs_out_in_one_window_is_out_in_the_other(browser, people):
    people.settled("li")
    page = browser()
    sign_in(page, "li")
    expect(page.locator("#part-feed")).to_contain_text("Live")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_no_script_reads_the_session_and_a_name_runs_none(browser, people, door):
    name = "<img/src=x/onerror=alert(1)>"
    people.settled(name, "admin")
    page = browser()
    sign_in(page, name)
    expect(page.locator("#part-feed")).to_contain_text("Live")
    assert page.evaluate("document.cookie") == ""
    for path in ("/users/", "/account/"):
        page.goto(page.url.rstrip("/").removesuffix("/users") + path)
        expect(page.get_by_text(name).first).to_be_visible()
    assert page.locator("img").count() == 1  # ours


def test_the_language_is_switched_before_and_after_signing_in(browser, people):
    people.settled("li")
    page = browser("/account/")
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    sign_in(page, "li", language="zh")
    expect(page.get_by_role("heading", name="我的账户")).to_be_visible()
    page.get_by_label("界面语言").select_option("en")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("Your language is kept.")).to_be_visible()


def test_a_page_of_another_site_cannot_act_for_who_is_signed_in(browser, people, chromium, web):
    """The browser itself withholds the cookie, and the form would not be ours."""
    people.settled("boss", "admin")
    page = browser()
    sign_in(page, "boss")
    expect(page.locator("#part-feed")).to_contain_text("Live")
    context = page.context
    attacker = context.new_page()
    attacker.route("http://localhost:1/", lambda route: route.fulfill(
        body=f'<form method="post" action="{web.origin}/users/user?name=boss"><input name="act" value="password">'
        "<button>win</button></form>", content_type="text/html"))
    attacker.goto("http://localhost:1/")
    attacker.get_by_role("button", name="win").click()
    attacker.wait_for_url(f"{web.origin}/**")
    expect(attacker.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.locator("#part-feed")).to_contain_text("Live")
