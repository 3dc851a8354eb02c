"""The certificate on the disk."""

import subprocess
import sys
from pathlib import Path

import pytest

from firmware.certificate.pair import read
from firmware.certificate.store import Store
from firmware.errors import KeyLost
from tests.peers.authority import Authority

ROOT = Path(__file__).resolve().parents[3]


def test_a_box_without_one_makes_its_own_once_for_its_owner_alone(tmp_path):
    store = Store(tmp_path)
    first = store.ensure().pem
    assert store.ensure().pem == Store(tmp_path).ensure().pem == first
    assert store.show().kind == "self-signed"
    assert [path.name for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077] == []


def test_two_programs_that_begin_at_once_have_the_same_one(tmp_path):
    script = (
        "import sys; from pathlib import Path; from firmware.certificate.store import Store\n"
        f"sys.stdout.buffer.write(Store(Path({str(tmp_path)!r})).ensure().pem)"
    )
    begun = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE) for _ in range(4)]
    assert {one.communicate(timeout=30)[0] for one in begun} == {Store(tmp_path).pair().pem}


def test_another_takes_its_place_whole(tmp_path):
    authority = Authority()
    store = Store(tmp_path)
    store.ensure()
    own, key = authority.issue("calls.example.com")
    store.replace(read(own + authority.chain, key), "imported")
    assert (store.show().kind, store.show().names) == ("imported", ["calls.example.com"])
    assert store.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", [b"", b"-----BEGIN CERTIFICATE-----\n", b"\0" * 100])
def test_a_broken_file_is_named_and_not_replaced_unasked(tmp_path, text):
    store = Store(tmp_path)
    store.ensure()
    store.path.write_bytes(text)
    with pytest.raises(KeyLost, match=r"box\.pem is no certificate.*remove it"):
        store.ensure()
    assert store.path.read_bytes() == text
