"""`busyhour office` against a real office without a board: what it says, in words and in JSON, and how it ends."""

import json
import re
import shutil
import signal
import subprocess

import pytest

from tests.audio import read_wav, strongest_hz, write_wav
from tests.drivers.office.program import OfficeProgram
from tests.native import signals


@pytest.fixture(scope="module")
def office():
    program = OfficeProgram()
    yield program
    program.close()


@pytest.fixture
def said(office, program):
    """Run `busyhour office WORDS`; return exit code, standard output and standard error."""

    def run(*words):
        process = program(office.home, "office", *words, text=True)
        out, err = process.communicate(timeout=30)
        return process.returncode, out, err

    return run


def test_a_call_that_nobody_answers_is_told_as_it_happens_and_fails(said):
    code, out, err = said("call", "--line", "1", "--from", "13800138000", "--ring-for", "1.5")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert [line.split(" s  ")[1] for line in lines[:4]] == ["placed line 1", "ringing", "tone ringback", "ended party"]
    assert "line 1, 13800138000: no_answer, ended at 1.50 s by the party" in lines
    assert any(re.fullmatch(r"  tone +0\.0\d - +(0\.9\d|1\.0\d) s  ringback", line) for line in lines)


def test_json_is_one_document_and_holds_the_report(said, office):
    path = office.home / "heard.wav"
    code, out, err = said("call", "--line", "2", "--ring-for", "1.2", "--record", str(path), "--json")
    report = json.loads(out)
    assert (code, err) == (1, "")
    assert (report["outcome"], report["line"], report["ended_by"]) == ("no_answer", 2, "party")
    assert report["heard"]["tones"][0]["name"] == "ringback"
    assert strongest_hz(read_wav(path).channel(0)[:8000]) == pytest.approx(450, abs=1)


def test_an_interrupted_caller_hangs_up_and_still_reports(office, program):
    process = program(office.home, "office", "call", "--line", "3", text=True, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert "placed" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=10)
    assert "no_answer" in out
    assert process.returncode == 1


def test_lines_and_faults_are_shown(said):
    assert said("silence", "4", "on", "--direction", "to_box")[0] == 0
    code, out, _ = said("lines")
    assert code == 0
    assert out.splitlines()[3].split(maxsplit=2) == ["4", "idle", "on-hook, no board, silenced to_box"]
    assert said("silence", "4", "off")[0] == 0
    assert "silenced" not in said("lines")[1]


def test_another_telephone_on_a_line_is_lifted_and_put_down(said):
    assert said("parallel", "4", "lift") == (0, "", "")
    assert "on-hook, another telephone off-hook" in said("lines")[1].splitlines()[3]
    assert json.loads(said("parallel", "4", "put_down", "--json")[1]) == {"line": 4, "act": "put_down"}
    assert "another" not in said("lines")[1]


def test_spans_and_their_faults_are_shown_and_a_call_over_one_that_nobody_uses_is_refused(said):
    assert said("span-fault", "--span", "2", "--no-dchannel", "--alarm", "red")[0] == 0
    code, out, _ = said("spans")
    assert code == 0
    assert [line.split(maxsplit=2) for line in out.splitlines()] == [
        ["1", "network", "euroisdn, no board"], ["2", "user", "euroisdn, no board, no D-channel, red alarm"],
    ]  # fmt: skip
    assert said("span-variant", "2", "qsig")[0] == 0
    assert said("spans")[1].splitlines()[1].startswith("  2  user      qsig, ")
    assert said("span-variant", "2", "euroisdn")[0] == 0
    assert said("span-variant", "2", "itu")[0] == 0
    assert json.loads(said("spans", "--json")[1])[1]["r2"] == "itu"
    assert said("span-fault", "--span", "2")[0] == 0
    assert "red" not in said("spans")[1]
    code, out, _ = said("call", "--span", "1", "--to", "62348801", "--from", "13800138000")
    assert code == 1
    assert "span 1, 13800138000: busy" in out


def test_a_call_goes_to_a_line_or_over_a_span_that_is_there(said):
    for words, right in (
        (("--span", "3"), "span: 3, this office has spans [1, 2]"),
        (("--line", "1", "--to", "1"), "to: '1', must be empty for a line, which has but one number"),
        (("--span", "0"), "span: 0, must be 1 to 64"),
    ):
        code, _, err = said("call", *words)
        assert code != 0
        assert right in err


def test_a_subscriber_can_be_given_a_voice(said, tmp_path):
    write_wav(tmp_path / "hello.wav", signals.speech_like(1))
    assert said("subscriber", "10086", "answers", "--voice", "file", "--play", str(tmp_path / "hello.wav"))[0] == 0
    code, out, _ = said("subscriber", "10086", "busy", "--json")
    assert (code, json.loads(out)["behaviour"]) == (0, "busy")
    assert json.loads(said("calls", "--json")[1]) == []


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("call", "--from", "1"), 2, "--line"),
        (("call", "--line", "x"), 2, "invalid int value: 'x'"),
        (("call", "--line", "1", "--hold", "nan"), 2, "--hold"),
        (("call", "--line", "1", "--play", "a.wav", "--tone", "440"), 2, "not allowed with"),
        (("call", "--line", "9"), 1, "line: 9, this office has lines 1 to 4"),
        (("call", "--line", "1", "--digits", "1x"), 1, "digits: '1x', must be"),
        (("call", "--line", "1", "--play", "/etc/passwd"), 1, "/etc/passwd: not a WAV file"),
        (("call", "--line", "1", "--record", "/nowhere/x.wav"), 1, "/nowhere/x.wav: No such file"),
    ],
)
def test_bad_input_is_named_on_standard_error(said, words, code, text):
    ended, out, err = said(*words)
    assert (ended, out) == (code, "")
    assert text in err
    assert "Traceback" not in err


def test_an_office_that_dies_in_a_call_is_told(program):
    office = OfficeProgram()
    process = program(office.home, "office", "call", "--line", "1", text=True, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert "placed" in process.stdout.readline()
    office.kill()
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (69, "busyhour: the central office ended\n")
    shutil.rmtree(office.home)


def test_all_that_is_wrong_with_a_line_is_said_at_once_and_shown(said):
    assert said("fault", "--line", "4", "--dial-tone", "620", "--noise", "-35") == (0, "", "")
    shown = said("lines")[1].splitlines()[3]
    assert "dial tone of 620 Hz, noise of -35 dBm0" in shown
    said("fault", "--line", "4", "--no-dial-tone", "--no-battery")
    shown = said("lines")[1].splitlines()[3]
    assert ("no battery, no dial tone" in shown, "620" in shown, "noise" in shown) == (True, False, False)
    assert json.loads(said("fault", "--line", "4", "--json")[1])["line"] == 4
    assert said("lines")[1].splitlines()[3].endswith("on-hook, no board")


def test_a_fault_out_of_range_is_refused_with_what_would_be_right(said):
    code, _, err = said("fault", "--line", "4", "--noise", "7")
    assert (code, err) == (1, "busyhour: noise_dbm0: 7.0, must be -70 to 0 dBm0\n")
