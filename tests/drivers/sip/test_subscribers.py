"""The tables through which the edge knows users and trunks."""

import sqlite3
from contextlib import closing
from pathlib import Path

from drivers.link.messages import SipTrunk, SipUser
from drivers.sip import subscribers
from drivers.sip.edge.forwards import forwards

USERS = (SipUser("201", "a" * 32), SipUser("202", "b" * 32))


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def test_users_and_trunks_take_the_place_of_those_before(tmp_path: Path) -> None:
    path = tmp_path / "edge/subscribers.sqlite"
    trunks = (SipTrunk("a", "h.example", addresses=("192.0.2.1", "10.0.0.0/8")),)
    assert subscribers.write(path, "house", USERS, trunks, {}) is True
    assert rows(path, "SELECT ip_addr, mask, port, tag FROM address WHERE grp = 1 ORDER BY 1") == [
        ("10.0.0.0", 8, 0, "a"), ("192.0.2.1", 32, 0, "a"),
    ]  # fmt: skip
    assert subscribers.write(path, "house", USERS[:1], (), {}) is True
    assert rows(path, "SELECT username, ha1 FROM subscriber") == [("201", "a" * 32)]
    assert rows(path, "SELECT count(*) FROM address WHERE grp = 1") == [(0,)]
    assert rows(path, "SELECT key_value FROM settings WHERE key_name = 'realm'") == [("house",)]


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "subscribers.sqlite"
    subscribers.write(path, "house", USERS, (), {})
    assert subscribers.write(path, "house", tuple(reversed(USERS)), (), {}) is False


def test_a_trunk_without_addresses_calls_from_where_its_name_leads(tmp_path: Path) -> None:
    path = tmp_path / "subscribers.sqlite"
    subscribers.write(path, "house", (), (SipTrunk("a", "h.example"),), {"a": ["192.0.2.4", "2001:db8::4"]})
    assert rows(path, "SELECT ip_addr, mask FROM address WHERE grp = 1 ORDER BY mask") == [
        ("192.0.2.4", 32), ("2001:db8::4", 128),
    ]  # fmt: skip


def test_a_network_of_several_trunks_names_all_of_them_and_the_narrowest_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "subscribers.sqlite"
    trunks = (
        SipTrunk("wide", "h", addresses=("10.0.0.0/8", "2001:db8::/32")), SipTrunk("named", "sip.example"),
        SipTrunk("narrow", "h", addresses=("10.1.0.0/16", "10.1.2.3")),
    )  # fmt: skip
    written = [
        ("10.1.2.3", 32, "wide,named,narrow"), ("2001:db8::", 32, "wide"), ("10.1.0.0", 16, "wide,narrow"),
        ("10.0.0.0", 8, "wide"),
    ]  # fmt: skip
    assert subscribers.write(path, "house", (), trunks, {"named": ["10.1.2.3"]}) is True
    assert rows(path, "SELECT ip_addr, mask, tag FROM address WHERE grp = 1 ORDER BY id") == written
    assert subscribers.write(path, "house", (), trunks, {"named": ["10.1.2.3"]}) is False
    assert subscribers.write(path, "house", (), trunks, {"named": ["10.1.2.4"]}) is True
    assert rows(path, "SELECT tag FROM address WHERE ip_addr = '10.1.2.3'") == [("wide,narrow",)]


def test_one_wrong_address_does_not_lose_the_others(tmp_path: Path) -> None:
    path = tmp_path / "subscribers.sqlite"
    subscribers.write(path, "house", (), (SipTrunk("a", "h", addresses=("nonsense", "192.0.2.1")),), {})
    assert rows(path, "SELECT ip_addr FROM address WHERE grp = 1") == [("192.0.2.1",)]


def test_secrets_are_nobody_elses_to_read(tmp_path: Path) -> None:
    path = tmp_path / "subscribers.sqlite"
    subscribers.write(path, "house", USERS, (), {})
    assert path.stat().st_mode & 0o077 == 0


def test_a_reader_is_never_kept_waiting(tmp_path: Path) -> None:
    path = tmp_path / "subscribers.sqlite"
    subscribers.write(path, "house", USERS, (), {})
    with closing(sqlite3.connect(path, timeout=0)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM subscriber").fetchone() == (2,)
        subscribers.write(path, "house", (), (), {})
        assert reader.execute("SELECT count(*) FROM subscriber").fetchone() == (2,)


def test_a_trunk_by_tls_is_met_on_the_loopback_and_takes_calls_in_the_clear_from_there_alone(tmp_path: Path) -> None:
    path = tmp_path / "subscribers.sqlite"
    trunks = (
        SipTrunk("plain", "h.example", addresses=("192.0.2.1",)),
        SipTrunk("safe", "sip.example", 5061, "tls", addresses=("192.0.2.1", "192.0.2.7")),
    )
    (way,) = found = forwards(trunks, 6000)
    assert subscribers.write(path, "house", (), trunks, {}, found) is True
    assert rows(path, "SELECT grp, ip_addr, tag FROM address WHERE grp <> 2 ORDER BY 1, 2") == [
        (1, way.inside.host, "safe"), (1, "192.0.2.1", "plain"), (3, "192.0.2.1", "safe"), (3, "192.0.2.7", "safe"),
    ]  # fmt: skip
    assert rows(path, "SELECT key_name, key_value FROM settings ORDER BY 1") == [
        ("forward:safe", way.uri), ("realm", "house"), ("tls:sip.example:5061", way.uri),
    ]  # fmt: skip
    assert rows(path, "SELECT setid, destination FROM dispatcher") == [(2, way.uri)]
    assert subscribers.write(path, "house", (), trunks, {}, found) is False
    assert subscribers.write(path, "house", (), trunks[:1], {}) is True
    assert rows(path, "SELECT key_name FROM settings") == [("realm",)]
