"""Runs the contract suite over the real gateway and over the fake one that the exchange's tests use."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from tests.contract import suite
from tests.contract.fake import FakePeer
from tests.contract.peer import Check, Link, Peer
from tests.contract.real import RealPeer
from tests.drivers.gateway.conftest import GatewayProcess

Opener = Callable[[Path], AbstractAsyncContextManager[Peer]]


@pytest.fixture(scope="module")
def process() -> Iterator[GatewayProcess]:
    """A real gateway, for all the suite."""
    process = GatewayProcess()
    process.start()
    yield process
    log = process.log
    process.stop()
    process.remove()
    assert "Traceback" not in log, log


@pytest.fixture(params=["real", "fake"])
def opener(request: pytest.FixtureRequest) -> Opener:
    """How to get a gateway of either kind."""
    if request.param == "real":
        process: GatewayProcess = request.getfixturevalue("process")
        return lambda folder: RealPeer.around(process)

    @asynccontextmanager
    async def fake(folder: Path):  # type: ignore[no-untyped-def]
        yield FakePeer(folder)

    return fake


@pytest.mark.parametrize("check", suite.CHECKS, ids=lambda check: check.__name__)
def test_promise(opener: Opener, check: Check, tmp_path: Path) -> None:
    """A gateway keeps this promise."""

    async def run() -> None:
        async with opener(tmp_path) as peer:
            link = await Link.over(peer)
            try:
                await check(peer, link)
            finally:
                link.close()

    asyncio.run(run())
