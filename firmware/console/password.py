"""The console's own password, known to the box as an argon2id hash alone (RFC 9106). There is no default."""

from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from firmware.console.file import save

SHORTEST, LONGEST = 8, 128
RULE = f"{SHORTEST} to {LONGEST} characters are right"


class BadPassword(Exception):
    """A new password that will not do; the text says what would."""


class Password:
    """What opens the console without a user's name, so also while the exchange, which knows the users, is dead."""

    def __init__(self, home: Path) -> None:
        self._path = home / "console" / "password"
        self._hasher = PasswordHasher()

    def is_set(self) -> bool:
        """Whether there is one; without, nobody gets in."""
        return self._path.exists()

    def opens(self, text: str) -> bool:
        """Whether `text` is the password. Raises OSError and BadPassword where its hash cannot be read."""
        try:
            return self._hasher.verify(self._path.read_bytes().decode("ascii", "ignore").strip(), text)
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError) as error:
            raise BadPassword(f"{self._path} is damaged; set it anew: busyhour console password") from error

    def set(self, text: str) -> None:
        """Make `text` the password, lastingly. Raises BadPassword, OSError."""
        if not SHORTEST <= len(text) <= LONGEST or not text.isprintable():
            raise BadPassword(RULE)
        save(self._path, self._hasher.hash(text) + "\n")
