"""The digital spans, channel by channel as they are now; a channel restarted; the signalling to read; a test."""

import contextlib
import time
from typing import Any

import msgspec
from flask import Blueprint, Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BusyhourError
from firmware.health import bit_words, span_words, trace_words
from webui import csrf
from webui.acts import acted
from webui.feed import Feed, Moment
from webui.live import streamed
from webui.page import language_asked, page
from webui.parts import Parts, fragments
from webui.picture import Span
from webui.presence import Presence
from webui.trace import Trace
from webui.visitor import Visitor, ask
from webui.wording import Wording

bp = Blueprint("spans", __name__, url_prefix="/spans")
COLOURS = {"up": "ok", "down": "bad", "alarm": "bad", "absent": "bad"}
PARTS = {"spans": "spans/_spans.html", "test": "spans/_test.html", "trace": "live/_trace.html"}
VERDICTS = {"good": "ok", "bad": "bad"}
SECONDS = (10, 60, 300, 900)    # that a test may last, as its form offers


class Drawing:
    """Draws all spans, or one of them with its signalling; anew when something is new on them, not else."""

    def __init__(self, app: Flask, language: str, visitor: Visitor, number: int, asking: Any) -> None:
        """`number` is 0 for all. `asking` asks the exchange as the visitor: a method's name, and its parameters."""
        self._app, self._language, self._number, self._asking = app, language, number, asking
        self._visitor = visitor
        self._test: dict[str, Any] | None = None
        self._trace = Trace("span", number, asking)
        self._shown: Any = None
        self._parts: dict[str, str] = {}

    def draw(self, moment: Moment) -> dict[str, str]:
        """Return the HTML of each part by its name."""
        return self.draw_these(moment, moment.picture.spans if moment.picture else None)

    def draw_these(self, moment: Moment, found: tuple[Span, ...] | None) -> dict[str, str]:
        """Return the HTML where the spans are known otherwise; None while nothing is known."""
        zone = moment.picture.box.timezone if moment.picture else ""
        above: Parts = self._app.extensions["parts"]
        spans = None if found is None else [span for span in found if self._number in (0, span.number)]
        if self._number and moment.lost_s is None:
            self._follow()
        shown = (spans, self._trace.last, self._trace.why, zone, self._test)
        if shown != self._shown:
            self._shown = shown
            context = {
                "moment": moment, "say": Wording(self._language, zone), "words": span_words, "colours": COLOURS,
                "spans": msgspec.to_builtins(spans or []), "told": spans is not None,
                "alone": bool(self._number), "trace": self._trace, "signals": trace_words,
                "test": self._test, "bits": bit_words, "verdicts": VERDICTS,
                "form": csrf.made_for(self._visitor.token), "may_test": self._visitor.role == "admin",
            }  # fmt: skip
            names = PARTS if self._number else {"spans": PARTS["spans"]}
            self._parts = fragments(self._app, names, context)
        return {"feed": above.draw_beside(moment, moment.picture, self._language)["feed"], **self._parts}

    def _follow(self) -> None:
        """Take what was said on the span since, and its last test; where nothing can be read, what is known stays."""
        with contextlib.suppress(BusyhourError):
            self._test = self._asking("span.last_test", number=self._number)["test"]
        self._trace.follow()


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show all spans."""
    ask("session.may", what="span.trace")
    return _page("spans/index.html", 0)


@bp.get("/<int:number>")
def span(number: int) -> ResponseReturnValue:
    """Show one span with its signalling."""
    ask("session.may", what="span.trace")
    if not any(one["number"] == number for one in ask("span.list")):
        abort(404)
    return _page("spans/span.html", number)


@bp.get("/stream")
def stream() -> ResponseReturnValue:
    """Send the parts of the page of all spans as server-sent events."""
    return _stream(0)


@bp.get("/<int:number>/stream")
def span_stream(number: int) -> ResponseReturnValue:
    """Send the parts of a span's page as server-sent events."""
    return _stream(number)


@bp.post("/<int:number>/restart")
def restart(number: int) -> ResponseReturnValue:
    """Make a channel idle on both sides."""
    return acted(lambda what: _restart(number), lambda: redirect(url_for("spans.span", number=number), 303))


@bp.post("/<int:number>/test")
def test(number: int) -> ResponseReturnValue:
    """Begin a loopback test, or end it: the form's `act`."""
    return acted(lambda what: _test(number, what), lambda: redirect(url_for("spans.span", number=number), 303))


def _test(number: int, act: str) -> None:
    if act == "stop":
        ask("span.stop_test", number=number)
        return
    ask(
        "span.test", number=number, slot=_number("slot"), seconds=_number("seconds"),
        local="local" in request.form,
    )  # fmt: skip


def _number(field: str) -> int:
    """Return a form's number, -1 for what is none: the exchange says what would be right."""
    told = request.form.get(field, "")
    return int(told) if told.isdecimal() and len(told) < 5 else -1


def _restart(number: int) -> None:
    ask("span.restart", number=number, slot=_number("slot"))


def _page(template: str, number: int) -> ResponseReturnValue:
    feed: Feed = current_app.extensions["feed"]
    drawing = Drawing(_app(), language_asked(), g.visitor, number, ask)
    told = msgspec.convert(ask("span.list"), tuple[Span, ...], strict=False)
    parts = dict.fromkeys(PARTS, "") | drawing.draw_these(feed.now(), told)
    timezone = ask("status")["box"]["timezone"]
    return page(
        template, 200, timezone, number=number, parts=parts, now_s=time.time(), slots=[*range(1, 16), *range(17, 32)],
        lengths=SECONDS,
        may_act=g.visitor.role == "admin",
    )  # fmt: skip


def _stream(number: int) -> ResponseReturnValue:
    ask("session.may", what="span.trace")
    app, language, somebody = _app(), language_asked(), g.visitor

    def draws(presence: Presence) -> Any:
        return Drawing(app, language, somebody, number, presence.ask).draw

    return streamed(draws)


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]
