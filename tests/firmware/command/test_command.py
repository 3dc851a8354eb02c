"""The command as a Unix program: documents, tables, exit codes, messages, pipes and signals."""

import json
import signal
import socket

import pytest

from firmware.command.terminal import duration, printable, width

NOT_RUNNING = 69


@pytest.mark.parametrize(
    "words",
    [
        ("--json", "status"), ("status", "--json"), ("config", "--json", "history"), ("config", "history", "--json"),
        ("calls", "--limit", "3", "--json"), ("calls", "show", "k-0", "--json"), ("--json", "calls", "live"),
        ("--json", "queue", "list"), ("agent", "list", "--json"), ("--json", "extension", "secret", "201"),
        ("extension", "list", "--json"), ("--json", "config", "show"), ("--json", "config", "export"),
        ("config", "export"), ("config", "history", "1", "--json"), ("agent", "login", "201", "--json"),
    ],
)  # fmt: skip
def test_json_stands_anywhere_and_gives_one_document(command, words):
    run = command(*words)
    assert (run.code, run.err) == (0, "")
    assert json.loads(run.out) is not None


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("extension", "secret", "999"), 1, "not-found"),
        (("calls", "show", "nothing"), 1, "not-found"),
        (("agent", "ready", "202"), 1, "not-logged-in"),
        (("agent", "login", "x"), 1, "bad-request"),
        (("config", "rollback", "77"), 1, "not-found"),
        (("config", "rollback", "one"), 2, "usage"),
        (("config",), 2, "usage"),
        (("nonsense",), 2, "usage"),
        (("calls", "--limit", "0"), 2, "usage"),
        ((), 2, "usage"),
    ],
)
def test_a_refusal_has_its_code_its_message_and_with_json_its_document(command, words, code, error):
    run = command(*words)
    assert (run.code, run.out) == (code, "")
    assert "busyhour: " in run.err
    assert "Traceback" not in run.err
    run = command("--json", *words)
    assert run.code == code
    assert json.loads(run.out)["error"]["code"] == error


def test_with_the_exchange_dead_commands_say_so(command, door, capsys):
    door.run(door.door.close())
    for words in (("queue", "list"), ("config", "export"), ("agent", "login", "201"), ("status",)):
        run = command(*words)
        assert (run.code, run.out) == (NOT_RUNNING, "")
        assert "the exchange does not answer at" in run.err
    assert json.loads(command("status", "--json").out)["error"]["code"] == "unavailable"
    # its fixture closes what is closed already


def test_status_with_the_exchange_dead_still_tells_the_programs(command, door):
    (door.door.home / "run/programs.json").write_text('[{"name": "gateway", "pid": 4711, "state": "up"}]')
    assert command("status").out.count("gateway up (4711)") == 1
    assert json.loads(command("status", "--json").out)["programs"] == [{"name": "gateway", "pid": 4711, "state": "up"}]
    door.run(door.door.close())
    run = command("status")
    assert "gateway up (4711)" in run.out
    assert run.code == NOT_RUNNING


def test_a_reader_who_leaves_ends_the_command_quietly(door, program):
    run = program(door.door.home, "calls", "show", "k-0")
    run.stdout.close()
    assert run.stderr.read() == b""
    assert run.wait(20) == -signal.SIGPIPE


def test_control_c_ends_the_command_quietly(tmp_path, program):
    (tmp_path / "run").mkdir()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "run/exchange.sock"))
    listener.listen()
    run = program(tmp_path, "queue", "list")
    connection, _ = listener.accept()
    assert b"queue.list" in connection.recv(4096)  # it waits for an answer now
    run.send_signal(signal.SIGINT)
    assert (run.stdout.read(), run.stderr.read()) == (b"", b"")
    assert run.wait(20) == -signal.SIGINT
    listener.close()


def test_a_full_disk_behind_standard_output_is_told(door, program):
    with open("/dev/full", "w") as full:
        run = program(door.door.home, "config", "export", stdout=full)
        said = run.communicate(timeout=20)[1]
    assert run.returncode == 74
    assert said == b"busyhour: input or output: No space left on device\n"


def test_every_command_has_help(program, tmp_path):
    for words in ((), ("config",), ("config", "import"), ("calls",), ("agent", "not-ready"), ("office", "call")):
        run = program(tmp_path, *words, "--help")
        out, err = run.communicate(timeout=20)
        assert (run.returncode, err) == (0, b"")
        assert b"usage: busyhour" in out


def test_chinese_where_the_environment_speaks_it(command, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "示闲" in command("agent", "login", "201").out
    assert "等待数" in command("queue", "list").out


def test_columns_line_up_with_chinese_in_them(command):
    lines = command("calls").out.splitlines()
    head, row = lines[0], lines[1]
    assert "韩梅梅" in row
    assert width(head[: head.index("outcome")]) == width(row[: row.index("answered")])


def test_text_takes_the_places_it_takes():
    assert (width("abc"), width("客服"), width("é"), width("e\u0301"), width("")) == (3, 4, 1, 1, 0)


def test_what_a_caller_sends_does_nothing_to_the_terminal(command, door):
    from tests.firmware.control.door import call

    door.door.calls["k-9"] = call(id="k-9", caller_name="\x1b[2Jboo\u202e<b>&\n")
    out = command("calls", "live").out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "boo" in out
    assert len(out.splitlines()) == 2
    assert printable("ok 好") == "ok 好"


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0 s"), (59.4, "59 s"), (61, "1:01"), (3599.6, "1:00:00"), (7201, "2:00:01")]
)
def test_lengths_of_time_read_well(seconds, told):
    assert duration(seconds) == told
