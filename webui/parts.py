"""The parts a live page is made of: each drawn once for everybody who sees the same in the same language."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from flask import Flask, render_template

from webui.feed import Moment
from webui.picture import Agent, Picture
from webui.wording import Wording, clean, duration

PARTS = ("feed", "programs", "calls", "last", "queues", "agents", "waiting", "lines")
BESIDE_DESK = ("feed", "queues")
MOST_KEPT = 300  # looks; every agent has one of their own
MOST_BESIDE = 50  # of what stands beside desks: agents of the same queues are shown the same


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
        self._beside: OrderedDict[tuple[str, float | None, bytes], dict[str, str]] = OrderedDict()

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

    def draw_beside(self, moment: Moment, picture: Picture | None, language: str) -> dict[str, str]:
        """Return what stands above and beside a desk to whose agent `picture` is shown.

        It is drawn when it changes, once for all: fifty desks would else draw the same four times a second each.
        """
        shown = None if picture is None else _without_persons(picture)
        key = (language, moment.lost_s, msgspec.msgpack.encode(shown))
        with self._lock:
            if key not in self._beside:
                say = Wording(language, picture.box.timezone if picture else "")
                context = {"moment": moment, "picture": shown, "say": say, "look": None}
                self._beside[key] = fragments(self._app, {name: f"live/_{name}.html" for name in BESIDE_DESK}, context)
            self._beside.move_to_end(key)
            while len(self._beside) > MOST_BESIDE:
                self._beside.popitem(last=False)
            return self._beside[key]

    def _draw(self, moment: Moment, look: Look) -> dict[str, str]:
        timezone = moment.picture.box.timezone if moment.picture else ""
        picture = moment.picture.of_agent(look.agent) if moment.picture and look.agent else moment.picture
        context = {"moment": moment, "picture": picture, "say": Wording(look.language, timezone), "look": look}
        return fragments(self._app, {name: f"live/_{name}.html" for name in PARTS}, context)


def fragments(app: Flask, templates: Mapping[str, str], context: Mapping[str, Any]) -> dict[str, str]:
    """Return parts of a page, also while a stream is sent, when no request is at hand to make their addresses from."""
    with app.app_context(), app.test_request_context():  # a context of its own: what ends with it is not the request's
        return {
            name: render_template(template, clean=clean, duration=duration, **context)
            for name, template in templates.items()
        }


def _without_persons(picture: Picture) -> Picture:
    """Return what is left of a picture for who reads no more than alarms and queues: equal as long as those are."""
    first = tuple(Agent(agent.number) for agent in picture.agents[:1])  # named where nobody serves a queue
    return msgspec.structs.replace(picture, at_s=0.0, lines=(), spans=(), calls=(), agents=first, last=(), waiting=())
