"""The page an installer opens when a telephone does not register: why, and letting in whoever was kept out."""

import html

import msgspec
import pytest

from drivers.link.messages import Turned
from tests.webui.test_live import text_of
from tests.webui.test_users import post


def turn_away(door, *turned):
    """Let the edge have turned these away."""
    door.door.gateway.guarded = msgspec.structs.replace(door.door.gateway.guarded, turned=turned)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "1970-01-01 08:21:40 wrong password for 203 from 192.168.1.20 (5 times) "
               "Type the password again as the telephone's sheet has it."),
        ("zh", "1970-01-01 08:21:40 192.168.1.20 用分机 203 登记，密码不对（5 次） 请按话机参数单重新输入密码。"),
    ],
)  # fmt: skip
def test_a_mistyped_password_is_told_beside_its_extension_which_comes_first(page, language, said):
    seen = text_of(page(role="supervisor").get(f"/bans/?lang={language}").text)
    assert said in seen
    assert seen.index("分机 203" if language == "zh" else "203") < seen.index("201")
    assert {"en": "not registered", "zh": "未登记"}[language] in seen


def test_who_comes_as_no_extension_or_under_another_name_is_told_what_to_do(page, door):
    turn_away(
        door, Turned("192.168.1.21", "2O3", "extension", 1, 1000.0, 1000.0),
        Turned("192.168.1.22", "", "extension", 2, 1000.0, 1000.0),
        Turned("192.168.1.23", "204", "name", 1, 1000.0, 1000.0),
    )  # fmt: skip
    seen = text_of(page(role="supervisor").get("/bans/").text)
    assert "no extension 2O3, asked for from 192.168.1.21" in seen
    assert "no extension ?, asked for from 192.168.1.22 (2 times)" in seen
    assert "192.168.1.23 signs in as 204 and calls itself another number" in seen


def test_an_admin_lets_an_address_in_and_a_flood_ends_by_itself(page, door):
    client = page(role="admin")
    seen = text_of(client.get("/bans/").text)
    assert "192.0.2.7 too many wrong passwords of telephones" in seen
    assert "ends when it stops" in seen
    assert post(client, "/bans/", subject="192.0.2.7").status_code == 303
    assert [one.address for one in door.door.gateway.guarded.banned] == ["192.0.2.8"]
    assert "192.0.2.7" not in client.get("/bans/").text
    again = post(client, "/bans/", subject="192.0.2.7")
    assert (again.status_code, "It is kept out no more" in again.text) == (422, True)


def test_a_supervisor_sees_no_button_and_may_not(page):
    client = page(role="supervisor")
    assert "Let in again" not in client.get("/bans/").text
    assert post(client, "/bans/", subject="192.0.2.7").status_code == 403
    assert page(role="agent").get("/bans/").status_code == 403


def test_a_silent_edge_and_one_that_has_too_much_to_tell_are_said(page, door):
    client = page(role="supervisor")
    door.door.gateway.guarded = msgspec.structs.replace(door.door.gateway.guarded, more=True)
    assert "There are more than can be listed" in html.unescape(client.get("/bans/").text)
    door.door.gateway.guarded = None
    assert "The SIP edge does not answer" in client.get("/bans/").text
