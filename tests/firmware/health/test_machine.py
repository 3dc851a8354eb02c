"""The machine this runs on, as it is."""

import json
import os
import shutil
import subprocess
import time

from firmware.health.machine import Machine, Program


def test_the_disk_is_as_the_system_says(tmp_path):
    disk = Machine(tmp_path).look().disk
    usage = shutil.disk_usage(tmp_path)
    assert disk.total_bytes == usage.total
    assert abs(disk.free_bytes - usage.free) < 1024**3
    assert not disk.read_only


def test_a_home_that_is_not_there_has_no_disk(tmp_path):
    assert Machine(tmp_path / "nowhere").look().disk is None


def test_whether_the_clock_is_set_is_as_the_kernel_says(tmp_path):
    said = subprocess.run(
        ["python3", "-c", "import ctypes; b = (ctypes.c_long * 26)(); print(ctypes.CDLL(None).ntp_adjtime(b))"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    unsynchronised = 5  # TIME_ERROR, ntp_adjtime(3): the clock is not synchronised
    assert Machine(tmp_path).look().synchronised is (int(said) != unsynchronised)


def test_the_programs_are_as_the_supervisor_says(tmp_path):
    (tmp_path / "run").mkdir()
    table = tmp_path / "run/programs.json"
    rows = [{"name": "web", "state": "up", "pid": 7, "restarts": 1, "since_s": 5.0, "died_s": 4.0}]
    table.write_text(json.dumps({"supervisor": os.getpid(), "programs": rows}))
    machine = Machine(tmp_path)
    assert machine.look().programs == (Program("web", "up", 5.0, 4.0),)
    gone = subprocess.Popen(["true"])
    gone.wait()
    table.write_text(json.dumps({"supervisor": gone.pid, "programs": rows}))
    assert machine.look().programs == ()  # they ended with it
    table.write_text("{")
    assert machine.look().programs == ()


def test_the_two_clocks_are_the_systems(tmp_path):
    facts = Machine(tmp_path).look()
    assert abs(facts.wall_s - time.time()) < 5
    assert abs(facts.steady_s - time.monotonic()) < 5
