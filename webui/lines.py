"""The telephone lines and how well they are: a test of one, its figures, and a report to print."""

import time
from typing import Any

from flask import Blueprint, Flask, abort, current_app, g, redirect, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BusyhourError, NotFound
from firmware.health import line_words
from webui import csrf
from webui.acts import acted
from webui.feed import Feed, Moment
from webui.live import streamed
from webui.page import language_asked, page
from webui.parts import Parts, fragments
from webui.picture import Line
from webui.presence import Presence
from webui.visitor import Visitor, ask
from webui.wording import Wording

bp = Blueprint("lines", __name__, url_prefix="/lines")
COLOURS = {"idle": "off", "ringing": "busy", "in_use": "ok", "testing": "busy", "fault": "bad"}
VERDICTS = {"good": "ok", "poor": "busy", "bad": "bad"}
PARTS = ("line", "report")


class Drawing:
    """Draws a line. The exchange is asked for its tests when the picture tells of something new on it, not else."""

    def __init__(self, app: Flask, language: str, visitor: Visitor, number: int, asking: Any) -> None:
        """`asking` is what asks the exchange as the visitor: a method's name, and its parameters."""
        self._app, self._language, self._visitor, self._number = app, language, visitor, number
        self._asking = asking
        self._shown: tuple[Line | None, bool] | None = None
        self._parts: dict[str, str] = {}

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
        return {"feed": above.draw_beside(moment, moment.picture, self._language)["feed"], **self._parts}

    def _ask(self, common: dict[str, Any]) -> dict[str, str]:
        told = self._asking("line.show", number=self._number)
        context = common | {
            "told": told, "line": told["line"], "words": line_words, "colours": COLOURS,
            "verdicts": VERDICTS, "form": csrf.made_for(self._visitor.token),
            "may_test": self._visitor.role == "admin",
        }  # fmt: skip
        return fragments(self._app, {name: f"lines/_{name}.html" for name in PARTS}, context)

    def _line(self, moment: Moment) -> Line | None:
        lines = moment.picture.lines if moment.picture else ()
        return next((line for line in lines if line.number == self._number), None)


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
    try:
        told = ask("line.show", number=number)
    except NotFound:
        abort(404)
    feed: Feed = current_app.extensions["feed"]
    drawing = Drawing(_app(), language_asked(), g.visitor, number, ask)
    parts = dict.fromkeys(PARTS, "") | drawing.draw(feed.now())
    status = ask("status")
    return page(
        "lines/line.html", 200, status["box"]["timezone"], number=number, parts=parts, now_s=time.time(), told=told,
        box=status["box"]["name"],
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


def _test(number: int) -> None:
    ask("line.test", number=number)


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]
