"""Alarms reach people by mail: who is concerned, once, in their language, and none is lost with the exchange."""

import pytest

from drivers.link.messages import AlarmName as GatewayAlarm
from drivers.link.messages import Wrong
from firmware.events import AlarmName, Event, Kind, alarm_data
from firmware.mail.mailer import NoMailServer, NotSent
from tests.fakes.said import said
from tests.firmware.webhooks.conftest import reached  # noqa: F401 - a fixture

HOUR_S = 3600
LITTLE = said("little is left")


def mail(*recipients, **more):
    people = [{"address": address, "severity": severity} for address, severity in recipients]
    return {"host": "mail.example.com", "sender": "box@example.com", "recipients": people, **more}


@pytest.fixture
def box(reached):  # noqa: F811
    box = reached(mail=mail(("li@example.com", "major")))
    box.outside.names["mail.example.com"] = ("192.168.1.5",)
    return box


def alarm(box, name=AlarmName.DISK_SPACE, subject="disk", *, raised=True, wrong=LITTLE):
    data = alarm_data(name, subject, raised=raised, wrong=wrong)
    box.do(box.bus.publish, Event(box.clock.wall_s(), Kind.ALARM, data=data))


def letters(box):
    return [letter for _, letter in box.outside.letters]


def test_an_alarm_is_a_mail_within_a_minute_with_what_to_do(box):
    alarm(box)
    box.clock.advance(60)
    (letter,) = letters(box)
    assert (letter.sender, letter.recipients) == ("box@example.com", ("li@example.com",))
    assert letter.subject == "[Busyhour] 硬盘空间不足"
    assert "2026-03-02 09:00" in letter.text
    assert "little is left" in letter.text
    assert "删除不再需要的录音" in letter.text


def test_a_mail_says_the_figures_in_its_readers_language(box):
    alarm(box, wrong=Wrong("disk-left", {"free_mb": 12, "total_mb": 1024, "least_mb": 500}))
    alarm(box, GatewayAlarm.TRUNK_LOST, "trunk:carrier", wrong=Wrong("no-answer", {"host": "sip.example.com"}))
    box.clock.advance(60)
    (letter,) = letters(box)
    assert "共 1024 MiB，可用 12 MiB，应不少于 500 MiB" in letter.text
    assert "SIP 中继没有应答 中继 carrier\nsip.example.com 没有应答" in letter.text


def test_what_happens_at_once_is_one_mail_led_by_the_gravest(box):
    for number in range(30):
        alarm(box, AlarmName.PROGRAM_LOST, str(number))
    alarm(box, AlarmName.GATEWAY_LOST, "gateway")
    box.clock.advance(60)
    (letter,) = letters(box)
    assert letter.subject == "[Busyhour] 与网关失去联系，无法接打电话 gateway（另有 30 条）"
    assert letter.text.count("有程序意外退出") == 30


def test_the_end_of_an_alarm_is_told_too(box):
    alarm(box)
    box.clock.advance(60)
    alarm(box, raised=False)
    box.clock.advance(60)
    assert [letter.subject for letter in letters(box)][1] == "[Busyhour] 已恢复：硬盘空间不足"


def test_each_is_told_what_concerns_them_in_their_language(reached):  # noqa: F811
    recipients = [
        {"address": "duty@example.com", "severity": "critical", "language": "en"},
        {"address": "li@example.com", "severity": "warning"},
        {"address": "wang@example.com", "severity": "warning"},
    ]
    box = reached(mail=mail() | {"recipients": recipients})
    box.outside.names["mail.example.com"] = ("192.168.1.5",)
    alarm(box)
    box.clock.advance(60)
    assert [letter.recipients for letter in letters(box)] == [("li@example.com", "wang@example.com")]
    alarm(box, AlarmName.GATEWAY_LOST, "gateway")
    box.clock.advance(60)
    assert {letter.recipients for letter in letters(box)[1:]} == {
        ("duty@example.com",), ("li@example.com", "wang@example.com"),
    }  # fmt: skip
    (duty,) = [letter for letter in letters(box) if letter.recipients == ("duty@example.com",)]
    assert duty.subject == "[Busyhour] The exchange has no gateway: no calls can be made or taken gateway"


def test_a_server_that_is_away_gets_it_later_and_that_is_an_alarm_meanwhile(box):
    box.outside.mail_wrong = "connection refused"
    alarm(box)
    box.clock.advance(120)
    assert [one.name for one in box.exchange.alarms.table()] == ["disk-space", "mail-failing"]
    box.outside.mail_wrong = ""
    box.clock.advance(HOUR_S)
    (letter,) = letters(box)
    assert "硬盘空间不足" in letter.subject
    assert [one.name for one in box.exchange.alarms.table()] == ["disk-space"]


def test_who_has_it_already_does_not_get_it_again_when_another_could_not(reached):  # noqa: F811
    box = reached(mail=mail(("li@example.com", "major"), ("gone@example.com", "critical")))
    box.outside.names["mail.example.com"] = ("192.168.1.5",)
    box.outside.unknown.add("gone@example.com")
    alarm(box, AlarmName.GATEWAY_LOST, "gateway")
    box.clock.advance(HOUR_S)
    assert [letter.recipients for letter in letters(box)] == [("li@example.com",)]


def test_no_mail_is_lost_with_the_exchange_nor_sent_again_after_it(box):
    alarm(box)
    box.wait(box.journal.committed())
    box.restart(after_s=5)
    box.clock.advance(60)
    assert len(letters(box)) == 1
    box.clock.advance(60)
    box.restart()
    box.clock.advance(HOUR_S)
    assert len(letters(box)) == 1


def test_who_begins_to_get_mail_is_not_told_of_before(reached):  # noqa: F811
    box = reached()
    box.outside.names["mail.example.com"] = ("192.168.1.5",)
    alarm(box)
    box.clock.advance(60)
    document = box.wait(box.exchange.methods.call(admin(), "config.export", {"secrets": True}))
    document["mail"] = mail(("li@example.com", "major"))
    box.wait(box.configuration.replace(document, who="t", why=""))
    box.clock.advance(HOUR_S)
    assert letters(box) == []
    alarm(box, AlarmName.GATEWAY_LOST, "gateway")
    box.clock.advance(60)
    assert len(letters(box)) == 1


def test_a_stranger_words_make_no_headers(box):
    alarm(box, AlarmName.EMERGENCY_CALL, "extension:201\r\nBcc: all@example.com", wrong=said("110\nx"))
    box.clock.advance(60)
    (letter,) = letters(box)
    assert "\n" not in letter.subject
    assert "\nBcc" not in letter.text


def test_a_test_mail_goes_to_all_or_says_what_is_wrong(box):
    assert box.wait(box.exchange.mailer.test()) == ("li@example.com",)
    assert letters(box)[0].subject == "[Busyhour] 测试邮件"
    box.outside.mail_wrong = "authentication failed"
    with pytest.raises(Exception, match="authentication failed"):
        box.wait(box.exchange.mailer.test())


def test_a_letter_to_one_person_is_sent_at_once_or_says_what_is_wrong(box):
    box.wait(box.exchange.mailer.send("wang@example.com", "head", "body\n", "<p>body</p>"))
    (letter,) = letters(box)
    assert letter == ("box@example.com", ("wang@example.com",), "head", "body\n", "<p>body</p>")
    box.outside.unknown.add("gone@example.com")
    with pytest.raises(NotSent, match=r"mail\.example\.com does not take mail for gone@example\.com") as refused:
        box.wait(box.exchange.mailer.send("gone@example.com", "head", "body"))
    assert refused.value.facts["exactly"] == "mail-refused"
    box.outside.mail_after_s = 20.0
    with pytest.raises(NotSent, match=r"mail\.example\.com did not answer within 8 s"):
        box.wait(box.exchange.mailer.send("wang@example.com", "head", "body"))
    box.outside.names["mail.example.com"] = ("127.0.0.1",)
    with pytest.raises(NotSent, match="this machine's own"):
        box.wait(box.exchange.mailer.send("wang@example.com", "head", "body"))
    assert len(letters(box)) == 1


def test_without_a_mail_server_nothing_is_sent(reached):  # noqa: F811
    box = reached()
    with pytest.raises(NoMailServer, match=r"names no mail server: mail\.host"):
        box.wait(box.exchange.mailer.send("wang@example.com", "head", "body"))


def admin():
    from firmware.control.methods import Asker, Role

    return Asker("test", Role.ADMIN)
