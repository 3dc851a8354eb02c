"""The pages of lines: all with their last verdict, one with its report, and the button that tests it."""

import pytest

from drivers.link.messages import ToneLearnt
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


def test_a_line_that_another_telephone_has_is_shown_so_in_both_languages(page, door):
    client = page(role="admin")
    door.do(lambda: door.door.gateway.lines.update({3: "parallel"}))
    for language, words in (("en", "used by another telephone"), ("zh", "被并机占用")):
        for address in ("/lines/", "/lines/3"):
            assert words in text_of(client.get(f"{address}?lang={language}").text)


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


def test_the_impedance_that_the_drivers_should_be_loaded_with_is_shown_with_how_it_takes_effect(page, door):
    client = page(role="admin")
    assert "opermode" not in text_of(client.get("/lines/2").text)
    door.door.gateway.opermode = "CHINA"
    assert "Impedance of the ports (opermode) CHINA This country's, written to run/modprobe.conf." in text_of(
        client.get("/lines/2").text
    )
    assert "端口阻抗（opermode） CHINA 本国的值" in text_of(client.get("/lines/2?lang=zh").text)


def test_a_script_is_told_in_words_that_the_line_is_in_use(page):
    client = page(role="admin")
    answer = press(client, 1, Accept="application/json")
    assert (answer.status_code, answer.json["wrong"]) == (422, "Not now: the line is in use")
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


def mailed(client, number, address, **asked):
    """Send the form of a line's page that mails its report."""
    form = form_of(client, "/account/")
    return client.post(f"/lines/{number}/mail", data={"form": form, "address": address}, query_string=asked)


def test_the_report_of_a_tested_line_is_mailed_in_the_language_of_the_page(page, door):
    client = page(role="admin")
    assert "Mail the report" not in text_of(client.get("/lines/2").text)
    press(client, 2)
    assert "Mail the report" in text_of(client.get("/lines/2").text)
    outside = door.mail_server()
    sent = mailed(client, 2, " li@example.com ")
    assert (sent.status_code, "It was sent to li@example.com." in text_of(sent.text)) == (200, True)
    mailed(client, 2, "li@example.com", lang="zh")
    (_, english), (_, chinese) = outside.letters
    assert (english.recipients, english.subject) == (("li@example.com",), "Busyhour: Report of line 2")
    assert "拨号音电平: 正常, -12.0 dBm0" in chinese.text


def test_why_a_report_was_not_mailed_is_told_beside_the_address_in_both_languages(page, door):
    client = page(role="admin")
    press(client, 2)
    unset = mailed(client, 2, "li@example.com")
    assert (unset.status_code, "No mail server is set" in text_of(unset.text)) == (422, True)
    outside = door.mail_server()
    assert "A mail address, such as li@example.com, is right." in text_of(mailed(client, 2, "li").text)
    outside.unknown.add("gone@example.com")
    refused = mailed(client, 2, "gone@example.com")
    assert "The mail was not sent: 192.168.1.5 does not take mail for gone@example.com" in text_of(refused.text)
    assert 'value="gone@example.com"' in refused.text
    chinese = text_of(mailed(client, 2, "gone@example.com", lang="zh").text)
    assert "邮件没有寄出：192.168.1.5 不接受寄给 gone@example.com 的邮件" in chinese
    assert outside.letters == []


def test_a_supervisor_mails_no_report_and_a_line_that_is_not_there_has_none(page, door):
    press(page(role="admin"), 2)
    client = page(role="supervisor")
    assert "Mail the report" not in text_of(client.get("/lines/2").text)
    assert mailed(client, 2, "li@example.com").status_code == 403
    assert mailed(page(role="admin"), 77, "li@example.com").status_code == 404


def act(client, number, what, **more):
    """Press a button of the part of a line's page that learns."""
    form = form_of(client, "/account/")
    return client.post(f"/lines/{number}/tone", data={"form": form, "act": what, **more})


def test_a_busy_tone_is_learnt_shown_as_a_picture_and_accepted_at_the_page(page, door):
    client = page(role="admin")
    assert "It hangs up by the country's tones." in text_of(client.get("/lines/2").text)
    assert act(client, 2, "learn").headers["Location"] == "/lines/2"
    seen = text_of(client.get("/lines/2").text)
    assert "call this line from a mobile now; hang up after the beep" in seen
    assert "Accept this tone" not in seen
    levels = (-14,) * 9 + (-60,) * 21
    told = ToneLearnt(1, 0.0, "", 2, "learnt", "", "620/180,0/420", levels, (-70,) * 25 + (-14,) + (-70,) * 54)
    door.do(lambda: door.door.learning.ended(told))
    answer = client.get("/lines/2").text
    assert "620 Hz: 180 ms on, 420 ms off" in text_of(answer)
    assert answer.count('<svg class="chart tone"') == 2
    assert "620 Hz：响 180 毫秒，停 420 毫秒" in text_of(client.get("/lines/2?lang=zh").text)
    act(client, 2, "accept_tone")
    seen = text_of(client.get("/lines/2?lang=en").text)
    assert "Forget its tone" in seen
    assert "Accept this tone" not in seen
    act(client, 2, "forget_tone")
    assert "It hangs up by the country's tones." in text_of(client.get("/lines/2").text)


def test_why_nothing_was_learnt_is_told_in_words_and_a_supervisor_only_looks(page, door):
    client = page(role="admin")
    act(client, 3, "learn", dial="10086")
    door.do(lambda: door.door.learning.ended(ToneLearnt(1, 0.0, "", 3, "failed", "music", "", (-14,), (-14,))))
    assert "music is heard, which can be no busy tone." in text_of(client.get("/lines/3").text)
    assert "听到的是音乐" in text_of(client.get("/lines/3?lang=zh").text)
    supervisor = page(role="supervisor")
    assert "Learn the tone" not in text_of(supervisor.get("/lines/3").text)
    assert act(supervisor, 3, "learn").status_code == 403
    assert act(client, 3, "none").status_code == 400


def test_a_technician_reads_what_passed_on_the_line_newest_first(page):
    client = page(role="supervisor")
    seen = text_of(client.get("/lines/2").text)
    assert "What passes on the line" in seen
    assert "received caller id (FSK) 13800138000 WANG" in seen
    assert "sent off hook (loop closed)" in seen
    assert seen.index("call ended") < seen.index("off hook") < seen.index("ring on")
    assert "收到 来电显示（FSK） 13800138000 WANG" in text_of(client.get("/lines/2?lang=zh").text)


def test_a_line_that_is_not_plugged_in_says_so_where_its_signals_would_be(page):
    client = page(role="supervisor")
    assert "It is not plugged in: look at its socket" in text_of(client.get("/lines/4").text)
    assert "端口上没有这条外线：检查插头和板卡。" in text_of(client.get("/lines/4?lang=zh").text)
