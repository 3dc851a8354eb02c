"""A call out on a telephone line: waits for dial tone, dials, listens what becomes of it, and tells how it ends."""

from collections.abc import Callable
from typing import Protocol

from drivers import countries
from drivers.boards.busytone import twice
from drivers.boards.linetrace import LineTrace
from drivers.boards.progress import CallProgress, Verdict
from drivers.boards.state import LineState as S
from drivers.boards.user import LineUser
from drivers.countries import LEVEL_DBM0
from drivers.link.causes import (
    NO_CIRCUIT_AVAILABLE,
    NO_USER_RESPONDING,
    SEND_SPECIAL_INFORMATION_TONE,
    SWITCHING_EQUIPMENT_CONGESTION,
    TEMPORARY_FAILURE,
    USER_BUSY,
)
from drivers.link.messages import LineSetup
from drivers.sounds import Sounds, sign
from native.media import Cadence, Leg, Series

DIAL_TONE_S = 5.0       # an office that gives none for so long takes no call
LISTEN_S = 0.1          # between two looks at the level while a call proceeds
RINGBACK_KNOWN_MS = 2000  # a burst and its pause so long are enough: the whole pause is seconds more, and answered in
KEYS_PLAY_ID = 0        # channels number their plays from 1
FAX = "fax"  # that a fax machine calls: told by the channel
INFORMATION = ("information", "information (E.180)")
CLEARING = ("busy", "congestion", "learnt")  # that the far end hung up; not dial tone: too much in a call is as steady
CAUSES = {"busy": USER_BUSY, "learnt": USER_BUSY, "congestion": SWITCHING_EQUIPMENT_CONGESTION,
          **dict.fromkeys(INFORMATION, SEND_SPECIAL_INFORMATION_TONE)}  # fmt: skip


class Seized(Protocol):
    """What a call out needs of the line that it has seized."""

    number: int
    setup: LineSetup
    trace: LineTrace

    def enter(self, event: str, time_s: float | None = None) -> None:
        """Take what happened; `time` tells the call once so long has gone by without another event."""

    def wait(self, after_s: float) -> None:
        """Have `time` told once so long has gone by."""

    def end(self, cause: int, event: str = "hang_up", by_party: bool = True) -> None:
        """End the call and go on-hook."""

    def send(self, digits: str) -> bool:
        """Send digits to the office as it takes them; False where that cannot be. The call is told when it is done."""
        ...


class CallOut:
    """One call out, as long as the line is off-hook for it. The line tells it what is heard, and when time is up."""

    def __init__(
        self, line: Seized, user: LineUser, leg: Leg, digits: str, sounds: Sounds, now_s: Callable[[], float]
    ) -> None:
        """`now_s` tells the time of a steady clock."""
        self.answered_by_reversal = False
        self._line, self._user, self._leg, self._digits, self._sounds = line, user, leg, digits, sounds
        self._now_s = now_s
        self._progress: CallProgress | None = None

    def begin(self) -> None:
        """Wait for dial tone."""
        self._line.enter("dial", DIAL_TONE_S)
        names = ("dial", *CLEARING, *INFORMATION)
        self._leg.detect(digits=False, tones=signs(self._sounds, self._line.setup, names), caller_id=False)

    def heard(self, state: S, tone: str) -> None:
        """Take a tone that the office sends."""
        if state is S.SEIZED:
            if tone == "dial":
                self._dial()
            else:
                self._line.end(NO_CIRCUIT_AVAILABLE)
        elif state is S.PROCEEDING and tone == "ringback" and self._progress:
            self._judge(self._progress.ringback())
        elif state is S.PROCEEDING:
            self._line.end(CAUSES.get(tone, TEMPORARY_FAILURE))  # dial tone: the office did not take our digits

    def dialled(self) -> None:
        """Take that the last digit has been sent: listen what becomes of it."""
        on_off_ms = self._sounds.tones.ringback.on_off_ms
        burst_ms = (*on_off_ms[:-1], max(RINGBACK_KNOWN_MS - sum(on_off_ms[:-1]), 400))
        ringback = self._sounds.tones.ringback
        tones = signs(self._sounds, self._line.setup, ("dial", *CLEARING, *INFORMATION))
        tones["ringback"] = Cadence(ringback.frequencies, LEVEL_DBM0, burst_ms, ringback.modulated_hz)
        self._progress = CallProgress(self._now_s(), sum(on_off_ms[:-1]) / 1000, on_off_ms[-1] / 1000)
        self._line.enter("dialed", LISTEN_S)
        self._leg.detect(digits=False, tones=tones, caller_id=False)

    def time(self, state: S) -> None:
        """Take that time is up: no dial tone has come, or the level is to be looked at once more."""
        if state is S.SEIZED:
            self._line.trace.came("no-dial-tone")
            self._line.end(NO_CIRCUIT_AVAILABLE)
        elif self._progress:
            self._line.wait(LISTEN_S)
            self._judge(self._progress.level(self._now_s(), self._leg.level_dbm0()))

    def reversed(self) -> None:
        """Take that the office reversed the polarity: the far end answered, for certain."""
        self.answered_by_reversal = True
        self._answer(assumed=False)

    # ---- inside

    def _dial(self) -> None:
        self._line.enter("dial_tone")
        if not self._line.send(self._digits):
            self._line.end(TEMPORARY_FAILURE, by_party=False)

    def _judge(self, verdict: Verdict | None) -> None:
        if verdict is Verdict.RINGING:
            self._user.line_ringing()
        elif verdict is Verdict.ANSWERED and not self._line.setup.reversal:
            self._answer(assumed=True)
        elif verdict is Verdict.DEAD:
            self._line.trace.came("no-sound")
            self._line.end(NO_USER_RESPONDING)

    def _answer(self, assumed: bool) -> None:
        self._line.enter("answer")
        self._line.trace.came("answer-assumed" if assumed else "answer-reversal")
        self._leg.detect(digits=True, tones=signs(self._sounds, self._line.setup, CLEARING), caller_id=False)
        self._user.line_answered(assumed)


def signs(sounds: Sounds, setup: LineSetup, names: tuple[str, ...]) -> dict[str, Cadence | Series]:
    """Return the tones of these names as they are on the line; `learnt` is its own busy tone, where it has one."""
    known = sounds.signs
    if setup.busy_tone:
        known = known | {"learnt": sign(twice(countries.tone(setup.busy_tone)))}
    return {name: known[name] for name in names if name in known}
