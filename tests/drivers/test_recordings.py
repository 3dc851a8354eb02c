"""Where recordings may be written."""

import asyncio
import os
from pathlib import Path

import pytest

from drivers.link.errors import NoDisk
from drivers.recordings import Recordings


@pytest.mark.parametrize("path", ["/elsewhere/a.wav", "a.wav", "FOLDER/../a.wav", "FOLDER/a.mp3", "FOLDER", ""])
def test_only_wav_files_below_the_folder_are_written(tmp_path: Path, path: str) -> None:
    with pytest.raises(NoDisk, match="must be an absolute path"):
        Recordings(tmp_path / "recordings").checked(path.replace("FOLDER", str(tmp_path / "recordings")))


def test_room_is_made_for_a_file_of_a_new_day(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path / "recordings")
    path = recordings.checked(str(tmp_path / "recordings/2026/03/02/a.wav"))
    asyncio.run(recordings.make_room(path))
    assert Path(path).parent.is_dir()


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path / "recordings")
    (tmp_path / "recordings").mkdir()
    os.symlink(tmp_path, tmp_path / "recordings/out")
    with pytest.raises(NoDisk, match="leads outside"):
        asyncio.run(recordings.make_room(str(tmp_path / "recordings/out/a.wav")))


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    (tmp_path / "a.wav").write_text("a talk")
    with pytest.raises(NoDisk, match="there already"):
        asyncio.run(recordings.make_room(str(tmp_path / "a.wav")))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NoDisk, match=str(tmp_path / "file")):
        asyncio.run(Recordings(tmp_path).make_room(str(tmp_path / "file/a.wav")))
