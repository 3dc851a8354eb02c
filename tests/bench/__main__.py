"""Measures the box as `run` starts it and prints one JSON document: `./build.sh bench [--bare] [--peer FOLDER]`."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests import audio
from tests.bench import load
from tests.bench.capture import Capture, first_sample_ms, rtp_gaps
from tests.bench.processes import Meter, family, pss_mb
from tests.peers.box import ROOT, Box
from tests.peers.ports import free_port

PROGRAMS = ("edge", "office", "gateway", "exchange", "web")
IVR, QUEUE = "8001", "8002"   # what the callers dial
MUSIC = ROOT / "firmware/prompts/sounds/any/music.wav"


def configuration(agents: Sequence[str]) -> dict[str, Any]:
    """Return what the factory configuration is changed to: a trunk, an IVR that plays for long, a queue of agents."""
    return {
        "trunks": [{"name": "bench", "host": load.CALLERS, "addresses": [load.CALLERS], "channels": 500, "numbers": []}],
        "extensions": [{"number": number, "name": f"Agent {number}"} for number in agents],
        "agents": [{"number": number, "name": f"Agent {number}", "extension": number} for number in agents],
        "queues": [{"name": "bench", "title": "bench", "agents": list(agents), "max_waiting": 500, "acw_s": 0, "record": True}],
        "flows": [{"name": "bench", "greeting": ["music"] * 4, "menu": ["music"], "keys": {"1": {"to": "queue:bench"}}, "repeats": 9}],
        "routes": [
            {"name": "ivr", "source": "trunk:bench", "did": IVR, "to": "flow:bench"},
            {"name": "queue", "source": "trunk:bench", "did": QUEUE, "to": "queue:bench"},
        ],
        "outgoing": [],
    }


def counters(box: Box) -> dict[str, float]:
    """Return the gateway's counters."""
    return dict(box.json("status")["gateway"]["counters"])


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Return p50, p95, p99 and how many there were."""
    p50, p95, p99 = np.percentile(values, [50, 95, 99])
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1), "p99": round(float(p99), 1), "count": len(values)}


class Bench:
    """One run: a box, its load, and what was measured."""

    def __init__(self, box: Box, folder: Path, window_s: float) -> None:
        self.box, self.folder, self.window_s = box, folder, window_s
        self.voice = folder / "voice.al"
        time_s = np.arange(10 * audio.RATE_HZ) / audio.RATE_HZ
        self.voice.write_bytes(audio.encode_alaw((8000 * np.sin(2 * np.pi * 620 * time_s)).astype(np.int16)))
        self._runs = 0

    def _place(self) -> Path:
        self._runs += 1
        return self.folder / f"run-{self._runs}"

    def meter(self) -> Meter:
        """Begin to count the CPU of all programs."""
        return Meter({name: self.box.pid(name) for name in PROGRAMS})

    def window(self, calls: int) -> dict[str, Any]:
        """Measure a steady window: CPU per call-second of each program, evenness of RTP, late ticks."""
        before = counters(self.box)
        with Capture(self._place().with_suffix(".pcap"), f"udp and dst host {load.CALLERS} and dst portrange "
                     f"{load.CALLER_PORTS[0]}-{load.CALLER_PORTS[1]}") as capture:
            meter, began = self.meter(), time.monotonic()
            load.steady(self.window_s)
            spent, took_s = meter.spent_s(), time.monotonic() - began
        after = counters(self.box)
        return {
            "calls": calls,
            "cpu_ms_per_call_s": {name: round(1000 * cpu / took_s / calls, 3) for name, cpu in spent.items()},
            "rtp": rtp_gaps(capture, *load.CALLER_PORTS),
            **{name: after[name] - before[name] for name in ("late_ticks", "dropped_ticks") if name in after},
            "worst_late_ms": after.get("worst_late_ms"),
            "pss_mb": {name: round(pss_mb(family(self.box.pid(name))), 1) for name in PROGRAMS},
        }

    def ivr(self, calls: int) -> dict[str, Any]:
        """Measure `calls` callers who listen to a menu."""
        rate = max(10.0, calls / 10)
        running = load.call(self._place(), self.box.sip, IVR, self.voice, calls, rate, self.window_s + 6 + calls / rate)
        load.steady(calls / rate + 2)
        result = self.window(calls)
        running.finish()
        return result

    def pairs(self, agents: Sequence[str]) -> dict[str, Any]:
        """Measure callers who talk with agents through the queue, each pair recorded."""
        calls = len(agents)
        phones = load.Agents(self._place(), self.voice, calls)
        try:
            for number in agents:
                phones.register(self.box.sip, number, self.box.json("extension", "secret", number)["secret"])
            for number in agents:
                self.box.command("agent", "login", number)
                self.box.command("agent", "ready", number)
            running = load.call(self._place(), self.box.sip, QUEUE, self.voice, calls, 10, self.window_s + 10 + calls / 10)
            load.steady(calls / 10 + 4)
            recordings = list((self.box.home / "recordings").rglob("*.wav"))
            sizes = sum(path.stat().st_size for path in recordings)
            began = time.monotonic()
            result = self.window(calls)
            grown = sum(path.stat().st_size for path in recordings) - sizes
            result["recordings"] = len(recordings)
            result["recorded_bytes_per_pair_s"] = round(grown / (time.monotonic() - began) / max(1, len(recordings)))
            running.finish()
            return result
        finally:
            phones.close()

    def rate(self, calls: int, rate: float) -> dict[str, Any]:
        """Measure one-second calls at a rate: CPU per call."""
        meter = self.meter()
        load.call(self._place(), self.box.sip, IVR, self.voice, calls, rate, 1).finish()
        spent = meter.spent_s()
        return {"calls": calls, "rate": rate, "cpu_ms_per_call": {name: round(1000 * cpu / calls, 2) for name, cpu in spent.items()}}

    def first_sample(self, calls: int) -> dict[str, float]:
        """Measure how long callers wait from INVITE to the first sound."""
        port = int(self.box.sip.rsplit(":", 1)[1])
        expression = (f"udp and (dst port {port} or (dst host {load.CALLERS} and dst portrange "
                      f"{load.CALLER_PORTS[0]}-{load.CALLER_PORTS[1]}))")
        with Capture(self._place().with_suffix(".pcap"), expression, 1600) as capture:
            load.call(self._place(), self.box.sip, IVR, self.voice, calls, 10, 2).finish()
        return percentiles(first_sample_ms(capture, port))


def bare(folder: Path, voice: Path, calls: int, window_s: float) -> dict[str, Any]:
    """Measure the smallest pjsua2 program with the same load."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.bare", str(port), str(MUSIC)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        while process.stdout.readline().strip() != "ready":
            if process.poll() is not None:
                raise RuntimeError("the bare program did not start")
        rate = max(10.0, calls / 10)
        running = load.call(folder, f"127.0.0.1:{port}", IVR, voice, calls, rate, window_s + 6 + calls / rate)
        load.steady(calls / rate + 2)
        meter, began = Meter({"bare": process.pid}), time.monotonic()
        load.steady(window_s)
        spent_s = meter.spent_s()["bare"]
        took_s = time.monotonic() - began
        running.finish()
        return {"calls": calls, "cpu_ms_per_call_s": round(1000 * spent_s / took_s / calls, 3)}
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="build.sh bench", description=__doc__)
    parser.add_argument("--bare", action="store_true", help="measure a bare pjsua2 loop in turns with the box")
    parser.add_argument("--quick", action="store_true", help="few calls and short windows: tries the bench, measures little")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each IVR measurement (default 3); medians are compared")
    options = parser.parse_args()
    sizes, pairs, window_s = ((4, 8), 4, 4.0) if options.quick else ((60, 240), 60, 20.0)
    agents = [str(3001 + n) for n in range(pairs)]
    result: dict[str, Any] = {"machine": {"cpus": os.cpu_count(), "kernel": platform.release(), "python": platform.python_version()}}
    with tempfile.TemporaryDirectory(prefix="bh-bench-") as name:
        folder = Path(name)
        began = time.monotonic()
        with Box() as box:
            result["start_to_ready_s"] = round(time.monotonic() - began, 2)
            load.steady(3)
            idle = {program: round(pss_mb(family(box.pid(program))), 1) for program in PROGRAMS}
            idle["supervisor"] = round(pss_mb([box.process.pid]), 1) if box.process else 0
            result["idle_pss_mb"] = idle | {"all": round(sum(idle.values()), 1)}
            box.configure(**configuration(agents))
            bench = Bench(box, folder, window_s)
            result["ivr"] = []
            for calls in sizes:
                ours, theirs = [], []
                for turn in range(options.rounds):
                    ours.append(bench.ivr(calls))
                    if options.bare:
                        theirs.append(bare(folder / f"bare-{calls}-{turn}", bench.voice, calls, window_s))
                row: dict[str, Any] = {"calls": calls, "rounds": ours}
                gateway = statistics.median(one["cpu_ms_per_call_s"]["gateway"] for one in ours)
                row["gateway_ms_per_call_s"] = gateway
                row["all_ms_per_call_s"] = statistics.median(sum(one["cpu_ms_per_call_s"].values()) for one in ours)
                if theirs:
                    row["bare_ms_per_call_s"] = statistics.median(one["cpu_ms_per_call_s"] for one in theirs)
                    row["gateway_to_bare"] = round(gateway / row["bare_ms_per_call_s"], 2)
                result["ivr"].append(row)
            result["rate"] = bench.rate(20 if options.quick else 1000, 50)
            result["first_sample_ms"] = bench.first_sample(10 if options.quick else 200)
            result["pairs"] = bench.pairs(agents)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
