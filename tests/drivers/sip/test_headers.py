"""What callers write into SIP, read and made safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.sip import headers


def test_fields_are_found_by_any_of_their_names_and_folded_lines_are_joined() -> None:
    message = "INVITE sip:1@h SIP/2.0\r\nf: <sip:a@h>\r\nSUBJECT: one\r\n two\r\nVia: x\r\nvia: y\r\n\r\nBody: no\r\n"
    found = headers.fields(message)
    assert found["from"] == ["<sip:a@h>"]
    assert found["subject"] == ["one two"]
    assert found["via"] == ["x", "y"]
    assert "body" not in found


@pytest.mark.parametrize(
    ("value", "name", "user"),
    [
        ("<sip:201@h>;tag=1", "", "201"), ("sip:201@h;tag=1", "", "201"),
        ('"A, <b>" <sips:c:pw@h;x=y>', "A, <b>", "c"), ("Bob Smith <sip:bob@h>", "Bob Smith", "bob"),
        ("<tel:+1-(201) 555.0123>", "", "+12015550123"), ("<sip:h>", "", ""), ("<http://h>", "", ""),
        ("", "", ""), ('"unclosed <sip:1@h>', "", ""), ("<sip:a%40b@h>", "", "a@b"),
        ("<sip:1%0d%0aX@h>", "", "1 X"),
    ],
)  # fmt: skip
def test_an_address_is_read_as_far_as_it_is_one(value: str, name: str, user: str) -> None:
    assert headers.address(value) == (name, user)


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_whatever_was_sent_becomes_one_printable_line(text: str) -> None:
    shown = headers.safe(text, 80)
    assert len(shown) <= 80
    assert shown.isprintable()
    shown.encode()


@given(st.text(max_size=60))
def test_a_name_put_into_a_header_comes_out_as_it_was_shown(name: str) -> None:
    shown = headers.safe(name, 80)
    assert headers.address(headers.quoted(name) + "<sip:1@h>") == (shown, "1")


@given(st.text(max_size=40))
def test_no_number_breaks_out_of_its_uri(number: str) -> None:
    user = headers.escaped_user(number)
    assert user.isascii()
    assert not set(user) & set("@<>\"; \r\n:#[]{}")
