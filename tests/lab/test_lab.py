"""The box's own code on the real DAHDI modules, in a guest: what tests/lab/inside found there is told here."""

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.lab.guest import Done, run

HERE = Path(__file__).parent
FILES = sorted(path.stem for path in (HERE / "inside").glob("test_*.py"))
TALK_S = int(os.environ.get("BUSYHOUR_TALK_S", "5"))    # of all channels of four E1s
LIMIT_S = 1800.0 + 20 * TALK_S  # by the wall, beside other tests: the guest has a time of its own
SCRIPT = f"""
. tests/lab/boards.sh
export BUSYHOUR_LAB=1 BUSYHOUR_TALK_S={TALK_S} PYTHONDONTWRITEBYTECODE=1 PYTEST_DISABLE_PLUGIN_AUTOLOAD=1
exec .venv/bin/python -m pytest -p no:cacheprovider --confcutdir=tests/lab -v --durations=0 -rP \\
    --junitxml=/results/junit.xml tests/lab/inside
"""


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Path]:
    results = tmp_path_factory.mktemp("guest")
    return run(results, SCRIPT, LIMIT_S), results


def test_the_guest_ends_by_itself_within_its_time(guest: tuple[Done, Path]) -> None:
    done, _ = guest
    said = f"{done.output}\n{done.console[-4000:]}"
    print(said)
    assert done.status in (0, 1), f"status {done.status}: the guest did not end its tests within {LIMIT_S:g} s\n{said}"


@pytest.mark.parametrize("name", FILES)
def test_in_the_guest(guest: tuple[Done, Path], name: str) -> None:
    done, results = guest
    report = results / "junit.xml"
    assert report.exists(), f"no tests were run\n{done.output}\n{done.console[-4000:]}"
    ran = [case for case in ElementTree.parse(report).iter("testcase") if case.get("classname", "").endswith(name)]  # noqa: S314
    assert ran, f"{name} was not run\n{done.output}"
    failures = [
        f"{case.get('name')}\n{fault.text}"
        for case in ran
        for fault in case
        if fault.tag in ("failure", "error", "skipped")
    ]
    assert not failures, "\n\n".join(failures) + f"\n{done.output}"
