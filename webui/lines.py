"""The telephone lines and how well they are: a test of one, its figures, a report to print, and what passes on it."""

import time
from typing import Any

from flask import Blueprint, Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BusyhourError, NotFound
from firmware.health import line_words, tone_words, trace_words
from webui import csrf
from webui.acts import acted
from webui.feed import Feed, Moment
from webui.live import streamed
from webui.mistakes import NONE, Mistakes, mistakes
from webui.page import language_asked, page
from webui.parts import Parts, fragments
from webui.picture import Line
from webui.presence import Presence
from webui.trace import Trace
from webui.visitor import Visitor, ask
from webui.wording import Wording

bp = Blueprint("lines", __name__, url_prefix="/lines")
COLOURS = {"idle": "off", "ringing": "busy", "in_use": "ok", "testing": "busy", "parallel": "busy", "fault": "bad"}
LEAST_DBM0 = -60.0  # at the bottom of the picture of a tone
SPECTRUM_DB = 40.0
VERDICTS = {"good": "ok", "poor": "busy", "bad": "bad"}
MAIL_FIELDS = dict.fromkeys(("mail-not-sent", "no-mail-server", "never-tested"), "address")
PARTS = {name: f"lines/_{name}.html" for name in ("line", "tone", "report")}
TRACE = {"trace": "live/_trace.html"}


class Drawing:
    """Draws a line. The exchange is asked for its tests when the picture tells of something new on it, not else."""

    def __init__(self, app: Flask, language: str, visitor: Visitor, number: int, asking: Any) -> None:
        """`asking` is what asks the exchange as the visitor: a method's name, and its parameters."""
        self._app, self._language, self._visitor, self._number = app, language, visitor, number
        self._asking = asking
        self._shown: tuple[Line | None, bool] | None = None
        self._parts: dict[str, str] = {}
        self._trace = Trace("line", number, asking)
        self._traced: tuple[int, str, str] | None = None  # what is drawn of it
        self._signals: dict[str, str] = {}

    def draw(self, moment: Moment) -> dict[str, str]:
        """Return the HTML of each part by its name."""
        zone = moment.picture.box.timezone if moment.picture else ""
        common = {"moment": moment, "picture": moment.picture, "say": Wording(self._language, zone), "look": None}
        above: Parts = self._app.extensions["parts"]
        shown = (self._line(moment), moment.lost_s is None)
        if shown != self._shown and (moment.lost_s is None or not self._parts):
            try:
                self._parts = self._ask(common)
                self._shown = shown
            except BusyhourError:
                self._shown = None  # what was drawn stays; the next picture asks again
        if moment.lost_s is None:
            self._trace.follow()
        traced = (self._trace.last, self._trace.why, zone)
        if traced != self._traced:
            self._traced = traced
            context = common | {"trace": self._trace, "signals": trace_words}
            self._signals = fragments(self._app, TRACE, context)
        feed = above.draw_beside(moment, moment.picture, self._language)["feed"]
        return {"feed": feed, **self._parts, **self._signals}

    def _ask(self, common: dict[str, Any]) -> dict[str, str]:
        told = self._asking("line.show", number=self._number)
        context = common | {
            "told": told, "line": told["line"], "words": line_words, "colours": COLOURS, "tones": tone_words,
            "drawing": drawing_of(told["learning"]),
            "verdicts": VERDICTS, "form": csrf.made_for(self._visitor.token),
            "may_test": self._visitor.role == "admin",
        }  # fmt: skip
        return fragments(self._app, PARTS, context)

    def _line(self, moment: Moment) -> Line | None:
        lines = moment.picture.lines if moment.picture else ()
        return next((line for line in lines if line.number == self._number), None)


def drawing_of(attempt: dict[str, Any] | None) -> dict[str, Any]:
    """Return what was heard as pictures: heights of columns by time and by frequency, 0 to 100, and the peaks' Hz."""
    if not attempt or not attempt["levels"]:
        return {}
    loudest = max(attempt["spectrum"], default=0)
    hertz = [int(one) for one in attempt["tone"].partition("/")[0].split("+") if one]
    return {
        "time": [_height(level, LEAST_DBM0, 0) for level in attempt["levels"]],
        "seconds": len(attempt["levels"]) * 0.02,
        "bands": [_height(level, loudest - SPECTRUM_DB, loudest) for level in attempt["spectrum"]],
        "peaks": [(one, one / 25) for one in hertz],
    }


def _height(level: float, least: float, most: float) -> float:
    return round(max(0.0, min(1.0, (level - least) / (most - least))) * 100, 1)


@bp.get("/")
def index() -> ResponseReturnValue:
    """List the lines with what their last test said."""
    ask("session.may", what="line.show")
    timezone = ask("status")["box"]["timezone"]
    return page(
        "lines/index.html", 200, timezone, lines=ask("line.list"), colours=COLOURS, verdicts=VERDICTS, words=line_words
    )


@bp.get("/<int:number>")
def line(number: int) -> ResponseReturnValue:
    """Show one line as it is now, its last test as a report, and those before."""
    return _line(number)


def _line(
    number: int, status: int = 200, address: str = "", wrong: Mistakes = NONE, sent: bool = False
) -> ResponseReturnValue:
    """Return the page of a line, and what became of a report that was to be sent to an address."""
    try:
        told = ask("line.show", number=number)
    except NotFound:
        abort(404)
    feed: Feed = current_app.extensions["feed"]
    drawing = Drawing(_app(), language_asked(), g.visitor, number, ask)
    parts = dict.fromkeys(PARTS | TRACE, "") | drawing.draw(feed.now())
    box = ask("status")["box"]
    return page(
        "lines/line.html", status, box["timezone"], number=number, parts=parts, now_s=time.time(), told=told,
        box=box["name"], may_mail=g.visitor.role == "admin", address=address, wrong=wrong, sent=sent,
    )  # fmt: skip


@bp.get("/<int:number>/stream")
def stream(number: int) -> ResponseReturnValue:
    """Send the parts of a line's page as server-sent events, while their reader is signed in."""
    ask("session.may", what="line.show")
    app, language, somebody = _app(), language_asked(), g.visitor

    def draws(presence: Presence) -> Any:
        return Drawing(app, language, somebody, number, presence.ask).draw

    return streamed(draws)


@bp.post("/<int:number>/test")
def test(number: int) -> ResponseReturnValue:
    """Test the line now: ten seconds."""
    return acted(lambda what: _test(number), lambda: redirect(url_for("lines.line", number=number), 303))


@bp.post("/<int:number>/mail")
def mail(number: int) -> ResponseReturnValue:
    """Send the report of the line's last test to the address of the form, in the reader's language."""
    address = request.form.get("address", "").strip()
    try:
        ask("line.mail_report", number=number, address=address, language=language_asked())
    except NotFound:
        abort(404)
    except BusyhourError as error:
        return _line(number, 422, address=address, wrong=mistakes(error, Wording(language_asked()), MAIL_FIELDS))
    return _line(number, address=address, sent=True)


@bp.post("/<int:number>/tone")
def tone(number: int) -> ResponseReturnValue:
    """Learn the line's busy tone, give up, accept what was learnt, or forget it: the form's `act`."""
    return acted(lambda what: _tone(number, what), lambda: redirect(url_for("lines.line", number=number), 303))


def _tone(number: int, act: str) -> None:
    match act:
        case "learn":
            ask("line.learn", number=number, dial=request.form.get("dial", "").strip())
        case "stop_learning" | "accept_tone" | "forget_tone":
            ask(f"line.{act}", number=number)
        case _:
            abort(400)


def _test(number: int) -> None:
    ask("line.test", number=number)


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]
