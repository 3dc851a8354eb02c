"""The tokens of other programs, for those who may decide what these may do."""

import contextlib
import time
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BadRequest, BusyhourError, Exists, NotFound, Problem
from webui.mistakes import NONE, Mistakes, mistakes
from webui.page import language_asked, page
from webui.visitor import ask
from webui.wording import Wording

bp = Blueprint("tokens", __name__, url_prefix="/tokens")
ROLES = ("viewer", "agent", "supervisor", "admin")
DAYS = (30, 90, 365, 0)  # what the form offers; 0 for one that does not expire


@bp.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """List the tokens; make one; make one void."""
    if request.method == "GET":
        return _list(NONE)
    if request.form.get("act") == "revoke":
        with contextlib.suppress(NotFound):  # somebody else did it meanwhile, which is what was wanted
            ask("token.revoke", name=request.form.get("name", ""))
        return redirect(url_for("tokens.index"), 303)
    typed = {name: request.form.get(name, "").strip() for name in ("name", "role", "agent", "days")}
    if typed["role"] != "agent":
        typed["agent"] = ""  # the field is there for agents
    try:
        created = ask("token.create", name=typed["name"], role=typed["role"], agent=typed["agent"], **_days(typed))
    except Exists:
        return _list({"name": Wording(language_asked())("token.exists")}, 422, typed)
    except BusyhourError as error:
        return _list(mistakes(error, Wording(language_asked()), {}), 422, typed)
    return page("tokens/created.html", created=created)


def _days(typed: dict[str, str]) -> dict[str, int]:
    days = typed["days"]
    if days not in map(str, DAYS):
        raise BadRequest(problems=[Problem("expires_days", days, f"one of {', '.join(map(str, DAYS))} is right")])
    return {"expires_days": int(days)} if days != "0" else {}


def _list(wrong: Mistakes, status: int = 200, typed: dict[str, Any] | None = None) -> ResponseReturnValue:
    zone: str = ask("status")["box"]["timezone"]
    return page(
        "tokens/index.html", status, zone, tokens=ask("token.list"), agents=ask("agent.list"), wrong=wrong,
        roles=ROLES, days=DAYS, now_s=time.time(),
        typed=typed or {"name": "", "role": "viewer", "agent": "", "days": "365"},
    )  # fmt: skip
