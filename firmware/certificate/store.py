"""The box's certificate on the disk, below $BUSYHOUR_HOME/certificate: one file, key and all, for its owner alone."""

import contextlib
import datetime
import os
from collections.abc import Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path

from firmware.certificate import self_signed
from firmware.certificate.pair import Certificate, Pair, read
from firmware.config.disk import Disk, no_storage
from firmware.errors import BadCertificate, KeyLost

FILE = "certificate/box.pem"
KIND = "certificate/kind"
KINDS = ("self-signed", "imported", "acme")


class Store:
    """Reads and replaces the certificate; every file is there whole or not at all."""

    def __init__(self, home: Path, disk: Disk | None = None) -> None:
        self.path, self._kind = home / FILE, home / KIND
        self._disk = disk or Disk()

    def ensure(self) -> Pair:
        """Return the certificate; a box that has none makes one. Raises NoStorage, KeyLost."""
        with self._locked():
            if not self.path.exists():
                self._write(self_signed.make(self_signed.own_names(), _now()), "self-signed")
            return self.pair()

    def pair(self) -> Pair:
        """Return the certificate in force. Raises KeyLost where there is none that can be read."""
        try:
            return read(self.path.read_bytes())
        except OSError as error:
            raise KeyLost(f"{self.path} cannot be read: {error.strerror}") from error
        except BadCertificate as error:
            raise KeyLost(f"{self.path} is no certificate: {error}; remove it, and the box makes a new one") from error

    def show(self) -> Certificate:
        """Return what is told of the certificate in force. Raises KeyLost."""
        pair = self.pair()
        kind = "self-signed" if pair.self_signed else "imported"
        with contextlib.suppress(OSError):
            said = self._kind.read_text().strip()
            kind = said if said in KINDS else kind
        return pair.show(kind)

    def replace(self, pair: Pair, kind: str) -> None:
        """Put another certificate in the place of the one in force. Raises NoStorage."""
        with self._locked():
            self._write(pair, kind)

    def _write(self, pair: Pair, kind: str) -> None:
        self._disk.replace(self.path, pair.pem)
        self._disk.replace(self._kind, kind.encode())

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep the other program out: the proxy and the exchange both may begin with a box that has none."""
        self._disk.make_folder(self.path.parent)
        try:
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise no_storage(error, self.path.parent) from error
        try:
            os.fchmod(folder, 0o700)
            flock(folder, LOCK_EX)
            yield
        finally:
            os.close(folder)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


