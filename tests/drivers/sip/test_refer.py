"""What a party that asked for a transfer is told, and for how long it may wait."""

from collections.abc import Callable, Iterator

import pytest

from drivers.sip.refer import EXPIRES_S, Refer
from firmware.clock import VirtualLoop


class Telephone:
    """A call as the SIP stack has it: keeps what is sent."""

    def __init__(self) -> None:
        self.active = True
        self.told: list[tuple[str, str]] = []

    def isActive(self) -> bool:  # noqa: N802 - pjsua2's names
        return self.active

    def sendRequest(self, sent) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
        assert sent.method == "NOTIFY"
        headers = {header.hName: header.hValue for header in sent.txOption.headers}
        assert headers["Event"] == "refer;id=7"
        self.told.append((headers["Subscription-State"], sent.txOption.msgBody.strip()))


TRYING = (f"active;expires={EXPIRES_S}", "SIP/2.0 100 Trying")
ENDED = "terminated;reason=noresource"


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    made = VirtualLoop()
    yield made
    made.close()


def refer(loop: VirtualLoop, telephone: Telephone) -> Refer:
    """Let the telephone ask."""
    made: list[Refer] = []
    do(loop, lambda: made.append(Refer(telephone, 7)))
    return made[0]


def do(loop: VirtualLoop, act: Callable[[], object]) -> None:
    loop.call_soon(act)
    loop.step()


def test_a_transfer_that_nobody_concludes_ends_in_its_time(loop: VirtualLoop) -> None:
    telephone = Telephone()
    asked = refer(loop, telephone)
    loop.advance(EXPIRES_S - 1)
    assert telephone.told == [TRYING]
    loop.advance(2)
    assert telephone.told == [TRYING, (ENDED, "SIP/2.0 504 Recovery on timer expiry")]
    do(loop, lambda: asked.end(0))  # an exchange that comes too late
    assert len(telephone.told) == 2


def test_a_transfer_ends_once(loop: VirtualLoop) -> None:
    telephone = Telephone()
    asked = refer(loop, telephone)
    do(loop, lambda: asked.end(0))
    do(loop, lambda: asked.end(17))
    loop.advance(EXPIRES_S + 1)
    assert telephone.told == [TRYING, (ENDED, "SIP/2.0 200 OK")]


def test_who_has_gone_is_told_nothing(loop: VirtualLoop) -> None:
    telephone = Telephone()
    asked = refer(loop, telephone)
    do(loop, asked.drop)  # from now on the stack may have given the call's number to another
    loop.advance(EXPIRES_S + 1)
    do(loop, lambda: asked.end(0))
    assert telephone.told == [TRYING]
    gone = Telephone()
    gone.active = False
    refer(loop, gone)
    assert gone.told == []
