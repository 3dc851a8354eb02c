"""One's own account: password, language, and where one is signed in."""

import contextlib

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BusyhourError, NotFound
from webui import cookies
from webui.mistakes import NONE, Mistakes, mistakes
from webui.page import YEAR_S, language_asked, page
from webui.visitor import ask, visitor
from webui.wording import Wording
from webui.words.text import LANGUAGES

bp = Blueprint("account", __name__, url_prefix="/account")
FIELDS = {
    "wrong-password": "former", "too-many-tries": "former", "password-short": "password", "password-long": "password",
    "password-is-name": "password", "password-common": "password", "password-unchanged": "password",
}  # fmt: skip


@bp.route("/first", methods=["GET", "POST"])
def first() -> ResponseReturnValue:
    """Have somebody who came with a one-time password choose an own one."""
    known = visitor()
    if known is None or known.password == "own":  # noqa: S105
        return redirect(url_for("live.index"), 303)
    if request.method == "GET":
        return page("account/first.html", wrong=NONE)
    wrong = _repeated()
    if wrong is NONE:
        try:
            ask("own.language", language=language_asked())
            return _choose_password("live.index")
        except BusyhourError as error:
            wrong = mistakes(error, Wording(language_asked()), FIELDS)
    return page("account/first.html", 422, wrong=wrong)


@bp.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Show the account, and carry out what its forms ask for."""
    wrong, status = NONE, 200
    if request.method == "POST":
        try:
            match request.form.get("act"):
                case "password" if (wrong := _repeated()) is NONE:
                    return _choose_password("account.index", former=request.form.get("former", ""))
                case "language":
                    return _speak(request.form.get("language", ""))
                case "end":
                    return _end(request.form.get("id", ""))
        except BusyhourError as error:
            wrong = mistakes(error, Wording(language_asked()), FIELDS)
        status = 422
    zone = ask("status")["box"]["timezone"]
    return page("account/index.html", status, zone, wrong=wrong, sessions=ask("session.list"), done=_done())


def _done() -> str:
    done = request.args.get("done", "")
    return done if done in ("password", "language") else ""


def _repeated() -> Mistakes:
    if request.form.get("password", "") == request.form.get("again", ""):
        return NONE
    return {"again": Wording(language_asked())("error.not-again")}


def _choose_password(then: str, **former: str) -> Response:
    token = ask("own.password", password=request.form.get("password", ""), **former)["token"]
    done = "password" if former else None
    response = current_app.make_response(redirect(url_for(then, done=done), 303))
    cookies.give(response, "session", token)
    return response


def _speak(language: str) -> Response:
    ask("own.language", language=language)
    response = current_app.make_response(redirect(url_for("account.index", done="language"), 303))
    cookies.give(response, "language", language if language in LANGUAGES else "en", YEAR_S)
    return response


def _end(session: str) -> Response:
    with contextlib.suppress(NotFound):  # it ended by itself, which is what was wanted
        ask("session.end", id=session)
    return current_app.make_response(redirect(url_for("account.index"), 303))
