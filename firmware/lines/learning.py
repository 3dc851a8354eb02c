"""The learning of a line's own busy tone, as it goes and as it ended: by a test call, on a person's order.

What was learnt is kept until it is accepted, which makes it part of the configuration, or learnt anew; a restart of
the exchange forgets it.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

from drivers.link.messages import Hello, LearnTone, LineLearning, StopLearning, ToneLearnt
from drivers.link.messages import Refused as LinkRefused
from firmware.calls.asked import Asked
from firmware.calls.gateway import Gateway
from firmware.clock import Clock
from firmware.config.schema import Config
from firmware.errors import LineBusy, NeverAnswered, NotFound, Unavailable
from firmware.events import Bus, Event, Kind

ANSWER_S = 5.0
State = Literal["waiting", "calling", "listening", "learnt", "failed", "stopped"]
UNDER_WAY: tuple[State, ...] = ("waiting", "calling", "listening")


class Attempt(msgspec.Struct, frozen=True):
    """One attempt: who began it and when, the number that is called ("" where a call is waited for), how far it is.

    While it listens, `heard` is silence, sound or tone. `reason` says by a stable word why it failed. `tone` is what
    was learnt, as 480+620/250,0/250; `levels` of each 20 ms of its last seconds and `spectrum` of each 25 Hz, in dBm0.
    """

    line: int
    by: str
    begun_s: float
    number: str
    state: State
    heard: str = ""
    reason: str = ""
    tone: str = ""
    levels: tuple[int, ...] = ()
    spectrum: tuple[int, ...] = ()


class Learning:
    """The last attempt of each line."""

    def __init__(self, *, gateway: Gateway, bus: Bus, clock: Clock, config: Callable[[], Config]) -> None:
        self._gateway, self._bus, self._clock, self._config = gateway, bus, clock, config
        self.attempts: dict[int, Attempt] = {}
        self._asked = Asked[Attempt](gateway)
        self._begun: dict[str, Attempt] = {}  # by the order's id, until the gateway tells of it
        gateway.on_anew.append(self._gateway_anew)

    async def begin(self, line: int, by: str, number: str = "") -> Attempt:
        """Begin: wait for a call on the line, or call `number`; return once it is under way.

        Raises NotFound for a line that is not configured, LineBusy when it is in use or learns already, NeverAnswered
        when it would have to answer a call that is for something else, Unavailable when the gateway is not there.
        """
        setting = next((one for one in self._config().lines if one.number == line), None)
        if setting is None:
            raise NotFound(f"there is no line {line}")
        if setting.never_answer and not number:
            raise NeverAnswered(f"line {line} is never answered: let it call a number instead")
        if not self._gateway.connected:
            raise Unavailable("the gateway is not there: no line can learn")
        order = LearnTone(id=self._gateway.next_id(), line=line, number=number)
        self._begun[order.id] = Attempt(line, by, self._clock.wall_s(), number, "calling" if number else "waiting")
        try:
            return await self._asked.ask(order, ANSWER_S, f"the gateway did not begin to learn on line {line}")
        finally:
            self._begun.pop(order.id, None)

    def told(self, line: int) -> str:
        """Return how far a line's last attempt is, in one word, with what is heard after a colon; "" for none."""
        attempt = self.attempts.get(line)
        return f"{attempt.state}:{attempt.heard}".rstrip(":") if attempt else ""

    def stop(self, line: int) -> None:
        """End what is under way on a line; where nothing is, that is done already."""
        self._gateway.send(StopLearning(id=self._gateway.next_id(), line=line))

    # ---- what the gateway tells

    def step(self, told: LineLearning) -> None:
        """Take how far it is."""
        attempt = self._begun.get(told.command) or self.attempts.get(told.line)
        if attempt is None or attempt.state not in UNDER_WAY:
            attempt = Attempt(told.line, "", told.at_s, "", told.step)  # an earlier exchange ordered it
        self._take(msgspec.structs.replace(attempt, state=told.step, heard=told.heard))
        self._asked.tell(told.command, self.attempts[told.line])

    def ended(self, told: ToneLearnt) -> None:
        """Take what came of it."""
        attempt = self.attempts.get(told.line) or Attempt(told.line, "", told.at_s, "", "waiting")
        self._take(
            msgspec.structs.replace(
                attempt, state=told.outcome, heard="", reason=told.reason, tone=told.tone, levels=told.levels,
                spectrum=told.spectrum,
            )
        )  # fmt: skip

    def refused(self, refused: LinkRefused) -> bool:
        """Take that an order was refused, if it was one of ours."""
        return self._asked.tell(refused.command, LineBusy(refused.text))

    def _gateway_anew(self, hello: Hello) -> None:
        for attempt in tuple(self.attempts.values()):
            if attempt.state in UNDER_WAY:
                self._take(msgspec.structs.replace(attempt, state="failed", heard="", reason="gone"))

    def _take(self, attempt: Attempt) -> None:
        self.attempts[attempt.line] = attempt
        data = {key: getattr(attempt, key) for key in ("line", "by", "state", "heard", "reason", "tone")}
        self._bus.publish(Event(self._clock.wall_s(), Kind.LINE_LEARNING, data=data))
