"""What a PBX is told of waiting messages, by a span that speaks QSIG to another libpri, and by no other."""

from typing import Any

import pytest

from drivers.boards.pri.lamps import Lamps
from drivers.link.errors import WrongState
from native.isdn import Cleared, Freed, Party
from tests.drivers.boards.pri.test_span import Desk, desks  # noqa: F401 - a fixture
from tests.drivers.boards.pri.wires import FarEnd


def go_away(desk: Desk) -> None:
    """Let the PBX be deaf and dumb, as one is that was switched off."""
    desk.loop.remove_reader(desk.far_wire.dchannel)
    if desk.far._timer is not None:
        desk.far._timer.cancel()


def come_back(desk: Desk) -> None:
    """Let the PBX be there again, at its end of the same wire."""
    desk.far = FarEnd(desk.far_wire, "user", "qsig")


def told(desk: Desk) -> list[tuple[str, str]]:
    """Return what was said of it on the wire, oldest first."""
    said = [service for one in desk.span.trace.after(0) for service in one.services if ":mwi:" in service]
    return [(name, served) for _, _, name, served in (one.split(":") for one in said)]


@pytest.fixture
def desk(desks: Any) -> Desk:  # noqa: F811
    made: Desk = desks(side="network", variant="qsig")
    return made


def test_it_is_told_what_changes_and_nothing_else(desk: Desk) -> None:
    desk.do(desk.span.show_waiting, {"301": True, "302": False, "303": True})
    desk.wait(1)
    first = [("mwiActivate", "301"), ("mwiDeactivate", "302"), ("mwiActivate", "303")]
    assert told(desk) == first
    desk.do(desk.span.show_waiting, {"301": True, "302": True, "303": True})
    desk.wait(1)
    assert told(desk)[3:] == [("mwiActivate", "302")]
    desk.do(desk.span.show_waiting, {"301": False})  # the others are no extensions there any more
    desk.wait(1)
    assert sorted(told(desk)[4:]) == [("mwiDeactivate", number) for number in ("301", "302", "303")]


def test_it_is_told_all_again_when_its_d_channel_comes_back(desk: Desk) -> None:
    desk.do(desk.span.show_waiting, {"301": True})
    desk.wait(1)
    desk.do(go_away, desk)
    desk.wait(60)
    assert desk.ups[-1] is False
    desk.do(desk.span.show_waiting, {"301": True, "302": True})
    desk.wait(1)
    assert len(told(desk)) == 1
    desk.do(come_back, desk)
    desk.wait(20)
    assert desk.ups[-1] is True
    assert told(desk)[1:] == [("mwiActivate", "301"), ("mwiActivate", "302")]


def test_calls_are_not_disturbed_by_it_nor_is_one_of_its_calls_taken_for_theirs(desk: Desk) -> None:
    number, user = desk.comes(did="201", caller=Party("301"))
    desk.do(desk.span.show_waiting, {"301": True})
    desk.wait(5)
    assert user.told == []
    assert list(desk.span.calls) == [1]
    desk.do(desk.far.dchannel.hang_up, number, 16)
    assert user.told == [(16, "party")]


def test_who_speaks_no_qsig_is_told_nothing_and_nothing_is_tried(
    desks: Any, caplog: pytest.LogCaptureFixture  # noqa: F811
) -> None:
    caplog.set_level("INFO")
    desk = desks(side="network")
    desk.do(desk.span.show_waiting, {"301": True})
    desk.wait(5)
    assert told(desk) == []
    assert "QSIG" not in caplog.text


class Pbx:
    """Takes what it is told, but while it is `down`."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bool]] = []
        self.down = False

    def tell(self, number: str, waiting: bool) -> int:
        if self.down:
            raise WrongState("the D-channel is down")
        self.told.append((number, waiting))
        return len(self.told)


def test_one_is_told_after_the_other_and_the_last_word_counts() -> None:
    pbx = Pbx()
    lamps = Lamps("span 2", pbx.tell)
    lamps.show({"301": True, "302": True})
    assert pbx.told == [("301", True)]
    lamps.show({"301": False, "302": True})
    lamps.happened(Freed(7))                # of somebody else
    lamps.happened(Cleared(1, 16))
    assert len(pbx.told) == 1
    lamps.happened(Freed(1))
    lamps.happened(Freed(2))
    lamps.happened(Freed(3))
    assert pbx.told == [("301", True), ("301", False), ("302", True)]


def test_a_pbx_that_refuses_is_not_asked_again_until_it_comes_back(caplog: pytest.LogCaptureFixture) -> None:
    pbx = Pbx()
    pbx.down = True
    lamps = Lamps("span 2", pbx.tell)
    lamps.show({"301": True})
    pbx.down = False
    lamps.up()
    lamps.happened(Cleared(1, 69))
    lamps.happened(Freed(1))
    assert pbx.told == [("301", True)]
    assert "cause 69" in caplog.text
    lamps.up()
    assert pbx.told == [("301", True)] * 2
