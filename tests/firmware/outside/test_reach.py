"""Which addresses may be reached by whom."""

import pytest

from firmware.outside.reach import wrong_with
from firmware.outside.url import read

OURS = ("203.0.113.7", "192.168.1.2", "2001:db8:1::7")
NEVER = (
    "169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%eth0", "::ffff:0.0.0.0", "::", "224.0.0.1", "ff02::1",
    "255.255.255.255", "240.0.0.1", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "not an address", "", "127.1", "0x7f000001", "2130706433",
)  # fmt: skip
OWN = ("127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", *OURS)
PRIVATE = ("10.0.0.1", "172.16.3.4", "192.168.1.3", "100.64.0.1", "fd12:3456::1", "::ffff:10.0.0.1", "2002:a00:1::")
PUBLIC = ("93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822")


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize("reach", ["public", "lan", "box"])
def test_some_are_never_reached(address, reach):
    assert wrong_with(address, reach, OURS)


@pytest.mark.parametrize("address", OWN)
def test_the_machine_itself_is_reached_where_that_is_allowed_alone(address):
    assert "reach `box` allows it" in wrong_with(address, "public", OURS)
    assert "reach `box` allows it" in wrong_with(address, "lan", OURS)
    assert wrong_with(address, "box", OURS) == ""


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_network_is_reached_where_that_is_allowed(address):
    assert "reach `lan` allows it" in wrong_with(address, "public", OURS)
    assert wrong_with(address, "lan", OURS) == ""


@pytest.mark.parametrize("address", PUBLIC)
@pytest.mark.parametrize("reach", ["public", "lan", "box"])
def test_the_internet_is_reached(address, reach):
    assert wrong_with(address, reach, OURS) == ""


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("https://example.com", ("https", "example.com", 443, "/")),
        ("https://EXAMPLE.com:8443/a/b?c=d", ("https", "example.com", 8443, "/a/b?c=d")),
        ("https://[2001:db8::1]/x", ("https", "2001:db8::1", 443, "/x")),
    ],
)
def test_a_url_means_one_thing(text, means):
    assert tuple(read(text, "public")) == means


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "https://",
        "https:///x", "https://user@example.com/", "https://user:pass@example.com/", "https://example.com/#x",
        "https://example.com/\r\nX-Header: 1", "https://example.com/ x", "https://example.com\\@evil.example/",
        "https://example.com:0/", "https://example.com:99999/", "https://example.com:x/", "//example.com/", "x",
        "https://ｅxample.com/", "https://example.com/" + "x" * 500, "https://[::1", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_plain_https_url_is_refused(text):
    with pytest.raises(ValueError, match=r"right"):
        read(text, "public")


def test_plain_http_stays_at_home():
    assert read("http://192.168.1.3:8000/hook", "lan").port == 8000
