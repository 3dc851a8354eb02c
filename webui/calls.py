"""The calls on record: found, listed, downloaded, and each shown with what became of it and what was said."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.control.client import Client
from firmware.errors import BadRequest, BusyhourError, NotAllowed, NotFound
from webui import sound, spreadsheet
from webui.downloads import counted
from webui.mistakes import NONE, Mistakes, mistakes, said
from webui.page import language_asked, page
from webui.search import DIRECTIONS, OUTCOMES, Search
from webui.story import story
from webui.visitor import ask, visitor
from webui.wording import Wording

bp = Blueprint("calls", __name__, url_prefix="/calls")
PAGE, AT_ONCE = 50, 500
PEAKS = 600
NOTHING: dict[str, Any] = {"calls": [], "total": None, "next": "", "previous": ""}
COLUMNS = (
    "started_s", "direction", "via", "number", "name", "did", "outcome", "queue", "agent", "wait_s", "talk_s", "hold_s",
    "duration_s", "call_id",
)  # fmt: skip


@bp.get("/")
def index() -> ResponseReturnValue:
    """List the calls that fit the address."""
    zone, search = _search()
    found: dict[str, Any] = NOTHING
    if not search.wrong:
        try:
            found = ask("call.list", **_wanted(search), limit=PAGE, after=search.after, before=search.before)
        except NotFound:  # the call at the page's edge is gone; the first page is there
            found = ask("call.list", **_wanted(search), limit=PAGE)
        except BadRequest as error:
            _mark(search, error)
    return _list(zone, search, found)


def _list(zone: str, search: Search, found: dict[str, Any]) -> ResponseReturnValue:
    choices = ask("call.choices")
    titles = {one["value"]: one["title"] for one in choices["queue"] if one["title"]}
    return page(
        "calls/index.html", 422 if search.wrong else 200, zone, search=search, found=found, choices=choices,
        titles=titles, directions=DIRECTIONS, outcomes=OUTCOMES, address=_address,
    )  # fmt: skip


@bp.get("/calls.csv")
def download() -> ResponseReturnValue:
    """Send all calls that fit as CSV, while they are read."""
    zone, search = _search()
    if search.wrong:
        return _list(zone, search, NOTHING)
    wanted = _wanted(search)
    try:
        first = ask("call.list", **wanted, limit=AT_ONCE)  # what is refused is refused before anything is sent
    except BadRequest as error:
        _mark(search, error)
        return _list(zone, search, NOTHING)
    client: Client = g.pop("client")
    say = Wording(language_asked(), zone)
    response = Response(spreadsheet.lines(_rows(client, wanted, first, say)), mimetype="text/csv")
    response.call_on_close(client.close)
    response.headers["Content-Disposition"] = 'attachment; filename="calls.csv"'
    return counted(response)


def _rows(client: Client, wanted: dict[str, Any], found: dict[str, Any], say: Wording) -> Iterator[list[object]]:
    yield [say(f"record.{name}") for name in COLUMNS]
    while True:
        for call in found["calls"]:
            yield [
                say.second(call["started_s"]), say.named("direction", call["direction"]), say.via(call["via"]),
                say("call.withheld") if call["withheld"] else call["number"], "" if call["withheld"] else call["name"],
                call["did"], say.named("outcome", call["outcome"]), call["queue"], call["agent"],
                *(round(call[name], 1) for name in ("wait_s", "talk_s", "hold_s", "duration_s")), call["call_id"],
            ]  # fmt: skip
        if not found["next"]:
            return
        found = client.call("call.list", **wanted, limit=AT_ONCE, after=found["next"])


@bp.get("/call")
def call() -> ResponseReturnValue:
    """Show one call, ?id=."""
    return _call(request.args.get("id", "")[:100])


@bp.post("/hold")
def hold() -> ResponseReturnValue:
    """Put one call, ?id=, under a legal hold, or lift one that keeps it."""
    call_id = request.args.get("id", "")[:100]
    try:
        if request.form.get("act") == "lift":
            number = request.form.get("hold", "")
            ask("hold.lift", id=int(number) if number.isascii() and number.isdecimal() else 0)
        else:
            ask("hold.place", call=call_id, why=request.form.get("why", "").strip())
    except NotFound:
        pass  # somebody else lifted it, or the call is gone: the page tells
    except BusyhourError as error:
        return _call(call_id, mistakes(error, Wording(language_asked()), {}))
    return redirect(url_for("calls.call", id=call_id) + "#hold-head", 303)


def _call(call_id: str, wrong: Mistakes = NONE) -> ResponseReturnValue:
    zone = _zone()
    try:
        detail = ask("call.show", id=call_id)
    except (NotFound, BadRequest):
        return page("calls/gone.html", 404, zone)
    try:
        told = ask("call.notes", call=call_id)
    except NotAllowed:
        told = None  # of somebody who has no agent any more
    say = Wording(language_asked(), zone)
    recordings = [_recording(one, number, say) for number, one in enumerate(detail["recordings"], 1)]
    known = visitor()
    role = known.role if known else ""
    titles = {one["value"]: one["title"] for one in ask("call.choices")["queue"] if one["title"]}
    return page(
        "calls/call.html", 422 if wrong else 200, zone, titles=titles, call=detail["call"],
        story=story(detail["call"]), recordings=recordings, told=told, wrong=wrong, may_hold=role == "admin",
        holds=ask("hold.list", call=call_id) if role in ("supervisor", "admin") else None,
        events=detail["events"] if role == "admin" else [],
    )  # fmt: skip


def _recording(told: dict[str, Any], number: int, say: Wording) -> dict[str, Any]:
    """Return a recording as its page needs it: whether it can be heard, and if not, why."""
    wrong = ""
    try:
        opened = sound.open_sound(told["path"])
        opened.file.close()
    except BusyhourError as error:
        wrong = said(f"error.{error.code}", str(error), say)
    return told | {"number": number, "wrong": wrong}


@bp.get("/recording")
def recording() -> ResponseReturnValue:
    """Send a recording, ?call=&number=, or the piece of it that the player wants; &download=1 to keep it."""
    kept = request.args.get("download") == "1"
    try:
        call_id, number, opened = _open("download" if kept else "listen")
    except NotFound:
        return page("calls/gone.html", 404)
    return counted(sound.send(opened, f"{call_id}-{number}.wav", download=kept))


@bp.get("/peaks")
def peaks() -> ResponseReturnValue:
    """Tell how loud both sides of a recording are over its length, ?call=&number=."""
    try:
        _, _, opened = _open("look")
    except NotFound:
        return page("calls/gone.html", 404)
    with opened.file:
        left, right = sound.peaks(opened, PEAKS)
    return jsonify(seconds=opened.length_s, left=left, right=right)


def _open(purpose: str) -> tuple[str, int, sound.Sound]:
    call_id, number = request.args.get("call", "")[:100], request.args.get("number", 1, int)
    found = ask("recording.open", call=call_id, number=number, purpose=purpose)
    return call_id, number, sound.open_sound(found["path"])


def _search() -> tuple[str, Search]:
    zone = _zone()
    return zone, Search(request.args, ZoneInfo(zone), Wording(language_asked(), zone))


def _mark(search: Search, error: BadRequest) -> None:
    """Note what the exchange finds wrong beside the field it concerns."""
    told = mistakes(error, Wording(language_asked()), NONE)
    search.wrong |= {path.removeprefix("which."): text for path, text in told.items()}


def _wanted(search: Search) -> dict[str, Any]:
    return {"which": search.which, "sort": search.sort, "down": search.down}


def _address(endpoint: str, asked: Mapping[str, str], **more: str) -> str:
    """Return the address of a search; its fields may have names that url_for has too."""
    query = urlencode({**asked, **more})
    return f"{url_for(endpoint)}?{query}" if query else url_for(endpoint)


def _zone() -> str:
    zone: str = ask("status")["box"]["timezone"]
    return zone
