"""A backup's file: one line in clear, a key locked with the passphrase, and what is inside, encrypted with that key.

    busyhour backup 1 2026-11-26T16:41:33Z         the format's version and when it was made: all that is told
    -----BEGIN AGE ENCRYPTED FILE----- ...         an age identity, encrypted with the passphrase (scrypt)
    age-encryption.org/v1 ...                      the contents, encrypted to that identity (X25519, ChaCha20-Poly1305)

Both parts are files of age (age-encryption.org/v1), which its own program opens as well. The contents pass in pieces of
64 KiB: a file of any size takes the same memory, and one that was cut off or changed is found out.
"""

import base64
import contextlib
import io
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO, BinaryIO

import pyrage

from firmware.errors import Damaged, NewerFormat, NotABackup, TooSlow, WrongPassphrase

FORMAT = 1
SHORTEST = 8  # characters of a passphrase
LOCK_BYTES = 4096  # the locked key is shorter
MOST_LOG_N = 20  # scrypt takes 2**N KB of memory: at most 1 GB, twice what a fast machine locks with
PAUSES_S = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)  # before each try to open it, and a last one at once
_FIRST = re.compile(rb"^busyhour backup ([0-9]{1,6}) ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)\n\Z")
_LOCK_END = b"-----END AGE ENCRYPTED FILE-----"


def seal(file: BinaryIO, passphrase: str, made: str, fill: Callable[[IO[bytes]], None]) -> None:
    """Write a backup into an empty file: `fill` is given, in a thread, where to write the contents.

    `made` is ISO 8601 in UTC. What `fill` raises is raised here, as is the OSError of a disk that takes no more.
    """
    identity, locked = lock(passphrase)
    file.write(b"busyhour backup %d %s\n" % (FORMAT, made.encode()) + locked)
    source, sink = _pipe()
    filling = _Work(fill, sink)
    sealed = _Sink(file)
    try:
        pyrage.encrypt_io(_Source(source, filling), sealed, [identity.to_public()])
    except Exception as error:
        source.close()
        filling.join()
        raise (sealed.error or filling.error or error) from error
    finally:
        source.close()
        filling.join()


def made_at(file: BinaryIO) -> str:
    """Return when a backup was made, from its line in clear, and stand behind that line.

    Raises NotABackup, NewerFormat. Anybody can change this line; what is inside says the same, and cannot be changed.
    """
    found = _FIRST.match(file.readline(100))
    if found is None:
        raise NotABackup("this is no backup of a box: it does not begin as one does")
    if int(found[1]) > FORMAT:
        raise NewerFormat(
            f"this backup has format {int(found[1])}, and this release reads up to {FORMAT}: it needs a newer release"
        )
    return found[2].decode()


@contextlib.contextmanager
def contents(file: BinaryIO, passphrase: str) -> Iterator[IO[bytes]]:
    """Return a stream of what is inside; `file` stands behind the line in clear.

    What it gives is surely as it was sealed; that it is all of it is sure at its end. Raises WrongPassphrase, Damaged.
    """
    identity = unlock(_lock_of(file), passphrase)
    source, sink = _pipe()

    def decrypt(out: IO[bytes]) -> None:
        try:
            pyrage.decrypt_io(file, out, [identity])
        except BrokenPipeError:
            return  # nobody wants more
        except Exception as error:
            raise Damaged("this backup is not whole, or was changed since it was made") from error

    opening = _Work(decrypt, sink)
    try:
        yield io.BufferedReader(_Source(source, opening), 1 << 16)
    finally:
        source.close()
        opening.join()


def lock(passphrase: str) -> tuple["pyrage.x25519.Identity", bytes]:
    """Return a new key, and the same locked with a passphrase.

    Guessing is made slow (scrypt): it takes about a second, and for that time up to 512 MB on a fast machine.
    """
    identity = pyrage.x25519.Identity.generate()
    return identity, pyrage.passphrase.encrypt(str(identity).encode(), passphrase, armored=True).strip() + b"\n"


def unlock(locked: bytes, passphrase: str) -> "pyrage.x25519.Identity":
    """Return the key that was locked. Raises WrongPassphrase, Damaged, TooSlow.

    age opens nothing that would take sixteen times longer than it took where it was locked, by how fast it finds this
    machine at that moment: where others had the processor just then, it is asked again.
    """
    _check_cost(locked)
    for pause_s in PAUSES_S:
        time.sleep(pause_s)
        with contextlib.suppress(TooSlow):
            return _unlock(locked, passphrase)
    return _unlock(locked, passphrase)


def _check_cost(locked: bytes) -> None:
    """Raise Damaged where a try to open the key takes more memory than a box has (C2SP age, scrypt stanza)."""
    try:
        head = base64.b64decode(b"".join(locked.split(b"\n")[1:-2]), validate=True).split(b"\n", 2)[1]
        log_n = int(head.split(b" ")[3]) if head.startswith(b"-> scrypt ") else 0
    except (ValueError, IndexError):
        return  # it is no such key, as opening it will say
    if log_n > MOST_LOG_N:
        raise Damaged(f"its key would take {1 << log_n - 10} MB of memory to open: no box locks it like that")


def _unlock(locked: bytes, passphrase: str) -> "pyrage.x25519.Identity":
    try:
        return pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(locked, passphrase).decode())
    except pyrage.DecryptError as error:
        if "excessive work" in str(error).lower():
            raise TooSlow("this machine is too busy now, or too slow, to try the passphrase; try again") from error
        if "failed" in str(error).lower():
            raise WrongPassphrase("this backup does not open with this passphrase") from error
        raise Damaged(f"this backup is not whole: its key cannot be read ({error})") from error
    except (pyrage.IdentityError, OSError, ValueError) as error:
        raise Damaged("this backup is not whole: its key cannot be read") from error


def _lock_of(file: BinaryIO) -> bytes:
    locked, left = b"", LOCK_BYTES
    while _LOCK_END not in locked:
        line = file.readline(left)
        left -= len(line)
        locked += line
        if not line or left <= 0:
            raise Damaged("this backup is not whole: the key it is encrypted with is missing")
    return locked


def _pipe() -> tuple[io.FileIO, IO[bytes]]:
    reading, writing = os.pipe2(os.O_CLOEXEC)
    return io.FileIO(reading), io.BufferedWriter(io.FileIO(writing, "w"), 1 << 16)


class _Work:
    """A function that writes into a pipe, in a thread; `error` is what it raised."""

    def __init__(self, work: Callable[[IO[bytes]], None], out: IO[bytes]) -> None:
        self.error: BaseException | None = None
        self._work, self._out = work, out
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work(self._out)
            self._out.flush()
        except BaseException as error:
            self.error = error
        finally:
            with contextlib.suppress(OSError):
                self._out.close()


class _Source(io.RawIOBase):
    """Reads a pipe; where its writer failed, the end is that failure, and never a quiet one."""

    def __init__(self, pipe: io.FileIO, work: _Work) -> None:
        self._pipe, self._of = pipe, work

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        count = self._pipe.readinto(buffer) or 0
        if count == 0 and len(buffer):
            self._of.join()
            if self._of.error is not None:
                raise self._of.error
        return count


class _Sink(io.RawIOBase):
    """Writes a file, and remembers what the disk said: the encryption tells it in words alone."""

    def __init__(self, file: BinaryIO) -> None:
        self.error: OSError | None = None
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes") -> int:  # type: ignore[override]
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        if not self._file.closed:
            self._file.flush()
