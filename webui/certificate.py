"""The certificate by which browsers and telephones know the box."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BusyhourError
from webui.mistakes import NONE, Mistakes, mistakes, said
from webui.page import language_asked, page
from webui.visitor import ask
from webui.wording import Wording

bp = Blueprint("certificate", __name__, url_prefix="/certificate")
SOON_S = 21 * 86400
LOOK_S = 2
TYPED = ("certificate", "names", "domains", "contact")
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
                case "acme":
                    if "terms" not in request.form:
                        wrong = {"terms": Wording(language_asked())("certificate.terms.wrong")}
                    else:
                        names = _typed("domains").replace(",", " ").split()
                        ask("certificate.acme", names=names, contact=_typed("contact"))
                        return redirect(url_for("certificate.index"), 303)
                case "self-signed":
                    ask("certificate.self_signed", names=_typed("names").replace(",", " ").split())
                    return redirect(url_for("certificate.index", done="self-signed"), 303)
        except BusyhourError as error:
            wrong = _wrong(error, Wording(language_asked()))
        status = 422
    told = ask("status")
    job = ask("certificate.job")
    response = page(
        "certificate/index.html", status, told["box"]["timezone"], shown=ask("certificate.show"), wrong=wrong,
        soon_s=told["at_s"] + SOON_S, typed={name: _typed(name) for name in TYPED}, job=job,
        why=said(f"error.{job['code']}", job["error"], Wording(language_asked()), **job["facts"]) if job else "",
        terms="terms" in request.form, done=request.args.get("done", ""),
    )  # fmt: skip
    if job and job["state"] == "running" and request.method == "GET":
        response.headers["Refresh"] = str(LOOK_S)
    return response


def _wrong(error: BusyhourError, say: Wording) -> Mistakes:
    """Return what is wrong beside its field; a list of names is one field."""
    wrong = mistakes(error, say, FIELDS)
    if not any(field.startswith("names") for field in wrong):
        return wrong
    if request.form.get("act") == "acme":
        return {"domains": say("certificate.domain.wrong", name=_typed("domains"))}
    return {"names": say("certificate.name.wrong", name=_typed("names"))}


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()
