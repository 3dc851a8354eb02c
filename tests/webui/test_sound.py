"""Recordings in the pages: sent in pieces, drawn, only to who may hear them, each listening on record."""

import os

import msgspec
import pytest

from tests.fakes.past import CALL
from tests.webui.sounds import record
from tests.webui.test_live import text_of
from webui import sound

PATH = "/calls/recording?call=k-0&number=1"


@pytest.fixture
def home(door, monkeypatch):
    monkeypatch.setenv("BUSYHOUR_HOME", str(door.door.home))
    return door.door.home


@pytest.fixture
def recorded(home):
    """Return the bytes of the recording of the call that is there."""
    return record(home / CALL.recordings[0])


def audited(door):
    return [(entry.what, entry.user, entry.by, entry.detail) for entry in door.door.audit.entries
            if entry.what.startswith("recording.")]


def test_a_recording_is_sent_whole_and_in_pieces(page, recorded):
    client = page(role="supervisor")
    whole = client.get(PATH)
    assert (whole.status_code, whole.data, whole.headers["Accept-Ranges"]) == (200, recorded, "bytes")
    assert whole.mimetype == "audio/wav"
    size = len(recorded)
    end = size - 1
    for asked, first, last in (("0-99", 0, 99), ("100-", 100, end), ("-50", size - 50, end), ("0-999999999", 0, end)):
        piece = client.get(PATH, headers={"Range": f"bytes={asked}"})
        assert (piece.status_code, piece.data) == (206, recorded[first : last + 1])
        assert piece.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
        assert int(piece.headers["Content-Length"]) == last + 1 - first


def test_an_open_range_is_answered_with_one_piece_so_that_a_pause_holds_nothing_up(page, recorded, monkeypatch):
    monkeypatch.setattr(sound, "PIECE_BYTES", 1000)
    client = page(role="supervisor")
    heard, size = b"", len(recorded)
    while len(heard) < 5000:
        piece = client.get(PATH, headers={"Range": f"bytes={len(heard)}-"})
        assert piece.headers["Content-Range"] == f"bytes {len(heard)}-{len(heard) + 999}/{size}"
        heard += piece.data
    assert heard == recorded[:5000]


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=0-1,5-9", "lines=1-2", "bytes=x", "bytes=9-1"])
def test_a_range_that_is_none_does_no_harm(page, recorded, asked):
    answer = page(role="supervisor").get(PATH, headers={"Range": asked})
    if answer.status_code == 416:
        assert answer.headers["Content-Range"] == f"bytes */{len(recorded)}"
    else:
        assert (answer.status_code, answer.data) == (200, recorded)


def test_a_download_has_a_name_and_is_on_record_as_one(page, recorded, door):
    answer = page(role="supervisor").get(f"{PATH}&download=1")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="k-0-1.wav"'
    assert answer.data == recorded
    assert audited(door) == [("recording.downloaded", "k-0", "a-supervisor", "recording 1")]


def test_each_listening_is_on_record_once_and_drawing_it_is_none(page, recorded, door):
    client = page(role="supervisor")
    client.get("/calls/peaks?call=k-0&number=1")
    assert audited(door) == []
    for first in range(0, 5000, 1000):
        client.get(PATH, headers={"Range": f"bytes={first}-"})
    assert audited(door) == [("recording.listened", "k-0", "a-supervisor", "recording 1")]
    page(role="admin").get(PATH, headers={"Range": "bytes=2000-"})  # whoever begins in its middle listens too
    assert audited(door)[1] == ("recording.listened", "k-0", "a-admin", "recording 1")


def test_an_agent_hears_own_calls_and_is_refused_all_others_on_record(page, recorded, door, home):
    other = msgspec.structs.replace(CALL, call_id="n-1", agent="202", recordings=("recordings/2026/n-1.wav",))
    door.door.records.add(other)
    record(home / other.recordings[0])
    client = page(role="agent")  # 201
    assert client.get(PATH).data == recorded
    for path in ("/calls/recording?call=n-1", "/calls/recording?call=n-1&download=1", "/calls/peaks?call=n-1",
                 "/calls/recording?call=nothing"):  # fmt: skip
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert audited(door) == [
        ("recording.listened", "k-0", "a-agent", "recording 1"),
        ("recording.refused", "n-1", "a-agent", "recording 1"),
        ("recording.refused", "nothing", "a-agent", "recording 1"),
    ]


def test_the_wave_is_as_loud_as_either_side_was(page, recorded):
    told = page(role="supervisor").get("/calls/peaks?call=k-0&number=1").json
    assert told["seconds"] == pytest.approx(2.0)
    left, right = told["left"], told["right"]
    assert len(left) == len(right) == 600
    assert set(left[305:]) == set(right[:295]) == {0}
    assert 45 <= min(left[:295]) <= max(left) <= 50
    assert 20 <= min(right[305:]) <= max(right) <= 25


def test_a_recording_that_still_grows_is_heard_as_far_as_it_is(page, recorded, door, home):
    """Its header is that of a moment before: the sound goes on to the file's end."""
    door.door.records.clear()
    door.door.records.add(CALL, length_s=None)
    path = home / CALL.recordings[0]
    path.write_bytes(recorded + b"\1\0\2\0" * 8000 + b"\1")
    client = page(role="supervisor")
    assert "It still grows" in client.get("/calls/call?id=k-0").text
    assert client.get("/calls/peaks?call=k-0").json["seconds"] == pytest.approx(3.0)
    assert client.get(PATH).data == recorded + b"\1\0\2\0" * 8000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "The sound file is not there"),
        (b"", "The sound file is broken"),
        (b"RIFF\0\0\0\0WAVE", "The sound file is broken"),
        (b"no sound at all" * 100, "The sound file is broken"),
        (b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0" + b"\0" * 12 + b"data\0\0\0\0", "The sound file is broken"),
    ],
)
def test_a_recording_that_is_missing_or_broken_is_told(page, home, content, said):
    path = home / CALL.recordings[0]
    if content is not None:
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    client = page(role="supervisor")
    assert said in text_of(client.get("/calls/call?id=k-0").text)
    assert client.get(PATH).status_code in (400, 404)
    assert client.get("/calls/peaks?call=k-0").status_code in (400, 404)


@pytest.mark.parametrize(
    "path", ["recordings/../config/secret.wav", "/etc/secret.wav", "recordings/link.wav", "config/secret.wav",
             "recordings/folder/secret.wav", "recordings/secret.txt", "recordings/\0.wav", "recordings"],
)  # fmt: skip
def test_nothing_outside_the_recordings_is_ever_sent(page, home, door, path):
    """Whatever the records say, and whatever links somebody put there."""
    secret = record(home / "config/secret.wav")
    (home / "recordings").mkdir()
    record(home / "recordings/secret.txt")
    os.symlink(home / "config/secret.wav", home / "recordings/link.wav")
    os.symlink(home / "config", home / "recordings/folder")
    door.door.records.add(msgspec.structs.replace(CALL, call_id="n", recordings=(path,)))
    answer = page(role="admin").get("/calls/recording?call=n")
    assert answer.status_code in (400, 404)
    assert secret[:200] not in answer.data


def test_a_recording_that_there_is_not_is_told(page, recorded):
    client = page(role="supervisor")
    for path in ("/calls/recording?call=k-0&number=2", "/calls/recording?call=no", "/calls/peaks?call=k-0&number=2"):
        assert client.get(path).status_code == 404
    assert client.get("/calls/recording?call=k-0&number=0").status_code == 400
