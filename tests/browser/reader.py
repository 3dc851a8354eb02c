"""Who reads the pages of an exchange's real door: signed in, in a language, by day or night, wide or narrow."""

import contextlib
from collections.abc import Callable, Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.judge import WIDTHS
from tests.firmware.control.door import DoorThread
from tests.webui.people import People
from tests.webui.program import Page as Program

Box = tuple[DoorThread, Program]
Look = tuple[str, str, str]  # language, scheme, width
# Each language, scheme and width with each of the others at least once
LOOKS: list[Look] = [
    ("zh", "light", "desk"), ("en", "dark", "desk"), ("en", "light", "telephone"), ("zh", "dark", "telephone"),
]  # fmt: skip


@contextlib.contextmanager
def box(furnish: Callable[[DoorThread], None] = lambda door: None) -> Iterator[Box]:
    """Give an exchange's door with what `furnish` puts behind it, and the pages' program before it."""
    with DoorThread() as door:
        furnish(door)
        program = Program(door.door.home)
        try:
            program.wait_until_it_answers()
            yield door, program
        finally:
            program.stop()


@contextlib.contextmanager
def reader(chromium: Browser, box: Box, role: str, look: Look) -> Iterator[tuple[Page, list[str]]]:
    """Give a page of somebody with a role, and what the browser complains of while it is open."""
    (door, program), (language, scheme, width) = box, look
    wide, high = WIDTHS[width]
    locale = {"zh": "zh-CN", "en": "en-GB"}[language]
    context = chromium.new_context(viewport={"width": wide, "height": high}, color_scheme=scheme, locale=locale)
    cookies = {"busyhour": People(door).signed_in(role), "language": language}
    context.add_cookies([{"name": name, "value": value, "url": program.origin} for name, value in cookies.items()])
    page, complaints = context.new_page(), []
    page.on("request", lambda asked: asked.url.startswith(program.origin) or complaints.append(asked.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    try:
        yield page, complaints
    finally:
        context.close()


def serious(page: Page) -> list[str]:
    """Return what axe finds that keeps somebody from using a page: rule and element."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
