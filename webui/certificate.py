"""The certificate by which browsers and telephones know the box."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BusyhourError
from webui.mistakes import NONE, mistakes
from webui.page import language_asked, page
from webui.visitor import ask
from webui.wording import Wording

bp = Blueprint("certificate", __name__, url_prefix="/certificate")
SOON_S = 21 * 86400
FIELDS = {
    **{f"certificate-{why}": "certificate" for why in (
        "large", "unreadable", "none", "over", "early", "nameless", "purpose", "stray",
    )},
    **{f"key-{why}": "key" for why in ("large", "one", "other", "weak", "encrypted", "unreadable", "kind")},
}  # fmt: skip


@bp.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Show the certificate; take another one, or make one."""
    wrong, status = NONE, 200
    if request.method == "POST":
        try:
            match request.form.get("act"):
                case "import":
                    ask("certificate.import", certificate=_typed("certificate"), key=_typed("key"))
                    return redirect(url_for("certificate.index", done="imported"), 303)
                case "self-signed":
                    ask("certificate.self_signed", names=_typed("names").replace(",", " ").split())
                    return redirect(url_for("certificate.index", done="self-signed"), 303)
        except BusyhourError as error:
            wrong = mistakes(error, Wording(language_asked()), FIELDS)
            if any(field.startswith("names[") for field in wrong):
                wrong = {"names": Wording(language_asked())("certificate.name.wrong", name=_typed("names"))}
        status = 422
    told = ask("status")
    return page(
        "certificate/index.html", status, told["box"]["timezone"], shown=ask("certificate.show"), wrong=wrong,
        soon_s=told["at_s"] + SOON_S, typed={name: _typed(name) for name in ("certificate", "names")},
        done=request.args.get("done", ""),
    )  # fmt: skip


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()
