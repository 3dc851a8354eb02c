"""What a D-channel of libpri (native/pri.pyx) tells of, one kind of event each with calls as numbers, and who calls."""

from typing import NamedTuple


class PriError(Exception):
    """It cannot be done; the text says why: no such call any more, or libpri refused."""


class Party(NamedTuple):
    """Who calls. `kind` and `plan` as in Q.931 §4.5.10: what the number is written as, and by whose plan."""

    number: str = ""
    name: str = ""
    presentation: str = "allowed"   # or "restricted", "unavailable"
    screening: str = "user"         # who vouches for it: user (nobody), passed, failed, network
    kind: str = "unknown"           # international, national, network, subscriber, abbreviated
    plan: str = "public"            # E.164; or private, unknown


class Up(NamedTuple):
    """The far end is there: calls can be made."""


class Down(NamedTuple):
    """It is not. Calls that were answered live on for T309, all others end."""


class Renewed(NamedTuple):
    """The far end set the data link up anew though it was up: what was sent just before may be lost (Q.921 §5.5)."""


class Offered(NamedTuple):
    """A call comes in. `channel` 0: the far end leaves the choice to us."""

    call: int
    channel: int
    exclusive: bool     # this channel or none
    did: str
    kind: str           # of the DID
    complete: bool      # the far end said that there are no more digits
    caller: Party
    redirected_by: str
    bearer: str         # speech, audio, or other (data: not for us)
    inband: bool


class Dialled(NamedTuple):
    """More digits of the number called (overlap receiving)."""

    call: int
    digits: str
    complete: bool      # there are no more


class Key(NamedTuple):
    """Keys sent as a message during a talk."""

    call: int
    digits: str


class MoreWanted(NamedTuple):
    """The far end wants more digits (SETUP ACKNOWLEDGE)."""

    call: int
    channel: int
    inband: bool        # dial tone is on the channel


class Proceeding(NamedTuple):
    """The far end has the whole number."""

    call: int
    channel: int
    inband: bool


class Progress(NamedTuple):
    """Something on the way. `cause` 0: none given.

    `inband`, here and elsewhere: there is something to hear on the channel, or may be, since the call leaves ISDN
    (progress indicators 8 and 1; EN 300 403-1 §5.4.1, §5.1.6).
    """

    call: int
    channel: int
    inband: bool
    cause: int


class Alerting(NamedTuple):
    """The far end rings."""

    call: int
    channel: int
    inband: bool


class Answered(NamedTuple):
    """The far end answered."""

    call: int
    channel: int


class Refused(NamedTuple):
    """The far end of a call of ours will not have it (Q.850), and says why on the channel (EN 300 403-1 §5.3.4.1).

    `Cleared` follows once it has said that, for which it has 30 s (T306); `hang_up` ends it before.
    """

    call: int
    cause: int


class JoinAsked(NamedTuple):
    """The far end, as user, asks us to join two of its calls (EN 300 369-1 §9); `answer_join` answers."""

    call: int
    other: int
    invoke: int


class Joined(NamedTuple):
    """The far end has joined two calls that we asked it to; it clears both."""

    call: int
    other: int


class NotJoined(NamedTuple):
    """It has not, and both are as they were: `why` is refused (by it), timeout (it said nothing) or gone (one ended).

    After a timeout `Joined` may still come.
    """

    call: int
    other: int
    why: str


class Cleared(NamedTuple):
    """The far end, or the D-channel, ended the call (Q.850); `Freed` follows, and nothing is to be done."""

    call: int
    cause: int


class Freed(NamedTuple):
    """The last of every call, whoever ended it: its channel can be used again."""

    call: int


class Restarted(NamedTuple):
    """The far end made a channel idle; calls on it have been told of before. 0: all of the span."""

    channel: int


class RestartDone(NamedTuple):
    """The far end did what `restart` asked."""

    channel: int


class Wrong(NamedTuple):
    """The two sides are not set up to fit: both of them network, or both user."""

    text: str


Event = (
    Up | Down | Renewed | Offered | Dialled | Key | MoreWanted | Proceeding | Progress | Alerting | Answered | Refused
    | Cleared | Freed | JoinAsked | Joined | NotJoined | Restarted | RestartDone | Wrong
)
