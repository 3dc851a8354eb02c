"""`python -m firmware` as a program: started, asked, killed, ended; with real sockets, files and time."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest

from firmware.control.client import Client
from firmware.errors import Unavailable
from tests.fakes.gateway import FakeGateway
from tests.fakes.gateway_socket import serve

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 20.0


@pytest.fixture
def home():
    folder = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


class Program:
    """The exchange as a process of its own."""

    def __init__(self, home: Path) -> None:
        self._home = home

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "firmware", cwd=ROOT, env=os.environ | {"BUSYHOUR_HOME": str(self._home)},
            stderr=asyncio.subprocess.PIPE,
        )
        self._errors = asyncio.create_task(self._process.stderr.read())
        await until(lambda: self._process.returncode is not None or self.answers())

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return client.call("status")["gateway"]["connected"]
        except Unavailable:
            return False

    def client(self) -> Client:
        return Client(self._home / "run/exchange.sock")

    async def ask(self, method, **params):
        def asked():
            with self.client() as client:
                return client.call(method, **params)

        return await asyncio.to_thread(asked)

    async def end(self, number: int) -> tuple[int, str]:
        """Send a signal and return exit code and standard error."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        code = await self._process.wait()
        return code, (await self._errors).decode()


async def until(happened, patience_s: float = PATIENCE_S) -> None:
    """Wait until something is so; fail when it is not so in time."""
    deadline = time.monotonic() + patience_s
    while not await asyncio.to_thread(happened):
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.02)


def run(test, home) -> None:
    """Run a test beside a gateway that listens in this home."""

    async def beside() -> None:
        loop = asyncio.get_running_loop()
        gateway = FakeGateway(loop, time.time() - loop.time(), prompt_s=lambda path: 0.05)
        server = await serve(gateway, home / "run/gateway.sock")
        program = Program(home)
        try:
            await program.start()
            await test(program, gateway)
        finally:
            await program.end(signal.SIGKILL)
            server.close()

    asyncio.run(beside())


def test_a_call_is_served_killed_into_and_on_record(home):
    async def test(program, gateway):
        gateway.phone("201").answers_after(0.2)
        await program.ask("agent.login", number="201")
        caller = gateway.incoming("line:1", "", "13800138000")
        await asyncio.sleep(0.3)
        caller.press("1")
        await until(lambda: gateway.phone("201").state == "answered" and caller.hears_party(gateway.phone("201").party))
        await program.end(signal.SIGKILL)
        await asyncio.sleep(0.3)
        assert caller.hears_party(gateway.phone("201").party)
        await program.start()
        assert caller.hears_party(gateway.phone("201").party)
        (live,) = await program.ask("call.live")
        assert (live["number"], live["legs"][0]["agent"]) == ("13800138000", "201")
        caller.hang_up()
        await until(lambda: gateway.phone("201").state == "ended")

        def recorded():
            with program.client() as client:
                return client.call("call.list")["calls"]

        await until(recorded)
        (cdr,) = await asyncio.to_thread(recorded)
        assert (cdr["outcome"], cdr["agent"], cdr["gap"], cdr["by"]) == ("answered", "201", "exchange", "caller")

    run(test, home)


def test_told_to_end_it_ends_at_once_and_cleanly_while_calls_go_on(home):
    async def test(program, gateway):
        caller = gateway.incoming("line:1", "", "13800138000")
        await until(lambda: caller.state == "answered")
        began = time.monotonic()
        code, errors = await program.end(signal.SIGTERM)
        assert (code, time.monotonic() - began < 3) == (0, True), errors
        assert "Traceback" not in errors
        assert caller.state == "answered"
        await program.start()
        (live,) = await program.ask("call.live")
        assert live["number"] == "13800138000"
        code, _ = await program.end(signal.SIGINT)
        assert code == 0

    run(test, home)


def test_a_trunk_whose_network_has_this_machine_in_it_is_refused(home):
    async def test(program, gateway):
        document = await program.ask("config.export", secrets=False)
        document["trunks"] = [{"name": "carrier", "host": "sip.example.cn", "addresses": ["127.0.0.9", "127.0.0.0/8"]}]
        (problem,) = (await program.ask("config.check", config=document))["problems"]
        assert (problem["path"], problem["value"]) == ("trunks[0].addresses[1]", "127.0.0.0/8")
        assert "without this box's own, 127.0.0.1, are right" in problem["rule"]

    run(test, home)


def test_a_second_exchange_on_the_same_home_says_who_is_there_and_harms_nothing(home):
    async def test(program, gateway):
        second = Program(home)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "firmware", cwd=ROOT, env=os.environ | {"BUSYHOUR_HOME": str(home)},
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await process.communicate()
        assert process.returncode == 1
        assert "is being written by process" in errors.decode()
        assert second.answers()

    run(test, home)


def test_a_home_that_cannot_be_written_is_named(home):
    (home / "records").write_text("a file in the way")

    async def start():
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "firmware", cwd=ROOT, env=os.environ | {"BUSYHOUR_HOME": str(home)},
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await process.communicate()
        return process.returncode, errors.decode()

    code, errors = asyncio.run(start())
    assert code == 1
    assert f"exchange: {home}/records cannot be made" in errors
    assert "Traceback" not in errors
