"""The desk: an agent's own page, with the call at hand and what is known of its caller."""

import time
from typing import Any

from flask import Blueprint, Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BusyhourError, SignedOut, Unavailable
from webui import csrf
from webui.acts import acted
from webui.feed import Feed, Moment
from webui.live import streamed
from webui.page import language_asked, page
from webui.parts import Parts, fragments
from webui.picture import Agent, Call
from webui.presence import Presence
from webui.visitor import ask
from webui.wording import Wording

bp = Blueprint("desk", __name__, url_prefix="/desk")
PARTS = ("state", "call", "acts", "note", "past", "served")  # what the exchange tells of a desk
COLOURS = {"ready": "ok", "logged_out": "off", "not_ready": "bad"}  # else busy


class Drawing:
    """Draws an agent's desk. The exchange is asked when what the picture tells of the agent has changed, not else."""

    def __init__(self, app: Flask, language: str, token: str, number: str, asking: Any) -> None:
        """`asking` is what asks the exchange as the visitor: a method's name, and its parameters."""
        self._app, self._language, self._token, self._number = app, language, token, number
        self._asking = asking
        self._shown: tuple[Agent | None, tuple[Call, ...]] | None = None
        self._parts: dict[str, str] = {}

    def draw(self, moment: Moment) -> dict[str, str]:
        """Return the HTML of each part by its name."""
        picture = moment.picture.of_agent(self._number) if moment.picture else None
        beside: Parts = self._app.extensions["parts"]
        shown = (picture.agent(self._number), picture.calls) if picture else None
        if picture is not None and moment.lost_s is None and shown != self._shown:
            context = {"picture": picture, "say": Wording(self._language, picture.box.timezone)}
            try:
                desk = self._asking("desk.show", number=self._number)
                self._parts = self._render({name: f"desk/_{name}.html" for name in PARTS}, desk=desk, **context)
                self._shown = shown
            except (SignedOut, Unavailable):
                self._shown = None  # what was drawn stays; the next picture asks again, if its reader is still there
            except BusyhourError as error:
                if error.code != "no-such-agent":
                    raise
                gone = self._render({"state": "desk/_gone.html"}, number=self._number, **context)
                self._parts = dict.fromkeys(PARTS, "") | gone
                self._shown = shown
        return self._parts | beside.draw_beside(moment, picture, self._language)

    def _render(self, templates: dict[str, str], **context: Any) -> dict[str, str]:
        return fragments(self._app, templates, {"form": csrf.made_for(self._token), "colours": COLOURS, **context})


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show the desk, or whose there are to somebody who may sit at any."""
    number = _number()
    if not number:
        agents = ask("agent.list") if g.visitor.role != "agent" else []
        return page("desk/none.html", agents=agents)
    return _show(number)


@bp.get("/stream")
def stream() -> ResponseReturnValue:
    """Send the parts of the desk as server-sent events, while their reader is signed in."""
    ask("session.may", what="desk.show")
    language, token, number = language_asked(), g.visitor.token, _number()

    def draws(presence: Presence) -> Any:
        return Drawing(_app(), language, token, number, presence.ask).draw

    return streamed(draws)


@bp.post("/act")
def act() -> ResponseReturnValue:
    """Do what a button of the desk says."""
    return acted(_act, lambda: redirect(url_for("desk.index", agent=request.args.get("agent")), 303))


def _act(what: str) -> None:
    number, form = _number(), request.form
    match what:
        case "login":
            ask("agent.login", number=number, **({"extension": form["extension"]} if form.get("extension") else {}))
        case "logout" | "ready":
            ask(f"agent.{what}", number=number)
        case "not_ready":
            ask("agent.not_ready", number=number, reason=form.get("reason", ""))
        case "hang_up" | "hold" | "resume" | "swap" | "complete" | "reconnect":
            ask(f"desk.{what}", number=number)
        case "consult" if form.get("queue"):
            ask("desk.consult", number=number, queue=form["queue"])
        case "dial" | "transfer" | "consult" | "flash":
            ask(f"desk.{what}", number=number, digits=_digits())


def _digits() -> str:
    return "".join(request.form.get("digits", "").split()).replace("-", "")


def _show(number: str) -> ResponseReturnValue:
    ask("session.may", what="desk.show")
    feed: Feed = current_app.extensions["feed"]
    moment = feed.now()
    drawing = Drawing(_app(), language_asked(), g.visitor.token, number, ask)
    parts = dict.fromkeys(PARTS, "") | drawing.draw(moment)
    return page("desk/index.html", parts=parts, now_s=time.time(), number=number)


def _number() -> str:
    """Return whose desk it is: an agent's own, for others the one asked for."""
    return g.visitor.agent or request.args.get("agent", "")


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]
