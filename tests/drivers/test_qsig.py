"""Facilities of QSIG, as they come from a wire: what is read of them, whole or spoilt, and what is answered."""

import pytest

from drivers import qsig
from native import rose

# As libpri 1.6 sends it for 345 (tests/native/pri/test_waiting.py has OpenSSL read the same)
ACTIVATE = bytes.fromhex("9faa068001008201008b0100a110020103020150300880033334350a0101")
PRIVATE = bytes.fromhex("9faa06800100820100a1170201030201513 00fa50a0a0103 12053334353637 0a0101".replace(" ", ""))
SETUP = bytes.fromhex("02010000 08020001 05 0402a880 1801ac 1c1e".replace(" ", "")) + ACTIVATE
REFUSED = bytes.fromhex("00010002 08028001 5a 080281c5".replace(" ", ""))


def test_whose_messages_wait_is_read_however_the_number_is_written() -> None:
    assert list(qsig.services(ACTIVATE)) == [qsig.Service("mwiActivate", 3, "345")]
    public = PRIVATE.replace(b"\xa5\x0a", b"\xa1\x0a")
    for facility in (PRIVATE, public):
        assert list(qsig.services(facility)) == [qsig.Service("mwiDeactivate", 3, "34567")]


@pytest.mark.parametrize("length", range(len(ACTIVATE)))
def test_a_facility_that_is_cut_anywhere_says_nothing_or_less(length: int) -> None:
    assert list(qsig.services(ACTIVATE[:length])) == []
    for place in range(length):
        for octet in (0x00, 0x7F, 0x80, 0x84, 0xFF):
            list(qsig.services(ACTIVATE[:place] + bytes([octet]) + ACTIVATE[place + 1 :]))


def test_a_frame_is_read_with_its_call_and_one_that_bears_no_message_is_none() -> None:
    found = qsig.message(SETUP)
    assert found is not None
    assert (found.reference, found.kind, dict(rose.elements(found.elements))[qsig.FACILITY]) == (
        b"\x00\x01", qsig.SETUP, ACTIVATE
    )  # fmt: skip
    for length in range(len(SETUP)):
        qsig.message(SETUP[:length])
    assert qsig.message(bytes.fromhex("02010100")) is None


def test_what_was_done_is_answered_as_the_result_of_what_was_asked() -> None:
    refused = qsig.message(REFUSED)
    assert refused is not None
    answered = qsig.message(qsig.accepted(refused, 3, "mwiActivate"))
    assert answered is not None
    assert (answered.reference, answered.kind) == (b"\x00\x01", qsig.RELEASE_COMPLETE)
    found = dict(rose.elements(answered.elements))
    assert found[qsig.CAUSE] == b"\x81\x90"
    assert list(qsig.services(found[qsig.FACILITY])) == [qsig.Service("result", 3)]
