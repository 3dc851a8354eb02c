"""`recording.open`: who may hear what was said, and who did.

The sound itself is a file in the home, which whoever is told its path reads: it never goes over this wire.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from firmware.clock import Clock
from firmware.control.call import CallId, CallMethods
from firmware.control.methods import Asker, Role, method
from firmware.errors import NotAllowed, NotFound
from firmware.records.audit import Audit, Entry
from firmware.records.reader import Reader

ONE_LISTENING_S = 600.0  # a player asks for one piece after the other; so soon after the last it is the same listening
KNOWN = 1000  # listenings that are remembered; beyond, one may be noted twice
WHAT = {"listen": "recording.listened", "download": "recording.downloaded"}


class RecordingView(msgspec.Struct, frozen=True):
    """A sound file, `path` within the home: left the caller, right what the caller heard. None while it grows."""

    path: str
    started_s: float
    duration_s: float | None


class RecordingMethods:
    """What can be asked of recordings."""

    def __init__(self, calls: CallMethods, records: Reader, audit: Audit, clock: Clock) -> None:
        self._calls, self._records, self._audit, self._clock = calls, records, audit, clock
        self._noted: dict[tuple[str, ...], float] = {}  # what was noted of whom, and when it was asked for last

    @method("recording.open", Role.AGENT)
    async def open(
        self,
        session: Asker,
        call: CallId,
        number: Annotated[int, Meta(ge=1, le=1000)] = 1,
        purpose: Literal["listen", "download", "look"] = "listen",
    ) -> RecordingView:
        """Return where a closed call's recording is, counted from 1, for somebody who may hear it.

        Agents hear the calls in which they talked. Each listening and each refusal is in the audit before it is
        answered; `look` is for the recording's length and shape, which nobody can understand.
        """
        try:
            await self._calls.need(session, call)
        except NotAllowed:
            await self._note("recording.refused", session, call, number)
            raise
        recordings = (await self._records.show(call)).recordings
        if number > len(recordings):
            raise NotFound(f"call {call} has {len(recordings)} recordings, no number {number}")
        if purpose in WHAT:
            await self._note(WHAT[purpose], session, call, number)
        found = recordings[number - 1]
        return RecordingView(found.path, found.started_s, found.duration_s)

    async def _note(self, what: str, session: Asker, call: str, number: int) -> None:
        key = (what, session.who, session.session, session.address, call, str(number))
        now_s = self._clock.wall_s()
        before_s = self._noted.pop(key, None)
        self._noted[key] = now_s
        if before_s is None or not 0 <= now_s - before_s < ONE_LISTENING_S:
            self._audit.note(Entry(now_s, what, call, session.who, session.address, f"recording {number}"))
            while len(self._noted) > KNOWN:
                del self._noted[next(iter(self._noted))]
        await self._audit.kept()
