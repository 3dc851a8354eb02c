"""Doors for the tests of control and its clients."""

import shutil

import pytest

from tests.coroutines import pytest_pyfunc_call  # noqa: F401 - a hook
from tests.firmware.control.door import DoorThread


@pytest.fixture
def door():
    with DoorThread() as thread:
        yield thread
    shutil.rmtree(thread.door.home)
