"""The wires of a digital span that the board uses: its D-channel's frames, and samples of the timeslots it opened."""

import contextlib
import socket
from collections.abc import Collection, Mapping
from functools import partial

from drivers.office.pair import Pair
from drivers.office.span import Span

FRAME_BYTES = 1024
FRAMES_AT_ONCE = 64


class E1:
    """One span's descriptors, as the board gave them: datagrams of a frame, or of 20 ms of A-law."""

    def __init__(self, dchannel: socket.socket) -> None:
        dchannel.setblocking(False)
        self._dchannel = dchannel
        self.pairs: dict[int, Pair] = {}
        self.gone = False   # the board closed it

    def attach(self, slot: int, samples: socket.socket) -> None:
        """Carry a timeslot's samples by this from now on."""
        old = self.pairs.pop(slot, None)
        if old is not None:
            old.close()
        self.pairs[slot] = Pair(samples)

    def read(self, span: Span, late_ticks: int = 0) -> tuple[list[bytes], dict[int, bytes]]:
        """Return the frames that have come, and the samples of the next tick; so many ticks follow at once.

        What the span loops back goes back instead.
        """
        frames: list[bytes] = []
        with contextlib.suppress(BlockingIOError):
            while len(frames) < FRAMES_AT_ONCE and not self.gone:
                try:
                    frame = self._dchannel.recv(FRAME_BYTES)
                except ConnectionError:
                    frame = b""
                if frame:
                    frames.append(frame)
                else:
                    self.gone = True
        looped = span.looped
        if 0 in looped:
            self.write(frames, {})
            frames = []
        heard = {}
        for slot, pair in self.pairs.items():
            if slot in looped:
                pair.loop_back(partial(span.back, slot))
            elif (block := pair.read(late_ticks)) is not None:
                heard[slot] = block
        return frames, heard

    def write(self, frames: list[bytes], said: Mapping[int, bytes], looped: Collection[int] = ()) -> None:
        """Send frames, and a tick's samples on what is not looped."""
        for frame in frames:
            with contextlib.suppress(OSError):  # libpri sends it again; what is gone, reading finds out
                self._dchannel.send(frame)
        for slot, pair in self.pairs.items():
            if slot in said and slot not in looped:
                pair.write(said[slot], idle=False)

    def close(self) -> None:
        """Let go of all."""
        self._dchannel.close()
        for pair in self.pairs.values():
            pair.close()
