"""What pages load beside their HTML: small on the way, and asked for once."""

import gzip

import pytest

from webui.app import ROOT

STATIC = ROOT / "static"
FILES = sorted(str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file())


@pytest.fixture
def stranger(page):
    return page(role="")


@pytest.mark.parametrize("name", FILES)
def test_a_file_comes_whole_to_whoever_unpacks_it_and_to_whoever_does_not(stranger, name):
    content = (STATIC / name).read_bytes()
    plain = stranger.get(f"/static/{name}", headers={"Accept-Encoding": "identity"})
    packed = stranger.get(f"/static/{name}", headers={"Accept-Encoding": "gzip, br"})
    assert plain.data == content
    assert "Content-Encoding" not in plain.headers
    if packed.headers.get("Content-Encoding") == "gzip":
        assert gzip.decompress(packed.data) == content
        assert packed.headers["ETag"] != plain.headers["ETag"]
        assert "Accept-Encoding" in packed.headers["Vary"]
    else:
        assert packed.data == content


def test_styles_and_scripts_are_a_third_of_their_size_on_the_way(stranger):
    for name in ("vendor/pico.min.css", "busyhour.css", "live.js"):
        packed = stranger.get(f"/static/{name}", headers={"Accept-Encoding": "gzip"})
        assert len(packed.data) < (STATIC / name).stat().st_size * 0.4, name


def test_who_refuses_gzip_is_not_sent_it(stranger):
    answer = stranger.get("/static/busyhour.css", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in answer.headers


def test_who_has_a_file_already_is_only_told_so(stranger):
    first = stranger.get("/static/live.js", headers={"Accept-Encoding": "gzip"})
    again = stranger.get(
        "/static/live.js", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["no-such.css", "../app.py", "%2e%2e/app.py", "vendor", ""])
def test_there_is_nothing_but_these_files(stranger, name):
    assert stranger.get(f"/static/{name}").status_code == 404


def test_a_page_itself_is_not_compressed_since_it_holds_secrets_beside_strangers_text(stranger):
    answer = stranger.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
