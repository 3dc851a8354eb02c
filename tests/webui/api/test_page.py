"""The manual: its examples run as they stand, and it leaves nothing out."""

import html
import os
import re
import subprocess
import sys

import pytest

from firmware.events import Event, Kind
from firmware.prompts.catalogue import SOUNDS
from tests.fakes.past import CALL
from tests.webui.program import PATIENCE_S
from tests.webui.sounds import record
from webui.api.page import CODES, EXAMPLES, FOLDER
from webui.api.problem import STATUS
from webui.api.routes import ROUTES
from webui.wordbook import known, say


def start(name, program, token, folder=None):
    command = ["bash", "-eu"] if name.endswith(".sh") else [sys.executable]
    environment = os.environ | {"BOX": program.origin, "TOKEN": token}
    script = FOLDER / name
    return subprocess.Popen([*command, script], env=environment, stdout=subprocess.PIPE, text=True, cwd=folder)


@pytest.mark.parametrize(
    ("name", "said"),
    [("status.sh", '"box":{"name":'), ("login.sh", '"state":"ready"'), ("waiting.sh", '"waiting":3'),
     ("calls.py", "k-0 13900139000 40.0"), ("config.py", "revision 2")],
)  # fmt: skip
def test_an_example_of_the_manual_does_what_it_says(served, program, name, said):
    run = start(name, program, served("admin").token)
    out, _ = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 0
    assert said in out


def test_the_example_of_sounds_keeps_them_and_goes_on_where_it_broke_off(served, program, door, tmp_path):
    recorded = record(door.door.home / CALL.recordings[0])
    (tmp_path / "k-0.wav").write_bytes(recorded[:1000])
    run = start("sounds.sh", program, served("supervisor").token, tmp_path)
    out, _ = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 0
    assert (tmp_path / "k-0.wav").read_bytes() == recorded
    assert (tmp_path / "welcome.wav").read_bytes() == (SOUNDS / "zh/welcome.wav").read_bytes()
    assert "k-0.wav" in out


def test_the_example_of_events_hears_what_happens(served, program, door):
    with start("events.py", program, served("viewer").token) as run:
        try:
            assert "gap" in run.stdout.readline()
            door.do(lambda: door.door.bus.publish(Event(1.0, Kind.CALL_ENDED, "k-9")))
            assert "k-9" in run.stdout.readline()
        finally:
            run.terminate()


def test_every_example_is_in_the_manual_and_tried():
    assert {path.name for path in FOLDER.iterdir() if path.is_file()} == set(EXAMPLES)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_manual_has_every_request_every_code_and_every_example(page, language):
    text = html.unescape(page(role="viewer").get(f"/api/?lang={language}").text)
    for route in ROUTES.values():
        assert f"<code>/api/v1{route.path}</code>" in text
    for name in EXAMPLES:
        assert (FOLDER / name).read_text().rstrip() in text
    anchors = set(re.findall(r'<tr id="([a-z-]+)">', text))
    assert anchors == STATUS.keys() | CODES.keys()
    assert [code for code in anchors if not known(f"api.problem.{code}")] == []


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_every_request_is_explained_in_both_languages(name):
    """The words go into webui/words/api.py, as `api.do.NAME`."""
    key = f"api.do.{name}"
    assert known(key), f"webui/words/api.py has no {key}"
    assert re.search("[\u4e00-\u9fff]", say(key, "zh"))
    assert re.search("^[A-Z].*[.]$", say(key, "en"))


def test_the_manual_is_for_who_is_signed_in(page):
    assert page(role="").get("/api/").status_code == 303
