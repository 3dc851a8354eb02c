"""Analog lines: their state, their test, and the busy tone they are taught."""

from typing import Literal

import msgspec

from drivers.link.messages.base import Command, Event


class TestLine(Command, frozen=True, tag="test_line"):
    """Find out how an idle line is; `line_tested` follows with this id, within 20 s.

    `wrong-state` where the line is in use, rings, or is being tested; what wants the line later ends the test.
    """

    line: int


class LearnTone(Command, frozen=True, tag="learn_tone"):
    """Learn by a test call what a line sounds like when the far end has hung up.

    The next call that comes in by it is answered, or `number` is called. `line_learning` tells each step and
    `tone_learnt` the end, both with this id. `wait_s`: for the answer; `listen_s`: from then on, for the tone.
    `wrong-state` where the line is in use, rings, or is learning or being tested.
    """

    line: int
    number: str = ""
    wait_s: float = 120.0
    listen_s: float = 60.0


class StopLearning(Command, frozen=True, tag="stop_learning"):
    """End a line's learning, if it does; `tone_learnt` tells it."""

    line: int


class LineChanged(Event, frozen=True, tag="line_changed"):
    """A line's state for those who look at it. One that is being tested can be dialled on: that ends the test.

    `parallel`: another telephone on the same pair is off-hook.
    """

    line: int
    state: Literal["idle", "ringing", "in_use", "testing", "parallel", "fault"]


class LineFinding(msgspec.Struct, frozen=True):
    """One thing found out about a line; a name may come twice.

    `verdict`: good, poor (it works, but not as it should), bad (it does not), or unknown (it could not be found out).
    `figure` is in `unit`, None where there is none. `reason` is a stable word for what is not good, or not as known of
    the country (`otherwise-...`); "" otherwise.
    """

    name: str
    verdict: Literal["good", "poor", "bad", "unknown"]
    figure: float | None = None
    unit: str = ""
    reason: str = ""


class LineTested(Event, frozen=True, tag="line_tested"):
    """A line's test ended. `outcome`: done, or why not.

    A call came `in`, or was to go `out`; the line went (`gone`), or another telephone has it (`parallel`).
    Only a test that is done says anything about the line; the findings are then in the order in which they were made.
    """

    command: str
    line: int
    outcome: Literal["done", "in", "out", "gone", "parallel"]
    findings: tuple[LineFinding, ...] = ()


class LineLearning(Event, frozen=True, tag="line_learning"):
    """How far the learning of a line's busy tone is: `step`, and what is heard while it listens.

    It waits for a call (`waiting`), calls (`calling`), or hears the call (`listening`): `heard` is silence, sound, or
    a tone; "" before.
    """

    command: str
    line: int
    step: Literal["waiting", "calling", "listening"]
    heard: str = ""


class ToneLearnt(Event, frozen=True, tag="tone_learnt"):
    """The learning of a line's busy tone ended.

    `learnt`: `tone` is it, as a country's table writes one (480+620/250,0/250). `failed`: `reason` says by a stable
    word why there is none. `levels`: of each 20 ms of the last seconds heard; `spectrum`: of each 25 Hz; in dBm0.
    """

    command: str
    line: int
    outcome: Literal["learnt", "failed", "stopped"]
    reason: str = ""
    tone: str = ""
    levels: tuple[int, ...] = ()
    spectrum: tuple[int, ...] = ()
