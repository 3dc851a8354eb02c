"""Prompts in the making: each is heard first, and becomes a prompt only when somebody keeps it.

Whatever fails on the way leaves a draft that says why, and no file.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import msgspec

from firmware.clock import Clock
from firmware.errors import BusyhourError, NotFound, Refused
from firmware.prompts import spool
from firmware.prompts.jobs import FromFile, FromRecording, FromText, Job
from firmware.prompts.own import Own, Recorded
from firmware.prompts.workshop import Workshop

Result = TypeVar("Result")
log = logging.getLogger(__name__)
PATIENCE_S = 5.0  # whoever asks for a draft waits so long for it at most
MOST = 50  # drafts; the oldest that is finished gives way


class State(StrEnum):
    """How far a draft has come."""

    RINGING = "ringing"  # the telephone it is to be spoken into
    RECORDING = "recording"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


TRANSITIONS = {
    (State.RINGING, "answered"): State.RECORDING,
    (State.RINGING, "failed"): State.FAILED,
    (State.RECORDING, "spoken"): State.MAKING,
    (State.RECORDING, "failed"): State.FAILED,
    (State.MAKING, "made"): State.READY,
    (State.MAKING, "failed"): State.FAILED,
}


class Draft(msgspec.Struct):
    """A prompt in the making; `path` is its sound once it is ready, `code`, `error` and `facts` say why it failed."""

    id: str
    state: State
    begun_s: float
    path: str = ""
    duration_s: float = 0.0
    code: str = ""
    error: str = ""
    facts: dict[str, float | str] = {}

    def step(self, event: str) -> None:
        """Go on to the next state. Raises Refused for what cannot happen now."""
        following = TRANSITIONS.get((self.state, event))
        if following is None:
            raise Refused(f"draft {self.id} is {self.state}: it cannot be {event}")
        self.state = following


class Drafts:
    """All prompts in the making. `working` carries out what waits for the disk."""

    def __init__(self, folder: Path, own: Own, *, clock: Clock, workshop: Workshop, working: Executor) -> None:
        self.folder, self.own = folder, own
        self._clock, self._workshop, self._working = clock, workshop, working
        self._drafts: dict[str, Draft] = {}
        self._making: set[asyncio.Task[None]] = set()

    def begin(self, state: State) -> Draft:
        """Return a new draft. Raises Refused when too many are being made."""
        while len(self._drafts) >= MOST:
            finished = (one.id for one in self._drafts.values() if one.state in (State.READY, State.FAILED))
            oldest = next(finished, None)
            if oldest is None:
                raise Refused(f"{MOST} prompts are being made already")
            self._forget(oldest)
        draft = Draft(spool.new_ticket(), state, self._clock.wall_s())
        self._drafts[draft.id] = draft
        return draft

    def get(self, draft_id: str) -> Draft:
        """Return a draft. Raises NotFound."""
        try:
            return self._drafts[draft_id]
        except KeyError:
            raise NotFound("there is no such draft any more: it waits an hour, and for no restart") from None

    async def upload(self, ticket: str, *, music: bool) -> Draft:
        """Make a draft of a file left in the spool, which is taken away. Raises NotFound, BadSound, NoStorage.

        As in `speak`, a draft that takes longer is returned while it is being made, and tells itself what became of it.
        """
        source = await self.do(lambda: spool.found(self.folder, ticket))

        async def make(draft: Draft) -> None:
            try:
                await self._make(draft, lambda target: FromFile(str(source), target, music))
            finally:
                await self.do(lambda: source.unlink(missing_ok=True))

        return await self._soon(make)

    async def speak(self, text: str, language: str) -> Draft:
        """Make a draft of words. Raises BadSound, Unavailable, NoStorage."""
        return await self._soon(lambda draft: self._make(draft, lambda target: FromText(text, language, target)))

    async def spoken(self, draft: Draft, recording: Path, *, key_heard: bool) -> None:
        """Make a draft of what was recorded by telephone; whether it came about is told by the draft."""
        draft.step("spoken")
        with contextlib.suppress(BusyhourError):
            await self._make(draft, lambda target: FromRecording(str(recording), target, key_heard))

    def fail(self, draft: Draft, code: str, text: str) -> None:
        """Say why a draft came to nothing, if it did not come about already."""
        if draft.state in (State.RINGING, State.RECORDING, State.MAKING):
            draft.step("failed")
            draft.code, draft.error = code, text

    async def keep(self, draft_id: str, name: str, *, replace: bool) -> Recorded:
        """Make a draft the prompt of a name. Raises NotFound, Refused, Exists, NoStorage; the draft is there still."""
        draft = self.get(draft_id)
        if draft.state is not State.READY:
            raise Refused(f"this draft is {draft.state}; it can be kept when it is ready")
        kept = await self.do(lambda: self.own.keep(Path(draft.path), name, replace=replace))
        draft.path = str(kept.path)  # whoever spoke it may be about to hear it
        self._drafts.pop(draft_id, None)
        return kept

    async def discard(self, draft_id: str) -> None:
        """Throw a draft away and return when its file is gone. Raises NotFound, and Refused while it is being made."""
        if self.get(draft_id).state not in (State.READY, State.FAILED):
            raise Refused("this draft is still being made")
        await asyncio.wrap_future(self._forget(draft_id))

    def tidy(self) -> None:
        """Forget what nobody has kept within an hour, and what earlier exchanges left."""
        now_s = self._clock.wall_s()
        for draft in [*self._drafts.values()]:
            if draft.begun_s < now_s - spool.KEPT_S:
                self._forget(draft.id)
        self._working.submit(spool.tidy, self.folder, now_s)

    def close(self) -> None:
        """Let the thread of files go."""
        self._working.shutdown(wait=False)

    async def _soon(self, make: Callable[[Draft], Coroutine[None, None, None]]) -> Draft:
        """Return a draft that is made, or has been for PATIENCE_S; one that failed by then is forgotten at once."""
        draft = self.begin(State.MAKING)
        task = asyncio.ensure_future(make(draft))
        self._making.add(task)
        task.add_done_callback(self._made)
        await asyncio.wait({task}, timeout=PATIENCE_S)
        if task.done() and (error := task.exception()) is not None:
            self._drafts.pop(draft.id, None)
            raise error
        return draft

    def _made(self, task: asyncio.Task[None]) -> None:
        self._making.discard(task)
        if not task.cancelled():
            task.exception()  # the draft tells it

    async def _make(self, draft: Draft, job: Callable[[str], Job]) -> None:
        target = self._sound(draft.id)
        try:
            await self.do(lambda: spool.make_room(self.folder))
            made = await self._workshop.make(job(str(target)))
        except Exception as error:
            log.warning("draft %s came to nothing: %s", draft.id, error)
            await self.do(lambda: _remove(target))
            self.fail(draft, getattr(error, "code", "fault"), str(error))
            draft.facts = getattr(error, "facts", {})
            raise
        draft.path, draft.duration_s = str(target), made.duration_s
        draft.step("made")

    def _forget(self, draft_id: str) -> Future[None]:
        """Forget a draft at once; the future tells when its file, if it has one, is gone."""
        del self._drafts[draft_id]
        return self._working.submit(_remove, self._sound(draft_id))

    def _sound(self, draft_id: str) -> Path:
        return self.folder / f"{draft_id}.wav"

    async def do(self, work: Callable[[], Result]) -> Result:
        """Carry out what waits for the disk, off the loop."""
        return await asyncio.wrap_future(self._working.submit(work))


def _remove(target: Path) -> None:
    for path in (target, target.with_suffix(".part")):
        path.unlink(missing_ok=True)
