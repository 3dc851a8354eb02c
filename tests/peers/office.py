"""The caller beyond a telephone line, for tests that are not asyncio: a person at the simulated central office."""

import asyncio
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from drivers.link.office import Order, PlaceCall, Progress, Report
from drivers.link.office_client import OfficeClient, PlacedCall

Result = TypeVar("Result")


class Office:
    """The central office of a box, and all who call through it; everybody hangs up when it is closed."""

    def __init__(self, home: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._client = self.wait(OfficeClient.connect(home), 10)

    def wait(self, work: Coroutine[Any, Any, Result], timeout_s: float) -> Result:
        """Return what a coroutine of this office's loop gives; TimeoutError when it takes longer."""

        async def bounded() -> Result:
            return await asyncio.wait_for(work, timeout_s)

        return asyncio.run_coroutine_threadsafe(bounded(), self._loop).result(timeout_s + 5)

    def close(self) -> None:
        """Let everybody hang up."""
        self.wait(self._client.close(), 5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def order(self, method: str, order: Order | None = None) -> Any:
        """Give an order: silence, battery, subscriber..."""
        return self.wait(self._client.request(method, order), 10)

    def call(self, line: int, number: str = "13800138000", **how: Any) -> "Caller":
        """Let somebody call this line of the box."""
        return Caller(self, self.wait(self._client.call(PlaceCall(line=line, number=number, **how)), 10))

    def call_over(self, span: int, to: str, number: str = "13800138000", **how: Any) -> "Caller":
        """Let somebody call a number of the box over a digital span."""
        return Caller(self, self.wait(self._client.call(PlaceCall(span=span, to=to, number=number, **how)), 10))

    def outgoing(self) -> list[Report]:
        """Return the calls that the box made out of its lines."""
        return self.wait(self._client.calls(), 10)

    def dialled(self, number: str, timeout_s: float = 10) -> Report:
        """Return the box's newest call to this number once it is over: a loop must be open for long to be no flash."""
        deadline = time.monotonic() + timeout_s
        while True:
            made = [call for call in self.outgoing() if call.number == number]
            if made and made[-1].ended_by:
                return made[-1]
            if time.monotonic() > deadline:
                raise TimeoutError(f"no call to {number} is over: {made}")
            time.sleep(0.05)


class Caller:
    """Somebody on the telephone."""

    def __init__(self, office: Office, call: PlacedCall) -> None:
        self._office, self._call = office, call
        self.started_s = call.started_s

    def wait_for(self, event: str, detail: str = "", timeout_s: float = 30) -> Progress:
        """Wait until something has happened to the call, or return at once when it has."""
        return self._office.wait(self._call.wait_for(event, detail), timeout_s)

    def press(self, digits: str) -> None:
        """Press keys, as DTMF on the line."""
        self._office.wait(self._call.press(digits), 10)

    def say(self, play: Path | None = None, tone_hz: float | None = None) -> None:
        """Say something else."""
        self._office.wait(self._call.say(str(play or ""), tone_hz), 10)

    def hang_up(self) -> None:
        """Hang up."""
        self._office.wait(self._call.hang_up(), 10)

    def report(self, timeout_s: float = 60) -> Report:
        """Return what was heard, once the call has ended."""
        return self._office.wait(self._call.report(), timeout_s)
