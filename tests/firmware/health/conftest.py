"""A watched box for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.box import Box, config


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Callable[..., Box]]:
    """Make a box with a machine under it: `watched(alarms={...})` with these parts of the configuration."""
    boxes: list[Box] = []

    def make(**parts: Any) -> Box:
        boxes.append(Box(tmp_path / str(len(boxes)), config(**parts), watched=True))
        boxes[-1].clock.advance(10)
        return boxes[-1]

    yield make
    for box in boxes:
        box.close()


@pytest.fixture
def box(watched: Callable[..., Box]) -> Box:
    """A watched box with nothing wrong."""
    return watched()
