"""What the measurements come to: medians of the turns, ratios between subjects of one run, and the aims."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

Rounds = Mapping[str, Sequence[dict[str, Any]]]  # by subject, in the order in which they took turns

GATEWAY_TO_BARE, ALL_TO_ASTERISK = 1.15, 0.6
FIRST_SAMPLE_P95_MS, IDLE_PSS_MB, READY_S = 150.0, 250.0, 5.0


def medians(rows: Sequence[Mapping[str, float]], digits: int = 3) -> dict[str, float]:
    """Return the median of each figure over the turns."""
    return {name: round(statistics.median(row[name] for row in rows), digits) for name in rows[0]}


def compared(rounds: Rounds, figure: str) -> dict[str, Any]:
    """Return what each subject cost by `figure`, each turn as it was, and the ratios between them.

    A ratio is the median of the turns' own ratios, so that what changed on the machine between turns counts little.
    """
    result: dict[str, Any] = {
        name: {figure: medians([row[figure] for row in rows]), "rounds": list(rows)} for name, rows in rounds.items()
    }
    box = rounds["box"]
    if "bare" in rounds:
        result["gateway_to_bare"] = ratio(
            [row[figure]["gateway"] for row in box], [row[figure]["all"] for row in rounds["bare"]]
        )
    if "asterisk" in rounds:
        theirs = [row[figure]["all"] for row in rounds["asterisk"]]
        result["all_to_asterisk"] = ratio([row[figure]["all"] for row in box], theirs)
        result["all_but_edge_to_asterisk"] = ratio([row[figure]["all_but_edge"] for row in box], theirs)
    return result


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Return the median of the turns' ratios; None where a window was too short to measure any CPU."""
    if not all(theirs):
        return None
    return round(statistics.median(one / other for one, other in zip(ours, theirs, strict=True)), 3)


def memory_per_call_kb(idle: Mapping[str, float], loaded: Mapping[str, Any], calls: int) -> dict[str, float]:
    """Return by how many kB of PSS each program has grown per call."""
    busy = medians([row["pss_mb"] for row in loaded["rounds"]])
    return {name: round(1024 * (busy[name] - idle[name]) / calls, 1) for name in idle}


def aims(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each aim with what was found, as far as it was measured."""
    found: list[tuple[str, float | None, float]] = [
        ("start to ready, s", statistics.median(result["start_to_ready_s"]), READY_S),
        ("idle PSS of all programs, MB", result["idle"]["box"]["pss_mb"]["all"], IDLE_PSS_MB),
        ("INVITE to first prompt sample, p95, ms", result["first_sample_ms"]["box"].get("p95"), FIRST_SAMPLE_P95_MS),
    ]
    loads = {f"IVR, {row['calls']} calls": row for row in result["ivr"]}
    loads |= {"calls at a rate": result["rate"], "recorded pairs": result["pairs"]}
    for name, row in loads.items():
        if "gateway_to_bare" in row:
            found.append((f"{name}: gateway to bare pjsua2", row["gateway_to_bare"], GATEWAY_TO_BARE))
        if "all_to_asterisk" in row:
            found.append((f"{name}: all programs to Asterisk", row["all_to_asterisk"], ALL_TO_ASTERISK))
    most = result["ivr"][-1]
    late = max(row["late_ticks"] for row in most["box"]["rounds"])
    found.append((f"IVR, {most['calls']} calls: most late ticks (over 5 ms) in a turn", late, 0.0))
    # beside it, what a program that does nothing else was late by: no program can be better than its machine
    idle = max(row["metronome"]["late_ticks"] for row in most["box"]["rounds"])
    found.append((f"IVR, {most['calls']} calls: most late ticks of the metronome beside it", idle, 0.0))
    return [
        {"aim": name, "at_most": limit, "found": value, "met": value is not None and value <= limit}
        for name, value, limit in found
    ]
