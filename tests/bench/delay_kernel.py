"""The delay on DAHDI's kernel modules: `python -m tests.bench.delay_kernel`, in the lab's emulated machine, 2 min.

What a card would do is done by spans of memory; all else is as on a machine with cards. A delay is that from wire to
wire, in samples of their clock, so nothing of the emulation's slowness is in it; its timer goes by 4 ms, though,
where a card's interrupts go by one. Prints one JSON document; exits with 1 when marks were lost.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.delay import BUDGET_MS, figures
from tests.lab import guest

CALLS, LIMIT_S = 10, 1800.0
SCRIPT = """
. tests/lab/boards.sh
export PYTHONDONTWRITEBYTECODE=1
exec .venv/bin/python -m tests.bench.delay_guest {calls} >/results/found
"""


def measure(calls: int) -> dict[str, Any]:
    """Return a row of figures for each way, and the gateway's counters; RuntimeError when the guest failed."""
    with tempfile.TemporaryDirectory(prefix="bh-delay-") as name:
        results = Path(name)
        done = guest.run(results, SCRIPT.format(calls=calls), LIMIT_S)
        if done.status != 0:
            raise RuntimeError(f"status {done.status} of the guest\n{done.output}\n{done.console[-2000:]}")
        found = json.loads((results / "found").read_text())
    ways = {}
    e1s, analogs = found["E1 to E1"], found["FXO to FXS"]
    for name, talks in {
        "E1 to E1": [way for talk in e1s for way in talk], "FXO to FXS": [talk[0] for talk in analogs],
        "FXS to FXO": [talk[1] for talk in analogs],
    }.items():  # fmt: skip
        ways[name] = figures([delay for delays, _ in talks for delay in delays], sum(lost for _, lost in talks))
    return {"ways": ways, "counters": found["counters"]}


def main() -> None:
    """Measure and print; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.delay_kernel", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS, metavar="N", help=f"of each kind (default {CALLS})")
    options = parser.parse_args()
    if options.calls < 1:
        parser.error(f"--calls {options.calls}: 1 or more is wanted")
    try:
        found = measure(options.calls)
    except RuntimeError as error:
        sys.exit(f"delay: {error}")
    aims = [
        {"aim": f"{way}: delay, worst, ms", "at_most": BUDGET_MS[way], "found": row["worst_ms"],
         "met": row["worst_ms"] <= BUDGET_MS[way]}
        for way, row in found["ways"].items()
    ]  # fmt: skip
    print(json.dumps(found | {"aims": aims}, indent=1))
    sys.exit(1 if any(row["lost"] for row in found["ways"].values()) else 0)


if __name__ == "__main__":
    main()
