"""A call's segments on one line of time: what the picture of a call draws, and what stands beside it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

WIDTH = 1000.0  # of the picture, in its own units
LEAST = 4.0  # what is too short to be seen is drawn so wide


class Part(NamedTuple):
    """A segment: `at_s` after the call's beginning, `left` and `width` in the picture; a moment has no length."""

    kind: str
    who: str
    at_s: float
    duration_s: float
    left: float
    width: float


class Story(NamedTuple):
    """All parts of a call in the order in which they began, the length of its line, and where its marks stand."""

    parts: list[Part]
    length_s: float
    marks: list[tuple[float, float]]


STEPS_S = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0)


def story(call: Mapping[str, Any]) -> Story:
    """Return a call's story; the line is as long as the call, or as the after-call work that follows it."""
    begin_s = call["started_s"]
    segments = call["segments"]
    ends_s = [one["since_s"] + one["duration_s"] for one in segments]
    length_s = max(1.0, max([call["ended_s"], *ends_s]) - begin_s)
    parts = []
    for one in segments:
        left = min(max(0.0, (one["since_s"] - begin_s) / length_s * WIDTH), WIDTH - LEAST)
        width = min(max(LEAST, one["duration_s"] / length_s * WIDTH), WIDTH - left)
        at_s = one["since_s"] - begin_s
        parts.append(Part(one["kind"], one["who"], at_s, one["duration_s"], round(left, 1), round(width, 1)))
    step_s = next((step for step in STEPS_S if length_s / step <= 6), 6 * STEPS_S[-1])
    marks = [(n * step_s, round(n * step_s / length_s * WIDTH, 1)) for n in range(int(length_s // step_s) + 1)]
    return Story(parts, length_s, marks)
