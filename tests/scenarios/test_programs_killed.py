"""Edge, gateway, central office and web page killed while people talk: what they hear, how it ends, what is on record.

Two talks are under way at each death: a caller on a line with agent 201, and telephone 203 with telephone 204.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Office
from tests.scenarios.conftest import sine
from tests.scenarios.continuity import begins, gaps
from tests.scenarios.day import VOICES_HZ

Records = Callable[..., dict[str, Any]]
NUMBER = "13800000077"
CALLER_HZ = 603.0
LONGEST_GAP_S = 0.046  # two packets, and the judge's own 6 ms
RELEASED_S = 5.0       # how long a telephone may stay in a call whose gateway died
FLUSHED_S = 0.2        # what the writer of recordings may still hold


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A box whose line 4 leads straight to agent 201."""
    with Box() as box:
        config = box.json("config", "export", "--secrets")
        queue = config["queues"][0] | {"agents": ["201"], "acw_s": 0}
        box.configure(
            queues=[queue], routes=[{"name": "straight", "source": "line:4", "to": "queue:service"}, *config["routes"]]
        )
        yield box


class Talks:
    """Both talks, and all who take part."""

    def __init__(self, box: Box, office: Office, records: Records, folder: Path, stack: ExitStack) -> None:
        self._records = records
        self.phones: dict[str, Phone] = {}
        for number in ("201", "202", "203", "204"):
            says = folder / f"{number}.wav"
            audio.write_wav(says, sine(VOICES_HZ[number], 60))
            secret = box.json("extension", "secret", number)["secret"]
            self.phones[number] = Phone(folder / number, box.sip, number, secret, says, answer=True)
            stack.enter_context(self.phones[number])
            box.wait_registered(number)
        box.command("agent", "login", "201")
        stack.callback(lambda: box.command("agent", "logout", "201"))
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

    def judge(self, number: str, until_s: float, theirs_hz: float) -> None:
        """Assert that a telephone heard the other's voice without a gap from soon after its answer until then."""
        first = min(self.phones[number].folder.glob("dump-*-dec.wav"))  # their names are the times of the calls
        sound = audio.read_wav(first).channel(0)
        length_s = until_s - self.answered_s[number]
        assert len(sound) / audio.RATE_HZ > length_s - 0.3
        whole(audio.cut(sound, audio.Span(begins(sound, theirs_hz) + 0.1, length_s - 0.3)), theirs_hz)


def whole(sound: audio.Samples, hertz: float) -> None:
    """Assert that a voice is in a sound from first to last, without a gap that can be heard."""
    seconds = range(0, len(sound) - audio.RATE_HZ + 1, audio.RATE_HZ)
    assert seconds, len(sound)
    for begin in seconds:
        assert audio.hears_tone(sound[begin : begin + audio.RATE_HZ], hertz), begin
    assert [gap for gap in gaps(sound, hertz) if abs(gap.length_s) > LONGEST_GAP_S] == []


@pytest.fixture
def talks(box: Box, office: Office, records: Records, tmp_path: Path) -> Iterator[Talks]:
    """Both talks under way; everybody is switched off at the end."""
    with ExitStack() as stack:
        yield Talks(box, office, records, tmp_path, stack)


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


@pytest.mark.parametrize("when", ["back", "dead"])
def test_when_the_edge_is_killed_talks_go_on_and_end_when_either_hangs_up(
    box: Box, office: Office, talks: Talks, when: str
) -> None:
    pid = box.kill("edge")
    if when == "back":
        box.wait_back("edge", pid)
        time.sleep(1)
    hung_up_s = time.time()
    talks.phones["203"].hang_up()
    talks.caller.hang_up()
    closed_s = {number: talks.closed_s(number) for number in ("201", "204")}
    box.wait_back("edge", pid)
    line, inside = talks.records()
    a_new_call_works(box, office, talks)
    for number in ("203", "204"):
        talks.phones[number].switch_off()
    talks.judge("201", hung_up_s, CALLER_HZ)
    talks.judge("203", hung_up_s, VOICES_HZ["204"])
    talks.judge("204", hung_up_s, VOICES_HZ["203"])
    for record in (line, inside):
        assert (record["outcome"], record["by"], record["gap"]) == ("answered", "caller", "")
    for number, record in (("201", line), ("204", inside)):
        talk = segment(record, "talk")
        end_s = talk["since_s"] + talk["duration_s"]
        assert talk["since_s"] == pytest.approx(talks.answered_s[number], abs=0.3)
        assert hung_up_s - 0.1 <= end_s <= closed_s[number] + 0.1
    wav = recording(box, line)
    until = int((hung_up_s - talks.answered_s["201"] - 0.3) * audio.RATE_HZ)
    whole(wav.channel(0)[4000:until], CALLER_HZ)
    whole(wav.channel(1)[4000:until], VOICES_HZ["201"])


def test_when_the_gateway_is_killed_all_are_released_at_once_and_nothing_recorded_is_lost(
    box: Box, office: Office, talks: Talks
) -> None:
    killed_s = time.time()
    pid = box.kill("gateway")
    for number in ("201", "203", "204"):
        assert talks.closed_s(number) - killed_s < RELEASED_S
    report = talks.caller.report()
    assert report.ended_s is not None
    assert report.started_s + report.ended_s - killed_s < RELEASED_S
    box.wait_back("gateway", pid)
    line, inside = talks.records()
    a_new_call_works(box, office, talks)
    for record in (line, inside):
        assert (record["outcome"], record["cause"], record["by"], record["gap"]) == (
            "answered", 41, "gateway", "gateway",
        )  # fmt: skip
        assert record["ended_s"] == pytest.approx(killed_s, abs=0.3)
    wav = recording(box, line)
    talk = segment(line, "talk")
    assert talk["duration_s"] - FLUSHED_S - 0.1 <= wav.duration_s <= talk["duration_s"] + 0.1
    whole(wav.channel(0)[4000:], CALLER_HZ)
    whole(wav.channel(1)[4000:], VOICES_HZ["201"])


def test_when_the_page_is_killed_nobody_who_talks_hears_it(
    box: Box, talks: Talks
) -> None:
    pid = box.kill("web")
    box.wait_back("web", pid)
    time.sleep(1)
    hung_up_s = time.time()
    talks.phones["204"].hang_up()
    talks.phones["201"].hang_up()
    talks.closed_s("203")
    assert talks.caller.report().ended_by == "box"
    for number in ("201", "203", "204"):
        talks.phones[number].switch_off()
    talks.judge("201", hung_up_s, CALLER_HZ)
    talks.judge("203", hung_up_s, VOICES_HZ["204"])
    talks.judge("204", hung_up_s, VOICES_HZ["203"])
    line, inside = talks.records()
    assert (line["outcome"], line["by"], line["gap"]) == ("answered", "agent", "")
    assert (inside["outcome"], inside["gap"]) == ("answered", "")
    wav = recording(box, line)
    whole(wav.channel(0)[4000:-4000], CALLER_HZ)
    whole(wav.channel(1)[4000:-4000], VOICES_HZ["201"])


def test_when_the_central_office_is_killed_its_calls_end_and_no_others(
    box: Box, office: Office, talks: Talks
) -> None:
    killed_s = time.time()
    pid = box.kill("office")
    assert talks.closed_s("201") - killed_s < RELEASED_S
    box.wait_back("office", pid)
    time.sleep(1)
    hung_up_s = time.time()
    talks.phones["203"].hang_up()
    talks.closed_s("204")
    line, inside = talks.records()
    again = Office(box.home)
    try:
        a_new_call_works(box, again, talks)
    finally:
        again.close()
    for number in ("203", "204"):
        talks.phones[number].switch_off()
    talks.judge("203", hung_up_s, VOICES_HZ["204"])
    talks.judge("204", hung_up_s, VOICES_HZ["203"])
    assert (inside["outcome"], inside["by"]) == ("answered", "caller")
    assert (line["outcome"], line["gap"]) == ("answered", "")
    assert line["ended_s"] == pytest.approx(killed_s, abs=RELEASED_S)
    wav = recording(box, line)
    until = int((killed_s - talks.answered_s["201"] - 0.3) * audio.RATE_HZ)
    whole(wav.channel(0)[4000:until], CALLER_HZ)
    whole(wav.channel(1)[4000:until], VOICES_HZ["201"])
