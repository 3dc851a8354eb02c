"""`prompt.*`: what the box says, the user's own prompts, and how they are made.

A prompt is made in two steps: a draft by `prompt.upload`, `prompt.speak` or `prompt.record`, which somebody hears, and
then `prompt.keep` under a name. A file goes to the spool of the home first (firmware.prompts.spool), never over this
wire; sounds are read by whoever may from the paths given here.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from firmware.clock import Clock
from firmware.config import check
from firmware.config.configuration import Configuration
from firmware.config.schema import Config
from firmware.config.values import ExtensionNumber, Language, SoundName
from firmware.control.methods import Asker, Role, method
from firmware.errors import BadRequest, NotAllowed, NotFound, Problem
from firmware.pbx.prompt import PromptStage
from firmware.prompts import catalogue
from firmware.prompts.drafts import Draft, Drafts
from firmware.prompts.own import Recorded, factory
from firmware.records.audit import Audit, Entry

PromptName = Annotated[
    str,
    Meta(
        pattern=r"^[^\W_][\w-]{0,39}\Z",
        description="1 to 40 letters, digits, - or _, beginning with a letter or digit",
    ),
]
AnyName = Annotated[str, Meta(min_length=1, max_length=124)]  # of a prompt that is there, or not
Ticket = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z", description="32 of 0-9 a-f, as the spool gave it")]
Text = Annotated[
    str,
    Meta(
        pattern="^[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]*[^\\s\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]"
        "[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]*\\Z",
        max_length=1000,
        description="1 to 1000 characters",
    ),
]


class PromptView(msgspec.Struct, frozen=True):
    """A prompt under the name that a configuration uses: `file:ours.wav`, `zh/welcome`, `music`.

    `kind` is own or factory, `words` what a factory prompt says, `used` where the configuration in force needs it,
    `wrong` why it cannot be played, or "".
    """

    name: str
    kind: str
    words: str
    path: str
    duration_s: float
    changed_s: float
    used: list[str]
    wrong: str


class SoundView(msgspec.Struct, frozen=True):
    """A sound file: mono, 8 kHz, 16 bits."""

    path: str


class PromptMethods:
    """What can be asked of the prompts."""

    def __init__(
        self, drafts: Drafts, telephone: PromptStage, configuration: Configuration, audit: Audit, clock: Clock
    ) -> None:
        self._drafts, self._telephone, self._configuration = drafts, telephone, configuration
        self._audit, self._clock = audit, clock

    @method("prompt.list", Role.SUPERVISOR)
    async def all(self) -> list[PromptView]:
        """Return the own prompts, then the factory's."""
        own, built_in = await self._drafts.do(lambda: (self._drafts.own.all(), factory()))
        used = uses(self._configuration.config)
        return [
            *(_view(named(name), "own", one, used) for name, one in own.items()),
            *(_view(name, "factory", one, used) for name, one in built_in.items()),
        ]

    @method("prompt.sound", Role.SUPERVISOR)
    async def sound(self, session: Asker, name: AnyName = "", draft: Ticket = "") -> SoundView:
        """Return where the sound of a prompt is, by its name in the list, or that of a draft, for admins alone."""
        if bool(name) == bool(draft):
            raise BadRequest(problems=[Problem("name", name, "either a name or a draft is right")])
        if draft:
            if session.role < Role.ADMIN:
                raise NotAllowed("drafts are for the role admin", needs=str(Role.ADMIN))
            path = self._drafts.get(draft).path
        else:
            path = next((one.path for one in await self.all() if one.name == name and not one.wrong), "")
        if not path:
            raise NotFound(f"{name or draft} has no sound that can be heard")
        return SoundView(path)

    @method("prompt.upload", Role.ADMIN)
    async def upload(self, ticket: Ticket, music: bool = False) -> Draft:
        """Return a draft of a file left in the spool; `music` is made quieter than speech."""
        self._drafts.tidy()
        return await self._drafts.upload(ticket, music=music)

    @method("prompt.speak", Role.ADMIN)
    async def speak(self, text: Text, language: Language) -> Draft:
        """Return a draft of words, spoken by the box's own voice."""
        self._drafts.tidy()
        return await self._drafts.speak(text, language)

    @method("prompt.record", Role.ADMIN)
    def record(self, extension: ExtensionNumber) -> Draft:
        """Ring a telephone to have a prompt spoken into it; `prompt.draft` tells what becomes of it."""
        self._drafts.tidy()
        return self._telephone.record(extension)

    @method("prompt.draft", Role.ADMIN)
    def draft(self, draft: Ticket) -> Draft:
        """Return a draft as it is now."""
        return self._drafts.get(draft)

    @method("prompt.keep", Role.ADMIN)
    async def keep(self, session: Asker, draft: Ticket, name: PromptName, replace: bool = False) -> PromptView:
        """Make a draft the prompt of a name, which the next caller hears; one of that name is there only to `replace`.

        The file is NAME.wav, and `file:NAME.wav` in the configuration.
        """
        kept = await self._drafts.keep(draft, name, replace=replace)
        await self._note(session, "prompt.kept", name)
        return _view(named(kept.path.stem), "own", kept, uses(self._configuration.config))

    @method("prompt.discard", Role.ADMIN)
    async def discard(self, draft: Ticket) -> None:
        """Throw a draft away."""
        await self._drafts.discard(draft)

    @method("prompt.remove", Role.ADMIN)
    async def remove(self, session: Asker, name: AnyName) -> None:
        """Remove an own prompt that no configuration in force needs."""

        def used_by(config: Config) -> list[Problem]:
            return [
                Problem(path, named(name), "another prompt is right, before this one is removed")
                for path in uses(config).get(named(name), [])
            ]

        async def work() -> None:
            await self._drafts.do(lambda: self._drafts.own.remove(name))

        await self._configuration.while_unused(used_by, work)
        await self._note(session, "prompt.removed", name)

    @method("prompt.play", Role.ADMIN)
    def play(self, extension: ExtensionNumber, name: SoundName = "", draft: Ticket = "") -> dict[str, str]:
        """Ring a telephone and play a prompt, or a draft, to whoever answers; returns the call."""
        if bool(name) == bool(draft):
            raise BadRequest(problems=[Problem("name", name, "either a name or a draft is right")])
        if name and (wrong := catalogue.wrong_with(name)):
            raise BadRequest(problems=[Problem("name", name, wrong)])
        return {"call": self._telephone.play(extension, name=name, draft=draft)}

    async def _note(self, session: Asker, what: str, name: str) -> None:
        self._audit.note(Entry(self._clock.wall_s(), what, "", session.who, session.address, name))
        await self._audit.kept()


def named(name: str) -> str:
    """Return an own prompt's name as a configuration writes it."""
    return f"file:{name}.wav"


def uses(config: Config) -> dict[str, list[str]]:
    """Return where a configuration needs each sound, by names that are one sound alone."""
    found: dict[str, list[str]] = {}
    for path, name in check.sounds(config):
        both = name in catalogue.PROMPTS
        for one in [f"{language}/{name}" for language in catalogue.LANGUAGES] if both else [name]:
            found.setdefault(one, []).append(path)
    return found


def _view(name: str, kind: str, one: Recorded, used: dict[str, list[str]]) -> PromptView:
    language, _, plain = name.rpartition("/")
    both = catalogue.PROMPTS.get(plain) if kind == "factory" else None
    words = "" if both is None else both.zh if language == "zh" else both.en
    return PromptView(
        name, kind, words, str(one.path), one.duration_s, one.changed_s, used.get(name, []), one.wrong
    )
