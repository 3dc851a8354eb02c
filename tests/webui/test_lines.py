"""The pages of lines: all with their last verdict, one with its report, and the button that tests it."""

import pytest

from tests.fakes.line_tests import SILENT
from tests.webui.test_live import text_of
from tests.webui.test_sign_in import form_of


def press(client, number, **headers):
    """Press the button of a line's page."""
    form = form_of(client, "/account/")
    return client.post(f"/lines/{number}/test", data={"form": form}, headers=headers)


def test_a_line_that_was_never_tested_says_so_and_offers_to(page):
    client = page(role="admin")
    seen = text_of(client.get("/lines/2").text)
    assert "It was not tested yet." in seen
    assert "Test this line" in seen
    assert "never tested" in text_of(client.get("/lines/").text)


def test_the_button_tests_the_line_and_the_report_has_the_figures(page):
    client = page(role="admin")
    assert press(client, 2).headers["Location"] == "/lines/2"
    seen = text_of(client.get("/lines/2").text)
    for said in ("Verdict good", "Dial tone after good 0.3 s", "Level of the dial tone good -12.0 dBm0", "a-admin"):
        assert said in seen
    assert "good" in text_of(client.get("/lines/").text)
    zh = text_of(client.get("/lines/2?lang=zh").text)
    assert "拨号音电平 正常 -12.0 dBm0" in zh


def test_what_is_wrong_is_told_in_the_words_of_an_installer_and_stays_among_the_earlier_tests(page, door):
    client = page(role="admin")
    door.door.found = SILENT
    press(client, 3)
    assert "Dial tone after bad nothing is heard" in text_of(client.get("/lines/3").text)
    press(client, 3)
    seen = text_of(client.get("/lines/3").text)
    assert "Earlier tests" in seen
    assert "Dial tone after: nothing is heard" in seen
    assert "听不到任何声音" in text_of(client.get("/lines/3?lang=zh").text)


def test_a_script_is_told_in_words_that_the_line_is_in_use(page):
    client = page(role="admin")
    answer = press(client, 1, Accept="application/json")
    assert (answer.status_code, answer.json["wrong"]) == (422, "It cannot be tested now: the line is in use")
    assert press(client, 2, Accept="application/json").status_code == 204


def test_a_supervisor_looks_and_only_an_admin_tests(page):
    client = page(role="supervisor")
    assert "Test this line" not in text_of(client.get("/lines/2").text)
    assert press(client, 2).status_code == 403


@pytest.mark.parametrize("address", ["/lines/", "/lines/2", "/lines/2/stream"])
def test_a_viewer_has_no_right_to_it(page, address):
    assert page(role="viewer").get(address).status_code == 403


def test_a_line_that_is_not_there_is_not_found(page):
    assert page(role="admin").get("/lines/77").status_code == 404
    assert page(role="admin").get("/lines/none").status_code == 404
