"""`busyhour prompt` against a real door, with the real maker of prompts."""

import json

from tests.firmware.prompts.sounds import voice, wav


def listed(command):
    return {one["name"]: one for one in json.loads(command("--json", "prompt", "list", "--own").out)}


def test_a_file_is_uploaded_listed_and_removed(command, door, tmp_path):
    (tmp_path / "ours.wav").write_bytes(wav(voice()))
    done = command("prompt", "upload", "greeting", str(tmp_path / "ours.wav"))
    assert (done.code, done.out, done.err) == (0, "file:greeting.wav lasts 3.1 s\n", "")
    assert list(listed(command)) == ["file:greeting.wav"]
    assert (tmp_path / "ours.wav").exists()
    assert command("prompt", "remove", "file:greeting.wav").out == "prompt greeting is removed\n"
    assert listed(command) == {}


def test_words_are_spoken_and_replaced_only_when_told_to(command, door):
    words = ("prompt", "speak", "hello", "Hello and welcome", "--language", "en")
    assert command(*words).code == 0
    again = command(*words)
    assert (again.code, "there is a prompt 'hello' already" in again.err) == (1, True)
    assert list((door.door.home / "spool").iterdir()) == []
    assert command(*words, "--replace").code == 0


def test_a_bad_file_is_refused_and_nothing_left(command, door, tmp_path):
    (tmp_path / "bad.mp3").write_text("no sound")
    done = command("prompt", "upload", "bad", str(tmp_path / "bad.mp3"))
    assert done.code == 1
    assert "no sound can be read from this file" in done.err
    assert list((door.door.home / "spool").iterdir()) == []
    assert listed(command) == {}
    assert command("prompt", "upload", "bad", str(tmp_path / "nothing.wav")).code == 74


def test_the_list_shows_words_and_uses(command):
    said = command("prompt", "list").out
    assert "zh/welcome" in said
    assert "flows[0].greeting[0]" in said
    assert "您好，感谢您的来电。" in said


def test_a_prompt_is_played_at_a_telephone(command):
    assert command("prompt", "play", "zh/welcome", "--at", "201").out == "telephone 201: ringing\n"
    assert command("prompt", "play", "zh/welcome", "--at", "202").code == 69
