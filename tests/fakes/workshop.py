"""A workshop of simulation: a job takes a second of the virtual clock, and what it makes is silence of its length."""

import asyncio
from pathlib import Path

from firmware.errors import BadSound
from firmware.prompts.jobs import FromRecording, Job, Made
from tests.fakes.sound import write_silence

TAKES_S = 1.0
SHORTEST_S = 0.1


class FakeWorkshop:
    """Remembers its jobs. A recording's prompt is as long as the recording; too short a one is refused."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    async def make(self, job: Job) -> Made:
        """Make silence, a second later."""
        self.jobs.append(job)
        await asyncio.sleep(TAKES_S)
        duration_s = 2.0
        if isinstance(job, FromRecording):
            duration_s = length_s(job.source)
        if duration_s < SHORTEST_S:
            write_silence(Path(job.target).with_suffix(".part"), duration_s)  # as a maker leaves that is ended midway
            raise BadSound("there is nothing to hear in it", "sound-silent")
        write_silence(Path(job.target), duration_s)
        return Made(duration_s)


def length_s(recording: str) -> float:
    """Return how long a recording of two channels is, by its size."""
    return (Path(recording).stat().st_size - 44) / 4 / 8000
