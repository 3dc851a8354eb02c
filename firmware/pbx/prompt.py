"""The stage in which the box rings a telephone to have a prompt spoken into it, or to play one there."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from drivers.link.messages import Prompt, Silence, Sound, Tone
from firmware.agents.roster import Roster
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.config import extensions
from firmware.config.schema import Config
from firmware.errors import NotFound, Refused, Unavailable
from firmware.events import Event, Kind
from firmware.prompts import catalogue
from firmware.prompts.drafts import Draft, Drafts, State
from firmware.prompts.jobs import LONGEST_S

RECORD, PLAY = "record", "play"  # nodes
TO_THE_EAR_S = 0.8  # from the lifted receiver to the ear
TYPED_S = 0.05  # keys pressed while the instructions were said


class PromptStage:
    """Records prompts by telephone and plays them there.

    A recording ends with any key or with the receiver put down; who pressed a key hears what was recorded. It is the
    recording of an ordinary call too, and kept as such.
    """

    def __init__(
        self, drafts: Drafts, roster: Roster, config: Callable[[], Config], home: Path,
        originate: Callable[[str, Destination], Call],
    ) -> None:  # fmt: skip
        """`originate` rings an extension, and takes it to a destination when it answers."""
        self._drafts, self._roster, self._config, self._home = drafts, roster, config, home
        self._originate = originate
        self._speaking: dict[str, Draft] = {}  # by call
        self._keys_heard: set[str] = set()     # calls whose last key was a tone in the sound itself
        self._made: dict[str, asyncio.Event] = {}  # by call: what was spoken is a draft now, or has come to nothing
        self._making: set[asyncio.Task[None]] = set()

    def record(self, extension: str) -> Draft:
        """Ring an extension to have a prompt spoken. Raises NotFound, Unavailable, Refused."""
        self._check(extension)
        draft = self._drafts.begin(State.RINGING)
        call = self._originate(extension, Destination("prompt", draft.id, node=RECORD))
        self._speaking[call.id] = draft
        return draft

    def play(self, extension: str, *, name: str = "", draft: str = "") -> str:
        """Ring an extension to play a prompt or a draft there; returns the call. Raises as `record` does."""
        self._check(extension)
        what = f"draft:{self._drafts.get(draft).id}" if draft else name
        return self._originate(extension, Destination("prompt", what, node=PLAY)).id

    def _check(self, extension: str) -> None:
        if extensions.find(self._config(), extension) is None:
            raise NotFound(f"there is no extension {extension}")
        if not self._roster.there(extension):
            raise Unavailable(f"no telephone is registered as extension {extension}")
        if self._roster.telephones.in_use(extension):
            raise Refused(f"extension {extension} is in use")

    async def run(self, call: Call, destination: Destination) -> Destination | None:
        """Record or play, and end. After a restart a recording has to be begun again: its draft is gone."""
        if destination.node == PLAY:
            await call.caller.play(Silence(TO_THE_EAR_S), *self._named(call, destination.name))
            return Destination("hangup")
        draft = self._speaking.get(call.id)
        if draft is not None and draft.state is State.RINGING:
            await self._record(call, draft)
        heard: list[Sound] = self._sounds(call, "nothing-recorded")
        if draft is not None and draft.state is State.READY:
            heard = [*self._sounds(call, "recorded-as-follows"), Silence(TO_THE_EAR_S / 2), Prompt(draft.path)]
        await call.caller.play(*heard)
        return Destination("hangup")

    async def _record(self, call: Call, draft: Draft) -> None:
        draft.step("answered")
        await call.caller.play(Silence(TO_THE_EAR_S), *self._sounds(call, "record-after-tone"))
        await call.caller.collect(max_digits=20, first_s=TYPED_S, next_s=TYPED_S)
        await call.caller.play(Tone("beep"))
        made = self._made[call.id] = asyncio.Event()
        call.record()
        await call.caller.collect(max_digits=1, first_s=LONGEST_S, until="")
        if not call.caller.recordings:
            self._drafts.fail(draft, "no-storage", "the gateway could not record")
            return
        call.stop_record()
        await made.wait()

    def follow(self, event: Event) -> None:
        """Learn what becomes of the recordings; whoever speaks may put the receiver down at any time."""
        draft = self._speaking.get(event.call)
        if draft is None:
            return
        match event.kind:
            case Kind.DIGIT if event.data["via"] == "inband":
                self._keys_heard.add(event.call)
            case Kind.RECORDING_ENDED if draft.state is State.RECORDING:
                task = asyncio.ensure_future(self._make(event.call, draft, self._home / event.data["path"]))
                self._making.add(task)
                task.add_done_callback(self._making.discard)
            case Kind.CALL_ENDED:
                del self._speaking[event.call]
                self._keys_heard.discard(event.call)
                self._made.pop(event.call, None)
                if draft.state is not State.MAKING:
                    self._drafts.fail(draft, "not-spoken", "nobody answered, or nobody spoke")

    async def _make(self, call_id: str, draft: Draft, recording: Path) -> None:
        made = self._made.get(call_id)
        try:
            await self._drafts.spoken(draft, recording, key_heard=call_id in self._keys_heard)
        finally:
            if made is not None:
                made.set()

    def _named(self, call: Call, name: str) -> list[Prompt]:
        kind, _, draft = name.partition(":")
        if kind == "draft":
            return [Prompt(self._drafts.get(draft).path)]
        return catalogue.sounds(name, self._language(call))

    def _sounds(self, call: Call, name: str) -> list[Sound]:
        return [*catalogue.sounds(name, self._language(call))]

    def _language(self, call: Call) -> str:
        return call.variables.get("language") or self._config().box.language
