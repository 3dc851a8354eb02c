"""A whole box whose line loses its dial tone: found by a test, told as an alarm, and over when the line is well."""

import json
from email import message_from_string
from email.policy import default

from tests.peers.box import Box
from tests.scenarios.test_alarms import letters, raised, until  # noqa: F401 - a fixture


def test_no_line_of_a_tests_box_is_tested_by_itself(box: Box) -> None:
    assert box.ask("config.export")["alarms"]["line_test_at"] == ""
    assert len(box.json("config", "history")) == 1


def test_a_line_without_dial_tone_is_found_told_mailed_and_well_again(
    box: Box, letters: tuple[int, list[str]]  # noqa: F811
) -> None:
    box.command("office", "fault", "--line", "3", "--no-dial-tone")
    tested = box.command("line", "test", "3", check=False)
    assert tested.returncode == 1
    assert "nothing is heard" in tested.stdout
    until(lambda: ("line-no-dial-tone", "line:3") in raised(box))
    lines = box.command("--json", "line", "trace", "3", "--once").stdout.splitlines()
    passed = [json.loads(one)["text"] for one in lines]
    assert passed[-4:] == ["loop-closed", "test", "hang-up", "loop-opened"]
    port, mails = letters
    box.configure(mail={
        "host": "127.0.0.1", "port": port, "security": "none", "sender": "box@example.com", "reach": "box",
        "recipients": [{"address": "duty@example.com"}],
    })  # fmt: skip
    box.command("line", "report", "3", "--mail", "li@example.com")
    (mail,) = [
        one for one in (message_from_string(mail, policy=default) for mail in mails) if one["To"] == "li@example.com"
    ]
    assert mail["Subject"] == "Busyhour: Report of line 3"
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert "nothing is heard" in part.get_content()
    box.command("office", "fault", "--line", "3")
    test = box.json("line", "test", "3")
    figures = {one["name"]: one["figure"] for one in test["findings"]}
    assert (test["verdict"], round(figures["dial_tone_frequency"])) == ("good", 450)
    assert -13 < figures["dial_tone_level"] < -7
    until(lambda: raised(box) == [])
    box.wait_back("exchange", box.kill("exchange"))
    shown = box.json("line", "status", "3")
    assert [one["verdict"] for one in shown["tests"]] == ["good", "bad"]


def test_a_line_that_another_telephone_has_is_shown_not_tested_and_free_again(box: Box) -> None:
    def state() -> str:
        return next(line["state"] for line in box.json("line", "list") if line["number"] == 2)

    box.command("office", "parallel", "2", "lift")
    until(lambda: state() == "parallel")
    tested = box.command("line", "test", "2", check=False)
    assert "another telephone on the line is off hook" in tested.stdout
    assert "line:2" not in [subject for _, subject in raised(box)]
    box.command("office", "parallel", "2", "put_down")
    until(lambda: state() == "idle")
