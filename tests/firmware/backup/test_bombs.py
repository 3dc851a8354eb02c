"""Backups made to do harm by whoever has a passphrase: the program that unpacks them stays small, and so does the disk.

What is measured is the real program's own peak of memory. Opening a key takes what scrypt takes (2**N KB, N told in
the file): the backups here have keys that cost next to nothing, so that all that is seen is the unpacking. An honest
backup of the same home is the measure; a bomb may take MORE_KB beyond it, a hundredth of what it would have taken.
"""

import base64
import gzip
import io
import json
import subprocess
import sys
import tarfile

import pytest

from firmware.backup import contents, envelope, work
from firmware.errors import Damaged
from tests.firmware.backup.homes import PASSPHRASE, make_home

BOMB_BYTES = 400 << 20
MORE_KB = 16_000  # pieces of 1 MB, some of them at once, and the allocator's own ways
WITHOUT_SCRYPT = """
import sys, pyrage
from pathlib import Path
from firmware.backup import __main__ as program, envelope
key = pyrage.x25519.Identity.from_str(Path(sys.argv[1]).read_text())
envelope.unlock = lambda locked, passphrase: key
program.main()
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0], file=sys.stderr)
"""


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """A key, its locked form, and the file it is in."""
    identity, locked = envelope.lock(PASSPHRASE)
    path = tmp_path_factory.mktemp("key") / "key"
    path.write_text(str(identity))
    return identity, locked, path


@pytest.fixture(scope="module")
def honest(tmp_path_factory, key):
    """What a whole backup of a box takes to unpack: KB."""
    home = make_home(tmp_path_factory.mktemp("honest") / "home")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(envelope, "lock", lambda passphrase: key[:2])
        made, _ = work.make(home, home.parent, PASSPHRASE, release="1", recordings=True)
    told, peak_kb, _ = unpacked(made, tmp_path_factory.mktemp("box"), key)
    assert "result" in told
    return peak_kb


def unpacked(backup, home, key):
    """Have the program unpack a backup; return what it says at its end, its peak of memory, and the disk's, in KB."""
    order = {"act": "stage", "home": str(home), "passphrase": PASSPHRASE, "file": str(backup)}
    words = [sys.executable, "-c", WITHOUT_SCRYPT, str(key[2])]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.close()
        told, on_disk = {}, 0
        for line in process.stdout:
            told = json.loads(line)
            on_disk = max(on_disk, disk_kb(home))
        peak_kb = int(process.stderr.read())
    return told, peak_kb, on_disk


def disk_kb(home):
    return sum(path.lstat().st_blocks for path in home.rglob("*")) // 2


def header(name, kind, size, pax=b""):
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return pax + info.tobuf(tarfile.GNU_FORMAT)


def about():
    data = contents._encoded(contents.About(made="2026-01-02T03:04:05Z", release="x"))
    return header("about.json", tarfile.REGTYPE, len(data)) + data + bytes(-len(data) % 512)


def holes():
    """A file of a terabyte in which nothing is, by GNU's old way: a block of 512 bytes."""
    info = tarfile.TarInfo("recordings/x.wav")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 0
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[386:410] = b"%011o\0%011o\0" % (0, 0)
    block[483:495] = b"%011o\0" % (1 << 32)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def pax(words):
    return header("x", tarfile.XHDTYPE, len(words)) + words + bytes(-len(words) % 512)


def holes_of_today():
    words = b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n34 GNU.sparse.realsize=4294967296\n"
    listed = b"1\n4294967296\n0\n" + bytes(512 - 15)
    return pax(words) + header("recordings/x.wav", tarfile.REGTYPE, 512) + listed


def endless(name, kind):
    return [header(name, kind, BOMB_BYTES)]


# What stands behind the first file, whether BOMB_BYTES follow, and what is said of it
BOMBS = {
    "a name without end": (endless("x", tarfile.GNUTYPE_LONGNAME), True, "before a file"),
    "words before a file without end": (endless("x", tarfile.XHDTYPE), True, "before a file"),
    "checksums in one line": (endless("sha256sums", tarfile.REGTYPE), True, "not as it was saved"),
    "a large configuration": (endless("config/revisions/000001.json", tarfile.REGTYPE), True, "no box makes that"),
    "words for all files": ([header("x", tarfile.XGLTYPE, 1024)], False, "all its files"),
    "holes": ([holes()], False, "holes"),
    "holes of today": ([holes_of_today()], False, "holes"),
    "heads before heads": ([pax(b"10 a=1234\n")] * 3000, False, "no end"),
}


def sealed(path, key, *parts, fill_bytes=0):
    def fill(out):
        for part in parts:
            out.write(part)
        for _ in range(fill_bytes >> 20):
            out.write(b"x" * (1 << 20))
        out.write(bytes(10240))

    with pytest.MonkeyPatch.context() as patched, path.open("wb") as file:
        patched.setattr(envelope, "lock", lambda passphrase: key[:2])
        envelope.seal(file, PASSPHRASE, "2026-01-02T03:04:05Z", fill)
    return path


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_and_takes_neither_memory_nor_disk(tmp_path, key, honest, kind):
    parts, follows, said = BOMBS[kind]
    backup = sealed(tmp_path / "x.backup", key, about(), *parts, fill_bytes=BOMB_BYTES if follows else 0)
    (home := tmp_path / "box").mkdir()
    told, peak_kb, on_disk_kb = unpacked(backup, home, key)
    assert said in told["error"]["text"], told
    assert told["error"]["code"] == "damaged"
    assert peak_kb < honest + MORE_KB
    assert on_disk_kb < 1000
    assert not (home / "restore").exists()


def test_what_is_packed_again_inside_is_not_unpacked(tmp_path, key, honest):
    inner = io.BytesIO()
    with gzip.open(inner, "wb", compresslevel=9) as packed:
        packed.write(about())
        for _ in range(BOMB_BYTES >> 20):
            packed.write(bytes(1 << 20))
    (home := tmp_path / "box").mkdir()
    told, peak_kb, on_disk_kb = unpacked(sealed(tmp_path / "x.backup", key, inner.getvalue()), home, key)
    assert told["error"]["code"] == "damaged", told
    assert (peak_kb < honest + MORE_KB, on_disk_kb < 1000) == (True, True)


def test_more_folders_than_any_box_has_are_not_made(tmp_path, key, monkeypatch):
    monkeypatch.setattr(contents, "MOST_FOLDERS", 50)
    parts = [header(f"recordings/{n}/x.wav", tarfile.REGTYPE, 0) for n in range(60)]
    (home := tmp_path / "box").mkdir()
    (into := tmp_path / "new").mkdir()
    with pytest.raises(Damaged, match="more than 50 folders"):
        contents.read(io.BytesIO(b"".join([about(), *parts, bytes(1024)])), work=home, into=into)
    assert len(list((tmp_path / "new/recordings").iterdir())) == 51


def test_a_key_that_would_take_more_memory_than_a_box_has_is_not_tried(key, monkeypatch):
    _, locked, _ = key
    lines = locked.strip().split(b"\n")
    words = base64.b64decode(b"".join(lines[1:-1])).split(b"\n")
    words[1] = words[1].rsplit(b" ", 1)[0] + b" 23"
    body = base64.b64encode(b"\n".join(words))
    costly = b"\n".join([lines[0], *(body[at : at + 64] for at in range(0, len(body), 64)), lines[-1], b""])
    monkeypatch.setattr(envelope.pyrage.passphrase, "decrypt", lambda *_: pytest.fail("it was tried"))
    with pytest.raises(Damaged, match="8192 MB of memory"):
        envelope.unlock(costly, PASSPHRASE)
