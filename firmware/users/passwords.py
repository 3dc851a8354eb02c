"""Passwords: which may be chosen, and their hashes, made off the thread of the calls."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from firmware.errors import PoorPassword, TooManyTries
from firmware.users.user import key

SHORTEST, LONGEST = 10, 128
FEWEST_DIFFERENT = 4  # characters
MOST_WAITING = 8  # hashes at once; each takes memory and a core that calls could need
BUSY_S = 1
# A little more than the OWASP Password Storage Cheat Sheet's least for argon2id (19 MiB, 2 passes, 1 lane):
# about 50 ms on a small box. One lane, since the other cores carry calls.
HASHER = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1)
ONE_TIME = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # typed by hand: no 0 O, no 1 I
# Of the commonest, those of ten characters or more (SecLists, "10k most common"), and what is typed along the keyboard
_COMMON = """
1234567890 0123456789 12345678910 0987654321 9876543210 1234567891 1122334455 1357924680 123456789a a123456789
123456789q q123456789 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3e 1qaz2wsx3edc qwertyuiop qwerty12345 qwerty123456 asdfghjkl1
asdfghjkl; zxcvbnm123 qweasdzxc1 qweasdzxc123 abcdefghij abcd123456 abc1234567 abcdef1234 password12 password123
password1234 passw0rd12 p@ssw0rd12 p@ssw0rd123 admin12345 admin123456 adminadmin administrator iloveyou12 iloveyou123
5201314520 woaini1314 woaini5201314 woaini520520 aini520520 callcenter callcentre busyhour12 busyhour123 welcome123
welcome1234 changeme123 letmein123
"""
COMMON = frozenset(_COMMON.split())

Answer = TypeVar("Answer")


def check(password: str, name: str) -> None:
    """Raise PoorPassword when a user of this name may not choose it."""
    text = _normal(password)
    plain = key(text)
    if len(text) < SHORTEST:
        raise PoorPassword("password-short", f"the password is too short; {SHORTEST} characters or more are right")
    if len(text) > LONGEST:
        raise PoorPassword("password-long", f"the password is too long; up to {LONGEST} characters are right")
    if key(name) in (plain, plain[::-1]) or plain.replace(key(name), "").strip("0123456789") == "":
        raise PoorPassword("password-is-name", "the password is made of the name; another one is right")
    if plain in COMMON or len(set(plain)) < FEWEST_DIFFERENT:
        raise PoorPassword("password-common", "the password is among the first that are tried; a rarer one is right")


def one_time() -> str:
    """Return a password that is read out once: XXXX-XXXX-XXXX, 60 random bits."""
    letters = "".join(secrets.choice(ONE_TIME) for _ in range(12))
    return "-".join(letters[i : i + 4] for i in (0, 4, 8))


class Passwords:
    """Makes and compares hashes on a thread of its own."""

    def __init__(self, working: Executor, hasher: PasswordHasher = HASHER) -> None:
        """`working` has one thread, or runs things as the loop's clock says."""
        self._working, self._hasher = working, hasher
        self._waiting = 0
        self._nobodys = hasher.hash(secrets.token_hex())

    async def hash(self, password: str) -> str:
        """Return a password's hash. Raises TooManyTries when too many are waited for."""
        return await self._work(lambda: self._hasher.hash(_normal(password)))

    async def fits(self, password: str, hashed: str) -> bool:
        """Tell whether a hash is this password's; "" stands for nobody's, and takes as long. Raises TooManyTries."""

        def work() -> bool:
            try:
                return self._hasher.verify(hashed or self._nobodys, _normal(password))
            except (VerificationError, InvalidHashError):
                return False

        return await self._work(work)

    async def _work(self, work: Callable[[], Answer]) -> Answer:
        if self._waiting >= MOST_WAITING:
            raise TooManyTries("too many people sign in at once; try again in a second", wait_s=BUSY_S)
        self._waiting += 1
        try:
            return await asyncio.wrap_future(self._working.submit(work))
        finally:
            self._waiting -= 1


def _normal(password: str) -> str:
    """Return a password as every keyboard gives it (RFC 8265 §4.2: NFC)."""
    return unicodedata.normalize("NFC", password)
