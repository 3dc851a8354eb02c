"""All revisions of the settings: who, when, why, what changed; and the way back to each."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BadConfig, BusyhourError
from webui.changed import Told
from webui.listing import Listing
from webui.mistakes import NONE, Mistakes, mistakes
from webui.page import language_asked, page
from webui.visitor import ask, visitor
from webui.wording import Wording

bp = Blueprint("history", __name__, url_prefix="/history")
COLUMNS = ("number", "when", "who", "why")


@bp.get("/")
def index() -> ResponseReturnValue:
    """List the revisions, newest first."""
    rows = [one | {"when": one["when"][:16].replace("T", " ")} for one in ask("config.history")]
    in_force = ask("candidate.state")["revision"]
    return page("history/index.html", listing=Listing(rows, request.args, COLUMNS), in_force=in_force)


@bp.route("/<int:number>", methods=["GET", "POST"])
def revision(number: int) -> ResponseReturnValue:
    """Show what a revision changed, and what going back to it would change; go back, or take it up as a draft."""
    if request.method == "GET":
        return _shown(number, NONE)
    ask("session.may", what="config.rollback")
    try:
        if request.form.get("act") == "take":
            ask("candidate.take", revision=number)
            return redirect(url_for("settings.review.index"), 303)
        change = ask("config.rollback", revision=number, why=request.form.get("why", "").strip())
    except BusyhourError as error:
        if isinstance(error, BadConfig):
            say = Wording(language_asked())
            found = Told(ask("candidate.get")["config"], say).problems(error.problems)
            return _shown(number, {"": " ".join(one.text for one in found)}, 422)
        return _shown(number, mistakes(error, Wording(language_asked()), {}), 422)
    return redirect(url_for("settings.index", done=change["revision"]["number"]), 303)


def _shown(number: int, wrong: Mistakes, status: int = 200) -> ResponseReturnValue:
    about = next((one for one in ask("config.history") if one["number"] == number), None)
    if about is None:
        return redirect(url_for("settings.history.index"), 303)
    changed, against = [], []
    in_force = ask("candidate.state")["revision"]
    if not about["broken"]:
        say = Wording(language_asked())
        told = Told(ask("config.get", revision=number)["config"], say)
        try:
            changed = told.differences(ask("config.differences", revision=number))
        except BadConfig:  # the one before it is broken: there is nothing to compare with
            changed = []
        against = told.differences(ask("config.differences", revision=number, before=in_force))
    known = visitor()
    return page(
        "history/revision.html", status, about=about, changed=changed, against=against, in_force=in_force, wrong=wrong,
        may=known is not None and known.role == "admin",
    )  # fmt: skip
