"""A caller's data, for whoever answers their request: shown, handed over, kept for a court, erased."""

import os
import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BusyhourError
from firmware.retention import document
from webui.downloads import counted
from webui.mistakes import NONE, Mistakes, mistakes
from webui.page import language_asked, page
from webui.visitor import ask
from webui.wording import Wording

bp = Blueprint("persons", __name__, url_prefix="/persons")
FIELDS = {"not-found": "number", "refused": ""}


@bp.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Ask for a number; show all that is on record of it, hand it over, put it under a hold, or erase it.

    A number comes in a form and never in an address: those are written down by others.
    """
    wrong: Mistakes = NONE
    person: dict[str, Any] | None = None
    erased: dict[str, Any] | None = None
    status, number, act = 200, request.form.get("number", "").strip(), request.form.get("act", "")
    if request.method == "POST":
        try:
            match act:
                case "lift":
                    hold = request.form.get("hold", "")
                    ask("hold.lift", id=int(hold) if hold.isascii() and hold.isdecimal() else 0)
                    return redirect(url_for("persons.index"), 303)
                case "export":
                    return _handed_over(ask("person.show", number=number))
                case "hold":
                    ask("hold.place", number=number, why=request.form.get("why", "").strip())
                case "erase":
                    if "sure" in request.form:
                        erased = ask("person.erase", number=number, reason=request.form.get("reason", "").strip())
                    else:
                        wrong, status = {"sure": _say()("person.sure.wrong")}, 422
        except BusyhourError as error:
            wrong, status = mistakes(error, _say(), FIELDS), 422
        if erased is None and "number" not in wrong:
            try:
                person = ask("person.show", number=number)
            except BusyhourError as error:
                wrong, status = mistakes(error, _say(), FIELDS), 422
    return page(
        "persons/index.html", status, ask("status")["box"]["timezone"], number=number, person=person, erased=erased,
        wrong=wrong, holds=ask("hold.list"), act=act,
    )  # fmt: skip


def _handed_over(person: dict[str, Any]) -> ResponseReturnValue:
    """Return one document; it is made in a file without a name, for recordings are long."""
    home = Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve()
    file = tempfile.TemporaryFile(dir=home)  # noqa: SIM115 - the response closes it
    document.write(person, home, file)
    file.seek(0)
    return counted(send_file(file, "application/zip", as_attachment=True, download_name="person.zip"))


def _say() -> Wording:
    return Wording(language_asked())
