"""Measures the box as `run` starts it and prints one JSON document: `./build.sh bench [--bare] [--peer]`.

Progress and what went wrong are told on standard error. Exits with 1 when a load did not go as it should, for then its
figures mean little; aims that are not met are in the document and change nothing else.
"""

import argparse
import functools
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import Any

from tests.bench import delay, load, peer, report, tdm
from tests.bench.bare import Bare
from tests.bench.busyhour import Busyhour
from tests.bench.measurements import Measurements
from tests.bench.peer import Asterisk
from tests.bench.subject import Subject
from tests.peers.ports import free_port

SIZES, PAIRS, WINDOW_S, RATE, RATE_CALLS, FIRST_CALLS = (60, 240), 60, 20.0, 50.0, 1000, 200
QUICK_SIZES, QUICK_PAIRS, QUICK_WINDOW_S, QUICK_RATE_CALLS, QUICK_FIRST_CALLS = (4, 8), 4, 4.0, 20, 10
FIRST_AGENT = 3001

Turn = Callable[[], AbstractContextManager[Any]]


def say(text: str) -> None:
    """Tell how far it has come."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def turns(what: str, rounds: int, subjects: Sequence[Turn], measure: Callable[[Any], Any]) -> dict[str, list[Any]]:
    """Measure the subjects in turns, another one first each time; return what was found by subject."""
    found: dict[str, list[Any]] = {}
    for number in range(rounds):
        first = number % len(subjects)
        for begin in (*subjects[first:], *subjects[:first]):
            with begin() as subject:
                say(f"{what}: turn {number + 1} of {rounds}, {subject.name}")
                found.setdefault(subject.name, []).append(measure(subject))
    return found


def machine() -> dict[str, Any]:
    """Return what it was measured on, and how busy that was before."""
    told = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in told if line.startswith("model name")), platform.machine())
    return {
        "cpu": model, "cpus": os.cpu_count(), "kernel": platform.release(), "python": platform.python_version(),
        "load_average_before": round(os.getloadavg()[0], 2),
    }


def measure(options: argparse.Namespace, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Return all figures, and what did not go as it should."""
    quick, rounds = options.quick, options.rounds
    window_s = QUICK_WINDOW_S if quick else WINDOW_S
    agents = [str(FIRST_AGENT + n) for n in range(QUICK_PAIRS if quick else PAIRS)]
    bench = Measurements(folder, window_s, free_port(load.AGENTS))
    result: dict[str, Any] = {"machine": machine(), "window_s": window_s, "turns": rounds}

    def standing(one: Subject) -> Turn:
        return lambda: nullcontext(one)

    with ExitStack() as stack:
        starts = []
        for number in range(rounds):
            say(f"start to ready: turn {number + 1} of {rounds}")
            with Busyhour((), configured=False) as fresh:
                starts.append(round(fresh.ready_s, 2))
        result["start_to_ready_s"] = starts
        box = stack.enter_context(Busyhour(agents))
        boards: list[Busyhour | Asterisk] = [box]
        if options.peer:
            boards.append(stack.enter_context(Asterisk(agents)))
        result["subjects"] = {one.name: {"what": one.note, "version": one.version} for one in boards}
        switchboards = [standing(one) for one in boards]
        answering = list(switchboards)
        if options.bare:
            answering.append(Bare)
            result["subjects"]["bare"] = {"what": Bare.note}
        result["idle"] = {one.name: bench.idle(one) for one in boards}
        result["ivr"] = []
        for calls in QUICK_SIZES if quick else SIZES:
            found = turns(f"IVR, {calls} calls", rounds, answering, functools.partial(bench.ivr, calls=calls))
            row = {"calls": calls} | report.compared(found, "cpu_ms_per_call_s")
            for one in boards:
                row[one.name]["pss_kb_per_call"] = report.memory_per_call_kb(
                    result["idle"][one.name]["pss_mb"], row[one.name], calls
                )
            result["ivr"].append(row)
        calls = QUICK_RATE_CALLS if quick else RATE_CALLS
        found = turns(f"{RATE:.0f} calls/s", rounds, answering, lambda one: bench.rate(one, calls, RATE))
        result["rate"] = {"calls": calls, "rate": RATE} | report.compared(found, "cpu_ms_per_call")
        first = QUICK_FIRST_CALLS if quick else FIRST_CALLS
        found = turns("first sample", 1, answering, lambda one: bench.first_sample(one, first))
        result["first_sample_ms"] = {name: rows[0] for name, rows in found.items()}
        found = turns(f"{len(agents)} recorded pairs", rounds, switchboards, lambda one: bench.pairs(one, agents))
        result["pairs"] = {"calls": len(agents)} | report.compared(found, "cpu_ms_per_call_s")
    (spans := folder / "tdm").mkdir()
    sizes, span_window_s = (tdm.QUICK_SIZES, tdm.QUICK_WINDOW_S) if quick else (tdm.SIZES, tdm.WINDOW_S)
    result["tdm"], problems = tdm.measure(spans, sizes, span_window_s, rounds)
    result["delay"], lost = delay.measure(quick=quick)
    result["aims"] = report.aims(result) + tdm.aims(result["tdm"]) + delay.aims(result["delay"])
    return result, bench.problems + problems + lost


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="./build.sh bench", description="Measure the box; print one JSON document.")
    parser.add_argument("--bare", action="store_true", help="in turns with a bare pjsua2 loop")
    parser.add_argument("--peer", action="store_true", help="in turns with Asterisk of Debian's sid (root; 400 MB)")
    parser.add_argument("--quick", action="store_true", help="few calls, short windows: tries the bench only")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="turns of each load (default 3)")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error(f"--rounds {options.rounds}: 1 or more is wanted")
    began = time.monotonic()
    try:
        if options.peer:
            peer.install()
        with tempfile.TemporaryDirectory(prefix="bh-bench-") as name:
            result, problems = measure(options, Path(name))
    except (RuntimeError, TimeoutError, OSError, AssertionError, subprocess.SubprocessError) as error:
        sys.exit(f"bench: {error}")
    result["problems"] = problems
    result["took_s"] = round(time.monotonic() - began)
    print(json.dumps(result, indent=1, ensure_ascii=False))
    for problem in problems:
        say(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
