"""The machine's addresses, set at the console: checked before they are kept, and understood by systemd-networkd."""

import json
import os
import shutil
import subprocess

import pytest

from tests.firmware.console.conftest import PASSWORD

# A network of its own, with networkd as the machine's administrator
NAMESPACE = ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-ec"]
NETWORKD = """
ip link add eth0 type veth peer name eth1
ip link set eth1 up
mount -t sysfs -o ro sysfs /sys   # of this network; read-only, so that no udev is waited for
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/network /run/systemd/netif
chown systemd-network /run/systemd/netif
echo lxc > /run/systemd/container
cp "$1"/*.network /run/systemd/network/
/lib/systemd/systemd-networkd & networkd=$!
tries=0
until ip -4 route show default | grep -q eth0; do
    tries=$((tries + 1)); [ $tries -lt 100 ] || break
    sleep 0.1
done
ip -json -4 address show eth0; echo; ip -json -4 route show default
kill $networkd; wait
"""

CABLE, OTHER_END = f"bh{os.getpid()}c", f"bh{os.getpid()}d"
NETWORK = f"198.18.{os.getpid() % 256}"


@pytest.fixture
def folder(station, monkeypatch):
    """Where networkd's files would be."""
    folder = station.folder / "network"
    folder.mkdir()
    monkeypatch.setenv("BUSYHOUR_NETWORK", str(folder))
    return folder


@pytest.fixture
def cable():
    """Two interfaces that lead nowhere but to each other; another run of the tests has others."""
    subprocess.run(["ip", "link", "add", CABLE, "type", "veth", "peer", "name", OTHER_END], check=True)
    subprocess.run(["ip", "address", "add", f"{NETWORK}.9/24", "dev", OTHER_END], check=True)
    yield CABLE
    subprocess.run(["ip", "link", "delete", CABLE], check=True)


def agree(technician, line, answer="y"):
    """Give a line that asks back; return what it tells."""
    technician.type(line + "\r")
    technician.expect("Go on? [y/N] ")
    technician.type(answer)
    return technician.expect("busyhour>")


def test_a_fixed_address_is_kept_and_networkd_puts_it_in_force(station, folder, cable):
    technician = station.logged_in()
    agree(technician, f"network set {cable} static 203.0.113.10/24 203.0.113.1 203.0.113.53 2001:db8::5")
    kept = {
        "interface": cable, "address": "203.0.113.10/24", "gateway": "203.0.113.1",
        "name_servers": ["203.0.113.53", "2001:db8::5"],
    }  # fmt: skip
    assert json.loads(technician.run("network show | json")) == [kept]
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o644
    path.write_text(path.read_text().replace(cable, "eth0"))
    done = subprocess.run(
        [*NAMESPACE, NETWORKD, "networkd", str(folder)], capture_output=True, text=True, check=True, timeout=60
    )
    addresses, routes = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("["))
    assert [(one["local"], one["prefixlen"]) for one in addresses[0]["addr_info"]] == [("203.0.113.10", 24)]
    assert [(one["gateway"], one["dev"]) for one in routes] == [("203.0.113.1", "eth0")]


def test_an_interface_may_ask_for_its_address_and_forget_what_was_kept(station, folder, cable):
    technician = station.logged_in()
    agree(technician, f"network set {cable} dhcp")
    assert "DHCP=yes" in (folder / f"50-busyhour-{cable}.network").read_text()
    assert [row["address"] for row in json.loads(technician.run("network show | json"))] == [""]
    agree(technician, f"network delete {cable}")
    assert list(folder.iterdir()) == []
    assert f"nothing is kept for {cable}" in technician.run(f"network delete {cable}")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("203.0.113.10 203.0.113.1", "address: 203.0.113.10: an address with its prefix length is right"),
        ("203.0.113.0/24 203.0.113.1", "address: 203.0.113.0/24: the address of one machine in its network is right"),
        ("203.0.113.255/24 none", "address: 203.0.113.255/24: the address of one machine"),
        ("127.0.0.5/8 none", "address: 127.0.0.5/8: "),
        ("203.0.113.10/24 198.18.0.1", "gateway: 198.18.0.1: another machine in 203.0.113.0/24 is right, or none"),
        ("203.0.113.10/24 203.0.113.10", "gateway: 203.0.113.10: another machine in 203.0.113.0/24 is right"),
        ("203.0.113.10/24 203.0.113.1 dns.example", "name_servers: dns.example: IP addresses are right"),
        pytest.param(
            f"{NETWORK}.10/25 none", f"a network apart from {OTHER_END}, which has {NETWORK}.9/24, is right",
            id="the network of another interface",
        ),
    ],
)
def test_what_would_not_work_is_refused_and_nothing_is_kept(station, folder, cable, given, told):
    technician = station.logged_in()
    assert told in technician.run(f"network set {cable} static {given}").replace('"', "").replace("'", "")
    assert list(folder.iterdir()) == []


def test_an_interface_that_is_not_there_is_told_with_those_that_are(station, folder, cable):
    technician = station.logged_in()
    assert "there is no interface 'eth77'; there is " in technician.run("network set eth77 dhcp")
    assert "there is no interface 'lo'" in technician.run("network set lo dhcp")


def test_who_does_not_agree_changes_nothing(station, folder, cable):
    technician = station.logged_in()
    assert "nothing was changed" in agree(technician, f"network set {cable} dhcp", "n")
    assert list(folder.iterdir()) == []


def test_a_user_who_may_not_write_there_is_told_whose_business_it_is(station, folder, cable):
    shutil.rmtree(folder)
    technician = station.logged_in()
    assert "this user may not write" in technician.run(f"network set {cable} dhcp")
    technician.type("exit\r")
    technician.log_in(PASSWORD)
