"""The parts a live page is made of: each drawn once for everybody who reads the same language."""

import threading

from flask import Flask, render_template

from webui.feed import Moment
from webui.wording import Wording, clean, duration

PARTS = ("feed", "programs", "calls", "last", "queues", "agents", "lines")


class Parts:
    """Draws a moment into the HTML of every part, and keeps what was drawn until the next moment."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._drawn: dict[str, tuple[int, dict[str, str]]] = {}

    def draw(self, moment: Moment, language: str) -> dict[str, str]:
        """Return the HTML of each part by its name. All text of the exchange and of callers is escaped."""
        with self._lock:
            version, drawn = self._drawn.get(language, (-1, {}))
            if version != moment.version:
                drawn = self._draw(moment, language)
                self._drawn[language] = (moment.version, drawn)
            return drawn

    def _draw(self, moment: Moment, language: str) -> dict[str, str]:
        timezone = moment.picture.box.timezone if moment.picture else ""
        context = {
            "moment": moment, "picture": moment.picture, "say": Wording(language, timezone),
            "clean": clean, "duration": duration,
        }  # fmt: skip
        with self._app.app_context():
            return {name: render_template(f"live/_{name}.html", **context) for name in PARTS}
