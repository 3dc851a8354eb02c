"""The live floor: what is running, lines, calls, queues, agents and the last calls, as they are this moment."""

import time
from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webui.acts import acted
from webui.feed import Feed
from webui.page import language_asked, page
from webui.parts import Look, Parts
from webui.places import ROLES
from webui.presence import Presence
from webui.stream import Draw, Streams
from webui.visitor import ask

bp = Blueprint("live", __name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show the page; without JavaScript it stays as it was when it was loaded."""
    ask("session.may", what="live")
    feed: Feed = current_app.extensions["feed"]
    parts: Parts = current_app.extensions["parts"]
    moment, seen_as = feed.now(), look()
    return page("live/index.html", moment=moment, parts=parts.draw(moment, seen_as), now_s=time.time(), look=seen_as)


@bp.get("/live")
def stream() -> ResponseReturnValue:
    """Send the parts of the page as server-sent events, while their reader is signed in."""
    ask("session.may", what="live")
    parts: Parts = current_app.extensions["parts"]
    return streamed(lambda presence: partial(parts.draw, look=look()))


@bp.post("/live/act")
def act() -> ResponseReturnValue:
    """Do to a call or an agent what a supervisor may."""
    return acted(_act, lambda: redirect(url_for("live.index"), 303))


def _act(what: str) -> None:
    number = request.form.get("number", "")
    match what:
        case "hang_up":
            ask("call.hang_up", id=request.form.get("call", ""))
        case "ready" | "logout":
            ask(f"agent.{what}", number=number)
        case "not_ready":
            ask("agent.not_ready", number=number, reason=request.form.get("reason", ""))


def look() -> Look:
    """Return how the visitor sees the floor."""
    known = g.visitor
    agent = known.agent if known.role == "agent" else ""
    return Look(language_asked(), agent, ROLES.index(known.role) >= ROLES.index("supervisor"))


def streamed(draws: Callable[[Presence], Draw]) -> Response:
    """Return the answer that keeps a page fresh; `draws` gives what draws it, once its reader's presence is known."""
    streams: Streams = current_app.extensions["streams"]
    if request.method == "HEAD":
        return Response(mimetype="text/event-stream")
    if not streams.take():
        return Response(streams.refusal(), mimetype="text/event-stream")
    presence = Presence(current_app.extensions["connect"], g.visitor.token, g.pop("client"))
    response = Response(streams.events(draws(presence), presence.here), mimetype="text/event-stream")
    response.call_on_close(streams.give_back)
    response.call_on_close(presence.close)
    return response
