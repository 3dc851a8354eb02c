"""A box for each test: the exchange on a virtual clock, with a gateway that is pure simulation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.box import Box


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """An exchange with people around it, on Monday 2 March 2026 at 9:00 in Shanghai; nobody is logged in."""
    box = Box(tmp_path)
    yield box
    box.close()
