"""What somebody types into a desk telephone, one extension a page, to be printed."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from webui.page import page
from webui.visitor import ask, visitor

bp = Blueprint("sheets", __name__, url_prefix="/extensions/sheet")


@bp.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Show the sheets of all extensions, or of ?number=; their secrets only to an admin who asks for them."""
    number = request.args.get("number", "")
    sheets = ask("extension.sheet", number=number)
    secrets = {}
    if request.method == "POST":
        secrets = {one["number"]: ask("extension.secret", number=one["number"])["secret"] for one in sheets}
    asker = visitor()
    loopback = any(one.startswith(("127.", "[::1]")) for sheet in sheets for one in sheet["registrars"])
    return page(
        "sheets/index.html", sheets=sheets, secrets=secrets, number=number, loopback=loopback,
        may_reveal=asker is not None and asker.role == "admin",
    )  # fmt: skip
