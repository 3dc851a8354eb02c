"""`busyhour ban`: why a telephone does not register, said in a sentence, and letting an address in again."""

import json

from drivers.link.messages import Guarded


def test_a_mistyped_password_and_a_banned_address_are_told_and_status_points_there(command, monkeypatch):
    lines = command("ban", "list").out.splitlines()
    assert lines[1].split("  ")[:2] == ["192.0.2.7", "too many wrong passwords of telephones"]
    assert lines[-1] == (
        "1970-01-01 08:21:40  wrong password for 203 from 192.168.1.20 (5 times): "
        "Type the password again as the telephone's sheet has it."
    )
    status = command("status").out.splitlines()
    assert "kept out: 2" in status
    assert "telephones turned away: 1 (busyhour ban list)" in status
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "192.168.1.20 用分机 203 登记，密码不对（5 次）" in command("ban", "list").out


def test_an_address_is_let_in_again_and_who_was_not_banned_is_refused(command, door):
    assert command("ban", "lift", "192.0.2.7").out == "192.0.2.7 is let in again\n"
    assert [one["subject"] for one in json.loads(command("ban", "list", "--json").out)["bans"]] == ["192.0.2.8"]
    run = command("ban", "lift", "192.0.2.7")
    assert (run.code, "192.0.2.7 is not banned" in run.err) == (1, True)


def test_nobody_kept_out_and_a_silent_edge_are_two_things(command, door):
    door.door.gateway.guarded = Guarded()
    assert command("ban", "list").out == "nobody is kept out, and no telephone was turned away\n"
    assert "kept out" not in command("status").out
    door.door.gateway.guarded = None
    assert command("ban", "list").out == "the edge does not tell whom it keeps out\n"
