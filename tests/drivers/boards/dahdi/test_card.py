"""Which spans are of one card, which is an E1, and whose clock it takes, as drivers tell."""

import pytest

from drivers.boards.dahdi.card import clock_source, e1, mates, priority
from drivers.link.errors import WrongState
from drivers.link.messages import SpanSetting
from native.dahdi import Span


def span(number: int, kind: str = "E1", slot: str = "PCI Bus 01 Slot 01", clock: int = 0) -> Span:
    return Span(number, f"TE2/0/{number}", "", kind, "Wildcard TE220", slot, 0, 31, 0, kind != "ANALO", clock, {})


def test_spans_are_of_one_card_where_it_is_in_one_slot_and_those_of_memory_are_alone() -> None:
    cards = [span(4, slot="b"), span(1, slot="a"), span(3, slot="b"), span(2, slot="a")]
    spans = [*cards, span(5, "DYNAM", ""), span(6, "DYNAM", "")]
    assert [[one.number for one in mates(own, spans)] for own in spans] == [[3, 4], [1, 2], [3, 4], [1, 2], [5], [6]]


def test_a_clock_is_asked_for_by_its_place_among_those_of_its_own_card() -> None:
    spans = [span(1, slot="a"), span(2, slot="a"), span(3, slot="b"), span(4, slot="b")]
    settings = [SpanSetting(1, clock=1), SpanSetting(2, clock=0), SpanSetting(3, clock=4), SpanSetting(4, clock=3)]
    assert [priority(setting, settings, spans) for setting in settings] == [1, 0, 2, 1]


def test_a_clock_is_told_by_the_span_s_number_in_the_machine() -> None:
    spans = [span(1, slot="a"), span(2, slot="a"), span(3, slot="b", clock=2), span(4, slot="b", clock=2)]
    assert [clock_source(one, spans) for one in spans] == [0, 0, 4, 4]
    alone = span(7, slot="c", clock=7)      # wcte12xp tells its own number
    assert clock_source(alone, [*spans, alone]) == 7


@pytest.mark.parametrize(
    ("kind", "why"),
    [("T1", "is set to T1: .* default_linemode=e1"), ("ANALO", r"has 31 ports \(ANALO\) and is no E1")],
)
def test_what_is_no_e1_is_said(kind: str, why: str) -> None:
    with pytest.raises(WrongState, match=why):
        e1(1, {1: span(1, kind)})
    with pytest.raises(WrongState, match=r"span 2 is not there; spans are \[1\]"):
        e1(2, {1: span(1, kind)})
    assert [e1(1, {1: span(1, kind)}).kind for kind in ("E1", "DYNAM")] == ["E1", "DYNAM"]
