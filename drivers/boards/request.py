"""Japan's ring of its own (CAR): the office asks whether anybody takes caller id, which is told to who goes off-hook.

It rings half a second and pauses half a second, unlike a call, for six seconds at most; whoever has heard the message
goes on-hook, and is then rung as ever.
"""

BURST_S = (0.25, 0.75)  # on, and off: as boards tell it, which may be late
TOLD_S = 2.5            # from off-hook to the end of the message, at most: it lasts for less than half a second


class Request:
    """The bursts of a line's ring, as the board tells them."""

    def __init__(self) -> None:
        self._changed_s = float("-inf")
        self._short = False  # the last burst

    def changed(self, ringing: bool, now_s: float) -> bool:
        """Take that ring voltage began or ended; return whether it is now known for such a ring."""
        lasted_s, self._changed_s = now_s - self._changed_s, now_s
        known = ringing and self._short and BURST_S[0] <= lasted_s <= BURST_S[1]
        self._short = not ringing and BURST_S[0] <= lasted_s <= BURST_S[1]
        return known
