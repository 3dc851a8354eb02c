"""Pictures of the calls: by hour, by their waits, by the lines they used; each figure opens the list of its calls."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from webui.page import page
from webui.visitor import ask

bp = Blueprint("pictures", __name__, url_prefix="/pictures")
DAYS = (1, 7, 30)
HIGH = 100.0  # of a picture, in its own units; a column is 10 wide


class Bar(NamedTuple):
    """A part of a column: what it shows, how many, where it stands, and the address of its calls."""

    kind: str
    number: int
    x: float
    y: float
    height: float
    address: str


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show today, or ?days=7 or 30."""
    wanted = request.args.get("days", "1")
    days = int(wanted) if wanted in map(str, DAYS) else 1
    told, zone = ask("picture.show", days=days), ask("status")["box"]["timezone"]
    of_all = _times(told, ZoneInfo(zone))
    incoming = of_all | {"direction": "in"}
    hours = [
        {kind: _calls(incoming, hour=one["hour"], outcome=outcome) for kind, outcome in _KINDS} for one in told["hours"]
    ]
    waits = [{kind: _calls(incoming, queue="*", wait_from_s=one["from_s"] or None, wait_until_s=one["until_s"],
                           outcome=kind) for kind in ("answered", "abandoned")} for one in told["waits"]]
    return page(
        "pictures/index.html", 200, zone, told=told, days=days, all_days=DAYS, hours=hours, waits=waits,
        hour_bars=columns(told["hours"], hours, "incoming"), wait_bars=columns(told["waits"], waits),
        ways=[_calls(of_all, via=one["via"]) for one in told["ways"]],
        most=max([one["busy_s"] for one in told["ways"]], default=0) or 1,
        lists={kind: _calls(incoming, outcome=outcome) for kind, outcome in _KINDS}
        | {"wait_s": _calls(incoming, queue="*", outcome="answered")},
    )  # fmt: skip


_KINDS = (("incoming", "ours"), ("answered", "answered"), ("abandoned", "abandoned"))


def columns(counts: list[dict[str, Any]], addresses: list[dict[str, str]], around: str = "") -> list[Bar]:
    """Return a column for each count: the answered below, the abandoned upon them, and `around` both what there was."""
    highest = max([one[around] if around else one["answered"] + one["abandoned"] for one in counts], default=0) or 1
    bars = []
    for number, (one, to) in enumerate(zip(counts, addresses, strict=True)):
        top = HIGH
        x = 10.0 * number + 1
        if around and one[around]:
            height = one[around] / highest * HIGH
            bars.append(Bar(around, one[around], x, HIGH - height, height, to[around]))
        for kind in ("answered", "abandoned"):
            if one[kind]:
                height = one[kind] / highest * HIGH
                top -= height
                bars.append(Bar(kind, one[kind], x, round(top, 2), round(height, 2), to[kind]))
    return bars


def _times(told: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    last = datetime.fromtimestamp(told["until_s"], zone) - timedelta(hours=1)
    return {"from": datetime.fromtimestamp(told["from_s"], zone).date().isoformat(), "until": last.date().isoformat()}


def _calls(asked: dict[str, Any], **more: Any) -> str:
    """Return the address of the list of some calls."""
    query = {name: value for name, value in (asked | more).items() if value not in ("", None)}
    return f"{url_for('calls.index')}?{urlencode(query)}"
