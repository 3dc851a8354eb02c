"""Guesses what becomes of a call out on a line that gives no sign but sound: whether it rings, or is answered.

Fed with the level every 100 ms and with ringback when the media core has recognised it. Whatever then breaks its
rhythm, outlasts its burst, or keeps silent longer than its pause, is taken for somebody who answered.
Colour ringback music is therefore taken for an answer too: only a reversal of polarity tells for certain.
"""

from enum import StrEnum

SOUND_DBM0 = -45.0     # above a line's noise, below any speech worth connecting
SLACK_S = 0.4          # of pauses and long sounds: offices keep their rhythm to 10 %, and levels are of the last 200 ms
LONGER_S = (0.05, 0.3) # for the same reason a burst seems to last so much longer, at least and at most
BUSY_KNOWN_S = 1.6     # after so long busy tone would have been recognised
REFUSAL_KNOWN_S = 3.0  # before any ringback: congestion tone too, which is slower
DEAD_S = 20.0          # nothing at all after the last digit


class Verdict(StrEnum):
    """What has become of the call."""

    RINGING = "ringing"
    ANSWERED = "answered"
    DEAD = "dead"


class CallProgress:
    """One call out, from its last digit on; times are seconds of a steady clock."""

    def __init__(self, begun_s: float, ringback_on_s: float, ringback_off_s: float) -> None:
        self._on_s = ringback_on_s
        self._off_s = ringback_off_s
        self._ringing = False
        self._sound_since: float | None = None
        self._quiet_since = begun_s
        self._odd_since: float | None = None  # since when something sounds that is no ringback
        self._heard = False

    def ringback(self) -> Verdict | None:
        """Take that ringback was recognised; return what is known now and was not before."""
        self._odd_since = None
        if self._ringing:
            return None
        self._ringing = True
        return Verdict.RINGING

    def level(self, at_s: float, dbm0: float) -> Verdict | None:
        """Take the level of the moment; return what is known now and was not before."""
        verdict = self._sounding(at_s) if dbm0 > SOUND_DBM0 else self._quiet(at_s)
        known_s = BUSY_KNOWN_S if self._ringing else REFUSAL_KNOWN_S
        if self._odd_since is not None and at_s - self._odd_since >= known_s:
            return Verdict.ANSWERED
        return verdict

    def _sounding(self, at_s: float) -> Verdict | None:
        if self._sound_since is None:
            self._sound_since = at_s
            pause_s = at_s - self._quiet_since
            if self._ringing and abs(pause_s - self._off_s) > 0.1 * self._off_s + SLACK_S:
                self._odd_since = self._odd_since or at_s
        self._heard = True
        longest_s = self._on_s + SLACK_S + (0.0 if self._ringing else 0.6)
        return Verdict.ANSWERED if at_s - self._sound_since > longest_s else None

    def _quiet(self, at_s: float) -> Verdict | None:
        if self._sound_since is not None:
            burst_s = at_s - self._sound_since
            self._sound_since, self._quiet_since = None, at_s
            if not 0.9 * self._on_s + LONGER_S[0] <= burst_s <= 1.1 * self._on_s + LONGER_S[1]:
                self._odd_since = self._odd_since or at_s - burst_s
        quiet_s = at_s - self._quiet_since
        if not self._heard:
            return Verdict.DEAD if quiet_s >= DEAD_S else None
        return Verdict.ANSWERED if quiet_s > self._off_s + 2 * SLACK_S else None
