"""A call centre's floor for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.floor import Floor


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    """A floor with four lines, extensions and agents, and one queue, on Monday at 9:00; nobody is logged in."""
    floor = Floor(tmp_path)
    yield floor
    floor.close()
