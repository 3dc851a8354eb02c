"""build.sh names what it lacks, fetches only that, and does nothing twice."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def build(
    *words: str, tools: dict[str, str] | None = None, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run build.sh; `tools` are stand-ins for programs of the system, by name, made in `folder`."""
    path = os.environ["PATH"]
    if tools and folder:
        for name, script in tools.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        path = f"{folder}:{path}"
    return subprocess.run(
        [str(ROOT / "build.sh"), *words],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("words", [(), ("walk",)])
def test_it_tells_how_it_is_used(words: tuple[str, ...]) -> None:
    done = build(*words)
    assert done.returncode == 2
    assert "usage: ./build.sh" in done.stderr


def test_without_root_it_names_the_missing_packages(tmp_path: Path) -> None:
    known = "echo kamailio=installed; echo swig=unpacked; exit 1"  # 1: it has never heard of the others
    tools = {"dpkg-query": known, "id": "echo 1000", "apt-get": "exit 99"}
    done = build("setup", tools=tools, folder=tmp_path)
    assert done.returncode == 1
    line = next(line for line in done.stderr.splitlines() if "as root: apt-get install" in line)
    assert " swig" in line
    assert " kamailio-sqlite-modules" in line
    assert " kamailio " not in line


def test_as_root_it_installs_only_what_is_missing(tmp_path: Path) -> None:
    tools = {
        "dpkg-query": 'for word; do case $word in -*|*{*|swig) ;; *) echo "$word=installed";; esac; done; exit 1',
        "id": "echo 0",
        "apt-get": f'echo "$*" >> {tmp_path}/asked; case "$*" in *install*) exit 100;; esac',
    }
    done = build("setup", tools=tools, folder=tmp_path)
    assert done.returncode == 1
    assert "cannot be installed: swig" in done.stderr
    asked = (tmp_path / "asked").read_text().splitlines()
    assert [words.split()[-1] for words in asked] == ["update", "swig"]


def test_the_second_time_nothing_is_made_again() -> None:
    build("setup")
    before = {path: path.stat().st_mtime_ns for path in (ROOT / "native").glob("*.so")}
    began = time.monotonic()
    done = build("setup")
    took_s = time.monotonic() - began
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    assert before == {path: path.stat().st_mtime_ns for path in (ROOT / "native").glob("*.so")}
    assert took_s < 2


@pytest.mark.parametrize(("failing", "status", "hasty"), [
    (0, 0, False), (3, 0, True), (4, 1, False),
])  # fmt: skip
def test_what_failed_beside_others_is_tried_once_alone_and_named(
    tmp_path: Path, failing: int, status: int, hasty: bool
) -> None:
    done = whole_run(tmp_path, "(Path(__file__).parent / f'tried{number}').exists()", failing)
    assert (done.returncode, "must be looked into: tests/quick/test_quick.py" in done.stderr) == (status, hasty), done


def test_what_fails_alone_too_fails_the_run(tmp_path: Path) -> None:
    done = whole_run(tmp_path, "False", 1)
    assert (done.returncode, "looked into" in done.stderr) == (1, False), done


def whole_run(folder: Path, passes: str, failing: int) -> subprocess.CompletedProcess[str]:
    """Run all the tests of a project that has six, of which as many as `failing` pass only where `passes` is true."""
    for name in ("quick", "paired", "paired_but", "rest"):
        (folder / "tests" / name).mkdir(parents=True)
        (folder / f"tests/{name}/test_{name}.py").write_text("def test(): pass\n")
    (folder / "tests/quick/test_quick.py").write_text(f"""
from pathlib import Path
import pytest
@pytest.mark.parametrize("number", range(6))
def test(number):
    passes = number >= {failing} or {passes}
    (Path(__file__).parent / f"tried{{number}}").touch()
    assert passes
""")
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (folder / ".venv/bin/python").chmod(0o755)
    script = (ROOT / "build.sh").read_text()
    functions = re.findall(r"^(?:tests|worse|alone|side_by_side|say)\(\) \{.*?\}$", script, re.MULTILINE | re.DOTALL)
    lists = "UNTIMED=(tests/quick) PAIRED=(tests/paired) PAIRED_BUT=(tests/paired_but)"
    return subprocess.run(
        ["bash", "-c", "\n".join(["set -euo pipefail", lists, *functions, "tests"])],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
