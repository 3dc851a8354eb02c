"""How often speech, music and prompts are taken for a digit or a hangup: `python -m tests.bench.talk_off --hours 46`.

Hours of talk (`tests.bench.talk`) are heard by the detectors of a line in a call, faster than life, in two processes:
digits; busy, congestion and information tones of several countries at once, a fax's calling tone (ITU-T T.30, CNG),
odd tones that a line has learnt, and silence. Prints one JSON document: hours, false digits and false hangups, with
what was heard and where. Exits with 1 when there are more than 6 digits in 46 hours (NTT's limit, as ITU-T Q.24 cites
it) or any hangup.
"""

import argparse
import concurrent.futures
import json
import sys
import time
from collections import Counter
from typing import NamedTuple

import numpy as np

from drivers import countries
from drivers.boards.busytone import twice
from drivers.boards.progress import SOUND_DBM0
from drivers.boards.silence import LOOK_S
from drivers.countries import Tone
from drivers.sounds import sign
from native.media import Ear
from tests.audio import RATE_HZ, Samples, amplitude
from tests.bench import talk

COUNTRIES = ("CN", "US", "GB", "DE", "IN", "XX")  # with 450, 480+620, 400, 425 Hz and short and long rhythms
LEARNT = ("620/180,0/420", "480+620/250,0/250", "425/100,0/100,425/100,0/100,425/300,0/300", "1000/80,0/80")
CNG = Tone((1100.0,), (500, 3000))
SILENCE_S = 60.0  # the shortest that ends a talk, where the line is set so
NTT_DIGITS, NTT_HOURS = 6, 46.0
BATCH, PROCESSES = 16, 2


class Heard(NamedTuple):
    """What one piece of talk was taken for; `quiet_s`, the longest time in it without a sound."""

    seconds: float
    told: Counter[str]
    quiet_s: float
    where: list[str]


def heard(name: str, samples: Samples) -> Heard:
    """Return what talk is taken for."""
    data = np.clip(np.round(samples), -32768, 32767).astype(np.int16).tobytes()
    told: Counter[str] = Counter()
    where = []
    for code in COUNTRIES:
        tones = {name: sign(getattr(countries.country(code), name)) for name in ("busy", "congestion", "information")}
        if code == COUNTRIES[0]:
            tones |= {f"learnt {number}": sign(twice(countries.tone(text))) for number, text in enumerate(LEARNT)}
            tones["cng"] = sign(CNG)
        for found in Ear(code == COUNTRIES[0], tones, False).hear(data):
            told["digit" if found.kind == "digit" else found.value] += 1
            where.append(f"{code} {found.kind} {found.value} at {found.at_s:.2f} s: {name}")
    return Heard(len(samples) / RATE_HZ, told, longest_quiet_s(samples), where)


def longest_quiet_s(samples: Samples) -> float:
    """Return for how long at most the watch of a line heard nothing, which looks at 200 ms now and then."""
    step, block = round(LOOK_S * RATE_HZ), RATE_HZ // 5
    quietest = amplitude(SOUND_DBM0) / np.sqrt(2)
    longest = run = 0
    for at in range(0, len(samples) - block, step):
        run = run + 1 if np.sqrt(np.mean(samples[at : at + block] ** 2)) <= quietest else 0
        longest = max(longest, run)
    return longest * LOOK_S


def listen(seed: int) -> Heard:
    """Make one piece of talk and listen to it."""
    return heard(*talk.piece(seed))


def result(pieces: list[Heard], took_s: float) -> dict[str, object]:
    """Return all that was found."""
    hours = sum(one.seconds for one in pieces) / 3600
    told = sum((one.told for one in pieces), Counter())
    digits = told.pop("digit", 0)
    silences = sum(one.quiet_s >= SILENCE_S for one in pieces)
    return {
        "hours": round(hours, 2), "pieces": len(pieces), "false_digits": digits,
        "digits_in_46_hours": round(digits * NTT_HOURS / hours, 2),
        "false_hangups": told.total() + silences, "false_hangups_by": dict(told) | {"silence": silences},
        "longest_quiet_s": max(one.quiet_s for one in pieces), "countries": COUNTRIES,
        "where": [place for one in pieces for place in one.where][:50], "took_s": round(took_s),
    }  # fmt: skip


def main() -> int:
    """Listen for so many hours; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.talk_off", description=__doc__)
    parser.add_argument("--hours", type=float, default=NTT_HOURS, help="of talk (default 46)")
    parser.add_argument("--seed", type=int, default=0, help="of the first piece (default 0)")
    arguments = parser.parse_args()
    if arguments.hours <= 0:
        parser.error(f"--hours {arguments.hours}: more than 0 is wanted")
    began_s, told_s = time.monotonic(), 0.0
    pieces: list[Heard] = []
    with concurrent.futures.ProcessPoolExecutor(PROCESSES) as workers:
        while sum(one.seconds for one in pieces) < arguments.hours * 3600:
            first = arguments.seed + len(pieces)
            pieces += workers.map(listen, range(first, first + BATCH))
            if time.monotonic() - told_s > 60:
                told_s = time.monotonic()
                print(json.dumps(result(pieces, told_s - began_s) | {"countries": None}), file=sys.stderr, flush=True)
    found = result(pieces, time.monotonic() - began_s)
    json.dump(found, sys.stdout, indent=2, ensure_ascii=False)
    print()
    return int(float(str(found["digits_in_46_hours"])) > NTT_DIGITS or found["false_hangups"] != 0)


if __name__ == "__main__":
    sys.exit(main())
