"""Programs with a room of their own, for tests that stop, kill or end one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAD = """
import json, sys, threading
from native.media import *
from tests.native.room import Room
from tests.native.signals import as_bytes, tone
"""


@contextmanager
def program(text: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a text as a program; it is killed in the end if it still runs."""
    command = [sys.executable, "-c", HEAD + text, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()
