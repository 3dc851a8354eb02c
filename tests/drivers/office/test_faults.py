"""Faults on demand: what the box hears on a line that is at fault, and that it is well again afterwards."""

import pytest

from drivers.link.office import Fault
from tests.audio import hears_tone, level_dbm0, strongest_hz
from tests.drivers.office.box import Box


def test_a_line_without_dial_tone_is_silent_but_takes_a_number(box: Box) -> None:
    box.office.lines[1].fail(Fault(line=1, dial_tone=False))
    box.off_hook()
    box.run(3)
    assert level_dbm0(box.heard(0.1, 3)) < -60
    assert box.state() == "dial_tone"


def test_a_wrong_dial_tone_is_heard_instead_of_the_right_one(box: Box) -> None:
    box.office.lines[1].fail(Fault(line=1, dial_tone_hz=620))
    box.off_hook()
    box.run(2)
    assert strongest_hz(box.heard(0.5, 1.5)) == pytest.approx(620, abs=1)
    assert not hears_tone(box.heard(0.5, 1.5), 450)


@pytest.mark.parametrize("level_dbm0_", [-50, -30])
def test_noise_is_there_on_hook_and_under_the_dial_tone(box: Box, level_dbm0_: float) -> None:
    box.office.lines[1].fail(Fault(line=1, noise_dbm0=level_dbm0_))
    box.run(1)
    assert level_dbm0(box.heard(0, 1)) == pytest.approx(level_dbm0_, abs=0.5)
    assert level_dbm0(box.heard(0, 1, line=2)) < -60
    box.off_hook()
    box.run(1)
    assert hears_tone(box.heard(1.2, 2), 450)


@pytest.mark.parametrize("kind", ["fsk", "dtmf"])
def test_a_line_without_caller_id_rings_and_tells_nothing(box: Box, kind: str) -> None:
    box.office.lines[1].fail(Fault(line=1, caller_id=False))
    box.call(caller_id=kind)
    box.run(6)
    assert box.rings[1] == [(0.0, True), (1.0, False), (5.0, True)]
    assert level_dbm0(box.heard()) < -60


def test_a_cut_line_is_dead_and_a_line_at_no_fault_is_well_again(box: Box) -> None:
    box.office.lines[1].fail(Fault(line=1, battery=False, noise_dbm0=-20))
    box.off_hook()
    box.run(1)
    assert (box.office.lines[1].battery, level_dbm0(box.heard(0, 1)) < -60) == (False, True)
    box.on_hook()
    box.office.lines[1].fail(Fault(line=1))
    box.run(1)
    box.off_hook()
    box.run(1)
    assert hears_tone(box.heard(2.2, 3), 450)
    assert level_dbm0(box.heard(2.2, 3)) == pytest.approx(-10, abs=0.3)
