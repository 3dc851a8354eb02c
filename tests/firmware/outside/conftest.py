"""Both worlds, for tests that are coroutines."""

import pytest

from tests.coroutines import pytest_pyfunc_call  # noqa: F401 - a hook
from tests.firmware.outside.worlds import Fake, Real


@pytest.fixture(params=["real", "fake"])
def make(request):
    """Return what makes a world; the fake one needs a running loop."""
    worlds = []

    def made(**how):
        worlds.append(Real(**how) if request.param == "real" else Fake())
        return worlds[-1]

    yield made
    for world in worlds:
        world.close()


@pytest.fixture
def real():
    """Make real worlds with settings of their own."""
    worlds = []

    def made(**how):
        worlds.append(Real(**how))
        return worlds[-1]

    yield made
    for world in worlds:
        world.close()
