"""Why a telephone does not register, and who is kept out at all: a page for whoever installs telephones."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BusyhourError
from firmware.health import ban_words
from webui.mistakes import NONE, mistakes
from webui.page import language_asked, page
from webui.visitor import ask, visitor
from webui.wording import Wording

bp = Blueprint("bans", __name__, url_prefix="/bans")
AGAIN_S = 10  # somebody looks here while they try a telephone


@bp.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Show each extension with what became of its telephone's last try, strangers, and who is kept out; let one in."""
    wrong, status = NONE, 200
    if request.method == "POST":
        try:
            ask("ban.lift", subject=request.form.get("subject", ""))
            return redirect(url_for("bans.index"), 303)
        except BusyhourError as error:
            fields = {"not-found": "gone", "bad-request": "gone"}
            found = mistakes(error, Wording(language_asked()), fields)
            wrong, status = {"": found.get("") or Wording(language_asked())("ban.gone")}, 422
    told = ask("ban.list")
    numbers = {one["number"] for one in told["turned"] if one["why"] != "extension"}
    extensions = sorted(ask("extension.list"), key=lambda one: (one["number"] not in numbers, one["number"]))
    asker = visitor()
    response = page(
        "bans/index.html", status, ask("status")["box"]["timezone"], told=told, extensions=extensions, words=ban_words,
        others=[one for one in told["turned"] if one["number"] not in {each["number"] for each in extensions}],
        wrong=wrong, may_lift=asker is not None and asker.role == "admin",
    )  # fmt: skip
    if request.method == "GET":
        response.headers["Refresh"] = str(AGAIN_S)
    return response
