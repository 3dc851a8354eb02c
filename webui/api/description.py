"""What the exchange says of its methods and of this interface's settings, asked anew now and then."""

import threading
import time
from typing import Any, NamedTuple

from firmware.control.client import Client
from firmware.control.method_view import MethodView
from webui.visitor import Connect

FRESH_S = 10.0  # a changed setting is in force here so much later at most
HIDE = ("api.show",)


class Settings(NamedTuple):
    """How much each token may ask, how many streams there are at once, and whose pages may ask."""

    requests_per_minute: int
    streams: int
    origins: tuple[str, ...]


class Description(NamedTuple):
    """All methods by name, the schemas they refer to by name, and the settings."""

    methods: dict[str, MethodView]
    components: dict[str, Any]
    settings: Settings


class Describer:
    """Asks the exchange, and remembers for a while; while it is silent, what it said last goes on being right."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._known: Description | None = None
        self._until_s = 0.0

    def now(self) -> Description:
        """Return what is known. Raises Unavailable when the exchange has never answered."""
        with self._lock:
            if self._known is None or time.monotonic() > self._until_s:
                self._known = self._ask()
                self._until_s = time.monotonic() + FRESH_S
            return self._known

    def _ask(self) -> Description:
        client: Client = self._connect()
        try:
            client.call("session.lower", role="viewer")
            told = client.call("api.show")
        finally:
            client.close()
        methods = {one["name"]: MethodView(**one) for one in told["methods"]}
        settings = told["settings"]
        return Description(
            methods,
            told["components"],
            Settings(settings["requests_per_minute"], settings["streams"], tuple(settings["origins"])),
        )
