"""Work that the exchange goes on with after its answer, waited for: backups, certificates by ACME, prompts."""

import time
from collections.abc import Callable, Collection
from typing import Any

from firmware.control.client import refusal

LOOK_S = 0.3


def ended(
    job: dict[str, Any], ask: Callable[[], dict[str, Any]], *, under_way: Collection[str] = ("running",),
    told: Callable[[str], None] = lambda state: None,
) -> dict[str, Any]:  # fmt: skip
    """Return a job as it is once it is done; `ask` returns how it is now, `told` is called with each new state.

    Raises what it failed for, as the exchange would have raised it.
    """
    state = ""
    while job["state"] in under_way:
        if job["state"] != state:
            state = job["state"]
            told(state)
        time.sleep(LOOK_S)
        job = ask()
    if job["state"] == "failed":
        raise refusal(job["code"], job["error"], job.get("facts", {}))
    return job
