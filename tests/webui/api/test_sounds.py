"""Sounds by REST: to whom the pages let hear them, whole or from where a download broke off."""

import os
import time

import httpx
import msgspec
import pytest

from firmware.prompts.catalogue import SOUNDS
from tests.fakes.past import CALL
from tests.webui.api.test_requests import refused
from tests.webui.program import PATIENCE_S
from tests.webui.sounds import record

RECORDING = "/calls/k-0/recordings/1"
PROMPT = "/prompts/sound?name=zh/welcome"


@pytest.fixture
def recorded(door, monkeypatch):
    """Return the bytes of the recording of the call that is there."""
    monkeypatch.setenv("BUSYHOUR_HOME", str(door.door.home))
    return record(door.door.home / CALL.recordings[0])


def audited(door):
    return [(entry.what, entry.user, entry.by, entry.detail) for entry in door.door.audit.entries
            if entry.what.startswith("recording.")]


def test_a_recording_is_downloaded_whole_and_the_audit_says_by_whom(caller, recorded, door):
    answer = caller("supervisor").get(RECORDING)
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, "audio/wav", recorded)
    assert answer.headers["Content-Length"] == str(len(recorded))
    assert audited(door) == [("recording.downloaded", "k-0", "token a-supervisor", "recording 1")]


def test_nobody_can_say_that_a_download_is_only_for_its_shape(caller, recorded, door):
    refused(caller("supervisor").get(RECORDING, params={"purpose": "look"}), 422, "bad-request")
    assert audited(door) == []


def test_a_download_goes_on_where_it_broke_off_to_its_very_end(caller, recorded):
    program, size = caller("supervisor"), len(recorded)
    for asked, first, last in (("100-", 100, size - 1), ("0-99", 0, 99), ("-50", size - 50, size - 1)):
        piece = program.get(RECORDING, headers={"Range": f"bytes={asked}"})
        assert (piece.status_code, piece.content) == (206, recorded[first : last + 1])
        assert piece.headers["Content-Range"] == f"bytes {first}-{last}/{size}"


def test_a_piece_of_another_file_than_before_is_the_whole_of_the_new_one(caller, recorded):
    program = caller("supervisor")
    etag = program.get(RECORDING).headers["ETag"]
    same = program.get(RECORDING, headers={"Range": "bytes=100-", "If-Range": etag})
    assert (same.status_code, same.content) == (206, recorded[100:])
    changed = program.get(RECORDING, headers={"Range": "bytes=100-", "If-Range": '"another"'})
    assert (changed.status_code, changed.content) == (200, recorded)
    assert program.get(RECORDING, headers={"If-None-Match": etag}).status_code == 304


def test_a_range_beyond_the_end_is_refused_with_the_length_and_one_nobody_knows_is_not_heeded(caller, recorded):
    program = caller("supervisor")
    answer = program.get(RECORDING, headers={"Range": "bytes=99999999-"})
    refused(answer, 416, "bad-range")
    assert answer.headers["Content-Range"] == f"bytes */{len(recorded)}"
    for other in ("lines=1-2", "bytes=0-1,5-9", "bytes=x", "nonsense"):
        assert program.get(RECORDING, headers={"Range": other}).content == recorded


def test_other_peoples_recordings_are_refused_by_their_ids_and_the_audit_knows_who_tried(caller, recorded, door):
    others = caller("agent", name="of-202", agent="202")
    told = refused(others.get(RECORDING), 403, "not-allowed")
    assert told["needs"] == "supervisor"
    refused(caller("agent", name="of-nobody").get(RECORDING), 403, "not-allowed")
    assert [what for what, *_ in audited(door)] == ["recording.refused", "recording.refused"]
    assert caller("agent", name="of-201", agent="201").get(RECORDING).content == recorded
    refused(caller("viewer").get(RECORDING), 403, "not-allowed")
    refused(caller().get(RECORDING), 401, "token-missing")


@pytest.mark.parametrize("path", ["/etc/passwd", "../x.wav", "recordings/../config/1.wav", "recordings/gone.wav"])
def test_a_path_on_record_that_leads_elsewhere_gives_no_file(caller, recorded, door, path):
    record(door.door.home / "x.wav")
    record(door.door.home / "config/1.wav")
    door.door.records.add(msgspec.structs.replace(CALL, call_id="k-bad", recordings=(path,)))
    refused(caller("supervisor").get("/calls/k-bad/recordings/1"), 404, "recording-missing")


def test_what_is_not_there_is_said_to_be_not_there(caller, recorded):
    program = caller("supervisor")
    for path in ("/calls/k-0/recordings/2", "/calls/k-none/recordings/1", "/prompts/sound?name=zh/nothing"):
        refused(program.get(path), 404, "not-found")
    refused(program.get("/calls/k-0/recordings/x"), 422, "bad-request")
    refused(program.get("/prompts/sound"), 422, "bad-request")


def test_the_sound_of_a_prompt_is_downloaded_by_who_may_see_the_list(caller, recorded):
    sound = (SOUNDS / "zh/welcome.wav").read_bytes()
    program = caller("supervisor")
    assert program.get(PROMPT).content == sound
    piece = program.get(PROMPT, headers={"Range": "bytes=100-199"})
    assert (piece.status_code, piece.content) == (206, sound[100:200])
    refused(caller("agent").get(PROMPT), 403, "not-allowed")


def test_a_draft_is_heard_by_admins_alone(caller, recorded, door):
    admin = caller("admin")
    draft = admin.post("/prompts/upload", content=(SOUNDS / "zh/welcome.wav").read_bytes()).json()["id"]
    refused(caller("supervisor").get("/prompts/sound", params={"draft": draft}), 403, "not-allowed")
    deadline = time.monotonic() + PATIENCE_S
    while (made := admin.get(f"/prompts/drafts/{draft}").json())["state"] == "making" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert made["state"] == "ready"
    assert admin.get("/prompts/sound", params={"draft": draft}).content[:4] == b"RIFF"
    refused(admin.get("/prompts/sound", params={"draft": "0" * 32}), 404, "not-found")


def test_readers_who_take_their_time_leave_room_for_others(served, program, door):
    """A file is on its way for as long as its reader takes: each token has so many places, and no more."""
    path = door.door.home / CALL.recordings[0]
    record(path)
    os.truncate(path, 64 << 20)  # more than sockets hold
    slow, other = served("supervisor", name="slow"), served("viewer", name="other")
    with httpx.Client(base_url=slow.session.base_url, headers=slow.session.headers) as client:
        readers = [client.send(client.build_request("GET", RECORDING), stream=True) for _ in range(8)]
        assert [reader.status_code for reader in readers] == [200] * 8
        refused(slow.get("/status"), 503, "busy")
        assert other.get("/status").status_code == 200
        for reader in readers:
            reader.close()
        deadline = time.monotonic() + PATIENCE_S
        while (answer := slow.get("/status")).status_code == 503 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert answer.status_code == 200
    assert "Traceback" not in program.said()
