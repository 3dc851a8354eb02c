"""What is noted of a call: saved as it is typed, told as saved when it is on disk."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webui.acts import acted
from webui.visitor import ask

bp = Blueprint("notes", __name__, url_prefix="/notes")


@bp.post("/")
def save() -> ResponseReturnValue:
    """Keep the note or the disposition of a call; a script is told the note's version."""
    return acted(_save, lambda: redirect(url_for("desk.index"), 303))


def _save(act: str) -> Any:
    call = request.form.get("call", "")
    if act == "disposition":
        return ask("call.disposition", call=call, disposition=request.form.get("disposition", ""))
    after = request.form.get("after", "")
    text = request.form.get("text", "").replace("\r\n", "\n")  # as forms are sent (WHATWG HTML §4.10.21.4)
    return ask("call.note", call=call, text=text, **({"after": int(after)} if after.isdecimal() else {}))
