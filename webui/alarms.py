"""What needs a person, and what needed one."""

import contextlib
import re

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import NotFound
from webui.page import page
from webui.places import ROLES
from webui.visitor import ask, visitor
from webui.wordbook import known

bp = Blueprint("alarms", __name__, url_prefix="/alarms")
SHOWN = 50
SEVERITIES = ("critical", "major", "minor", "warning")


@bp.get("/")
def index() -> ResponseReturnValue:
    """List the alarms; for who may act also those that were, older ones by ?before=."""
    acts = _acts()
    before = request.args.get("before", "")
    below = int(before) if re.fullmatch("[0-9]{1,15}", before, re.ASCII) else None
    past = ask("alarm.history", limit=SHOWN, before=below) if acts else []
    timezone = ask("status")["box"]["timezone"]
    alarms = sorted(ask("alarm.list"), key=lambda alarm: SEVERITIES.index(alarm["severity"]))
    older = past[-1]["id"] if len(past) == SHOWN else None
    return page(
        "alarms/index.html", 200, timezone, alarms=alarms, past=past, acts=acts, older=older, remedy=_remedy
    )


@bp.post("/")
def acknowledge() -> ResponseReturnValue:
    """Note that somebody has seen an alarm; one that is over meanwhile needs no note."""
    fields = {name: request.form.get(name, "") for name in ("name", "subject", "note")}
    with contextlib.suppress(NotFound):
        ask("alarm.acknowledge", **fields)
    return redirect(url_for("alarms.index"), 303)


def _acts() -> bool:
    somebody = visitor()
    return somebody is not None and ROLES.index(somebody.role) >= ROLES.index("supervisor")


def _remedy(name: str) -> str:
    """Return the key of what to do about an alarm, "" for one that this page does not know."""
    key = f"alarm.{name}.do"
    return key if known(key) else ""
