"""The exchange killed at any instant of a scripted day on a whole box: nothing lost, and nobody who talks hears it.

`python -m tests.scenarios.killed --instants 200` tries so many, two a day; a day takes half a minute. Each day is
compared with one on which nothing was killed, and with what its people saw and heard themselves.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests import audio
from tests.peers.box import Box
from tests.scenarios.continuity import begins, gaps
from tests.scenarios.day import (
    CALLERS,
    GIVES_UP,
    INSIDE,
    LENGTH_S,
    LINE_CALLER,
    TRUNK_CALLER,
    VOICES_HZ,
    Day,
    Kill,
    Told,
    configure,
)

KILLS_A_DAY = 2
APART_S = 6.0          # from one death to the next: the exchange is back, and has worked
SAME_S = 0.3           # how exact a time of the record is
LONGEST_GAP_S = 0.04
AFTERMATH_S = 3.0      # after the exchange is back; a gap at any other time is the telephone's own, on a busy machine
BUSY_KNOWN_S = 2.4     # three cadences of busy tone, the only sign that a caller on a line has gone
EXCHANGE = "exchange"


def live_a_day(folder: Path, instants: Sequence[float] = ()) -> Told:
    """Live through the day on a box of its own, the exchange killed at these instants (seconds since its begin).

    What was heard and recorded is kept in `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with Box() as box:
        configure(box)
        return Day(box, folder).live([(EXCHANGE, at_s) for at_s in instants])


def choose(count: int, seed: int, unkilled: Told) -> list[list[float]]:
    """Return instants for so many deaths, day by day: half of them anywhere, half where something happens just then."""
    chance = random.Random(seed)
    happened = sorted({
        event["at_s"] - unkilled.began_s for record in unkilled.records.values() for event in record["events"]
        if event["at_s"] - unkilled.began_s < LENGTH_S
    })

    def instant(number: int) -> float:
        if number % 2:
            return max(0.1, chance.choice(happened) + chance.uniform(-0.01, 0.03))
        return chance.uniform(0.1, LENGTH_S)

    days: list[list[float]] = []
    for number in range(count):
        at_s = instant(number)
        if number % KILLS_A_DAY == 0:
            days.append([at_s])
            continue
        while any(abs(at_s - other) < APART_S for other in days[-1]):
            at_s = instant(number)
        days[-1] = sorted([*days[-1], at_s])
    return days


# ---- what must be as it was ------------------------------------------------------------------------------------------


def complaints(told: Told, unkilled: Told) -> list[str]:
    """Return all in which a day differs from the unkilled one, or from what its people saw and heard."""
    found = [*told.left]
    if sorted(told.records) != sorted(CALLERS):
        return [*found, f"records of {sorted(told.records)}, not of {sorted(CALLERS)}"]
    for caller in CALLERS:
        found += [f"{caller}: {text}" for text in _of_record(told, unkilled, caller)]
    for caller in (LINE_CALLER, TRUNK_CALLER, INSIDE):
        found += [f"{caller}: {text}" for text in _of_sound(told, caller)]
    return found


def _of_record(told: Told, unkilled: Told, caller: str) -> Iterator[str]:
    record, whole = told.records[caller], unkilled.records[caller]
    call, former = record["call"], whole["call"]
    for name in ("direction", "source", "did", "e164", "outcome", "cause", "by", "queue", "agent"):
        if call[name] != former[name]:
            yield f"{name} is {call[name]!r}, was {former[name]!r}"
    if len(call["recordings"]) != len(former["recordings"]):
        yield f"recordings are {call['recordings']}, were {former['recordings']}"
    kinds, before = _kinds(call), _kinds(former)
    if kinds != before:
        yield f"segments are {kinds}, were {before}"
        return
    for kind in ("call.offered", "call.ended", "queue.entered", "queue.left", "digit", "bridge.joined", "bridge.left"):
        times, usual = (sum(event["kind"] == kind for event in one["events"]) for one in (record, whole))
        if times != usual:
            yield f"{times} times {kind}, usual are {usual}"
    yield from _of_gap(told, call)
    for name, now_s, then_s in _times(told, unkilled, call, former):
        late_s = sum(kill.back_s - kill.at_s for kill in told.kills if kill.at_s < max(now_s, then_s) + SAME_S)
        if abs(now_s - then_s) > SAME_S + late_s:
            yield f"{name} at {now_s:.2f} s, was {then_s:.2f} s"
    for name, now_s, seen_s in _witnessed(told, caller):
        if abs(now_s - seen_s) > SAME_S:
            yield f"{name} at {now_s:.2f} s, but it was seen at {seen_s:.2f} s"


def _kinds(call: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((segment["kind"], segment["who"]) for segment in call["segments"])


def _of_gap(told: Told, call: dict[str, Any]) -> Iterator[str]:
    """A gap is marked where there was one, and nowhere else; within SAME_S of a call's ends either is right."""
    began_s, ended_s = call["started_s"] - told.began_s, call["ended_s"] - told.began_s
    if any(began_s < kill.back_s - SAME_S and ended_s > kill.at_s + SAME_S for kill in told.kills):
        if call["gap"] != EXCHANGE:
            yield f"no gap is marked: {call['gap']!r}, {told.kills}"
    elif call["gap"] and all(began_s > kill.back_s + SAME_S or ended_s < kill.at_s - SAME_S for kill in told.kills):
        yield f"a gap is marked ({call['gap']}) where nothing was killed: {told.kills}"


def _times(
    told: Told, unkilled: Told, call: dict[str, Any], former: dict[str, Any]
) -> Iterator[tuple[str, float, float]]:
    """Yield the record's times beside those of the unkilled day."""
    for name in ("started_s", "answered_s", "ended_s"):
        yield name, call[name] - told.began_s, former[name] - unkilled.began_s
    for one, other in zip(_by_kind(call), _by_kind(former), strict=True):
        name = f"{one['kind']} {one['who']}"
        yield f"{name} begins", one["since_s"] - told.began_s, other["since_s"] - unkilled.began_s
        yield f"{name} ends", _end_s(one) - told.began_s, _end_s(other) - unkilled.began_s


def _by_kind(call: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(call["segments"], key=lambda segment: (segment["kind"], segment["who"]))


def _end_s(segment: dict[str, Any]) -> float:
    return float(segment["since_s"] + segment["duration_s"])


def _witnessed(told: Told, caller: str) -> Iterator[tuple[str, float, float]]:
    """Yield the record's times beside those at which the people themselves saw the same."""
    call, moments = told.records[caller]["call"], told.moments[caller]
    segments = {segment["kind"]: segment for segment in call["segments"]}
    yield "answered", call["answered_s"] - told.began_s, moments["answered"]
    if caller == GIVES_UP:
        # a caller on a line who has gone is known by busy tone
        known_s = _end_s(segments["wait"]) - told.began_s - moments["hung_up"]
        yield "the end of waiting", min(max(known_s, 0), BUSY_KNOWN_S), known_s
        return
    yield "the end of ringing", _end_s(segments["ring"]) - told.began_s, moments["picked_up"]
    end_s = _end_s(segments["talk"]) - told.began_s
    left_s = min(moments[name] for name in ("caller_left", "callee_left") if name in moments)
    late_s = sum(kill.back_s - kill.at_s for kill in told.kills if abs(kill.at_s - end_s) < SAME_S)
    # who was left in the very instant of the death may have been told when the exchange was back
    yield "the end of the talk", end_s, min(left_s, max(left_s - late_s, end_s))
    if caller == LINE_CALLER:
        yield "hold", segments["hold"]["since_s"] - told.began_s, moments["held"]
        yield "the end of hold", _end_s(segments["hold"]) - told.began_s, moments["resumed"]
    # who picked up heard the caller from when the talk begins by the record; the file ends when the talk is left
    heard = audio.read_wav(told.heard[callee(caller)]).channel(0)
    tone_s = len(heard) / audio.RATE_HZ - begins(heard, VOICES_HZ[caller])
    yield "the talk", segments["talk"]["since_s"] - told.began_s, moments.get("held", moments["callee_left"]) - tone_s


# ---- what must have been heard ---------------------------------------------------------------------------------------


def callee(caller: str) -> str:
    """Return whose telephone rings for a caller."""
    return {LINE_CALLER: "201", TRUNK_CALLER: "202", INSIDE: "204"}[caller]


def _of_sound(told: Told, caller: str) -> Iterator[str]:
    """Nobody who talks hears a gap when the exchange dies or comes back, and a recording has none then."""
    moments = told.moments[caller]
    talk = next(s for s in told.records[caller]["call"]["segments"] if s["kind"] == "talk")
    since_s, until_s = talk["since_s"] - told.began_s, _end_s(talk) - told.began_s
    gone_s = moments.get("hung_up", until_s)
    pauses = [(moments["held"], moments["resumed"])] if "held" in moments else []
    other = callee(caller)
    ours, theirs = VOICES_HZ[caller], VOICES_HZ[other]
    # baresip writes no more after it has held: what its user hears then is judged by the recording
    to_s = moments.get("held", until_s)
    kills = told.kills
    yield from _heard(
        f"{other} heard the caller", told.heard[other], 0, ours, moments["picked_up"], since_s, to_s, [], kills
    )
    begin_s = moments.get("placed", moments["answered"])
    yield from _heard(
        f"the caller heard {other}", told.heard[caller], 0, theirs, begin_s, since_s, min(gone_s, until_s), pauses,
        kills,
    )
    for event in told.records[caller]["events"]:
        if event["kind"] == "recording.started":
            begin_s = event["at_s"] - told.began_s
            path = told.recordings[caller][0]
            yield from _heard("recorded left", path, 0, ours, begin_s, since_s, gone_s, [], kills)
            yield from _heard("recorded right", path, 1, theirs, begin_s, since_s, until_s, pauses, kills)


def _heard(
    what: str, path: Path, channel: int, frequency_hz: float, begin_s: float, since_s: float, until_s: float,
    pauses: Sequence[tuple[float, float]], kills: Sequence[Kill],
) -> Iterator[str]:
    """Tell where a tone is missing in a file that begins at `begin_s`, from `since_s` to `until_s` but for the pauses.

    It must be there all the time; gaps too short to miss it altogether count around a death.
    """
    samples = audio.read_wav(path).channel(channel)
    edges = [since_s, *(edge for pause in pauses for edge in pause), until_s]
    for from_s, to_s in zip(edges[::2], edges[1::2], strict=True):
        first, last = from_s + 0.4 - begin_s, to_s - 0.2 - begin_s
        if last - first < 0.2:
            continue
        if len(samples) < last * audio.RATE_HZ - 1600:
            yield f"{what} only until {begin_s + len(samples) / audio.RATE_HZ:.2f} s of {to_s:.2f}"
        part = samples[int(first * audio.RATE_HZ) : int(last * audio.RATE_HZ)]
        stretch = min(len(part), audio.RATE_HZ // 2)
        if not all(
            audio.hears_tone(part[at : at + stretch], frequency_hz) for at in range(0, len(part) - stretch + 1, stretch)
        ):
            yield f"{what} not all the time from {from_s:.2f} to {to_s:.2f} s"
        for gap in gaps(part, frequency_hz):
            at_s = from_s + 0.4 + gap.at_s
            around = any(kill.at_s - SAME_S < at_s < kill.back_s + AFTERMATH_S for kill in kills)
            if around and abs(gap.length_s) > LONGEST_GAP_S + 0.006:
                yield f"{what} with a gap of {gap.length_s * 1000:.0f} ms ({gap.kind}) at {at_s:.2f} s"


# ---- by one command --------------------------------------------------------------------------------------------------


def main() -> int:
    """Try so many instants and say what became of each; 0 when nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.scenarios.killed", description=__doc__)
    parser.add_argument("--instants", type=int, default=6, metavar="N", help="how many deaths (default 6)")
    parser.add_argument("--seed", type=int, default=7, help="of the instants (default 7)")
    parser.add_argument("--at", type=float, nargs="*", metavar="S", help="one day with these instants instead")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bh-days-", dir="/tmp"))
    unkilled = live_a_day(folder / "0")
    for text in complaints(unkilled, unkilled):
        print(f"a day without a death: {text}", flush=True)
    days = [arguments.at] if arguments.at else choose(arguments.instants, arguments.seed, unkilled)
    wrong = 0
    began = time.monotonic()
    for number, instants in enumerate(days, 1):
        where = f"day {number} of {len(days)}, killed at {', '.join(f'{at_s:.3f}' for at_s in instants)} s"
        try:
            told = live_a_day(folder / str(number), instants)
            found = complaints(told, unkilled)
            dead = ", ".join(f"{kill.back_s - kill.at_s:.2f}" for kill in told.kills)
            print(f"{where}, dead for {dead} s: {'; '.join(found) or 'nothing lost'}", flush=True)
        except Exception as error:
            found = [f"{type(error).__name__}: {error}"]
            print(f"{where}: {found[0]}", flush=True)
        else:
            if not found:
                shutil.rmtree(folder / str(number))
        wrong += bool(found)
    tried = sum(len(instants) for instants in days)
    took_s = time.monotonic() - began
    print(f"{tried} deaths in {len(days)} days, {took_s:.0f} s: {wrong} days with something lost", flush=True)
    if wrong:
        print(f"what was heard on those days: {folder}", flush=True)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
