"""How carriers that speak TLS are met: an address on the loopback each, and what HAProxy is told of them."""

import shutil
import subprocess
from pathlib import Path

from drivers.link.messages import SipTrunk
from drivers.sip.edge import forwarder
from drivers.sip.edge.forwards import forward_of, forwards
from tests.peers.authority import Authority

ONE = SipTrunk("one", "sip.one.example", 5061, "tls")
TWO = SipTrunk("two", "sip.two.example", 5061, "tls")
AGAIN = SipTrunk("again", "SIP.one.example", 5061, "tls", username="other")
PLAIN = SipTrunk("plain", "sip.one.example", 5060, "tcp")
RESOLVED = {"one": ["192.0.2.1", "2001:db8::1"], "two": []}


def checked(home: Path) -> str:
    """Return what HAProxy says against its configuration, "" for nothing."""
    program = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    assert program is not None
    words = [program, "-c", "-q", "-f", str(home / "edge/forwarder.cfg")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr or "refused"


def test_a_carrier_keeps_its_address_whoever_else_comes_and_goes() -> None:
    alone = forwards([ONE], 6000)
    both = forwards([TWO, PLAIN, ONE], 6000)
    assert len(both) == 2
    assert forward_of(ONE, both) == alone[0]
    assert forward_of(ONE, both) != forward_of(TWO, both)
    assert forward_of(PLAIN, both) is None
    assert str(alone[0].inside).startswith("127.78.")
    assert alone[0].uri == f"sip:{alone[0].inside};transport=tcp"


def test_trunks_to_one_host_and_port_share_their_way() -> None:
    (way,) = forwards([ONE, AGAIN], 6000)
    assert way.trunks == ("one", "again")


def test_a_thousand_carriers_have_an_address_each() -> None:
    many = forwards([SipTrunk(f"t{n}", f"sip{n}.example", 5061, "tls") for n in range(1000)], 6000)
    assert len({way.inside for way in many}) == 1000


def test_haproxy_checks_each_certificate_by_the_name_and_the_authority(tmp_path: Path) -> None:
    pem = Authority().trust.decode()
    own = SipTrunk("own", "192.0.2.9", 5061, "tls", authority=pem)
    forwarder.write(tmp_path, forwards([ONE, TWO, own], 6000), RESOLVED | {"own": ["192.0.2.9"]})
    assert checked(tmp_path) == ""
    lines = [line.split() for line in (tmp_path / "edge/forwarder.cfg").read_text().splitlines()]
    servers = [line for line in lines if line[:1] == ["server"]]
    assert [line[2] for line in servers] == ["192.0.2.9:5061", "192.0.2.1:5061", "[2001:db8::1]:5061"]
    assert all(line[3:6] == ["ssl", "verify", "required"] for line in servers)
    assert [line[7] == "@system-ca" for line in servers] == [False, True, True]
    assert Path(servers[0][7]).read_text().strip() == pem.strip()
    assert all(line[8:10] == ["verifyhost", "sip.one.example"] for line in servers[1:])


def test_what_is_the_same_is_not_written_again_and_without_carriers_nothing_is_there(tmp_path: Path) -> None:
    path = tmp_path / "edge/forwarder.cfg"
    forwarder.write(tmp_path, forwards([ONE], 6000), RESOLVED)
    before = path.stat().st_ino
    forwarder.write(tmp_path, forwards([ONE], 6000), RESOLVED)
    assert path.stat().st_ino == before
    assert path.stat().st_mode & 0o077 == 0
    forwarder.write(tmp_path, forwards([PLAIN], 6000), RESOLVED)
    assert not path.exists()
