"""The first page: what is running, lines, calls, queues, agents and the last calls, as they are this moment."""

import time

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webui.feed import Feed
from webui.parts import Parts
from webui.stream import Streams
from webui.wording import Wording
from webui.words import LANGUAGES

COOKIE = "language"

bp = Blueprint("live", __name__)


def language_asked() -> str:
    """Return the language of this request: ?lang=, else what was chosen before, else what the browser prefers."""
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wish in LANGUAGES:
            return wish
    return request.accept_languages.best_match(LANGUAGES) or "en"


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show the page; without JavaScript it stays as it was when it was loaded."""
    language = language_asked()
    feed: Feed = current_app.extensions["feed"]
    parts: Parts = current_app.extensions["parts"]
    moment = feed.now()
    page = render_template(
        "live/index.html", say=Wording(language), moment=moment, parts=parts.draw(moment, language), now_s=time.time()
    )
    response = make_response(page)
    response.headers["Vary"] = "Accept-Language, Cookie"
    response.headers["Content-Language"] = language
    if request.args.get("lang") in LANGUAGES:
        response.set_cookie(COOKIE, language, max_age=365 * 86400, httponly=True, samesite="Strict")
    return response


@bp.get("/live")
def stream() -> ResponseReturnValue:
    """Send the parts of the page as server-sent events, in ?lang= or the browser's language."""
    streams: Streams = current_app.extensions["streams"]
    if request.method == "HEAD":
        return Response(mimetype="text/event-stream")
    if not streams.take():
        return Response(streams.refusal(), mimetype="text/event-stream")
    response = Response(streams.events(language_asked()), mimetype="text/event-stream")
    response.call_on_close(streams.give_back)
    return response
