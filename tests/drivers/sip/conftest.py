"""A real edge for the tests of a module, and who stands where its gateway would be."""

import os
from collections.abc import Iterator

import pytest

from tests.peers.edge import RunningEdge
from tests.peers.wire import Peer


@pytest.fixture(scope="module")
def edge() -> Iterator[RunningEdge]:
    """The edge as it leaves the factory; each test leaves it as it was."""
    with RunningEdge() as running:
        yield running


@pytest.fixture
def gateway(edge: RunningEdge) -> Iterator[Peer]:
    """The gateway's place behind the edge."""
    with Peer(edge.server, edge.gateway[0], port=edge.gateway[1]) as peer:
        yield peer


@pytest.fixture
def fuzz() -> int:
    """How many spoilt messages a seed makes: BUSYHOUR_FUZZ, else few enough for every run."""
    return int(os.environ.get("BUSYHOUR_FUZZ") or 300)
