"""`python -m firmware` as a program: started, asked, killed, ended; with real sockets, files and time."""

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
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
EPOCHS = itertools.count(1)  # of gateways: each is another than the one before


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
                return client.call("status")["gateway"]["provisioned"]  # and so has told whose telephones are there
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
        gateway = FakeGateway(
            loop, time.time() - loop.time(), epoch=f"fake{next(EPOCHS)}", prompt_s=lambda path: 0.05
        )
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


def refused(home, *wrapped_by, **variables) -> tuple[int, str]:
    """Start an exchange that cannot begin; return its exit code and the last line of its standard error."""
    done = subprocess.run(
        [*wrapped_by, sys.executable, "-m", "firmware"], cwd=ROOT, timeout=PATIENCE_S, text=True, check=False,
        env=os.environ | {"BUSYHOUR_HOME": str(home)} | variables, stderr=subprocess.PIPE,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr.splitlines()[-1]


def used(home) -> None:
    """Let an exchange run in a home and end."""

    async def test(program, gateway):
        code, errors = await program.end(signal.SIGTERM)
        assert code == 0, errors

    run(test, home)


def on_a_disk(options, then="true") -> tuple[str, ...]:
    """Return what runs a program that sees another disk at $BUSYHOUR_HOME, on which `then` was done first."""
    rights = () if os.geteuid() == 0 else ("--map-root-user",)
    script = f'mount -t tmpfs -o {options} none "$BUSYHOUR_HOME"; (cd "$BUSYHOUR_HOME"; {then}); exec "$@"'
    return ("unshare", *rights, "--mount", "sh", "-ec", script, "sh")


FILL = "head -c 100m /dev/zero > rest 2> /dev/null || true"


def test_a_second_exchange_on_the_same_home_says_who_is_there_and_harms_nothing(home):
    async def test(program, gateway):
        code, reason = await asyncio.to_thread(refused, home)
        assert code == 75    # it may begin when the other one has ended
        assert "is being written by process" in reason
        assert program.answers()

    run(test, home)


@pytest.mark.parametrize(("in_the_way", "reason"), [
    ("records", "/records cannot be written: File exists; a folder is right there"),
    ("config", "/config cannot be written: File exists; a folder is right there"),
    ("run", "/run cannot be written: File exists; a folder is right there"),
])
def test_a_file_in_the_place_of_a_folder_is_named(home, in_the_way, reason):
    (home / in_the_way).write_text("a file in the way")
    assert refused(home) == (78, f"busyhour exchange: {home}{reason}")


def test_a_home_below_a_file_is_named(home):
    (home / "file").write_text("")
    assert refused(home / "file/box") == (
        78, f"busyhour exchange: {home}/file cannot be written: File exists; a folder is right there"
    )


def test_a_home_that_cannot_even_be_looked_at_is_named(home):
    long = home / ("x" * 300)
    assert refused(long) == (
        78, f"busyhour exchange: BUSYHOUR_HOME is {long}: File name too long ({long})"
    )


def test_a_home_that_cannot_be_written_is_named(home):
    code, reason = refused(home, *on_a_disk("ro"))
    assert code == 78
    assert reason == f"busyhour exchange: {home}/config cannot be written: Read-only file system; it must be writable"


def test_a_full_disk_is_named(home):
    code, reason = refused(home, *on_a_disk("size=1m", FILL))
    assert code == 78
    assert reason.startswith(f"busyhour exchange: {home}/")
    assert reason.endswith("cannot be written: No space left on device; make room there")


def test_a_disk_that_became_full_is_named(home):
    used(home)
    shutil.move(home / "config", home.with_name(home.name + "-config"))
    shutil.move(home / "records", home.with_name(home.name + "-records"))
    then = f'cp -a "$BUSYHOUR_HOME"-config config; cp -a "$BUSYHOUR_HOME"-records records; {FILL}'
    try:
        code, reason = refused(home, *on_a_disk("size=1m", then))
    finally:
        for part in ("config", "records"):
            shutil.rmtree(home.with_name(f"{home.name}-{part}"))
    assert code == 78
    assert f"{home}/records/records.sqlite cannot be opened" in reason
    assert "room" in reason


def test_a_lost_key_is_named(home):
    used(home)
    (home / "config/key").unlink()
    assert refused(home) == (
        78, f"busyhour exchange: {home}/config/key is missing; put it back from a backup of this box"
    )


def test_a_database_that_cannot_be_opened_is_named(home):
    (home / "records/records.sqlite").mkdir(parents=True)
    assert refused(home) == (
        78,
        f"busyhour exchange: the records in {home}/records/records.sqlite cannot be opened: unable to open database "
        "file; a file that this user may read and write is right there",
    )


def test_a_database_that_another_program_holds_may_be_free_later(home):
    used(home)
    with contextlib.closing(sqlite3.connect(home / "records/records.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        code, reason = refused(home)
    assert code == 75
    assert f"{home}/records/records.sqlite cannot be opened: database is locked; end the program" in reason


def test_a_level_of_the_log_that_is_none_is_named(home):
    assert refused(home, BUSYHOUR_LOG="loud") == (
        78, "busyhour exchange: BUSYHOUR_LOG is 'loud': DEBUG, INFO, WARNING or ERROR is right"
    )


@pytest.mark.parametrize(("spoil", "told"), [
    (lambda text: text[: len(text) // 2], "000001.json is no revision"),
    (lambda text: text.replace("Asia/Shanghai", "Asia/Peking"), "revision 1: box.timezone"),
    (lambda text: text.replace('"CN"', '"ZZ"'), "revision 1: box.country"),
    (lambda text: text.replace('"acw_s": 10', '"acw_s": -10'), "revision 1: queues[0].acw_s"),
])
def test_a_broken_configuration_is_told_and_an_earlier_one_answers_the_calls(home, spoil, told):
    used(home)
    path = home / "config/revisions/000001.json"
    whole = path.read_text()
    path.write_text(spoil(whole))
    assert path.read_text() != whole

    async def test(program, gateway):
        status = await program.ask("status")
        assert status["revision"] == 2    # the factory's: there is no earlier one
        assert told in " ".join(str(problem) for problem in status["config_problems"])
        caller = gateway.incoming("line:1", "", "13800138000")
        await until(lambda: caller.state == "answered")

    run(test, home)
