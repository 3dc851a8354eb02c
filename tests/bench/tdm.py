"""What a TDM channel costs, beside spandsp's own C loop: `python -m tests.bench.tdm`.

A channel is a socket with 20 ms blocks of A-law each way, as a card's driver has them: speech, keys and a busy tone
come in, and its neighbour hears them. The media core carries 30, 120 and 240 of them (one, four and eight E1), each
with digits and tones listened for, by filters of its own with the limits of spandsp's, all the time, and a recording of
both voices: 32 kB a second, brought to the disk every few seconds. In turns with it, `spandsp/loop.c` reads the same
samples, has spandsp listen for the same, writes what came as A-law (8 kB a second), and sends it to the neighbour. Both
are paid for in CPU time, which a neighbour on the machine changes least; it still does, hence many short turns, and the
median of each turn's own ratio. Prints one JSON document; exits with 1 when digits were lost.
"""

import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tests import audio
from tests.bench import metronome, report
from tests.bench.talk import SOUNDS, at_level, recorded
from tests.native.signals import cadence, dtmf, silence
from tests.peers.box import ROOT

SIZES, WINDOW_S, ROUNDS = (30, 120, 240), 5.0, 7
QUICK_SIZES, QUICK_WINDOW_S = (2, 4), 1.0
RATIO, CORES = 1.25, 1.0
SOURCES = ROOT / "tests/bench/spandsp"
KEYS = "147*2580369#"
SETTLED_S, SPARE_S = 1.0, 60.0


def say(text: str) -> None:
    """Tell how far it has come."""
    print(f"tdm: {text}", file=sys.stderr, flush=True)


def build(folder: Path) -> dict[str, Path]:
    """Compile both C programs. Raises CalledProcessError."""
    programs = {}
    for name in ("far", "loop"):
        programs[name] = folder / name
        order = ["gcc", "-O2", "-o", programs[name], SOURCES / f"{name}.c", "-lspandsp", "-lm"]
        subprocess.run(order, check=True, cwd=ROOT)
    return programs


def sound(path: Path) -> float:
    """Write what all channels say, in A-law: speech, keys, speech, a busy tone; return how many keys a second."""
    prompts = [recorded(one) for one in sorted(SOUNDS.glob("zh/*.wav"))[:8]]
    speech = at_level(np.concatenate(prompts)[: 12 * audio.RATE_HZ], -18)
    parts = [speech, dtmf(KEYS), silence(0.5), speech[::-1], cadence([450], -15, [350, 350], 4)]
    samples = np.concatenate(parts)
    path.write_bytes(audio.encode_alaw(np.clip(np.round(samples), -32768, 32767).astype(np.int16)))
    return len(KEYS) / (len(samples) / audio.RATE_HZ)


@contextmanager
def span(far: Path, said: Path, channels: int) -> Iterator[list[int]]:
    """Give our ends of so many channels, whose other ends a program of its own has."""
    with ExitStack() as stack:
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(channels)]
        ours, theirs = ([stack.enter_context(pair[end]).fileno() for pair in pairs] for end in (0, 1))
        process = subprocess.Popen([far, said, *map(str, theirs)], pass_fds=theirs, stdin=subprocess.DEVNULL)
        try:
            yield ours
        finally:
            process.kill()
            process.wait()


class Tdm:
    """The measurement, whose programs and sounds lie in a folder."""

    def __init__(self, folder: Path, window_s: float) -> None:
        self._folder, self._window_s = folder, window_s
        self._programs = build(folder)
        self._said = folder / "said.al"
        self._keys_per_s = sound(self._said)
        self.problems: list[str] = []

    def core(self, channels: int) -> dict[str, Any]:
        """Measure the media core."""
        return self._run("core", [sys.executable, "-m", "tests.bench.tdm_core"], channels)

    def spandsp(self, channels: int) -> dict[str, Any]:
        """Measure spandsp's loop."""
        return self._run("spandsp", [str(self._programs["loop"])], channels)

    def _run(self, name: str, order: Sequence[str], channels: int) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(dir=self._folder) as folder, span(
            self._programs["far"], self._said, channels
        ) as descriptors:
            beating = metronome.start(self._window_s + SETTLED_S)
            done = subprocess.run(
                [*order, str(self._window_s), folder, *map(str, descriptors)], cwd=ROOT, pass_fds=descriptors,
                stdout=subprocess.PIPE, check=True, timeout=self._window_s + SPARE_S,
            )  # fmt: skip
            found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
            beats = metronome.finish(beating)
        expected = self._keys_per_s * self._window_s * channels
        if not 0.9 * expected - channels <= found["digits"] <= 1.1 * expected + channels:
            self.problems.append(f"{name}, {channels} channels: {found['digits']} digits heard of {expected:.0f}")
        return found | {
            "cpu_ms_per_channel_s": round(1000 * found["cpu_s"] / channels / self._window_s, 4),
            "cores": round(found["cpu_s"] / self._window_s, 4), "metronome_late_ticks": beats["late_ticks"],
        }


def measure(folder: Path, sizes: Sequence[int], window_s: float, rounds: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Return a row of figures for each size, both measured in turns, and what did not go as it should."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    tdm = Tdm(folder, window_s)
    subjects: list[tuple[str, Callable[[int], dict[str, Any]]]] = [("core", tdm.core), ("spandsp", tdm.spandsp)]
    rows = []
    for channels in sizes:
        found: dict[str, list[dict[str, Any]]] = {name: [] for name, _ in subjects}
        for number in range(rounds):
            for name, run in subjects if number % 2 == 0 else subjects[::-1]:
                say(f"{channels} channels: turn {number + 1} of {rounds}, {name}")
                found[name].append(run(channels))
        costs = {name: [row["cpu_ms_per_channel_s"] for row in turns] for name, turns in found.items()}
        rows.append({
            "channels": channels, "core_to_spandsp": report.ratio(costs["core"], costs["spandsp"]),
            **{name: report.medians(turns, 4) | {"rounds": turns} for name, turns in found.items()},
        })  # fmt: skip
    return rows, tdm.problems


def aims(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each aim with what was found."""
    found: list[tuple[str, float | None, float]] = [
        (f"{row['channels']} TDM channels: core to spandsp", row["core_to_spandsp"], RATIO) for row in rows
    ]
    found.append((f"{rows[-1]['channels']} TDM channels: cores", rows[-1]["core"]["cores"], CORES))
    return [
        {"aim": name, "at_most": limit, "found": value, "met": value is not None and value <= limit}
        for name, value, limit in found
    ]


def main() -> None:
    """Measure and print; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.tdm", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help=f"turns of each (default {ROUNDS})")
    parser.add_argument("--quick", action="store_true", help="few channels, short windows: tries the bench only")
    parser.add_argument("--channels", type=int, nargs="*", help="how many at once (default 30 120 240)")
    options = parser.parse_args()
    if options.rounds < 1 or not all(1 <= size <= max(SIZES) for size in options.channels or ()):
        parser.error(f"1 turn or more is wanted, and 1 to {max(SIZES)} channels")
    sizes = options.channels or (QUICK_SIZES if options.quick else SIZES)
    with tempfile.TemporaryDirectory(prefix="bh-tdm-") as name:
        rows, problems = measure(Path(name), sizes, QUICK_WINDOW_S if options.quick else WINDOW_S, options.rounds)
    print(json.dumps({
        "load_average": round(os.getloadavg()[0], 2), "tdm": rows, "aims": aims(rows), "problems": problems
    }, indent=1))  # fmt: skip
    for problem in problems:
        say(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
