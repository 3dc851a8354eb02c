"""The first page and its stream, without a server."""

import json
import re
from html.parser import HTMLParser
from typing import get_type_hints

import msgspec
import pytest

from firmware.control.box import Live
from webui import picture as picture_module
from webui import stream
from webui.app import ROOT
from webui.feed import Feed
from webui.parts import PARTS
from webui.picture import Alarm, Box, Leg, Line, Picture, Program, Waiting
from webui.wordbook import say


@pytest.fixture
def feed(picture):
    """Return a feed that has told its picture and stays."""
    return Fixed(picture)


class Fixed(Feed):
    """A feed whose moment the test sets."""

    def __init__(self, picture: Picture | None) -> None:
        super().__init__(lambda: iter(()))
        self.programs = (Program("gateway", "up"), Program("exchange", "down"))
        self.set(picture)

    def set(self, picture: Picture | None, lost_s: float | None = None) -> None:
        self._tell(picture=picture, lost_s=lost_s if picture else 1000000000.0, programs=self.programs)


def text_of(html: str) -> str:
    """Return what a reader sees, spaces made one."""

    class Text(HTMLParser):
        seen = ""

        def handle_data(self, data: str) -> None:
            self.seen += data + " "

    parser = Text()
    parser.feed(html)
    return re.sub(r"\s+", " ", parser.seen)


def events_of(chunks: list[bytes]) -> list[tuple[str, dict]]:
    """Return the server-sent events in what was sent."""
    found = []
    for block in b"".join(chunks).decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ({"headers": {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}}, "zh-CN"),
        ({"headers": {"Accept-Language": "en-GB,en;q=0.9"}}, "en"),
        ({"headers": {"Accept-Language": "de"}}, "en"),
        ({"headers": {"Accept-Language": "zh-TW"}, "query_string": "lang=en"}, "en"),
        ({"headers": {"Accept-Language": "en"}, "query_string": "lang=zh"}, "zh-CN"),
        ({"headers": {"Accept-Language": "en"}, "query_string": "lang=klingon"}, "en"),
    ],
)
def test_the_language_is_the_one_asked_for(page, asked, language):
    assert f'<html lang="{language}"' in page(role="").get("/sign-in", **asked).text


def test_who_is_signed_in_reads_their_own_language_unless_another_was_chosen_here(page, feed):
    client = page(feed)
    assert '<html lang="en"' in client.get("/", headers={"Accept-Language": "zh"}).text
    assert '<html lang="zh-CN"' in client.get("/?lang=zh").text
    assert '<html lang="zh-CN"' in client.get("/").text


@pytest.mark.parametrize(("logged_in", "told"), [(0, True), (1, False)])
def test_how_to_log_in_is_told_while_nobody_is(page, picture, logged_in, told):
    queue = msgspec.structs.replace(picture.queues[0], ready=0, agents=logged_in)
    html = page(Fixed(msgspec.structs.replace(picture, queues=(queue,)))).get("/?lang=en").text
    assert ("No agent is logged in" in html) is told


def test_a_chosen_language_is_remembered(page, feed):
    client = page(feed)
    client.get("/?lang=zh", headers={"Accept-Language": "en"})
    assert "当前通话" in client.get("/", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh", "13800138000|队列 客户服务|坐席 201|振铃|占用|王芳|放弃|0:45|09-09 09:46:40|交换程序 已停止"),
        ("en", "13800138000|queue 客户服务|agent 201|ringing|in use|abandoned|logged out|Exchange down"),
    ],
)
def test_the_page_shows_what_goes_on(page, feed, language, expected):
    seen = text_of(page(feed).get(f"/?lang={language}").text)
    for text in expected.split("|"):
        assert text in seen


def test_a_callers_name_is_text_and_never_markup(page, feed):
    html = page(feed).get("/").text
    assert "&lt;b&gt;Zhang&lt;/b&gt; &amp; &#34;&lt;script&gt;" in html
    assert "<b>Zhang" not in html
    assert html.count("<script") == 1


def test_a_withheld_number_is_not_shown_even_if_it_is_known(page, picture):
    hidden = msgspec.structs.replace(picture.calls[0], withheld=True)
    html = page(Fixed(msgspec.structs.replace(picture, calls=(hidden,)))).get("/?lang=en").text
    assert "number withheld" in html
    assert "13800138000" not in html
    assert "Zhang" not in html


def test_an_idle_box_says_what_to_do_next(page):
    seen = text_of(page(Fixed(Picture(box=Box("Busyhour")))).get("/?lang=en").text)
    assert "No call at the moment" in seen
    assert ".venv/bin/busyhour demo" in seen
    assert "There are no records yet" in seen


def test_before_the_exchange_answers_the_page_says_so_and_what_to_start(page):
    seen = text_of(page(Fixed(None)).get("/?lang=en").text)
    assert "The exchange does not answer" in seen
    assert "./build.sh run" in seen
    assert "Exchange down" in seen


def test_a_lost_exchange_leaves_the_last_known_state_on_the_page(page, feed, picture):
    feed.set(picture, lost_s=1000000000.0)
    seen = text_of(page(feed).get("/?lang=en").text)
    assert "The exchange does not answer · 09:46:40" in seen
    assert "last known state" in seen
    assert "13800138000" in seen


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "Calls are not recorded <recordings> · major · since 09-09 09:46:40 12 MB left"),
        ("zh", "通话无法录音 <recordings> · 严重 · 始于 09-09 09:46:40 12 MB left"),
    ],
)
def test_what_needs_a_person_is_said_first_with_its_severity_and_since_when(page, picture, language, written):
    alarm = Alarm("recordings-storage", "<recordings>", 1000000000, "12 MB left", "major")
    needy = msgspec.structs.replace(picture, gateway=False, alarms=(alarm,))
    seen = text_of(page(Fixed(needy)).get(f"/?lang={language}").text)
    assert written in seen
    assert say("feed.no_gateway", language) in seen
    assert seen.index(written) < seen.index(say("calls", language))


def test_what_exactly_is_wrong_is_said_in_the_readers_language(page, picture):
    facts = {"host": "sip.example.com"}
    alarm = Alarm(
        "trunk-lost", "trunk:carrier", 1e9, "sip.example.com does not answer", "major", code="no-answer", facts=facts
    )
    needy = msgspec.structs.replace(picture, alarms=(alarm,))
    seen = text_of(page(Fixed(needy)).get("/?lang=zh").text)
    assert "SIP 中继没有应答 中继 carrier" in seen
    assert "sip.example.com 没有应答" in seen
    assert "does not answer" not in seen


def test_an_alarm_of_a_newer_gateway_is_shown_by_its_name(page, picture):
    needy = msgspec.structs.replace(picture, alarms=(Alarm("meteor_strike", "roof", 1000000000, "", "warning"),))
    html = page(Fixed(needy)).get("/?lang=en").text
    assert "meteor strike roof · warning · since 09-09 09:46:40" in text_of(html)
    assert "notice warn" in html


def test_what_an_agent_and_a_call_will_do_next_is_shown(page, picture):
    call = msgspec.structs.replace(
        picture.calls[0], recording=True, legs=(Leg("agent", "extension:201", "201", "answered", held=True),)
    )
    agent = msgspec.structs.replace(picture.agents[0], state="talking", wish="not_ready", registered=False)
    seen = text_of(page(Fixed(msgspec.structs.replace(picture, calls=(call,), agents=(agent,)))).get("/?lang=en").text)
    assert "recorded → agent 201 on hold" in seen
    assert "talking then not ready ⚠ telephone not registered" in seen


@pytest.mark.parametrize(("language", "words"), [("en", "used by another telephone"), ("zh", "被并机占用")])
def test_a_line_that_another_telephone_has_is_shown_so(page, picture, language, words):
    shared = msgspec.structs.replace(picture, lines=(Line(3, state="parallel"),))
    assert words in text_of(page(Fixed(shared)).get(f"/?lang={language}").text)


@pytest.mark.parametrize(("language", "words"), [("en", "new: 3"), ("zh", "3 条新留言")])
def test_messages_that_wait_are_shown_and_to_an_agent_the_own_ones_alone(page, picture, language, words):
    waits = msgspec.structs.replace(picture, waiting=(Waiting("201", "<b>王芳</b>", 3), Waiting("299", "", 1)))
    seen = text_of(page(Fixed(waits)).get(f"/?lang={language}").text)
    assert f"201 <b>王芳</b> {words}" in seen
    assert "299" in seen
    assert [one.number for one in waits.of_agent("201").waiting] == ["201"]
    assert "part-waiting" in page(Fixed(picture)).get("/").text


def test_the_page_has_nothing_inline_and_nothing_from_elsewhere(page, feed):
    html = page(feed).get("/").text
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", html) == []
    assert re.findall(r"""(?:src|href)=["']?(?:https?:|//)""", html) == []
    for path in ROOT.glob("static/**/*.css"):
        assert re.findall(r"url\((?!\"?data:)|@import", path.read_text()) == [], path


def test_page_and_files_together_are_light(page, feed):
    client = page(feed)
    html = client.get("/").text
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', html)
    assert len(files) >= 4
    sizes = {path: len(client.get(path).data) for path in files}
    assert sum(sizes.values()) + len(html) < 300_000, sizes


def test_headings_and_landmarks_are_in_order(page, feed):
    html = page(feed).get("/").text
    assert html.count("<h1") == html.count("<main") == 1
    assert html.index("<h1") < html.index("<h2")
    assert html.count('<section aria-labelledby="') == html.count("<section") == 6
    for target in re.findall(r'aria-labelledby="([a-z]+)"', html):
        assert f'id="{target}"' in html


def test_the_stream_sends_all_parts_then_only_what_changed(page, feed, picture):
    client = page(feed)
    response = client.get("/live?lang=en")
    assert response.mimetype == "text/event-stream"
    chunks = response.iter_encoded()
    first = [next(chunks) for _ in range(1 + len(PARTS))]
    assert [kind for kind, _ in events_of(first)] == ["hello"] + ["part"] * len(PARTS)
    assert "retry: 2000" in first[0].decode()
    assert "13800138000" in next(data["html"] for kind, data in events_of(first) if data.get("name") == "calls")
    feed.set(msgspec.structs.replace(picture, calls=()))
    assert [data["name"] for _, data in events_of([next(chunks)])] == ["calls"]
    response.close()


def test_a_page_that_comes_back_gets_everything_whatever_it_saw_last(page, feed):
    for last_seen in ("0", "999999", "nonsense", "-1"):
        response = page(feed).get("/live", headers={"Last-Event-ID": last_seen})
        chunks = response.iter_encoded()
        assert len(events_of([next(chunks) for _ in range(1 + len(PARTS))])) == 1 + len(PARTS)
        response.close()


def test_a_silent_stream_gives_a_sign_of_life(page, feed, monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.01)
    response = page(feed).get("/live")
    chunks = response.iter_encoded()
    assert [next(chunks) for _ in range(2 + len(PARTS))][-1] == b": still here\n\n"
    response.close()


def test_too_many_open_pages_are_told_to_ask_later_and_a_place_comes_free(page, feed):
    client = page(feed, most_streams=2)
    held = [client.get("/live") for _ in range(2)]
    refused = client.get("/live").text
    assert "event: full" in refused
    assert "retry: 15000" in refused
    held.pop().close()
    again = client.get("/live")
    assert b"event: hello" in next(again.iter_encoded())
    again.close()
    held.pop().close()


def test_the_stream_ends_when_the_program_does(page, feed):
    response = page(feed).get("/live")
    chunks = response.iter_encoded()
    for _ in range(1 + len(PARTS)):
        next(chunks)
    feed.close()
    assert list(chunks) == []


def fields_told(of: type) -> dict[str, object]:
    """Return each field of a struct, with what its list or struct holds."""
    return {name: getattr(hint, "__args__", (hint,))[0] for name, hint in get_type_hints(of).items()}


def test_the_page_understands_the_picture_the_exchange_draws():
    """Every field the pages read is one that control tells, in every part of the picture."""
    compared = 0
    pairs = [(picture_module.Picture, Live)]
    for ours, theirs in pairs:
        told = fields_told(theirs)
        for name, holds in fields_told(ours).items():
            assert name in told, f"{theirs.__name__} has no {name}"
            compared += 1
            if isinstance(holds, type) and issubclass(holds, msgspec.Struct):
                pairs.append((holds, told[name]))
    assert compared > 50


def test_a_great_crowd_of_calls_is_shown_in_part_and_counted_whole(page, picture):
    crowd = tuple(msgspec.structs.replace(picture.calls[0], id=str(n), number=f"1{n:010}") for n in range(140))
    seen = text_of(page(Fixed(msgspec.structs.replace(picture, calls=crowd))).get("/?lang=en").text)
    assert "Calls now 140" in seen
    assert "10000000099" in seen
    assert "10000000100" not in seen
    assert "and 40 more" in seen
