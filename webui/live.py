"""The first page: what is running, lines, calls, queues, agents and the last calls, as they are this moment."""

import time

from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue

from webui.feed import Feed
from webui.page import language_asked, page
from webui.parts import Parts
from webui.presence import Presence
from webui.stream import Streams
from webui.visitor import ask

bp = Blueprint("live", __name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show the page; without JavaScript it stays as it was when it was loaded."""
    ask("session.may", what="live")
    feed: Feed = current_app.extensions["feed"]
    parts: Parts = current_app.extensions["parts"]
    moment = feed.now()
    return page("live/index.html", moment=moment, parts=parts.draw(moment, language_asked()), now_s=time.time())


@bp.get("/live")
def stream() -> ResponseReturnValue:
    """Send the parts of the page as server-sent events, while their reader is signed in."""
    ask("session.may", what="live")
    streams: Streams = current_app.extensions["streams"]
    if request.method == "HEAD":
        return Response(mimetype="text/event-stream")
    if not streams.take():
        return Response(streams.refusal(), mimetype="text/event-stream")
    presence = Presence(current_app.extensions["connect"], g.visitor.token, g.pop("client"))
    response = Response(streams.events(language_asked(), presence.here), mimetype="text/event-stream")
    response.call_on_close(streams.give_back)
    response.call_on_close(presence.close)
    return response
