"""What a support engineer asks for first, in one file: releases, state, configuration without secrets, ends of logs.

It is made with every program dead, too. Callers' numbers in logs are made short; secrets are in none of it.
"""

import io
import json
import os
import platform
import re
import shutil
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from firmware.errors import BusyhourError

LOG_BYTES = 1024 * 1024  # of each log's end
NUMBER = re.compile(r"(?<![\w.:-])(\+?\d{3})\d{4,}(?![\w-])")  # a telephone number: seven digits or more by themselves
ASKED = {"status": "status", "configuration": "config.get", "revisions": "config.history"}
FILES = ("run/programs.json", "run/console.json")
Ask = Callable[[str], Any]


def write(path: Path, home: Path, ask: Ask) -> int:
    """Write the bundle (tar, gzip) into a new file and return its size in bytes.

    `ask` puts a method without parameters to the exchange; what it raises stands in the bundle instead of the answer.
    Raises OSError, FileExistsError where there is something already; nothing half-written is left.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz") as bundle:
                for name, content in _parts(home, ask):
                    entry = tarfile.TarInfo(f"{path.name.partition('.')[0]}/{name}")
                    entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
                    bundle.addfile(entry, io.BytesIO(content))
            file.flush()
            os.fsync(file.fileno())
            return file.tell()
    except BaseException:
        path.unlink()
        raise


def file_name(now_s: float) -> str:
    """Return a name for a bundle made at a time (Unix, seconds)."""
    return time.strftime("busyhour-support-%Y%m%d-%H%M%S.tar.gz", time.localtime(now_s))


def shortened(text: str) -> str:
    """Return a text whose telephone numbers are cut to their first three digits."""
    return NUMBER.sub(r"\1****", text)


def _parts(home: Path, ask: Ask) -> Iterator[tuple[str, bytes]]:
    yield "machine.json", _json(_machine(home))
    for name, method in ASKED.items():
        try:
            answer = ask(method)
        except BusyhourError as error:
            answer = {"error": error.code, "text": str(error)}
        yield f"{name}.json", _json(answer)
    for file in FILES:
        try:
            yield Path(file).name, (home / file).read_bytes()
        except OSError as error:
            yield f"{Path(file).name}.error", f"{error.strerror}\n".encode()
    for path in sorted((home / "log").glob("*.log*")):
        yield f"log/{path.name}", _tail(path)


def _machine(home: Path) -> dict[str, Any]:
    def read(path: str) -> str:
        try:
            return Path(path).read_text(errors="replace").strip()
        except OSError as error:
            return str(error.strerror)

    disk = shutil.disk_usage(home)
    return {
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", "") if Path("/etc/os-release").exists() else "",
        "kernel": platform.release(),
        "machine": platform.machine(),
        "python": sys.version.split()[0],
        "packages": {one.name: one.version for one in metadata.distributions()},
        "up_s": read("/proc/uptime").partition(" ")[0],
        "load": read("/proc/loadavg"),
        "memory": read("/proc/meminfo").splitlines()[:3],
        "processors": os.cpu_count(),
        "disk": {"total": disk.total, "free": disk.free},
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _tail(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_BYTES))
            return shortened(file.read().decode("utf-8", "replace")).encode()
    except OSError as error:  # a log may have been put aside meanwhile
        return f"{error.strerror}\n".encode()
