"""How hypothesis looks for examples: the same ones on every run, so that a change is judged by what it changed.

`BUSYHOUR_EXPLORE=5000` looks for that many new ones in each test instead.
"""

import os

from hypothesis import HealthCheck, settings

from tests.examples import EXPLORED, examples

settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.register_profile(
    "explore", max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("explore" if EXPLORED in os.environ else "steady")
