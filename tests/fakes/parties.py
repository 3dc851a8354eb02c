"""People at the far ends of the fake gateway: what they do when called, what they hear."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from drivers.link.causes import CALL_REJECTED, NORMAL_CLEARING, SUBSCRIBER_ABSENT, USER_BUSY
from drivers.link.messages import FaxHeard

if TYPE_CHECKING:
    from tests.fakes.channel import Channel
    from tests.fakes.gateway import FakeGateway


class Party:
    """Who is at the far end of one channel. Acts at once; what follows takes the gateway's time."""

    def __init__(self, gateway: FakeGateway, channel: Channel, settle: Callable[[], None]) -> None:
        self.channel = channel
        self._gateway = gateway
        self._settle = settle

    @property
    def state(self) -> str:
        """`offered`, `dialing`, `ringing`, `answered` or `ended`."""
        return self.channel.state

    @property
    def cause(self) -> int | None:
        """Why it ended."""
        return self.channel.cause

    @property
    def heard(self) -> list[tuple[float, str]]:
        """All that was played so far: Unix time it began, and the prompt's name or `tone:busy`."""
        return self.channel.heard

    @property
    def hears(self) -> str:
        """What is heard now: a prompt's name, `tone:ringback`, `party:CHANNEL`, or "" for silence."""
        return self._gateway.sound.heard_by(self.channel)

    def hears_party(self, other: Party) -> bool:
        """Tell whether the two hear each other, and nothing else."""
        return self.hears == f"party:{other.channel.id}" and other.hears == f"party:{self.channel.id}"

    def press(self, digits: str) -> None:
        """Press keys, one after another."""
        for digit in digits:
            self._gateway.sound.press(self.channel, digit)
        self._settle()

    def beep(self) -> None:
        """Sound like a fax machine that calls, once."""
        if self.channel.state == "answered" and self.channel.other is None:
            self._gateway.tell(FaxHeard, channel=self.channel.id)
        self._settle()

    def hang_up(self, cause: int = NORMAL_CLEARING) -> None:
        """Hang up."""
        self._gateway.party_hangs_up(self.channel, cause)
        self._settle()

    def hold(self) -> None:
        """Put the box on hold."""
        self._gateway.hold(self.channel, True)
        self._settle()

    def resume(self) -> None:
        """Take the box back from hold."""
        self._gateway.hold(self.channel, False)
        self._settle()

    def transfer(self, number: str, consulted: Party | None = None) -> None:
        """Ask that the other one be connected to a number instead, or to whom one talks with on another channel."""
        self._gateway.transfer(self.channel, number, consulted.channel if consulted else None)
        self._settle()

    @property
    def told(self) -> list[int]:
        """How each transfer that was asked for ended: 0 for one that came about, else the cause (Q.850)."""
        return self.channel.told

    def answer(self) -> None:
        """Answer a ringing channel."""
        self._gateway.far_answers(self.channel)
        self._settle()


class Phone:
    """A telephone, or a number outside: what it does when it is called from now on, and its calls so far."""

    def __init__(self, gateway: FakeGateway, name: str, settle: Callable[[], None]) -> None:
        self.name = name
        self.registered = True
        self.rings_after_s = 0.1
        self.answers_in_s: float | None = None
        self.refusal: int | None = None
        self.speaks_first: int | None = None  # the cause it says; 0: none
        self.parties: list[Party] = []
        self._gateway = gateway
        self._settle = settle

    def answers_after(self, seconds: float) -> Phone:
        """Answer each call after so many seconds of ringing."""
        self.answers_in_s, self.refusal = seconds, None
        return self

    def rings(self) -> Phone:
        """Ring and do nothing."""
        self.answers_in_s, self.refusal = None, None
        return self

    def refuses(self, cause: int = CALL_REJECTED) -> Phone:
        """Refuse each call."""
        self.refusal = cause
        return self

    def speaks(self, cause: int = 0) -> Phone:
        """Be heard in each call a moment before it rings, whatever follows; with a cause: it says why it will not."""
        self.speaks_first = cause
        return self

    def busy(self) -> Phone:
        """Be busy."""
        return self.refuses(USER_BUSY)

    def unregistered(self) -> Phone:
        """Be switched off."""
        self.registered = False
        self._gateway.registration(self.name, False)
        self._settle()
        return self

    def registers(self) -> Phone:
        """Be switched on."""
        self.registered = True
        self._gateway.registration(self.name, True)
        self._settle()
        return self

    @property
    def party(self) -> Party:
        """Whoever is at this telephone, in its newest call."""
        return self.parties[-1]

    @property
    def state(self) -> str:
        """State of the newest call, `idle` if there was none."""
        return self.parties[-1].state if self.parties else "idle"

    def calls(self, number: str, name: str = "") -> Party:
        """Call a number from this telephone (an extension)."""
        party = self._gateway.incoming(f"extension:{self.name}", number, self.name, name)
        self.parties.append(party)
        self._settle()
        return party

    # what a telephone does most, of its newest call
    def answer(self) -> None:
        self.party.answer()

    def hang_up(self) -> None:
        self.party.hang_up()

    def hold(self) -> None:
        self.party.hold()

    def resume(self) -> None:
        self.party.resume()

    def press(self, digits: str) -> None:
        self.party.press(digits)

    def transfer(self, number: str) -> None:
        self.party.transfer(number)

    def move(self, gateway: FakeGateway) -> None:
        """Be reached by another gateway: registrations outlive one."""
        gateway.phones[self.name], self._gateway = self, gateway

    # ---- the gateway's side ------------------------------------------------------------------------------------------

    def called(self, channel: Channel) -> Party:
        """A channel is dialled to here: do what this telephone does."""
        party = Party(self._gateway, channel, self._settle)
        self.parties.append(party)
        later = self._gateway.later
        if not self.registered:
            later(0.01, self._gateway.ended, channel, SUBSCRIBER_ABSENT, "gateway")
        elif self.refusal is not None:
            later(0.03, self._gateway.ended, channel, self.refusal, "party")
        else:
            if self.speaks_first is not None:
                later(self.rings_after_s / 2, self._gateway.far_speaks, channel, self.speaks_first)
            if not self.speaks_first:
                later(self.rings_after_s, self._gateway.far_rings, channel)
            if self.answers_in_s is not None:
                later(self.rings_after_s + self.answers_in_s, self._gateway.far_answers, channel)
        return party
