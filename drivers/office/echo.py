"""Echo on a line: what a hybrid that does not fit sends back of all that the box says, by a return loss in dB."""

from array import array


class Echo:
    """A line's echo, of the same tick: the way there and back is the sockets' own."""

    def __init__(self, return_loss_db: float) -> None:
        self._share = 10 ** (-return_loss_db / 20)

    def over(self, said: bytes, heard: bytes) -> bytes:
        """Return a tick's samples with the echo of what the box said over them."""
        pairs = zip(array("h", said), array("h", heard), strict=True)
        mixed = (round(one + self._share * other) for one, other in pairs)
        return array("h", (max(-32768, min(32767, sample)) for sample in mixed)).tobytes()
