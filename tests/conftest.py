"""What holds for all tests: how hypothesis looks for examples, and that Ctrl-C reaches what is started here.

Hypothesis tries the same examples on every run, so that a change is judged by what it changed; `BUSYHOUR_EXPLORE=5000`
looks for that many new ones in each test instead.
"""

import os
import signal

from hypothesis import HealthCheck, settings

from tests.examples import EXPLORED, examples

settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.register_profile(
    "explore", max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("explore" if EXPLORED in os.environ else "steady")

# A shell without job control starts what runs in its background deaf to SIGINT, and so would be every program that the
# tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
