"""Signing in and out."""

import contextlib
import re

from flask import Blueprint, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.control.client import Client
from firmware.errors import BusyhourError, SignedOut, Unavailable
from webui import cookies
from webui.mistakes import NONE, mistakes
from webui.page import language_asked, page
from webui.visitor import ask, enter
from webui.wording import Wording

bp = Blueprint("sign_in", __name__)
# A path of ours: one slash, then what no browser takes for a host; they read \ as / and drop tabs and line ends
OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,1000}\Z")


@bp.route("/sign-in", endpoint="page", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for name and password, and go where the person wanted to; who is signed in goes there at once."""
    to = own_path(request.args.get("to", ""))
    if request.method != "POST":
        with contextlib.suppress(SignedOut, Unavailable):
            if cookies.read("session"):
                enter(cookies.read("session"))
                return redirect(to, 303)
        return page("sign_in/page.html", name="", wrong=NONE, restored="restored" in request.args)
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    client: Client
    with current_app.extensions["connect"]() as client:
        try:
            opened = client.call("session.open", name=name, password=password, address=request.remote_addr or "")
        except BusyhourError as error:
            wrong = mistakes(error, Wording(language_asked()), {})
            return page("sign_in/page.html", 422, name=name, wrong=wrong, restored=False)
    _leave_former()
    own = opened["user"]["password"] == "own"  # noqa: S105
    response = current_app.make_response(redirect(to if own else url_for("account.first"), 303))
    cookies.give(response, "session", opened["token"])
    cookies.take(response, "visit")
    return response


@bp.post("/sign-out")
def out() -> ResponseReturnValue:
    """End the session."""
    ask("session.close")
    response = current_app.make_response(redirect(url_for("sign_in.page"), 303))
    cookies.take(response, "session")
    return response


def own_path(text: str) -> str:
    """Return a path of these pages as it is; for all else, the first page."""
    return text if OWN_PATH.match(text) else "/"


def _leave_former() -> None:
    """End the session that this browser had before: nobody could sign out of it any more."""
    if former := cookies.read("session"):
        with contextlib.suppress(SignedOut):
            enter(former)
            ask("session.close")
        g.pop("visitor", None)
