"""Who may sign in, for those who may decide it."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BusyhourError, NotFound
from webui.mistakes import NONE, Mistakes, mistakes
from webui.page import language_asked, page
from webui.visitor import ask
from webui.wording import Wording

bp = Blueprint("users", __name__, url_prefix="/users")
ROLES = ("admin", "supervisor", "agent", "viewer")
FIELDS = {"exists": "name"}


@bp.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """List the users; add one."""
    if request.method == "GET":
        return _list(NONE)
    fields = ("name", "role", "agent")
    wanted = {name: request.form.get(name, "").strip() for name in fields}
    if wanted["role"] != "agent":
        wanted["agent"] = ""  # the field is there for agents
    try:
        given = ask("user.add", **wanted)
    except BusyhourError as error:
        return _list(mistakes(error, Wording(language_asked()), FIELDS), 422, wanted)
    return page("users/given.html", given=given)


@bp.route("/user", methods=["GET", "POST"])
def user() -> ResponseReturnValue:
    """Show one user, ?name=; change their role, give them a password, remove them."""
    name = request.args.get("name", "")
    wrong, status = NONE, 200
    if request.method == "POST":
        try:
            match request.form.get("act"):
                case "role":
                    role = request.form.get("role", "")
                    agent = request.form.get("agent", "").strip() if role == "agent" else ""
                    ask("user.role", name=name, role=role, agent=agent)
                    return redirect(url_for("users.index"), 303)
                case "password":
                    return page("users/given.html", given=ask("user.password", name=name))
                case "remove":
                    ask("user.remove", name=name)
                    return redirect(url_for("users.index"), 303)
        except NotFound:
            return redirect(url_for("users.index"), 303)  # somebody else removed them meanwhile
        except BusyhourError as error:
            wrong = mistakes(error, Wording(language_asked()), FIELDS)
        status = 422
    found = [one for one in ask("user.list") if one["name"] == name]
    if not found:
        return redirect(url_for("users.index"), 303)
    typed = {**found[0], **{key: request.form[key] for key in ("role", "agent") if key in request.form}}
    return page(
        "users/user.html", status, _zone(), user=found[0], typed=typed, wrong=wrong, roles=ROLES, agents=_agents()
    )


def _list(wrong: Mistakes, status: int = 200, typed: dict[str, Any] | None = None) -> ResponseReturnValue:
    return page(
        "users/index.html", status, users=ask("user.list"), timezone=_zone(), wrong=wrong, roles=ROLES,
        typed=typed or {"name": "", "role": "viewer", "agent": ""}, agents=_agents(),
    )  # fmt: skip


def _zone() -> str:
    zone: str = ask("status")["box"]["timezone"]
    return zone


def _agents() -> list[dict[str, str]]:
    found: list[dict[str, str]] = ask("agent.list")
    return found
