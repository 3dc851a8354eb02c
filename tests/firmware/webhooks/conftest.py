"""A box with a world around it, and a receiver in that world."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.box import Box, config

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the specification's example


def hook(name: str = "crm", events: tuple[str, ...] = ("call.ended",), **more: Any) -> dict[str, Any]:
    return {"name": name, "url": f"https://{name}.example.com/hook", "events": list(events), "secret": SECRET, **more}


@pytest.fixture
def reached(tmp_path: Path) -> Iterator[Callable[..., Box]]:
    """Make a box that reaches the world: `reached(webhooks=[...])`."""
    boxes: list[Box] = []

    def make(**parts: Any) -> Box:
        boxes.append(Box(tmp_path / str(len(boxes)), config(**parts), reached=True))
        boxes[-1].clock.advance(1)
        return boxes[-1]

    yield make
    for box in boxes:
        box.close()
