"""The command run in this process against a real control socket, and as a program of its own."""

import os
import shutil
import subprocess
import sys
from typing import NamedTuple

import pytest

from firmware.command.main import main
from tests.coroutines import pytest_pyfunc_call  # noqa: F401 - a hook
from tests.firmware.control.door import DoorThread


class Run(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def door():
    with DoorThread() as thread:
        yield thread
    shutil.rmtree(thread.door.home)


@pytest.fixture
def command(door, monkeypatch, capsys):
    """Run `busyhour WORDS` against the door's home."""
    monkeypatch.setenv("BUSYHOUR_HOME", str(door.door.home))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")

    def run(*words):
        capsys.readouterr()
        code = main(words)
        said = capsys.readouterr()
        return Run(code, said.out, said.err)

    return run


@pytest.fixture
def program():
    """Return how to start `busyhour WORDS` as a program in a home."""

    def start(home, *words, **how):
        environment = os.environ | {"BUSYHOUR_HOME": str(home), "LC_ALL": "C.UTF-8"} | how.pop("env", {})
        return subprocess.Popen(
            [sys.executable, "-m", "firmware.command.main", *words],
            env=environment,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.PIPE} | how,
        )

    return start
