"""Whom the pages answer, and what they let a browser do."""

import socket

import pytest

from webui.guard import is_own_name


@pytest.fixture
def client(page):
    return page(role="")


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8080", "LOCALHOST", "127.0.0.1:8080", "[::1]:8080", "192.168.1.20", "[fe80::1]",
     socket.gethostname(), f"{socket.gethostname()}:80"],
)  # fmt: skip
def test_addresses_and_the_machines_own_names_are_answered(client, host):
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1:8080@evil.example",
     "[::1", "[::1]x", "localhost:", "a:b", "127.1", "0x7f000001"],
)  # fmt: skip
def test_a_name_that_somebody_else_pointed_here_is_refused(client, host):
    assert not is_own_name(host)
    assert client.get("/sign-in", headers={"Host": host}).status_code == 421


def test_no_name_at_all_is_no_own_name():
    assert not is_own_name("")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_the_first_page_only_shows(client, method):
    assert client.open("/", method=method).status_code == 405


def test_every_answer_forbids_all_that_is_not_ours(client):
    for path in ("/", "/sign-in", "/static/busyhour.css", "/no-such-page"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_pages_are_not_kept_but_files_are(client):
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    kept = client.get("/static/busyhour.css").headers["Cache-Control"]
    assert "max-age=31536000" in kept
    assert "immutable" in kept  # so that not even a page loaded anew asks for it
