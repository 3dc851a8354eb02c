"""What is measured of a subject, one load at a time; what did not go as it should is added to `problems`."""

import itertools
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests import audio
from tests.bench import load, metronome
from tests.bench.capture import Capture, evenness, first_sample_ms
from tests.bench.processes import Meter, pss_mb, udp_drops
from tests.bench.subject import IVR, QUEUE, Subject, Switchboard

VOICE_HZ = 620.0
SETTLED_S = 2.0
SPARE_S = 14.0      # callers stay so much longer than the window: for counters to be told, and the capture to begin
CONNECTED_S = 20.0  # within which all pairs must talk and be recorded
FLUSHED_S = 2.2     # how much of a recording a writer may hold back


class Measurements:
    """Puts loads on subjects and measures in windows of `window_s`; agents' telephones are at `agents_port`."""

    def __init__(self, folder: Path, window_s: float, agents_port: int) -> None:
        self.problems: list[str] = []
        self._folder, self._window_s, self._agents_port = folder, window_s, agents_port
        self._runs = 0
        self._voice = folder / "voice.al"
        time_s = np.arange(10 * audio.RATE_HZ) / audio.RATE_HZ
        samples = audio.amplitude(-12) * np.sin(2 * np.pi * VOICE_HZ * time_s)
        self._voice.write_bytes(audio.encode_alaw(samples.astype(np.int16)))

    def idle(self, subject: Subject) -> dict[str, Any]:
        """Measure a subject that has no calls: CPU in ms per second, memory."""
        load.steady(SETTLED_S)
        meter, began = Meter(subject.programs()), time.monotonic()
        load.steady(self._window_s / 2)
        spent, took_s = meter.spent_s(), time.monotonic() - began
        return {"cpu_ms_per_s": costs(spent, took_s), "pss_mb": memory(subject)}

    def ivr(self, subject: Subject, calls: int) -> dict[str, Any]:
        """Measure `calls` callers who listen to a menu and speak."""
        what = f"{subject.name}: {calls} calls to the IVR"
        rate = max(10.0, calls / 10)
        hold_s = calls / rate + self._window_s + SPARE_S
        running = load.call(self._place(), subject.server, IVR, self._voice, calls, rate, hold_s)
        try:
            load.steady(calls / rate + SETTLED_S)
            result = self._window(subject, calls, what)
            running.finish()
            return result
        finally:
            running.stop()

    def rate(self, subject: Subject, calls: int, rate: float) -> dict[str, Any]:
        """Measure one-second calls to the IVR at a rate: CPU per call, set-up to farewell."""
        meter = Meter(subject.programs())
        running = load.call(self._place(), subject.server, IVR, self._voice, calls, rate, 1)
        try:
            running.finish()
        finally:
            running.stop()
        return {"calls": calls, "rate": rate, "cpu_ms_per_call": costs(meter.spent_s(), calls, digits=2)}

    def first_sample(self, subject: Subject, calls: int) -> dict[str, float]:
        """Measure how long callers wait from INVITE to the first sound, in ms by the kernel's time stamps."""
        port = int(subject.server.rsplit(":", 1)[1])
        expression = (
            f"udp and host {load.CALLERS} and (port {port} or dst portrange "
            f"{load.CALLER_PORTS[0]}-{load.CALLER_PORTS[1]})"
        )
        with Capture(self._place().with_suffix(".pcap"), expression, 1600) as capture:
            running = load.call(self._place(), subject.server, IVR, self._voice, calls, 10, 2)
            try:
                running.finish()
            finally:
                running.stop()
        waits = first_sample_ms(capture, port)
        if len(waits) != calls:
            self._note(
                f"{subject.name}: {len(waits)} of {calls} callers heard a first sound, {capture.lost} not captured"
            )
        found = np.percentile(waits, [50, 95, 99]) if waits else ()
        return {
            **{name: round(float(value), 1) for name, value in zip(("p50", "p95", "p99"), found, strict=False)},
            "calls": len(waits),
        }

    def pairs(self, subject: Switchboard, agents: Sequence[str]) -> dict[str, Any]:
        """Measure callers who talk with agents through the queue, each pair recorded."""
        calls, rate = len(agents), 10.0
        what = f"{subject.name}: {calls} recorded pairs"
        hold_s = calls / rate + CONNECTED_S + self._window_s + SPARE_S
        before = set(subject.recordings())
        with load.Agents(self._place(), self._agents_port, self._voice, calls, hold_s + 60) as telephones:
            subject.man(telephones, agents)
            running = load.call(self._place(), subject.server, QUEUE, self._voice, calls, rate, hold_s)
            try:
                recordings = self._recordings(subject, before, calls, time.monotonic() + calls / rate + CONNECTED_S)
                load.steady(SETTLED_S)
                sizes, began = [path.stat().st_size for path in recordings], time.monotonic()
                result = self._window(subject, calls, what, agents=True)
                took_s = time.monotonic() - began
                grown = [path.stat().st_size - size for path, size in zip(recordings, sizes, strict=True)]
                running.finish()
            finally:
                running.stop()
        wanted = subject.recorded_bytes_per_s
        tolerance = wanted * FLUSHED_S / took_s
        rates = [size / took_s for size in grown]
        if len(recordings) != calls:
            self._note(f"{what}: {len(recordings)} of them have a recording")
        wrong = sum(abs(rate - wanted) > tolerance for rate in rates)
        if wrong:
            self._note(f"{what}: {wrong} recordings do not grow by {wanted} bytes/s, {tolerance:.0f} more or less")
        return result | {
            "recordings": len(recordings),
            "recorded_bytes_per_s": {
                "wanted": wanted, "least": round(min(rates, default=0)), "mean": round(sum(rates) / max(1, len(rates))),
                "most": round(max(rates, default=0)),
            },
        }

    def _window(self, subject: Subject, calls: int, what: str, agents: bool = False) -> dict[str, Any]:
        """Measure a steady window: CPU per call-second of each program, RTP of all parties, late ticks."""
        before = subject.counters()
        programs = subject.programs()
        everyone = list(itertools.chain(*programs.values()))
        drops = udp_drops(everyone)
        parties = f"host {load.CALLERS}" + (f" or host {load.AGENTS}" if agents else "")
        first, last = load.CALLER_PORTS[0], load.AGENT_PORTS[1]
        expression = f"udp and ({parties}) and (src portrange {first}-{last} or dst portrange {first}-{last})"
        with Capture(self._place().with_suffix(".pcap"), expression) as capture:
            beating = metronome.start(self._window_s)
            meter, began, began_s = Meter(programs), time.monotonic(), time.time()
            load.steady(self._window_s)
            spent, took_s, ended_s = meter.spent_s(), time.monotonic() - began, time.time()
        result: dict[str, Any] = {
            "calls": calls, "cpu_ms_per_call_s": costs(spent, took_s * calls),
            "udp_packets_dropped": udp_drops(everyone) - drops, "metronome": metronome.finish(beating),
        }
        after = subject.counters()
        if after:
            result["late_ticks"] = after["late_ticks"] - before["late_ticks"]
            result["dropped_ticks"] = after["dropped_ticks"] - before["dropped_ticks"]
            result["worst_late_ms_since_start"] = round(after["worst_late_ms"], 2)
        result["pss_mb"] = memory(subject)
        rows = capture.rtp(began_s, ended_s)
        result["rtp_not_captured"] = capture.lost
        result["rtp"] = {}
        for party, ports in (("callers", load.CALLER_PORTS), ("agents", load.AGENT_PORTS)):
            if party == "agents" and not agents:
                continue
            for direction, name in (("to", "target_port"), ("from", "source_port")):
                mine = rows[(rows[name] >= ports[0]) & (rows[name] <= ports[1])]
                found = evenness(mine, took_s)
                result["rtp"][f"{direction}_{party}"] = found
                if found["flows"] != calls or found["short_flows"] or found["missing"]:
                    self._note(
                        f"{what}: voice {direction} {party}: {found['flows']} flows, {found['short_flows']} of them "
                        f"short, {found['missing']} packets missing, {capture.lost} not captured"
                    )
        return result

    def _recordings(self, subject: Switchboard, before: set[Path], calls: int, deadline: float) -> list[Path]:
        """Wait until each pair has a recording that grows, until a moment at the latest; return those there are."""
        while True:
            found = [path for path in subject.recordings() if path not in before]
            grown = [path for path in found if path.stat().st_size > subject.recorded_bytes_per_s]
            if len(grown) >= calls or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def _note(self, text: str) -> None:
        self.problems.append(text)

    def _place(self) -> Path:
        self._runs += 1
        return self._folder / f"run-{self._runs}"


def costs(spent_s: dict[str, float], divisor: float, digits: int = 3) -> dict[str, float]:
    """Return CPU in ms by program, divided; with the sums of all, and of all but the edge."""
    found = {name: 1000 * cpu / divisor for name, cpu in spent_s.items()}
    found["all"] = sum(found.values())
    found["all_but_edge"] = found["all"] - found.get("edge", 0)
    return {name: round(value, digits) for name, value in found.items()}


def memory(subject: Subject) -> dict[str, float]:
    """Return the PSS in MB by program, and of all."""
    found = {name: pss_mb(pids) for name, pids in subject.programs().items()}
    return {name: round(value, 1) for name, value in (found | {"all": sum(found.values())}).items()}
