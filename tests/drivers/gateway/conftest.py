"""A real gateway process, with a scripted far end where the edge would be and an exchange over the real link."""

import asyncio
import inspect
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivers.link import messages as m
from tests import audio
from tests.drivers.gateway.exchange import Exchange
from tests.drivers.gateway.far_end import Dialog, FarEnd, far_end
from tests.peers.ports import free_port, wait_listening

ROOT = Path(__file__).resolve().parents[3]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine function on a loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(pyfuncitem.obj(**wanted))
    return True


class GatewayProcess:
    """`python -m drivers` with a home and ports of its own."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
        self.edge_port, self.sip_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, within_s: float = 20) -> None:
        """Start it and wait until its link answers."""
        environment = os.environ | {
            "BUSYHOUR_HOME": str(self.home), "BUSYHOUR_SIP": f"127.0.0.1:{self.edge_port}",
            "BUSYHOUR_GATEWAY_SIP": f"127.0.0.1:{self.sip_port}", "PYTHONFAULTHANDLER": "1",
        }
        with (self.home / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "drivers"], cwd=ROOT, env=environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL,
            )
        try:
            wait_listening(self.home / "run/gateway.sock", self.process, within_s)
        except AssertionError as error:
            raise AssertionError(self.log) from error

    @property
    def log(self) -> str:
        return (self.home / "gateway.log").read_text(errors="replace")

    def stop(self) -> int:
        """End it as a service manager does; returns its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)

    def kill(self) -> None:
        """Kill it."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        (self.home / "run/gateway.sock").unlink(missing_ok=True)

    def remove(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.home, ignore_errors=True)


@dataclass
class Bench:
    """All that a test needs around one gateway."""

    gateway: GatewayProcess
    exchange: Exchange
    far: FarEnd
    tag: m.Tag = field(default_factory=lambda: m.Tag("call", "1"))
    count: int = 0

    async def incoming(self, **how: Any) -> tuple[Dialog, m.Offered]:
        """Let a call come in; returns the far end's dialog and the offer."""
        self.count += 1
        dialog = Dialog(self.far, f"in-{id(self)}-{self.count}").call(**how)
        return dialog, await self.exchange.event(m.Offered)

    async def talking(self, **how: Any) -> tuple[Dialog, str]:
        """Let a call come in and answer it; returns the far end's dialog and the channel."""
        dialog, offered = await self.incoming(**how)
        self.exchange.order(m.Answer, channel=offered.channel)
        await dialog.status(200)
        await self.exchange.event(m.Answered, channel=offered.channel)
        return dialog, offered.channel

    def dial(self, target: m.Target, **fields: Any) -> str:
        """Dial; returns the channel."""
        self.count += 1
        channel = f"out-{id(self)}-{self.count}"
        self.exchange.order(m.Dial, channel=channel, target=target, tag=self.tag, **fields)
        return channel

    async def dialled(self, number: str = "201", **fields: Any) -> tuple[Dialog, str]:
        """Dial an extension that picks up; returns the far end's dialog and the channel."""
        channel = self.dial(m.ToExtension(number), **fields)
        dialog = await self.far.called()
        dialog.accept()
        await self.exchange.event(m.Answered, channel=channel)
        return dialog, channel

    def prompt(self, name: str, hertz: float, duration_s: float) -> m.Prompt:
        """Make a sound file of a tone."""
        path = self.gateway.home / f"{name}.wav"
        time_s = np.arange(round(duration_s * 8000)) / 8000
        audio.write_wav(path, (audio.amplitude(-12) * np.sin(2 * np.pi * hertz * time_s)).astype(np.int16))
        return m.Prompt(str(path))


@asynccontextmanager
async def bench(gateway: GatewayProcess, acknowledge: bool = True) -> AsyncIterator[Bench]:
    """Connect an exchange and a far end; afterwards no call is left."""
    exchange = await Exchange.connect(gateway.home, acknowledge)
    far = await far_end(gateway.edge_port, ("127.0.0.1", gateway.sip_port))
    box = Bench(gateway, exchange, far)
    try:
        yield box
        for channel in {e.channel for e in box.exchange.seen if isinstance(e, m.ChannelEvent)}:
            if not any(isinstance(event, m.Hungup) for event in box.exchange.of(channel)):
                box.exchange.order(m.Hangup, channel=channel)
                await box.exchange.event(m.Hungup, channel=channel)
        await asyncio.sleep(0.05)  # the answers to BYE
    finally:
        await box.exchange.close()
        far.close()


@pytest.fixture(scope="module")
def gateway() -> Iterator[GatewayProcess]:
    """A gateway shared by the tests of a module; each leaves it without calls."""
    process = GatewayProcess()
    process.start()
    yield process
    log = process.log
    status = process.stop()
    process.remove()
    assert status == 0, log
    assert "Traceback" not in log, log


@pytest.fixture
def own_gateway() -> Iterator[GatewayProcess]:
    """A gateway for one test, which may kill it."""
    process = GatewayProcess()
    process.start()
    yield process
    log = process.log
    process.remove()
    assert "Traceback" not in log, log


@pytest.fixture(scope="module")
def office(gateway: GatewayProcess) -> Iterator[GatewayProcess]:
    """The gateway, and the simulated office of its home: four lines, telephones at the ports 5 and 6."""
    with (gateway.home / "office.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "drivers.office"], cwd=ROOT, env=os.environ | {"BUSYHOUR_HOME": str(gateway.home)},
            stdout=log, stderr=log, stdin=subprocess.DEVNULL,
        )
    wait_listening(gateway.home / "run/office.sock", process)
    yield gateway
    process.terminate()
    process.wait(10)
