"""The parts a live page is made of: each drawn once for everybody who sees the same in the same language."""

import threading
from collections import OrderedDict
from typing import Any, NamedTuple

from flask import Flask, render_template

from webui.feed import Moment
from webui.wording import Wording, clean, duration

PARTS = ("feed", "programs", "calls", "last", "queues", "agents", "lines")
MOST_KEPT = 300  # looks; every agent has one of their own


class Look(NamedTuple):
    """Who sees the live floor how: `agent` sees own queues and calls alone; `acts`: may change agents and calls."""

    language: str
    agent: str = ""
    acts: bool = False


class Parts:
    """Draws a moment into the HTML of every part, and keeps what was drawn until the next moment."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._drawn: OrderedDict[Look, tuple[int, dict[str, str]]] = OrderedDict()

    def draw(self, moment: Moment, look: Look) -> dict[str, str]:
        """Return the HTML of each part by its name. All text of the exchange and of callers is escaped."""
        with self._lock:
            version, drawn = self._drawn.get(look, (-1, {}))
            if version != moment.version:
                drawn = self._draw(moment, look)
                self._drawn[look] = (moment.version, drawn)
                self._drawn.move_to_end(look)
                while len(self._drawn) > MOST_KEPT:
                    self._drawn.popitem(last=False)
            return drawn

    def _draw(self, moment: Moment, look: Look) -> dict[str, str]:
        timezone = moment.picture.box.timezone if moment.picture else ""
        picture = moment.picture.of_agent(look.agent) if moment.picture and look.agent else moment.picture
        context = {
            "moment": moment, "picture": picture, "say": Wording(look.language, timezone), "look": look,
            "clean": clean, "duration": duration,
        }  # fmt: skip
        return {name: fragment(self._app, f"live/_{name}.html", **context) for name in PARTS}


def fragment(app: Flask, template: str, **context: Any) -> str:
    """Return a part of a page, also while a stream is sent, when no request is at hand to make its addresses from."""
    with app.app_context(), app.test_request_context():  # a context of its own: what ends with it is not the request's
        return render_template(template, **context)
