"""What somebody beyond the line says: sources of samples, one after the other; and what is kept of the heard."""

import wave
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

from drivers.link.errors import BadSound, NoDisk

RATE = 8000
BLOCK = 160  # samples of one tick
TICK_S = 0.02
SILENCE = bytes(2 * BLOCK)
LONGEST_S = 600


class Source(Protocol):
    """Gives samples (signed 16 bit): `count` of them, or fewer when there are no more."""

    def read(self, count: int) -> bytes:
        """Return the next samples."""
        ...


class Clip:
    """Samples kept in memory, once."""

    def __init__(self, samples: bytes) -> None:
        self._samples = memoryview(samples)

    def read(self, count: int) -> bytes:
        """Return the next samples."""
        block, self._samples = self._samples[: 2 * count], self._samples[2 * count :]
        return bytes(block)


class Lasting:
    """Another source's sound, or silence, for a time and no longer."""

    def __init__(self, duration_s: float, source: Source | None = None) -> None:
        self._left = round(duration_s * RATE)
        self._source = source

    def read(self, count: int) -> bytes:
        """Return the next samples."""
        count = min(count, self._left)
        self._left -= count
        return self._source.read(count) if self._source and count else bytes(2 * count)


class Item(NamedTuple):
    """Something to say, and what to tell when it begins (nothing for an empty `event`)."""

    source: Source
    event: str = ""
    detail: str = ""


class Mouth:
    """Says one thing after the other, without a gap, silent when there is nothing left."""

    def __init__(self, began: Callable[[str, str], None]) -> None:
        self._began = began
        self._items: deque[Item] = deque()
        self._now: Source | None = None

    @property
    def done(self) -> bool:
        """Whether all has been said."""
        return self._now is None and not self._items

    def say(self, *items: Item) -> None:
        """Say these after what is still to be said."""
        self._items.extend(items)

    def hush(self) -> None:
        """Say nothing more."""
        self._items.clear()
        self._now = None

    def read(self) -> bytes:
        """Return the samples of one tick."""
        said = b""
        while len(said) < len(SILENCE):
            if self._now is None:
                if not self._items:
                    return said + SILENCE[len(said) :]
                self._now, event, detail = self._items.popleft()
                if event:
                    self._began(event, detail)
            wanted = (len(SILENCE) - len(said)) // 2
            part = self._now.read(wanted)
            if len(part) < 2 * wanted:
                self._now = None
            said += part
        return said


def load(path: str) -> bytes:
    """Return the samples of a WAV file; BadSound says why it cannot be spoken on a telephone line."""
    try:
        with wave.open(path, "rb") as file:
            shape = (file.getnchannels(), file.getframerate(), file.getsampwidth())
            if shape != (1, RATE, 2):
                raise BadSound(
                    f"{path}: {shape[0]} channel(s), {shape[1]} Hz, {8 * shape[2]} bit;"
                    f" must be 1 channel, {RATE} Hz, 16 bit"
                )
            if file.getnframes() > LONGEST_S * RATE:
                raise BadSound(f"{path}: {file.getnframes() // RATE} s long, at most {LONGEST_S} s can be spoken")
            return file.readframes(file.getnframes())
    except OSError as error:
        raise BadSound(f"{path}: {error.strerror}") from error
    except (wave.Error, EOFError) as error:
        raise BadSound(f"{path}: not a WAV file of PCM samples ({error or 'it ends too early'})") from error


class Recording:
    """All that is heard, as a WAV file (mono, 8 kHz, 16 bit)."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            self._raw = open(path, "wb")  # noqa: SIM115 - closed with the call
        except OSError as error:
            raise NoDisk(f"{path}: {error.strerror}") from error
        self._file = wave.open(self._raw, "wb")  # noqa: SIM115
        self._file.setparams((1, 2, RATE, 0, "NONE", ""))
        self.error = ""

    def write(self, samples: bytes) -> None:
        """Add samples; a failure is kept in `error` and ends the recording, not the call."""
        if self.error:
            return
        try:
            self._file.writeframesraw(samples)
        except OSError as error:
            self.error = f"{self._path}: {error.strerror}"

    def close(self) -> None:
        """Finish the file."""
        for file in (self._file, self._raw):
            try:
                file.close()
            except OSError as error:
                self.error = self.error or f"{self._path}: {error.strerror}"
