"""Who has no password does not get in, by serial port or by the box's own terminal; guessing costs ever more time."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from firmware.console.lockout import Lockout
from firmware.console.password import Password
from firmware.users.users import By
from tests.firmware.console.conftest import PASSWORD


def test_the_right_password_lets_in_and_is_not_shown(station):
    technician = station.logged_in()
    assert PASSWORD not in technician.seen
    assert "gateway     connected" in technician.run("show status")


def test_there_is_no_default_password_and_the_port_says_how_to_set_one(station):
    station.start()
    technician = station.technician()
    technician.expect("press Enter")
    technician.type("\r")
    technician.name()
    technician.expect("No console password is set, so only admins can log in here.")
    technician.expect("busyhour console password")
    technician.expect("press Enter")  # the line was given up; nothing is asked for
    assert "Password:" not in technician.seen


def test_wrong_passwords_are_refused_and_then_cost_time_that_a_restart_does_not_shorten(station):
    station.password()
    station.start()
    technician = station.technician()
    technician.expect("press Enter")
    technician.type("\r")
    for _ in range(3):
        technician.asked()
        technician.type("wrong\r")
        technician.expect("wrong password")
    technician.name()
    technician.expect("too many wrong passwords: wait ")  # 10 s, less what the look at the password took
    station.kill()
    station.start()
    again = station.technician()
    again.expect("press Enter")
    began = time.monotonic()
    left_s = Lockout(station.home).left_s()
    assert left_s > 1
    again.type("\r")
    again.name()
    again.expect("too many wrong passwords: wait")
    again.type("wrong again\r")  # typed while locked: it counts for nothing
    again.expect("Password: ")
    assert time.monotonic() - began > left_s - 0.5
    again.type(PASSWORD + "\r")
    again.expect("busyhour>")
    assert "wrong password\n" not in again.seen
    assert not (station.home / "console/lockout.json").exists()


def test_a_console_that_an_admin_lets_in_again_asks_at_once(station):
    station.password()
    for _ in range(12):
        Lockout(station.home).count()
    station.start()
    technician = station.technician()
    technician.expect("press Enter")
    technician.type("\r")
    technician.name()
    technician.expect("too many wrong passwords: wait ")
    assert Lockout(station.home).left_s() > 600
    Lockout(station.home).forgive()  # as `busyhour ban lift console` does
    technician.expect("Password: ")
    technician.type(PASSWORD + "\r")
    technician.expect("busyhour>")


def test_a_try_is_counted_before_it_is_looked_at(station):
    station.password()
    (station.home / "console/password").write_text("no hash at all")
    station.start()
    technician = station.technician()
    technician.expect("press Enter")
    technician.type("\r")
    technician.asked()
    technician.type(PASSWORD + "\r")
    technician.expect("is damaged; set it anew: busyhour console password")
    assert json.loads((station.home / "console/lockout.json").read_text())["tries"] == 1


def test_editing_keys_work_in_a_password(station):
    station.password("密码 correct")
    station.start()
    technician = station.technician()
    technician.expect("press Enter")
    technician.type("\r")
    technician.asked()
    technician.type("nonsense\x15密码误\x7f corrext\x08\x08ct\r")
    technician.expect("busyhour>")


def test_who_is_on_the_box_itself_chooses_the_first_password(station):
    station.here()
    technician = station.technician()
    technician.expect("No console password is set. Choose one now.")
    for first, second, told in (("short", "short", "8 to 128 characters are right"), ("long enough", "other", "same")):
        technician.expect("New password: ")
        technician.type(first + "\r")
        technician.expect("Again: ")
        technician.type(second + "\r")
        technician.expect(told)
    technician.expect("New password: ")
    technician.type("long enough\r")
    technician.expect("Again: ")
    technician.type("long enough\r")
    technician.expect("the password is set")
    assert Password(station.home).opens("long enough")
    technician.asked()
    technician.type("long enough\r")
    technician.expect("busyhour>")
    technician.type("exit\r")
    technician.expect("logged out")
    assert station.process.wait(5) == 0


def test_log_in_works_with_the_exchange_dead(dead_station):
    technician = dead_station.logged_in()
    assert "the exchange does not answer" in technician.run("show calls")


@pytest.mark.parametrize("leave", ["\x04", "exit\r"])
def test_who_leaves_is_logged_out(station, leave):
    technician = station.logged_in()
    technician.type(leave)
    technician.expect("logged out")
    technician.expect("press Enter")
    technician.type("\rshow status\r")
    technician.expect("Password: ")  # what was typed is no command any more


def test_a_hang_up_logs_out(station):
    technician = station.logged_in()
    station.cable.unplug()
    station.cable.plug()
    technician.expect("press Enter")
    technician.type("\r")
    technician.asked()


@pytest.mark.parametrize("before", ["", "show config\r", "watch calls\r"])
def test_who_does_nothing_is_logged_out_whatever_runs(station, before):
    station.password()
    station.start("--idle-s", "2")
    technician = station.technician()
    began = time.monotonic()
    technician.log_in(PASSWORD)
    technician.type(before)
    technician.expect("logged out: nobody was here")
    assert time.monotonic() - began > 2
    technician.expect("press Enter")


def test_who_stops_reading_and_leaves_is_logged_out_too(station):
    station.password()
    (station.home / "log").mkdir()
    (station.home / "log/web.log").write_text(("x" * 100 + "\n") * 1000)  # more than all buffers on the way hold
    station.start("--idle-s", "2")
    technician = station.technician()
    technician.log_in(PASSWORD)
    technician.type("show log web 1000 | no-more\r")
    children = Path(f"/proc/{station.process.pid}/task/{station.process.pid}/children")
    deadline = time.monotonic() + 10
    while children.read_text():
        assert time.monotonic() < deadline, "the session is still there"
        time.sleep(0.05)
    technician.expect("xxx")


def test_a_key_now_and_then_keeps_one_logged_in(station):
    station.password()
    station.start("--idle-s", "2")
    technician = station.technician()
    technician.log_in(PASSWORD)
    began = time.monotonic()
    while time.monotonic() - began < 4:
        technician.run("")
    technician.type("show config\r")
    began = time.monotonic()
    while time.monotonic() - began < 4:
        technician.expect("--More--")
        time.sleep(0.2)
        technician.type("\r")
    assert "logged out" not in technician.seen


def test_without_a_terminal_it_says_so():
    done = subprocess.run(
        [sys.executable, "-m", "firmware.console", "--here"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "console: this is no terminal; --port serves a serial port\n")


def user(station, name, role="admin"):
    """Let the exchange know a user; return their one-time password."""
    made = station.thread.run(station.door.users.add(name, role, "en", "201" if role == "agent" else "", By("t", "")))
    return made[1]


def test_an_admin_comes_in_by_name_chooses_a_password_and_is_on_record_for_what_they_do(station):
    station.start()
    technician = station.technician()
    technician.expect("press Enter")
    technician.type("\r")
    technician.asked("anna")
    technician.type(user(station, "anna") + "\r")
    technician.expect("You came with a one-time password.")
    for chosen, answer in (("short", "10"), ("quick brown fox", "busyhour>")):
        technician.expect("New password: ")
        technician.type(chosen + "\r")
        technician.expect("Again: ")
        technician.type(chosen + "\r")
        technician.expect(answer)
    technician.run("configure", "(config)#")
    technician.run("set queues[service].acw_s 25", "(config)#")
    assert "revision 2 is in force" in technician.run("commit", "(config)#")
    assert station.door.configuration.revision.who == "anna"
    technician.run("exit")
    technician.type("exit\r")
    technician.expect("logged out")
    technician.log_in("quick brown fox", "ANNA")
    told = [(one.what, one.user, one.address) for one in station.door.audit.entries]
    assert told.count(("session.opened", "anna", "console")) == 2
    assert ("session.ended", "anna", "console") in told


def test_others_than_admins_and_wrong_passwords_are_refused(station):
    password = user(station, "bob", "supervisor")
    user(station, "anna")
    station.start()
    technician = station.technician()
    technician.expect("press Enter")
    technician.type("\r")
    for name, given, told in (
        ("bob", password, "bob is no admin; the console is for admins"),
        ("anna", "wrong", "wrong password"),
        ("nobody", "wrong", "wrong password"),
    ):
        technician.asked(name)
        technician.type(given + "\r")
        technician.expect(told)
    assert station.door.users.sessions.of("bob") == []
    assert json.loads((station.home / "console/lockout.json").read_text())["tries"] == 2


def test_whose_session_is_ended_is_sent_out_and_may_come_again(station):
    password = user(station, "anna")
    station.start()
    technician = station.technician()
    technician.expect("press Enter")
    technician.type("\r")
    technician.asked("anna")
    technician.type(password + "\r")
    for _ in range(2):
        technician.expect(": ")
        technician.type("quick brown fox\r")
    technician.expect("busyhour>")
    sessions = station.door.users.sessions
    station.thread.run(sessions.end(sessions.of("anna")))
    technician.type("show status\r")
    technician.expect("signed out: come in again")
    technician.log_in("quick brown fox", "anna")


def test_with_the_exchange_dead_a_name_is_no_help_and_the_console_says_what_is(dead_station):
    dead_station.password()
    dead_station.start()
    technician = dead_station.technician()
    technician.expect("press Enter")
    technician.type("\r")
    technician.asked("anna")
    technician.type("quick brown fox\r")
    technician.expect("Now only the console's own password lets in: press Enter instead of a name.")
    technician.asked()
    technician.type(PASSWORD + "\r")
    technician.expect("busyhour>")
