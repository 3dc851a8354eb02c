"""Which numbers call for help, and that they always go out."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from webui.page import page
from webui.visitor import ask

bp = Blueprint("emergency", __name__, url_prefix="/emergency")


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show the emergency numbers of the country, and whether anything is there by which they go out."""
    return page("settings/emergency.html", draft=ask("candidate.get"))
