"""The port itself: missing, unplugged, slow, noisy; and a disk that is full or read-only."""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from random import Random

import pytest

from tests.firmware.console.conftest import PASSWORD, Station
from tests.peers.serial_line import Cable


def told(station):
    return json.loads((station.home / "run/console.json").read_text())


def wait_for(station, state):
    deadline = time.monotonic() + 10
    while not (station.home / "run/console.json").exists() or told(station)["state"] != state:
        assert time.monotonic() < deadline, station.log.read_text()
        time.sleep(0.02)


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_missing_port_is_waited_for_without_spinning_and_served_when_it_comes(station):
    station.password()
    station.cable.unplug()
    station.start()
    wait_for(station, "waiting")
    assert "No such file or directory" in told(station)["detail"]
    before, began = cpu_s(station.process.pid), time.monotonic()
    while time.monotonic() - began < 5:
        assert station.process.poll() is None
        time.sleep(0.2)
    assert cpu_s(station.process.pid) - before < 0.1
    assert station.log.read_text().count("waiting") == 1  # told once, not each time
    station.cable.plug()
    technician = station.technician()
    technician.log_in(PASSWORD)
    assert "in use" in technician.run("show status")


def test_an_adapter_may_be_pulled_and_put_back_at_any_time(station):
    station.password()
    station.start()
    technician = station.technician()
    for typed in ("", "\r", f"\r\r{PASSWORD}\rshow config\r", f"\r\r{PASSWORD}\rwatch calls\r"):
        technician.expect("press Enter")
        technician.type(typed)
        if typed:
            technician.asked()
        if "watch" in typed:
            technician.expect("any key ends")
        if "config" in typed:
            technician.expect("--More--")
        station.cable.unplug()
        wait_for(station, "waiting")
        station.cable.plug()
    technician.log_in(PASSWORD)


def test_a_port_that_another_program_has_is_told(station):
    station.start()
    wait_for(station, "open")
    first, station.process = station.process, None
    try:
        station.start()
        wait_for(station, "waiting")
        assert "lock" in told(station)["detail"]
    finally:
        first.terminate()
        first.wait()
    wait_for(station, "open")


def test_at_9600_baud_a_slow_reader_loses_nothing(station):
    """The cable carries 960 bytes a second; ten kilobytes are written, and the reader sleeps in between."""
    technician = station.logged_in()
    (station.home / "log").mkdir()
    lines = [f"{number:05} {'x' * 40}" for number in range(200)]
    (station.home / "log/web.log").write_text("\n".join(lines) + "\n")
    station.cable.baud = 9600
    began, carried = time.monotonic(), station.cable.carried
    technician.type("show log web 200 | no-more\r")
    technician.expect("00010 ")
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        time.sleep(0.1)  # the technician looks away; nothing is read
    out = technician.expect("busyhour>", 60)
    took_s, carried = time.monotonic() - began, station.cable.carried - carried
    assert [line for line in out.splitlines() if "xxx" in line][1:] == lines[11:]
    assert carried > 9000
    assert took_s > carried / 960 * 0.9
    assert "logged out" not in technician.run("show version")


def test_a_reader_who_does_not_read_stops_the_output_and_loses_none_of_it(station):
    technician = station.logged_in()
    (station.home / "log").mkdir()
    lines = [f"{number:05} {'x' * 100}" for number in range(1000)]  # more than all buffers on the way hold
    (station.home / "log/web.log").write_text("\n".join(lines) + "\n")
    technician.type("show log web 1000 | no-more\r")
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        time.sleep(0.1)
    assert station.cable.carried < 90_000
    out = technician.expect("00999 " + "x" * 100)
    assert [line for line in out.splitlines() if "xxx" in line] == lines
    technician.expect("busyhour>")


def test_at_9600_baud_a_watch_shows_the_newest_picture(station):
    technician = station.logged_in()
    station.cable.baud = 9600
    technician.type("watch queues\r")
    technician.expect("any key ends")
    carried = station.cable.carried
    technician.expect("service")
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        technician.raw += technician.port.read(4096).decode("utf-8", "replace")
    # a picture a second that differs by its clock alone: a few dozen bytes each, not the 600 of a whole one
    assert station.cable.carried - carried < 1500
    technician.type("q")
    technician.expect("busyhour>")


NOISE = [
    Random(1).randbytes(4096),
    Random(2).randbytes(4096),
    Random(3).randbytes(4096),
    bytes(range(256)) * 8,
    b"\xff" * 2000,
    b"\x1b" * 500,
    b"\x1b[" + b"9" * 3000 + b"A",
    b"\x1b[200~never ended\x1b[201~",
    "密码".encode()[:5] * 300,
    b"|" * 500 + b"\r" + b'"' * 501 + b"\r",
    b"\x18\x05\x1be\x1bx!ls\r",
]


@pytest.mark.parametrize("noise", NOISE, ids=lambda noise: repr(noise[:6]))
def test_noise_on_the_line_harms_nobody(station, noise):
    """Before the log-in, at it, and in a session; at the end the technician gets in and on."""
    station.password()
    station.start()
    technician = station.technician()
    technician.expect("press Enter")
    technician.type(noise.replace(b"\r", b"").replace(b"\n", b"").replace(b"\x13", b""))
    technician.type("\r")
    technician.asked()
    technician.type(PASSWORD + "\r")
    technician.expect("busyhour>")
    quiet = noise.replace(b"\x04", b"").replace(b"\x13", b"")  # neither Ctrl-D nor XOFF: those have a meaning
    technician.type(quiet)
    technician.type("\x07\x07\x03\r")
    technician.type("\rshow version\r")
    technician.expect("kernel")
    assert station.process.poll() is None
    assert "Traceback" not in technician.seen
    assert "Traceback" not in station.log.read_text()


def test_a_line_of_ten_thousand_characters_is_cut_and_refused(station):
    technician = station.logged_in()
    technician.type("x" * 10_000)
    technician.type("\r")
    told = technician.expect(": one of agent, configure", 60)
    assert told.rpartition("\n")[2].startswith('"' + "x" * 1000 + '":')
    technician.expect("busyhour>")
    assert technician.run("show version").startswith("busyhour")
    technician.type("\x04")
    technician.expect("press Enter")
    technician.type("\r")
    technician.asked()
    technician.type("y" * 10_000 + "\r")
    technician.expect("wrong password")


def test_a_modem_that_sends_line_feeds_too_is_understood(station):
    technician = station.logged_in()
    technician.type("show version\r\n")
    technician.expect("kernel")
    assert technician.run("show version").startswith("busyhour")


@pytest.mark.parametrize("options", ["ro", "full"])
def test_with_a_disk_that_takes_nothing_one_still_logs_in_and_sees(options):
    home = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(home)], check=True)
    station = Station(home)
    try:
        station.password()
        (home / "log").mkdir()
        (home / "log/web.log").write_text("the last line\n")
        if options == "full":
            fill(home)
        else:
            subprocess.run(["mount", "-o", "remount,ro", str(home)], check=True)
        station.start()
        technician = station.technician()
        technician.expect("press Enter")
        for given, answer in (("wrong", "wrong password"), (PASSWORD, "busyhour>")):
            technician.type("\r" if given == "wrong" else "")
            technician.asked()
            began = time.monotonic()
            technician.type(given + "\r")
            technician.expect("the disk cannot be written: each try takes 5 s")
            technician.expect(answer)
            assert time.monotonic() - began > 5  # guessing is slow here too
        assert "the last line" in technician.run("show log web")
        assert "the box is not running" in technician.run("show status")
        assert "127.0.0.1/8" in technician.run("show interfaces")
    finally:
        station.close()
        subprocess.run(["umount", str(home)], check=True)
        shutil.rmtree(home)


def fill(folder):
    with (folder / "filling").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    for number in range(200):  # the last inodes and pages
        try:
            (folder / f"f{number}").write_bytes(b"\0")
        except OSError:
            return


def test_a_cable_that_is_paced_is_as_slow_as_it_says():
    folder = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
    cable = Cable(folder, baud=9600)
    try:
        with open(cable.box, "wb", buffering=0) as box, open(cable.technician, "rb", buffering=0) as technician:
            began = time.monotonic()
            box.write(b"x" * 1920)
            left = 1920
            while left > 0:
                assert select.select([technician], [], [], 5)[0], f"{left} characters are missing"
                left -= len(technician.read(4096))
            assert left == 0
            assert 1.8 < time.monotonic() - began < 4
    finally:
        cable.close()
        shutil.rmtree(folder)
