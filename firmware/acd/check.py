"""What is wrong with a queue whose every part is right by itself."""

from collections.abc import Iterator

from firmware.config.schema import Config
from firmware.errors import Problem


def check(config: Config) -> Iterator[Problem]:
    """Yield queues that could serve nobody."""
    for index, queue in enumerate(config.queues):
        if queue.max_wait_s < 1:
            rule = "1 or more is right: a caller who may not wait is never offered to an agent"
            yield Problem(f"queues[{index}].max_wait_s", queue.max_wait_s, rule, "at-least", {"least": 1})
