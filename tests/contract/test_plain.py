"""Runs the contract suite where callers come by analog lines and extensions are plain telephones in ports."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.contract import suite
from tests.contract.peer import Check, Link
from tests.contract.plain import PlainPeer
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.office.program import OfficeProgram


@pytest.fixture(scope="module")
def process() -> Iterator[GatewayProcess]:
    """A gateway and the simulated office, for all the suite."""
    process = GatewayProcess()
    process.start()
    office = OfficeProgram(process.home)
    yield process
    log = process.log
    process.stop()
    office.close()
    process.remove()
    assert "Traceback" not in log, log


PROMISES = [check for check in suite.CHECKS if check not in (*suite.TRANSFERS, *suite.LINES)]


@pytest.mark.parametrize("check", PROMISES, ids=lambda check: check.__name__)
def test_promise(process: GatewayProcess, check: Check) -> None:
    """A gateway keeps this promise."""

    async def run() -> None:
        async with PlainPeer.around(process) as peer:
            link = await Link.over(peer)
            try:
                await check(peer, link)
            finally:
                link.close()

    asyncio.run(run())
