"""A new box takes the place of an old one, from its first page on: in both languages, with a telephone of the old one.

What cannot be restored is said beside where it was given, and leaves the box as it is.
"""

import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from firmware.control.client import SOCKET, Client
from tests.browser.judge import CONTRASTS, WIDTHS
from tests.drivers.sip.test_edge import register
from tests.peers.box import ROOT, Box
from tests.peers.wire import Peer

BUSYHOUR = Path(sys.executable).parent / "busyhour"
PASSPHRASE = "three stones in a blue boat"
OLD, NEW = "the password of the old box", "a password for an hour"


def both(page: Page, chinese: str, english: str) -> None:
    """Say that this page says it in both languages; it stays in the one in which it came."""
    own = page.locator("html").get_attribute("lang")
    here, other = (chinese, "English") if own == "zh-CN" else (english, "中文")
    expect(page.locator("main")).to_contain_text(here)
    page.get_by_role("link", name=other).click()
    expect(page.locator("main")).to_contain_text(english if other == "English" else chinese)
    page.get_by_role("link", name="中文" if own == "zh-CN" else "English").click()
    expect(page.locator("main")).to_contain_text(here)


def judge(page: Page, shots: Path, name: str) -> None:
    for width, (wide, high) in WIDTHS.items():
        page.set_viewport_size({"width": wide, "height": high})
        page.screenshot(path=shots / f"restore-{name}-{width}.png", full_page=True)
        assert page.evaluate(CONTRASTS) == [], (name, width)
        assert page.evaluate("document.documentElement.scrollWidth") == wide, (name, width)


def sign_in(page: Page, password: str) -> None:
    page.get_by_label("姓名").fill("admin")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def old_box(file: Path) -> str:
    """Save a box that somebody set up, and return the secret of its extension 201."""
    with Box() as box:
        with Client(box.home / SOCKET) as client:
            opened = client.call("session.open", name="admin", password=box.set_up_password(), address="")
            client.call("session.resume", token=opened["token"])
            client.call("own.password", password=OLD)
        box.configure(box=box.ask("config.export")["box"] | {"name": "明德诊所"})
        secret: str = box.ask("extension.secret", number="201")["secret"]
        subprocess.run(
            [BUSYHOUR, "backup", file], env=box.environment, cwd=ROOT, input=f"{PASSPHRASE}\n", text=True, check=True
        )
    return secret


@pytest.fixture
def chinese(chromium: Browser) -> Page:
    return chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900}).new_page()


def bring(page: Page, file: Path) -> None:
    page.get_by_label("备份文件").set_input_files(file)
    page.get_by_role("button", name="上传").click()


def unpack(page: Page, passphrase: str) -> None:
    page.get_by_label("备份口令").fill(passphrase)
    page.get_by_role("button", name="解开并检查").click()


def test_an_empty_box_becomes_the_old_one_from_its_first_page_on(
    chinese: Page, shots: Path, tmp_path: Path
) -> None:
    file = tmp_path / "box.backup"
    secret = old_box(file)
    data = file.read_bytes()
    (tmp_path / "damaged.backup").write_bytes(data[:-4000] + bytes(100) + data[-3900:])
    (tmp_path / "newer.backup").write_bytes(data.replace(b"busyhour backup 1 ", b"busyhour backup 9 ", 1))
    page = chinese
    with Box() as box:
        page.goto(f"http://{box.web}/")
        sign_in(page, box.set_up_password())
        both(page, "有旧系统的备份？下一步就可以恢复", "is restored in the next step")
        page.get_by_label("新密码", exact=True).fill(NEW)
        page.get_by_label("再输入一次新密码").fill(NEW)
        page.get_by_role("button", name="设置密码").click()
        judge(page, shots, "new")
        page.get_by_role("button", name="恢复备份").click()
        both(page, "本机还没有用过", "This box has not been used yet")
        judge(page, shots, "bring")
        for name, chinese_words, english_words in (
            ("newer", "备份来自更新的版本", "It was made by a newer release"),
            ("damaged", "备份不完整或被改动过", "This backup is not whole"),
        ):
            page.goto(f"http://{box.web}/backups/restore")
            bring(page, tmp_path / f"{name}.backup")
            unpack(page, PASSPHRASE)
            both(page, chinese_words, english_words)
        page.goto(f"http://{box.web}/backups/restore")
        bring(page, file)
        unpack(page, "not the right one")
        both(page, "口令不对", "does not open with this passphrase")
        judge(page, shots, "wrong")
        assert not (box.home / "restore").exists()
        unpack(page, PASSPHRASE)
        expect(page.get_by_role("heading", name="备份的内容")).to_be_visible()
        both(page, "明德诊所", "明德诊所")
        both(page, "您现在的登录和密码随之作废", "Your session and the password you have now end with it")
        judge(page, shots, "holds")
        pid = box.pid("exchange")
        page.get_by_role("button", name="恢复到本机").click()
        both(page, "备份已恢复。请用备份里的姓名和密码登录", "The backup is restored. Sign in with a name and password")
        judge(page, shots, "sign-in")
        sign_in(page, NEW)
        expect(page.locator("main")).to_contain_text("姓名或密码不对")
        sign_in(page, OLD)
        expect(page.get_by_role("heading", name="当前通话")).to_be_visible()
        expect(page.get_by_role("heading", name="新系统")).to_have_count(0)
        box.wait_back("exchange", pid)
        box.wait_provisioned()
        assert box.program("edge")["state"] == "up"
        name, _, port = box.https.rpartition(":")
        served = ssl.get_server_certificate((name, int(port)))
        assert served.strip() in (box.home / "certificate/box.pem").read_text()  # the old box's, which browsers know
        host, _, port = box.sip.rpartition(":")
        with Peer((host, int(port)), "127.0.0.1") as telephone:
            for _ in range(5):
                assert register(telephone, "201", "mistyped").status == 401
            page.goto(f"http://{box.web}/bans/")
            both(page, "127.0.0.1 用分机 201 登记，密码不对（5 次）", "wrong password for 201 from 127.0.0.1 (5 times)")
            judge(page, shots, "bans")
            assert register(telephone, "201", secret).status == 200
        box.wait_registered("201")
    page.context.close()
