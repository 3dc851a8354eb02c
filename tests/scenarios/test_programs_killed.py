"""Edge, gateway, central office and web page killed while people talk: what they hear, how it ends, what is on record.

Two talks are under way at each death: a caller on a line with agent 201, and telephone 203 with telephone 204.
"""

import time
from collections.abc import Iterator

import pytest

from tests import audio
from tests.peers.box import Box
from tests.peers.office import Office
from tests.scenarios.day import VOICES_HZ
from tests.scenarios.talks import CALLER_HZ, Talks, a_new_call_works, configure, recording, segment, whole

RELEASED_S = 5.0       # how long a telephone may stay in a call whose gateway died
FLUSHED_S = 0.2        # what the writer of recordings may still hold


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A box whose lines 3 and 4 lead straight to agent 201."""
    with Box() as box:
        configure(box)
        yield box


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
