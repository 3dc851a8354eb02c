"""What the box says: own prompts and the factory's, heard in the browser; and how own ones are made.

Every way of making one leads to a draft, which is heard before it is kept.
"""

import re
from typing import Any

from flask import Blueprint, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from firmware.errors import BadRequest, BusyhourError, InUse, NotFound, Unavailable
from firmware.prompts import spool
from webui.downloads import counted
from webui.mistakes import NONE, Mistakes, mistakes
from webui.page import language_asked, page
from webui.visitor import ask, visitor
from webui.wordbook import known
from webui.wording import Wording

bp = Blueprint("prompts", __name__, url_prefix="/prompts")
UNDER_WAY = ("ringing", "recording", "making")
LOOK_S = 2
FIELDS = {"refused": "extension"}
USED = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")
NUMBERS = re.compile(r"(zh|en)/number-")


@bp.get("/")
def index() -> ResponseReturnValue:
    """List all prompts, and the ways to make one."""
    return _list(NONE)


@bp.post("/upload")
def upload() -> ResponseReturnValue:
    """Make a draft of a file."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            return _list({"file": _say()("prompt.file.missing")}, 422)
        ticket = spool.leave(file.stream.read)
        return _to_draft(ask("prompt.upload", ticket=ticket, music=request.form.get("kind") == "music"))
    except BusyhourError as error:
        return _list(_beside("file", error), 422)


@bp.errorhandler(413)
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say how large a file may be."""
    return _list({"file": _say()("error.sound-large", most=spool.MOST_BYTES >> 20)}, 413)


@bp.post("/speak")
def speak() -> ResponseReturnValue:
    """Make a draft of words."""
    typed = {"text": request.form.get("text", "").replace("\r\n", "\n"), "language": request.form.get("language", "")}
    try:
        return _to_draft(ask("prompt.speak", **typed))
    except BadRequest:
        return _list({"text": _say()("prompt.text.wrong")}, 422, typed)
    except BusyhourError as error:
        return _list(_beside("text", error), 422, typed)


@bp.post("/record")
def record() -> ResponseReturnValue:
    """Ring a telephone, and make a draft of what is spoken there."""
    typed = {"extension": request.form.get("extension", "")}
    try:
        return _to_draft(ask("prompt.record", **typed))
    except BusyhourError as error:
        return _list(_beside("extension", error), 422, typed)


@bp.route("/draft", methods=["GET", "POST"])
def draft() -> ResponseReturnValue:
    """Show a draft, ?id=, as it is; keep it, throw it away, or play it at a telephone."""
    draft_id, wrong, done, status = request.args.get("id", ""), NONE, "", 200
    if request.method == "POST":
        try:
            match request.form.get("act"):
                case "keep":
                    name, replace = request.form.get("name", "").strip(), "replace" in request.form
                    ask("prompt.keep", draft=draft_id, name=name, replace=replace)
                    return redirect(url_for("prompts.index", kept=name), 303)
                case "discard":
                    ask("prompt.discard", draft=draft_id)
                    return redirect(url_for("prompts.index"), 303)
                case "play":
                    ask("prompt.play", draft=draft_id, extension=request.form.get("extension", ""))
                    done = "ringing"
        except BusyhourError as error:
            wrong, status = _about_draft(error), 422
    try:
        found = ask("prompt.draft", draft=draft_id)
    except BusyhourError as error:
        return _list(_beside("", error), 404)
    why = _say()(f"error.{found['code']}", **found["facts"]) if known(f"error.{found['code']}") else found["error"]
    response = page(
        "prompts/draft.html", status, draft=found, wrong=wrong, done=done, why=why, under_way=UNDER_WAY,
        typed=request.form.get("name", request.args.get("name", "")), telephones=_telephones(),
    )  # fmt: skip
    if found["state"] in UNDER_WAY:
        response.headers["Refresh"] = str(LOOK_S)
    return response


@bp.post("/remove")
def remove() -> ResponseReturnValue:
    """Remove an own prompt."""
    try:
        ask("prompt.remove", name=request.form.get("name", ""))
    except InUse as error:
        places = ", ".join(problem.path for problem in error.problems)
        return _list({"": _say()("prompt.in_use", places=places)}, 422)
    except NotFound:
        pass  # somebody else removed it meanwhile
    except BusyhourError as error:
        return _list(mistakes(error, _say(), {}), 422)
    return redirect(url_for("prompts.index"), 303)


@bp.post("/play")
def play() -> ResponseReturnValue:
    """Play a prompt at a telephone."""
    try:
        ask("prompt.play", name=request.form.get("name", ""), extension=request.form.get("extension", ""))
    except BusyhourError as error:
        return _list(_beside("", error), 422)
    return redirect(url_for("prompts.index"), 303)


@bp.get("/sound")
def sound() -> ResponseReturnValue:
    """Return the sound of a prompt, ?name=, or of a draft, ?draft=, for the browser to play."""
    which = {name: request.args[name] for name in ("name", "draft") if name in request.args}
    try:
        path = ask("prompt.sound", **which)["path"]
        return counted(send_file(path, "audio/wav", conditional=True, etag=True, max_age=0))
    except OSError:
        raise NotFound("there is no such sound any more") from None


def _about_draft(error: BusyhourError) -> Mistakes:
    if error.code == "exists":
        return {"name": _say()("prompt.exists")}
    if isinstance(error, BadRequest) and [problem.path for problem in error.problems] == ["name"]:
        return {"name": _say()("prompt.name.help")}
    return {"": str(error)} if isinstance(error, Unavailable) else mistakes(error, _say(), FIELDS)


def _to_draft(made: dict[str, Any]) -> ResponseReturnValue:
    return redirect(url_for("prompts.draft", id=made["id"], name=request.form.get("name") or None), 303)


def _list(wrong: Mistakes, status: int = 200, typed: dict[str, str] | None = None) -> ResponseReturnValue:
    found = ask("prompt.list")
    shape = ask("config.get")["config"]
    for one in found:
        one["places"] = [_place(path, shape) for path in one["used"]]
    own = [one for one in found if one["kind"] == "own"]
    factory = [one for one in found if one["kind"] == "factory" and not NUMBERS.match(one["name"])]
    names = dict.fromkeys(one["name"].partition("/")[2] or one["name"] for one in factory)
    by_name = {one["name"]: one for one in factory}
    both = [(name, [by_name[key] for key in (f"zh/{name}", f"en/{name}", name) if key in by_name]) for name in names]
    asker = visitor()
    return page(
        "prompts/index.html", status, ask("status")["box"]["timezone"], own=own, both=both, wrong=wrong,
        may_change=asker is not None and asker.role == "admin", telephones=_telephones(),
        typed={"text": "", "language": language_asked(), "extension": "", **(typed or {})},
        kept=request.args.get("kept", ""), most_bytes=spool.MOST_BYTES, most=spool.MOST_BYTES >> 20,
    )  # fmt: skip


def _place(path: str, config: dict[str, Any]) -> str:
    """Return the words for where a sound is used: `flows[0].greeting[1]` is the greeting of the menu main."""
    found = USED.match(path)
    if found is None:
        return path
    noun, index, part = found.groups()
    entries = config.get(noun, [])
    name = entries[int(index)].get("name", index) if int(index) < len(entries) else index
    say = _say()
    return say(f"prompt.used.{noun}", name=name, part=say.named("prompt.part", part)) \
        if known(f"prompt.used.{noun}") else path  # fmt: skip


def _telephones() -> list[dict[str, Any]]:
    return [one for one in ask("extension.list") if one["registered"]]


def _beside(field: str, error: BusyhourError) -> Mistakes:
    """Return what was wrong beside the one field of a small form."""
    wrong = {"": str(error)} if isinstance(error, Unavailable) else mistakes(error, _say(), {})
    return {field: next(iter(wrong.values()))}


def _say() -> Wording:
    return Wording(language_asked())
