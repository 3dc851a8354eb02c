"""What is noted of a call: saved as it is typed, told as saved when it is on disk."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webui.acts import acted
from webui.page import page
from webui.visitor import ask

bp = Blueprint("notes", __name__, url_prefix="/notes")


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show the note of one call, ?call=, with who wrote what before; also long after the call."""
    call = request.args.get("call", "")
    told, zone = ask("call.notes", call=call), ask("status")["box"]["timezone"]
    return page("notes/index.html", timezone=zone, call=call, told=told)


@bp.post("/")
def save() -> ResponseReturnValue:
    """Keep the note or the disposition of a call; a script is told the note's version."""
    return acted(_save, lambda: redirect(url_for("notes.index", call=request.form.get("call", "")), 303))


def _save(act: str) -> Any:
    call = request.form.get("call", "")
    if act == "disposition":
        return ask("call.disposition", call=call, disposition=request.form.get("disposition", ""))
    after = request.form.get("after", "")
    text = request.form.get("text", "").replace("\r\n", "\n")  # as forms are sent (WHATWG HTML §4.10.21.4)
    return ask("call.note", call=call, text=text, **({"after": int(after)} if after.isdecimal() else {}))
