"""What is wrong with a trunk, by what the edge, the name service and the registrations say of it."""

import asyncio

import pytest

from drivers.link.messages import SipTrunk, Wrong
from drivers.sip import trunks
from drivers.sip.trunks import Trunks

ACCOUNT = SipTrunk("account", "sip.carrier.example", username="shop", register=True)
PEER = SipTrunk("peer", "pbx.example")


class Said:
    """In the place of edge and alarms: which trunks answer, and what was said first of each subject."""

    def __init__(self, there: dict[int, bool]) -> None:
        self.there, self.first = there, dict[str, Wrong | None]()
        self.heard = asyncio.Event()

    def trunks_there(self) -> dict[int, bool]:
        return self.there

    def say(self, name: str, subject: str, wrong: Wrong | None, after_s: float = 0) -> None:
        self.first.setdefault(subject, wrong)
        self.heard.set()


@pytest.mark.parametrize(
    ("trunk", "resolved", "answers", "registered", "code"),
    [
        (ACCOUNT, True, True, True, ""), (ACCOUNT, True, True, False, "not-registered"),
        (ACCOUNT, True, False, True, "no-answer"), (ACCOUNT, False, True, False, "name-unknown"),
        (ACCOUNT, False, True, True, ""),  # met by its SRV records
        (PEER, True, True, False, ""), (PEER, False, True, False, "name-unknown"),
    ],
)  # fmt: skip
def test_a_trunk_is_lost_by_its_name_its_silence_or_its_registration(
    monkeypatch: pytest.MonkeyPatch, trunk: SipTrunk, resolved: bool, answers: bool, registered: bool, code: str
) -> None:
    monkeypatch.setattr(trunks, "EVERY_S", 0.01)
    subject = f"trunk:{trunk.name}"

    async def look() -> Wrong | None:
        said = Said({1: answers})
        watched = Trunks(said, said, lambda: {subject} if registered else set())  # type: ignore[arg-type]
        watched.provision([trunk], {trunk.name: ["192.0.2.1"]} if resolved else {})
        task = asyncio.create_task(watched.watch())
        await asyncio.wait_for(said.heard.wait(), 20)
        task.cancel()
        return said.first[subject]

    wrong = asyncio.run(look())
    assert (wrong.code if wrong else "") == code
