"""What can go wrong in the exchange; each class has a stable code that the doors show beside the text."""

from collections.abc import Sequence
from typing import Any

import msgspec


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value that is wrong: `path` as in `queues[0].overflow`, the value itself, and what would be right.

    `code` is stable and names the rule, `facts` are what fills its words in another language (firmware.rules).
    """

    path: str
    value: Any
    rule: str
    code: str = ""
    facts: dict[str, Any] = {}

    def __str__(self) -> str:
        """Return it as one line for a person."""
        shown = msgspec.json.encode(self.value, enc_hook=repr).decode()
        return f"{self.path}: {shown if len(shown) <= 80 else shown[:77] + '...'}: {self.rule}"


class BusyhourError(Exception):
    """Root of the exchange's errors; its text is for a person, `facts` are what a page says it with in other words."""

    code = "error"

    def __init__(self, text: str = "", **facts: Any) -> None:
        super().__init__(text)
        self.facts = facts


class Refused(BusyhourError):
    """What was asked cannot be done now; nothing was changed."""

    code = "refused"


class NotFound(Refused):
    """There is nothing of that name."""

    code = "not-found"


class Exists(Refused):
    """There is one of that name already."""

    code = "exists"


class Stale(Refused):
    """What it was made from is in force no longer: somebody else was quicker."""

    code = "stale"


class NotAllowed(Refused):
    """This session has no right to it; `facts["needs"]` is the role that has."""

    code = "not-allowed"


class BadRequest(Refused):
    """A parameter is missing, unknown or of the wrong kind; `problems` lists them, as far as they have names."""

    code = "bad-request"

    def __init__(self, text: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(text or "; ".join(str(problem) for problem in problems))
        self.problems = list(problems)


class BadConfig(Refused):
    """A configuration breaks rules; `problems` lists them all, each with path, value and what would be right."""

    code = "bad-config"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = list(problems)


class InUse(BadConfig):
    """Something else still names it; `problems` are the places that would name nothing."""

    code = "in-use"


class ChangedMeanwhile(Refused):
    """Somebody else, or another window, changed it since it was looked at."""

    code = "changed-meanwhile"


class WrongPassword(Refused):
    """Name and password do not belong together; which of them is wrong is not told."""

    code = "wrong-password"


class TooManyTries(Refused):
    """Too many passwords were wrong; `facts["wait_s"]` is how long the next try must wait."""

    code = "too-many-tries"


class SignedOut(Refused):
    """The session is over, or there never was one."""

    code = "signed-out"


class PoorPassword(Refused):
    """A password that may not be chosen; the code says why: `password-short`, `password-common` ..."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class BadCertificate(Refused):
    """A certificate or key that cannot serve; the code says why: `certificate-over`, `key-other` ..."""

    code = "certificate"

    def __init__(self, text: str, code: str = "certificate", **facts: Any) -> None:
        super().__init__(text, **facts)
        self.code = code


class BadSound(Refused):
    """A sound that cannot become a prompt; the code says why: `sound-unknown`, `sound-long`, `sound-silent` ..."""

    code = "bad-sound"

    def __init__(self, text: str = "", code: str = "bad-sound", **facts: Any) -> None:
        super().__init__(text, **facts)
        self.code = code


class LastAdmin(Refused):
    """Nobody would be left who may do everything."""

    code = "last-admin"


class Locked(Refused):
    """Another program has it in its hands."""

    code = "locked"


class Changed(Refused):
    """Somebody else wrote meanwhile; `facts` tell their `note`, who it was, and the `version` to write after."""

    code = "changed"


class WrongPassphrase(Refused):
    """A backup does not open with this passphrase."""

    code = "wrong-passphrase"


class NotABackup(Refused):
    """A file is no backup of a box."""

    code = "not-a-backup"


class Damaged(Refused):
    """A backup is not whole, or was changed since it was made."""

    code = "damaged"


class NewerFormat(Refused):
    """A backup was made by a later release, whose form this one does not know."""

    code = "newer-format"


class TooSlow(Refused):
    """A passphrase cannot be tried: this machine is much slower, or busier, than the one on which it was set."""

    code = "too-slow"


class HomeUsed(Refused):
    """A box that has been used would be replaced, and nobody said that it may."""

    code = "home-used"


class NoCall(Refused):
    """There is no call, or nobody in it, with whom that could be done."""

    code = "no-call"


class NotHeld(Refused):
    """Nobody is on hold there who could be taken back: or the telephone itself holds them, and takes them back."""

    code = "not-held"


class HeldThere(Refused):
    """The telephone itself holds who is talked with: they are taken back there first."""

    code = "held-there"


class CannotFlash(Refused):
    """The line's setting allows no flash, or one is under way."""

    code = "cannot-flash"


class NoDialTone(Refused):
    """The exchange behind a line gave no dial tone after a flash: nothing was dialled. A further flash goes back."""

    code = "no-dial-tone"


class NobodyThere(NotFound):
    """Nobody can be reached by these digits; `facts` tell them."""

    code = "nobody-there"


class SpanNotReady(Refused):
    """A digital span that cannot do it now: it is not there, its D-channel is down, or it is at the same already."""

    code = "span-not-ready"


class SpanUnderTest(Refused):
    """A digital span is being tested; `facts` tell its number."""

    code = "span-under-test"


class SpanWithoutSignal(Refused):
    """No signal comes in on a digital span, so that nothing can be found out of it; `facts` tell its number."""

    code = "span-without-signal"


class SpanHasCalls(Refused):
    """There are calls on channels that are to be tested; `facts` tell which `channels`."""

    code = "span-has-calls"


class SpanHasNoLoop(Refused):
    """The card of a span cannot loop it back by itself."""

    code = "span-has-no-loop"


class SpanNotTested(Refused):
    """A span cannot be tested now, for another reason than those above."""

    code = "span-not-tested"


class SpanNotConfigured(Refused):
    """A span that is there is not in the configuration, so that nobody knows how its wire is to be set up."""

    code = "span-not-configured"


class SpanIsUp(Refused):
    """The signalling of a span is up: its far end is an exchange, and only one channel at a time can be tested."""

    code = "span-is-up"


class LineBusy(Refused):
    """The line is in use, rings, or is being tested."""

    code = "line-busy"


class LineNotReady(Refused):
    """A line that is not there: its socket is not plugged in, or its board does not answer."""

    code = "line-not-ready"


class NeverAnswered(Refused):
    """The line's calls are for something else, by its setting: none is answered, whatever for."""

    code = "never-answered"


class ForHelp(Refused):
    """The call is for help (emergency): only those who talk may end it."""

    code = "for-help"


class KeyLost(BusyhourError):
    """Secrets on the disk cannot be read, since the key beside them is missing or another one."""

    code = "key-lost"


class Unavailable(BusyhourError):
    """The other program does not answer."""

    code = "unavailable"


class NoStorage(BusyhourError):
    """The disk is full or read-only."""

    code = "no-storage"
