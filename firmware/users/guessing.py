"""Guessing made slow: after some wrong passwords each further try must wait twice as long as the one before.

Counted by the name that was tried, whether there is such a user or not, and by the address it came from. Somebody who
signed in from an address before is not kept out there by strangers who try the same name elsewhere.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from firmware.errors import TooManyTries

FREE = 4  # wrong ones without a wait: people mistype
FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 900.0
FORGOTTEN_S = 3600.0  # after the last try
MOST = 2000  # names, and addresses, remembered at once


class Tries(msgspec.Struct):
    """The wrong tries of one name or address in a row, and until when the next must wait (Unix time)."""

    wrong: int = 0
    last_s: float = 0.0
    until_s: float = 0.0
    told: bool = False


class HeldOff(msgspec.Struct, frozen=True):
    """A name or an address that must wait before its next try: which, after how many wrong ones, until when."""

    name: str
    address: str
    wrong: int
    last_s: float
    until_s: float


class Guessing:
    """Counts tries. Every try is counted as wrong when it begins, so that a hundred at once are a hundred."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._names: OrderedDict[str, Tries] = OrderedDict()
        self._addresses: OrderedDict[str, Tries] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def __len__(self) -> int:
        """Return how much is remembered."""
        return len(self._names) + len(self._addresses) + len(self._known)

    def begin(self, name: str, address: str) -> None:
        """Count a try. Raises TooManyTries; `told_before` in its facts says that this wait was told of before."""
        now_s = self._now_s()
        tries = [self._of(self._addresses, _network(address), now_s)]
        if (name, _network(address)) not in self._known:
            tries.append(self._of(self._names, name, now_s))
        longest = max(tries, key=lambda one: one.until_s)
        # A clock that was set back must not lock anybody out for longer than the longest wait
        wait_s = min(longest.until_s - now_s, LONGEST_WAIT_S)
        if wait_s > 0:
            before, longest.told = longest.told, True
            seconds = max(1, round(wait_s + 0.5))
            raise TooManyTries(
                f"too many wrong passwords; try again in {seconds} s", wait_s=seconds, told_before=before
            )
        for one in tries:
            one.wrong += 1
            one.last_s, one.told = now_s, False
            if one.wrong >= FREE:
                one.until_s = now_s + min(FIRST_WAIT_S * 2 ** min(one.wrong - FREE, 20), LONGEST_WAIT_S)

    def right(self, name: str, address: str) -> None:
        """Forget the wrong tries: this one was right."""
        network = _network(address)
        self._names.pop(name, None)
        self._addresses.pop(network, None)
        self._known[name, network] = None
        self._known.move_to_end((name, network))
        while len(self._known) > MOST:
            self._known.popitem(last=False)

    def held_off(self) -> list[HeldOff]:
        """Return whoever must wait now, names and addresses."""
        now_s = self._now_s()
        found = [HeldOff(name, "", one.wrong, one.last_s, one.until_s) for name, one in self._names.items()]
        found += [HeldOff("", one, tries.wrong, tries.last_s, tries.until_s) for one, tries in self._addresses.items()]
        return [one for one in found if now_s < one.until_s]

    def forget(self, subject: str) -> bool:
        """Let a name or an address try again at once; tell whether it had to wait."""
        held = any(subject in (one.name, one.address) for one in self.held_off())
        self._names.pop(subject, None)
        self._addresses.pop(_network(subject) if subject else "", None)
        return held

    def _of(self, table: OrderedDict[str, Tries], what: str, now_s: float) -> Tries:
        tries = table.setdefault(what, Tries())
        if abs(now_s - tries.last_s) > FORGOTTEN_S:
            tries = table[what] = Tries()
        table.move_to_end(what)
        while len(table) > MOST:
            table.popitem(last=False)
        return tries


def _network(address: str) -> str:
    """Return what one household has: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
