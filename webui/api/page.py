"""The interface told for people who write programs: how to begin, examples that run, and every request."""

from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from webui.api.allowance import STRANGERS_A_MINUTE
from webui.api.app import STREAMS_EACH, Interface
from webui.api.document import PREFIX
from webui.api.kinds import KINDS
from webui.api.problem import STATUS
from webui.api.routes import ROUTES
from webui.api.values import BODY_BYTES
from webui.page import language_asked, page
from webui.wordbook import known, say

bp = Blueprint("api", __name__, url_prefix="/api")
FOLDER = Path(__file__).resolve().parent / "examples"
EXAMPLES = ("status.sh", "login.sh", "waiting.sh", "calls.py", "sounds.sh", "config.py", "events.py")
# The codes of this interface itself; those of the exchange are in STATUS
CODES = {
    "bad-json": 400, "token-missing": 401, "method-not-allowed": 405, "under-way": 409, "too-large": 413,
    "not-json": 415, "bad-range": 416, "key-used": 422, "base-missing": 428, "too-many-requests": 429, "busy": 503,
    "too-many-streams": 503, "fault": 500,
}  # fmt: skip


class Line(NamedTuple):
    """A request as the page lists it."""

    verb: str
    path: str
    role: str
    text: str


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show the manual."""
    interface: Interface = current_app.extensions["interface"]
    description = interface.describer.now()
    language = language_asked()
    nouns: dict[str, list[Line]] = {}
    for name, route in ROUTES.items():
        if method := description.methods.get(name):
            text = say(f"api.do.{name}", language) if known(f"api.do.{name}") else method.text
            nouns.setdefault(name.partition(".")[0], []).append(
                Line(route.verb, PREFIX + route.path, method.role, text)
            )
    settings = description.settings
    return page(
        "api/index.html",
        prefix=PREFIX,
        origin=request.host_url.rstrip("/"),
        examples=[(name.partition(".")[0], (FOLDER / name).read_text()) for name in EXAMPLES],
        nouns=nouns,
        codes=sorted({**STATUS, **CODES}.items(), key=lambda one: (one[1], one[0])),
        kinds=[(kind, told.words.zh if language == "zh" else told.words.en, told.data) for kind, told in KINDS.items()],
        limits={
            "requests": settings.requests_per_minute, "streams": settings.streams, "each": STREAMS_EACH,
            "strangers": STRANGERS_A_MINUTE, "kib": BODY_BYTES // 1024,
        },
    )  # fmt: skip
