"""A loop at the far end of a span: what the box sends on a timeslot comes back to it, with so many bits wrong."""


class Loop:
    """One timeslot's. `wrong` bits were put in until now, one in so many, evenly."""

    def __init__(self) -> None:
        self.wrong = 0
        self._passed = 0    # bits since the last wrong one

    def back(self, block: bytes, every: int) -> bytes:
        """Return what comes back of a block; one bit in `every` is wrong, 0: none."""
        if not every:
            return block
        bits, mask = 8 * len(block), 0
        for at in range(every - 1 - self._passed, bits, every):
            if at >= 0:
                mask |= 1 << bits - 1 - at
        self.wrong += mask.bit_count()
        self._passed = (self._passed + bits) % every
        return (int.from_bytes(block) ^ mask).to_bytes(len(block))
