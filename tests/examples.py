"""How many examples hypothesis looks for."""

import os

EXPLORED = "BUSYHOUR_EXPLORE"


def examples(usual: int) -> int:
    """Return how many examples a test tries: its usual number, unless more are asked for."""
    return int(os.environ.get(EXPLORED, usual))
