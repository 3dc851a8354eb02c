"""One's changes in words, before they come into force: perhaps on trial, carried over, or discarded."""

import contextlib

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BadConfig, BusyhourError, NotFound
from webui.changed import Told
from webui.fields import number
from webui.mistakes import NONE, Mistakes, mistakes
from webui.page import language_asked, page
from webui.sign_in import own_path
from webui.visitor import ask
from webui.wording import Wording

bp = Blueprint("review", __name__, url_prefix="/review")
TRIAL_MIN = 5


@bp.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Show the changes; put them in force, carry them over, discard them."""
    if request.method == "GET":
        return _shown(NONE)
    ask("session.may", what="candidate.commit")
    try:
        match request.form.get("act"):
            case "commit":
                minutes = number(request.form.get("minutes", "").strip()) if "trial" in request.form else None
                why = request.form.get("why", "").strip()
                change = ask("candidate.commit", why=why, confirm_within_min=minutes)
                return redirect(url_for("settings.index", done=change["revision"]["number"]), 303)
            case "rebase":
                ask("candidate.rebase")
            case "discard":
                ask("candidate.discard")
                return redirect(url_for("settings.index"), 303)
    except BadConfig:
        return _shown(NONE, 422)  # which says what is wrong
    except BusyhourError as error:
        found = mistakes(error, Wording(language_asked()), {})
        return _shown({"minutes" if name == "confirm_within_min" else name: text for name, text in found.items()}, 422)
    return redirect(url_for("settings.review.index"), 303)


@bp.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Keep the revision that is on trial, and go back to the page where that was said."""
    with contextlib.suppress(
        NotFound
    ):  # it is over: somebody else confirmed it, or it has gone back, as the page shows
        ask("config.confirm")
    return redirect(own_path(request.form.get("to", "")), 303)


@bp.post("/back")
def back() -> ResponseReturnValue:
    """End the trial at once: what was in force before it comes back."""
    trial = ask("candidate.state")["trial"]
    if trial is not None:
        ask("config.rollback", revision=trial["back_to"])
    return redirect(own_path(request.form.get("to", "")), 303)


def _shown(wrong: Mistakes, status: int = 200) -> ResponseReturnValue:
    say = Wording(language_asked())
    found, told = ask("candidate.review"), Told(ask("candidate.get")["config"], say)
    return page(
        "settings/review.html", status, found=found, wrong=wrong, trial_min=request.form.get("minutes", TRIAL_MIN),
        changes=told.differences(found["differences"]), problems=list(told.problems(found["problems"])),
        meanwhile=told.differences(found["meanwhile"]), why=request.form.get("why", ""),
        on_trial="trial" in request.form,
    )  # fmt: skip
