"""The last signals of an R2 span: line signals by their ABCD bits, register signals by their numbers."""

from drivers.boards import trace


class Trace(trace.Trace):
    """Keeps what passes."""

    def bits(self, slot: int, bits: int, sent: bool) -> None:
        """Take a line signal (ITU-T Q.421)."""
        self.take(f"line {bits & 0xF:04b}", sent, slot=slot)

    def tone(self, slot: int, group: str, tone: str, sent: bool) -> None:
        """Take a register signal that begins, of the forward or the backward group (Q.441)."""
        self.take(f"{group} {tone}", sent, slot=slot)
