"""Status codes and causes, each in terms of the other."""

import pytest

from drivers.sip import causes


@pytest.mark.parametrize(
    ("status", "cause"),
    [(200, 16), (404, 1), (486, 17), (600, 17), (603, 21), (480, 18), (408, 102), (488, 88), (503, 41), (487, 16),
     (302, 31), (499, 41), (599, 41), (699, 17)],
)  # fmt: skip
def test_a_status_has_the_cause_rfc_3398_gives(status: int, cause: int) -> None:
    assert causes.from_status(status) == cause


def test_an_unregistered_telephone_is_absent() -> None:
    assert causes.from_status(480, causes.NOT_REGISTERED) == 20


@pytest.mark.parametrize("cause", range(1, 128))
def test_every_cause_refuses_a_call(cause: int) -> None:
    assert 400 <= causes.to_status(cause) < 600


@pytest.mark.parametrize(
    ("value", "cause"),
    [("Q.850;cause=17", 17), ('q.850 ; text="x;y" ; Cause=34', 34), ("SIP;cause=486", None), ("Q.850;text=1", None),
     ("SIP;cause=200,Q.850;cause=31", 31), ("Q.850;cause=0", None), ("Q.850;cause=999", None), ("", None)],
)  # fmt: skip
def test_a_reason_is_believed_where_it_is_one(value: str, cause: int | None) -> None:
    assert causes.from_reason([value]) == cause


@pytest.mark.parametrize("cause", [1, 16, 17, 99, 127])
def test_our_reason_is_read_as_we_meant_it(cause: int) -> None:
    assert causes.from_reason([causes.reason(cause)]) == cause
