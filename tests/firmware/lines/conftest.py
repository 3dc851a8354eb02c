"""A box for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.coroutines import pytest_pyfunc_call  # noqa: F401 - a hook
from tests.fakes.box import Box


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A box with four lines and extensions on Monday at 9:00; nobody is logged in."""
    box = Box(tmp_path)
    box.clock.advance(1)
    yield box
    box.close()
