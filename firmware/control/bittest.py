"""A span's loopback test followed to its end, by somebody who waits for it at a terminal."""

import time
from collections.abc import Callable
from typing import Any

LOOK_S = 0.5
OVERDUE_S = 20.0    # more than was asked for: nobody tells any more


def followed(test: dict[str, Any], ask: Callable[..., Any]) -> dict[str, Any]:
    """Return a test as it is once it is over, or long overdue; Ctrl-C ends it.

    `test`: as `span.test` told it; `ask(method, **parameters)`: of the exchange.
    """
    until_s = time.monotonic() + test["seconds"] + OVERDUE_S
    while test["state"] == "running" and time.monotonic() < until_s:
        try:
            time.sleep(LOOK_S)
        except KeyboardInterrupt:
            ask("span.stop_test", number=test["number"])
        test = ask("span.last_test", number=test["number"])["test"] or test
    return test
