"""What the guest's tests share: coroutines, and one gateway for all that want one."""

import asyncio
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.gateway.conftest import GatewayProcess

LONGEST_S = 150 + int(os.environ.get("BUSYHOUR_TALK_S", "0"))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: Any) -> bool | None:
    """Run a coroutine test to its end; leave all others to pytest."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in wanted}), LONGEST_S))
    return True


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Begin with those that open the lines' channels themselves: a gateway has them from its start to its end."""
    items.sort(key=lambda item: "gateway" in item.fixturenames)


@pytest.fixture(scope="session")
def gateway() -> Iterator[GatewayProcess]:
    """The gateway's own program; it has to end well, and without an error that nobody thought of."""
    gateway = GatewayProcess()
    gateway.start(within_s=120)
    yield gateway
    status, said = gateway.stop(), gateway.log
    Path("/results/gateway.log").write_text(said)
    gateway.remove()
    assert (status, "Traceback" in said) == (0, False), said
