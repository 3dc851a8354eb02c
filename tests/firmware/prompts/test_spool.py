"""Files are left for the exchange whole, under names that nobody can guess; what is not asked for goes."""

import io
import os

import pytest

from firmware.errors import BadSound, NoStorage, NotFound
from firmware.prompts import spool


def test_a_file_is_left_whole_and_found_by_its_ticket_alone(tmp_path):
    content = os.urandom(200_000)
    ticket = spool.leave(io.BytesIO(content).read, tmp_path / "spool")
    assert spool.found(tmp_path / "spool", ticket).read_bytes() == content
    assert (tmp_path / "spool" / ticket).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    assert spool.leave(io.BytesIO(content).read, tmp_path / "spool") != ticket


@pytest.mark.parametrize(
    "ticket", ["../secret", "/etc/passwd", "0" * 31, "0" * 32, "0" * 32 + "\n", "", "..", "A" * 32]
)
def test_no_other_name_leads_anywhere(tmp_path, ticket):
    (tmp_path / "secret").write_text("x")
    with pytest.raises(NotFound):
        spool.found(tmp_path / "spool", ticket)


def test_a_link_or_a_folder_is_no_file(tmp_path):
    (tmp_path / ("a" * 32)).symlink_to("/etc/passwd")
    (tmp_path / ("b" * 32)).mkdir()
    for ticket in ("a" * 32, "b" * 32):
        with pytest.raises(NotFound):
            spool.found(tmp_path, ticket)


@pytest.mark.parametrize(("size", "code"), [(0, "sound-empty"), (spool.MOST_BYTES + 1, "sound-large")])
def test_nothing_is_left_of_too_much_or_of_nothing(tmp_path, size, code):
    with pytest.raises(BadSound) as refused:
        spool.leave(io.BytesIO(bytes(size)).read, tmp_path)
    assert refused.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_what_breaks_off(tmp_path):
    pieces = iter([b"a" * 1000])

    def read(size):
        try:
            return next(pieces)
        except StopIteration:
            raise OSError(5, "the peer is gone") from None

    with pytest.raises(NoStorage, match="the peer is gone"):
        spool.leave(read, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_has_asked_for_in_an_hour_is_thrown_away(tmp_path):
    tickets = [spool.leave(io.BytesIO(b"a").read, tmp_path) for _ in range(2)]
    os.utime(tmp_path / tickets[0], (1000, 1000))
    spool.tidy(tmp_path, 1000 + spool.KEPT_S + 1)
    assert [path.name for path in tmp_path.iterdir()] == tickets[1:]
