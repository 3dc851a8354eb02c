"""A pattern of bits by which a digital channel is measured, and the comparison of what comes back with what was sent.

The pattern is that of 2^15 - 1 bits of ITU-T O.150 §5.3 (x^15 + x^14 + 1, inverted), each octet's first bit the highest
(G.704). It holds every run of 15 bits but one once, so that two octets tell where in it they are.
"""

from array import array
from collections import Counter

PERIOD = (1 << 15) - 1      # of bits, and of octets: it is odd
SECOND = 8000               # octets
OCTET_BITS = 8
EVERY = 5                   # octets between the places in a block that are asked where they are
AGREE = 3                   # of these that say the same: by chance it is one block in millions
LOST = 0.2                  # of a block's bits wrong: it is not the pattern (O.151 gives up so, too)
DOUBT = 0.02                # wrong: perhaps the pattern goes on from another place


def _bits() -> str:
    register, bits = PERIOD, []
    for _ in range(PERIOD):
        bit = (register >> 13 ^ register >> 14) & 1
        register = (register << 1 | bit) & PERIOD
        bits.append("01"[not bit])
    return "".join(bits)


_ONCE = int(_bits() * OCTET_BITS, 2).to_bytes(PERIOD)
_PATTERN = _ONCE * 2        # so that a block from any place is one slice
_PLACES = array("i", [-1]) * (1 << 16)
for _place in range(PERIOD):
    _PLACES[_PATTERN[_place] << 8 | _PATTERN[_place + 1]] = _place


def octets(place: int, count: int) -> bytes:
    """Return so many octets, at most a period's, of the pattern, from the place of the first, which may be any."""
    place %= PERIOD
    return _PATTERN[place : place + count]


def place_of(block: bytes) -> int:
    """Return the place in the pattern of a block's first octet, -1 where it is not the pattern; bits may be wrong."""
    votes = Counter(
        (_PLACES[block[at] << 8 | block[at + 1]] - at) % PERIOD
        for at in range(0, len(block) - 1, EVERY)
        if _PLACES[block[at] << 8 | block[at + 1]] >= 0
    )
    place, agree = votes.most_common(1)[0] if votes else (-1, 0)
    if agree < AGREE or wrong_bits(block, octets(place, len(block))) > LOST * len(block) * OCTET_BITS:
        return -1
    return place


def wrong_bits(one: bytes, other: bytes) -> int:
    """Return in how many bits two blocks of one length differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


class Comparison:
    """What comes back on one channel, held against the pattern, from where it is first recognised.

    `bits` were compared, and `errors` of them are wrong. In a block of which too many are wrong the pattern is lost
    (`losses`), or goes on some octets earlier or later (`slips`): its bits count for nothing, but its second, one of
    `errored`, as each with an error does (G.821).
    """

    def __init__(self, most: int, skip: int = 0) -> None:
        """`most`: octets to be looked at; what comes after these counts for nothing, nor do the first `skip`.

        An earlier test may have left so many under way, from another place of the pattern.
        """
        self.most, self._skip = most, skip
        self.bits = self.errors = self.losses = self.slips = 0
        self.errored: set[int] = set()
        self.seen = 0           # octets since it was first recognised
        self.other = 0          # octets before
        self._place = -1        # of the next octet; -1: it is not known
        self._begun = False

    @property
    def begun(self) -> bool:
        """Whether the pattern has been recognised."""
        return self._begun

    @property
    def over(self) -> bool:
        """Whether all has been looked at."""
        return self.seen >= self.most

    def take(self, block: bytes) -> None:
        """Take what came: 20 ms or so at once."""
        block = block[: self.most - self.seen]
        if not block:
            return
        if self._place < 0:
            self._place = place_of(block)
            if self._place < 0 and not self._begun:
                self.other += len(block)
                return
            self._begun = True
        if self._skip > 0:
            self._skip, self._place = self._skip - len(block), -1
            return
        self._compare(block)
        self.seen += len(block)

    def lose(self) -> None:
        """Look for the place anew, since octets may be missing that were not the channel's to lose."""
        self._place = -1

    def _compare(self, block: bytes) -> None:
        if self._place < 0:
            self._spoil(len(block))
            return
        wrong = wrong_bits(block, octets(self._place, len(block)))
        bits = len(block) * OCTET_BITS
        after = (self._place + len(block)) % PERIOD
        if wrong > DOUBT * bits and (begins := place_of(block[len(block) // 2 :])) >= 0:
            ends = (begins + len(block) - len(block) // 2) % PERIOD
            if ends != after:
                self.slips += 1
                self._place = ends
                self._spoil(len(block))
                return
        if wrong > LOST * bits:
            self.losses += 1
            self._place = -1
            self._spoil(len(block))
            return
        self.bits, self.errors, self._place = self.bits + bits, self.errors + wrong, after
        if wrong:
            self._spoil(len(block))

    def _spoil(self, length: int) -> None:
        """Take the block's second for an errored one."""
        self.errored.add((self.seen + length - 1) // SECOND)
