"""Who outside is told of what happens, for those who may decide it."""

from typing import Any, get_args

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.config.schema import HookedEvent
from firmware.errors import BadConfig, BadRequest, BusyhourError, NotFound
from firmware.rules import right
from webui.mistakes import NONE, Mistakes, mistakes
from webui.page import language_asked, page
from webui.visitor import ask
from webui.wording import Wording

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")
EVENTS = get_args(HookedEvent)
REACHES = ("public", "lan", "box")
FIELDS = {"exists": "name"}


@bp.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """List the receivers; add one."""
    if request.method == "GET":
        return _list(NONE, {"name": "", "url": "https://", "events": ["call.ended"], "reach": "public"})
    typed = {"name": request.form.get("name", "").strip(), **_typed()}
    try:
        given = ask("webhook.add", **typed)
    except BusyhourError as error:
        return _list(_wrong(error), typed, 422)
    return page("webhooks/given.html", given=given)


@bp.route("/webhook", methods=["GET", "POST"])
def webhook() -> ResponseReturnValue:
    """Show one receiver, ?name=; change it, test it, send again what it would not take, remove it."""
    name = request.args.get("name", "")
    wrong, status, tested = NONE, 200, None
    if request.method == "POST":
        try:
            match request.form.get("act"):
                case "change":
                    ask("webhook.change", name=name, **_typed())
                    return redirect(url_for("webhooks.webhook", name=name), 303)
                case "switch":
                    ask("webhook.change", name=name, on=request.form.get("on") == "yes")
                    return redirect(url_for("webhooks.webhook", name=name), 303)
                case "secret":
                    return page("webhooks/given.html", given=ask("webhook.secret", name=name))
                case "redeliver":
                    ask("webhook.redeliver", name=name)
                    return redirect(url_for("webhooks.webhook", name=name), 303)
                case "test":
                    tested = ask("webhook.test", name=name)
                case "remove":
                    ask("webhook.remove", name=name)
                    return redirect(url_for("webhooks.index"), 303)
        except NotFound:
            return redirect(url_for("webhooks.index"), 303)  # somebody else removed it meanwhile
        except BusyhourError as error:
            wrong, status = _wrong(error), 422
    found = [one for one in ask("webhook.list") if one["name"] == name]
    if not found:
        return redirect(url_for("webhooks.index"), 303)
    typed = found[0] | (_typed() if request.form.get("act") == "change" else {})
    return page(
        "webhooks/webhook.html", status, _zone(), hook=found[0], typed=typed, wrong=wrong, tested=tested,
        dead=ask("webhook.dead", name=name), events=EVENTS, reaches=REACHES,
    )  # fmt: skip


def _list(wrong: Mistakes, typed: dict[str, Any], status: int = 200) -> ResponseReturnValue:
    return page(
        "webhooks/index.html", status, _zone(), hooks=ask("webhook.list"), typed=typed, wrong=wrong, events=EVENTS,
        reaches=REACHES,
    )  # fmt: skip


def _typed() -> dict[str, Any]:
    form = request.form
    return {"url": form.get("url", "").strip(), "events": form.getlist("events"), "reach": form.get("reach", "public")}


def _wrong(error: BusyhourError) -> Mistakes:
    """Return what is wrong by field, wherever in the configuration the exchange found it."""
    language = language_asked()
    if isinstance(error, BadConfig):
        last = [(problem.path.rpartition(".")[2], right(problem, language)) for problem in error.problems]
        return {name if name in ("name", "url", "secret") else "": rule for name, rule in last}
    if isinstance(error, BadRequest) and error.problems:
        return {problem.path.partition("[")[0]: right(problem, language) for problem in error.problems}
    return mistakes(error, Wording(language_asked()), FIELDS)


def _zone() -> str:
    zone: str = ask("status")["box"]["timezone"]
    return zone
