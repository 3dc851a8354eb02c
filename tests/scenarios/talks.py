"""Two talks under way on a box: a caller on line 4 with agent 201, and telephone 203 with telephone 204.

Whatever befalls the box meanwhile, it is judged by what those who talk hear, and by what is on record.
"""

import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Office
from tests.scenarios.continuity import begins, gaps
from tests.scenarios.day import VOICES_HZ

Records = Callable[..., dict[str, Any]]
NUMBER = "13800000077"
CALLER_HZ = 603.0
LONGEST_GAP_S = 0.046  # two packets, and the judge's own 6 ms


def configure(box: Box, *more: dict[str, Any]) -> None:
    """Let lines 3 and 4 lead straight to agent 201, and go by more routes before all others."""
    config = box.ask("config.export", secrets=True)
    queue = config["queues"][0] | {"agents": ["201"], "acw_s": 0}
    straight = [{"name": f"straight-{line}", "source": f"line:{line}", "to": "queue:service"} for line in (3, 4)]
    box.configure(queues=[queue], routes=[*more, *straight, *config["routes"]])


class Talks:
    """Both talks, and all who take part."""

    def __init__(self, box: Box, office: Office, records: Records, folder: Path, stack: ExitStack) -> None:
        self._records = records
        self.phones: dict[str, Phone] = {}
        for number in ("201", "202", "203", "204"):
            says = folder / f"{number}.wav"
            audio.write_wav(says, audio.sine(VOICES_HZ[number], 180))
            secret = box.ask("extension.secret", number=number)["secret"]
            self.phones[number] = Phone(folder / number, box.sip, number, secret, says, answer=True)
            stack.enter_context(self.phones[number])
            box.wait_registered(number)
        box.ask("agent.login", number="201")
        stack.callback(lambda: box.ask("agent.logout", number="201"))
        self.began_s = time.time()
        self.caller = office.call(4, NUMBER, tone_hz=CALLER_HZ)
        self.phones["203"].dial("204")
        self.answered_s = {
            number: float(self.phones[number].wait_event("CALL_ESTABLISHED", 20)["at_s"])
            for number in ("201", "203", "204")
        }
        time.sleep(3)

    def closed_s(self, number: str, timeout_s: float = 15) -> float:
        """Wait until a telephone's call has ended, and return when it did."""
        return float(self.phones[number].wait_event("CALL_CLOSED", timeout_s)["at_s"])

    def records(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the records of the line's and the inside call, once they are closed."""
        return (
            self._records(since_s=self.began_s, number=NUMBER),
            self._records(since_s=self.began_s, direction="internal"),
        )

    def heard(self, number: str, until_s: float, theirs_hz: float, less_s: float = 0.3) -> audio.Samples:
        """Return what a telephone heard from soon after its answer until so much before then; it must be that long."""
        first = min(self.phones[number].folder.glob("dump-*-dec.wav"))  # their names are the times of the calls
        sound = audio.read_wav(first).channel(0)
        length_s = until_s - self.answered_s[number]
        assert len(sound) / audio.RATE_HZ > length_s - 0.3
        return audio.cut(sound, audio.Span(begins(sound, theirs_hz) + 0.1, length_s - less_s))

    def judge(self, number: str, until_s: float, theirs_hz: float) -> None:
        """Assert that a telephone heard the other's voice without a gap from soon after its answer until then."""
        whole(self.heard(number, until_s, theirs_hz), theirs_hz)


def whole(sound: audio.Samples, hertz: float) -> None:
    """Assert that a voice is in a sound from first to last, without a gap that can be heard."""
    seconds = range(0, len(sound) - audio.RATE_HZ + 1, audio.RATE_HZ)
    assert seconds, len(sound)
    for begin in seconds:
        heard = audio.hears_tone(sound[begin : begin + audio.RATE_HZ], hertz)
        assert heard, f"from {begin / audio.RATE_HZ:.0f} s of {len(sound) / audio.RATE_HZ:.2f} s"
    found = [gap for gap in gaps(sound, hertz) if abs(gap.length_s) > LONGEST_GAP_S]
    assert not found, found


def recording(box: Box, record: dict[str, Any]) -> audio.Wav:
    """Return a record's only recording, once sox too has read as much in it as the box says there is."""
    (path,) = record["recordings"]
    told = subprocess.run(["soxi", "-D", str(box.home / path)], capture_output=True, text=True, check=True)
    assert told.stderr == ""  # it warns of a header that promises what is not there
    wav = audio.read_wav(box.home / path)
    assert float(told.stdout) == pytest.approx(wav.duration_s, abs=0.001)
    assert record["files"][0]["duration_s"] == pytest.approx(wav.duration_s, abs=0.05)
    return wav


def segment(record: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return a record's only segment of a kind."""
    (found,) = [one for one in record["segments"] if one["kind"] == kind]
    return dict(found)


def a_new_call_works(box: Box, office: Office, talks: Talks) -> None:
    """Assert that a line's caller and agent 201 hear each other."""
    phone = talks.phones["201"]
    box.wait_free(4)
    known = len(phone.events)
    caller = office.call(4, "13800000088", tone_hz=CALLER_HZ)
    phone.wait_event("CALL_ESTABLISHED", 20, since=known)
    time.sleep(2)
    phone.hang_up()
    report = caller.report()
    assert report.ended_by == "box"
    phone.wait_event("CALL_CLOSED", since=known)
    phone.switch_off()
    sound = audio.read_wav(phone.heard).channel(0)
    assert audio.hears_tone(sound[-12000:-3200], CALLER_HZ)
