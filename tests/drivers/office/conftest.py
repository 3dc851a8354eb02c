"""What the office's tests share."""

import pytest

from tests.drivers.office.box import Box


@pytest.fixture
def box() -> Box:
    """A box whose four lines are idle."""
    return Box()
