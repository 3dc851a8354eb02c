"""A passphrase is made slow to guess: a second each time. What it once did is remembered while the tests run."""

import functools

import pytest

from firmware.backup import envelope
from tests.coroutines import pytest_pyfunc_call  # noqa: F401 - a hook

LOCK, UNLOCK = functools.lru_cache(envelope.lock), functools.lru_cache(envelope.unlock)


@pytest.fixture(autouse=True, scope="session")
def _remembered():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "lock", LOCK)
        patch.setattr(envelope, "unlock", UNLOCK)
        yield
