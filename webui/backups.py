"""The box saved into one file, and put back: made now, downloaded, brought, restored after two questions, and when."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from firmware.errors import BadConfig, BusyhourError, NotFound, SignedOut, Unavailable
from webui import cookies
from webui.downloads import counted
from webui.mistakes import NONE, Mistakes, mistakes, said
from webui.page import language_asked, page
from webui.visitor import ask, enter
from webui.wording import Wording

bp = Blueprint("backups", __name__, url_prefix="/backups")
LOOK_S = 2
ENDING, BROUGHT = ".backup", "brought-"
FIELDS = {"wrong-passphrase": "passphrase"}


def brought() -> Path:
    """Return the folder of backups that people bring (BUSYHOUR_HOME, else ./var)."""
    return Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve() / "backups"


@bp.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Show how backups went, those there are, and the ways to have another; make one now, or change the schedule."""
    wrong, status = NONE, 200
    if request.method == "POST":
        try:
            if request.form.get("act") == "schedule":
                ask("backup.schedule", **_schedule())
            else:
                secret = request.form.get("passphrase", "")
                ask("backup.make", passphrase=secret, recordings="recordings" in request.form)
            return redirect(url_for("backups.index"), 303)
        except BusyhourError as error:
            wrong, status = _wrong(error), 422
    overview = ask("backup.list")
    planned = ask("config.get")["config"]["backup"]
    if status == 422 and request.form.get("act") == "schedule":
        planned = planned | {key: request.form.get(key, "") for key in ("at", "days", "folder", "keep")}
    response = page(
        "backups/index.html", status, _zone(), overview=overview, planned=planned, wrong=wrong,
        why=_why(overview["job"]), act=request.form.get("act", ""),
    )  # fmt: skip
    if overview["job"] and overview["job"]["state"] == "running" and request.method == "GET":
        response.headers["Refresh"] = str(LOOK_S)
    return response


@bp.get("/file")
def file() -> ResponseReturnValue:
    """Hand out a backup, ?name=; it is encrypted."""
    path = ask("backup.path", name=request.args.get("name", ""))["path"]
    kind = "application/octet-stream"
    return counted(send_file(path, kind, as_attachment=True, download_name=Path(path).name))


@bp.post("/upload")
def upload() -> ResponseReturnValue:
    """Take a backup that somebody brings, and go on to restoring it."""
    given = request.files.get("file")
    name = f"{BROUGHT}{secrets.token_hex(4)}{ENDING}"
    if given is None or not given.filename:
        return _bring({"file": _say()("backup.file.missing")}, 422)
    folder = brought()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.link(given.stream.name, folder / name)  # webui.uploads laid it on the same disk; the exchange lets it go
    return redirect(url_for("backups.restore", name=name), 303)


@bp.errorhandler(413)
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say that the disk has no room for a file."""
    return _bring({"file": _say()("backup.file.large")}, 413)


@bp.route("/restore", methods=["GET", "POST"])
def restore() -> ResponseReturnValue:
    """Restore a backup, ?name=: unpack and check it, show what is in it, ask twice where there is anything to lose.

    Without a name, ask for the file.
    """
    name, wrong, status, sure = request.args.get("name", ""), NONE, 200, False
    if not name and request.method == "GET":
        return _bring(NONE, 200)
    if request.method == "POST":
        try:
            match request.form.get("act"):
                case "unpack":
                    ask("backup.stage", file=_path(name), passphrase=request.form.get("passphrase", ""))
                    return redirect(url_for("backups.restore", name=name), 303)
                case "forget":
                    ask("backup.drop")
                    return redirect(url_for("backups.index"), 303)
                case "ask":
                    sure = "sure" in request.form
                    if not sure:
                        wrong, status = {"sure": _say()("backup.sure.wrong")}, 422
                case "restore":
                    ask("backup.restore", replace="replace" in request.form)
                    return redirect(url_for("backups.restored"), 303)
        except BusyhourError as error:
            wrong, status = _wrong(error), 422
    overview = ask("backup.list")
    job = overview["job"]
    running = bool(job and job["state"] == "running")
    if not wrong and job and job["act"] == "stage" and job["state"] == "failed":
        wrong = {FIELDS.get(job["code"], ""): _why(job)}
    response = page(
        "backups/restore.html", status, _zone(), name=name, overview=overview, job=job, running=running, wrong=wrong,
        staged=overview["staged"], sure=sure or not overview["used"],
    )  # fmt: skip
    if running and request.method == "GET":
        response.headers["Refresh"] = str(LOOK_S)
    return response


@bp.get("/restored")
def restored() -> ResponseReturnValue:
    """Wait until the box is what the backup holds: nobody is signed in there, and then sign-in is next."""
    try:
        enter(cookies.read("session"))
        if ask("backup.list")["staged"] is None:
            return redirect(url_for("live.index"), 303)  # nothing is being restored
    except SignedOut:
        response = current_app.make_response(redirect(url_for("sign_in.page", restored=1), 303))
        cookies.take(response, "session")
        return response
    except Unavailable:
        pass  # it begins anew
    response = page("backups/done.html", above={})
    response.headers["Refresh"] = str(LOOK_S)
    return response


def _bring(wrong: Mistakes, status: int) -> ResponseReturnValue:
    return page("backups/bring.html", status, wrong=wrong, used=ask("backup.list")["used"])


def _path(name: str) -> str:
    """Return a backup that was brought by its path, any other by its name."""
    if "/" not in name and name.startswith(BROUGHT):
        with contextlib.suppress(OSError):
            if (brought() / name).is_file():
                return str(brought() / name)
    if not name:
        raise NotFound("there is no such backup")
    return Path(name).name


def _schedule() -> dict[str, Any]:
    form = request.form
    return {
        "at": form.get("at", "").strip(), "folder": form.get("folder", "").strip(), "days": _number("days"),
        "keep": _number("keep"), "recordings": "recordings" in form, "passphrase": form.get("passphrase", ""),
    }  # fmt: skip


def _number(field: str) -> int:
    text = request.form.get(field, "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _wrong(error: BusyhourError) -> Mistakes:
    if isinstance(error, BadConfig):
        names = {"backup.secret": "passphrase"}
        return {
            names.get(one.path, one.path.removeprefix("backup.")): said(f"wrong.{one.path}", one.rule, _say())
            for one in error.problems
        }
    return mistakes(error, _say(), FIELDS)


def _why(job: dict[str, Any] | None) -> str:
    if not job or not job["error"]:
        return ""
    if job["code"] == "no-storage" and job["facts"]:
        return _say()("backup.no_room", **job["facts"])
    return said(f"error.{job['code']}", job["error"], _say())


def _say() -> Wording:
    return Wording(language_asked())


def _zone() -> str:
    zone: str = ask("status")["box"]["timezone"]
    return zone
