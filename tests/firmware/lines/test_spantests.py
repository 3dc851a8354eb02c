"""What a loopback test says by what came back, and what becomes of one whose gateway is no more."""

from types import SimpleNamespace
from typing import Any

import pytest

from drivers.link import messages as m
from drivers.link.messages import ChannelBits
from firmware.errors import SpanHasNoLoop, SpanNotTested, Unavailable
from firmware.events import Bus, Event, Kind
from firmware.health.bit_words import ratio_words, verdict_of, verdict_words
from firmware.lines.spantests import SpanTest, SpanTests
from tests.fakes.box import Box


def verdict(*slots: ChannelBits, state: Any = "done") -> str:
    return SpanTest(1, 0, 10, False, "admin", 0.0, state, slots).verdict


def heard(slot: int = 1, **found: int) -> ChannelBits:
    return ChannelBits(slot, "pattern", **({"bits": 640000} | found))


NOTHING, OTHER = ChannelBits(2, "nothing"), ChannelBits(3, "other")


def test_the_verdict_is_the_worst_that_was_found():
    assert verdict(heard(), heard(2)) == "clean"
    assert verdict(heard(), heard(2, errors=3)) == "errors"
    assert verdict(heard(losses=1), heard(2, errors=3)) == "losses"
    assert verdict(heard(losses=1, slips=1)) == "slips"
    assert verdict(heard(slips=1), NOTHING) == "part"
    assert verdict(NOTHING, OTHER) == "no-loop"
    assert verdict(NOTHING) == "silent"
    assert verdict(NOTHING, state="running") == ""
    assert verdict(heard(bits=0)) == ""


@pytest.mark.parametrize(
    ("language", "missing"), [("en", "do not come back: 2-3, 5;"), ("zh", "没有返回的通道：2-3, 5；")]
)
def test_the_words_have_the_figures_and_name_the_channels_that_are_missing(language: str, missing: str):
    channels = [{"slot": slot, "heard": kind, "slips": 0, "losses": 0} for slot, kind in
                ((1, "pattern"), (2, "nothing"), (3, "other"), (4, "pattern"), (5, "nothing"))]  # fmt: skip
    test = {"verdict": "part", "channels": channels, "bits": 1000, "errors": 4, "ratio": 0.004, "late": 2}
    text = verdict_words(test, language)
    assert missing in text
    assert " 4 " in text
    assert " 2 " in text.replace("2-3", "")
    assert (verdict_of(test), verdict_of(test | {"verdict": "clean"})) == ("bad", "good")


def test_a_ratio_is_written_as_technicians_do():
    assert [ratio_words(ratio) for ratio in (0, 0.001, 1.234e-7)] == ["0", "1.0E-3", "1.2E-7"]


class Gateway(SimpleNamespace):
    """What tests know of the gateway."""

    def __init__(self) -> None:
        super().__init__(connected=True, spans=(), on_anew=[], sent=[], ids=iter("abcdef"))
        self.send = self.sent.append

    def next_id(self) -> str:
        return next(self.ids)


def spans_of(gateway: Gateway, *earlier: Event) -> SpanTests:
    return SpanTests(gateway=gateway, bus=Bus(), clock=SimpleNamespace(wall_s=lambda: 5.0), earlier=earlier)


async def begun(tests: SpanTests, gateway: Gateway, told: Any) -> SpanTest:
    """Begin a test of which the gateway tells that."""
    gateway.send = lambda order: told(order)
    return await tests.begin(1, "admin")


async def test_a_gateway_that_begins_anew_ends_what_was_under_way():
    gateway = Gateway()
    tests = spans_of(gateway)
    await begun(tests, gateway, lambda order: tests.take(m.SpanTesting(1.0, order.id, 1, (heard(),))))
    assert tests.last[1].state == "running"
    gateway.on_anew[0](None)
    assert (tests.last[1].state, tests.last[1].slots) == ("gone", (heard(),))


async def test_what_the_gateway_refuses_is_raised_and_leaves_no_test():
    gateway = Gateway()
    tests = spans_of(gateway)

    for code, error in (("wrong-state", SpanNotTested), ("no-loop", SpanHasNoLoop)):

        def refuse(order: m.TestSpan, code: str = code) -> None:
            tests.refused(m.Refused(1, 1.0, order.id, code, "it is not there"))

        with pytest.raises(error, match="it is not there"):
            await begun(tests, gateway, refuse)
    assert tests.last == {}
    assert not tests.refused(m.Refused(1, 1.0, "of-another", "wrong-state", ""))


async def test_a_gateway_that_does_not_tell_is_told_to_stop(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("firmware.lines.spantests.ANSWER_S", 0.01)
    gateway = Gateway()
    tests = spans_of(gateway)
    with pytest.raises(Unavailable, match="did not begin to test span 1"):
        await tests.begin(1, "admin")
    assert [type(order) for order in gateway.sent] == [m.TestSpan, m.StopSpanTest]
    tests.take(m.SpanTested(1, 9.0, gateway.sent[0].id, 1, "stopped", (NOTHING,)))
    assert tests.last == {}


def ended(box: Box, errors: int, **how: Any) -> SpanTest:
    """Let a test of span 1 end that an exchange which is no more had ordered; return what is known of it."""
    told = {"command": "of-another", "span": 1, "outcome": "done", "slots": (heard(errors=errors), NOTHING)}
    box.gateway.tell(m.SpanTested, **(told | how))
    box.settle()
    return box.exchange.span_tests.last[1]


def test_the_last_test_of_a_span_outlives_the_exchange_also_where_an_earlier_one_had_ordered_it(box: Box):
    test = ended(box, 3, slot=0, seconds=20, local=True, begun_s=1000.0)
    assert test == SpanTest(1, 0, 20, True, "", 1000.0, "done", (heard(errors=3), NOTHING))
    box.clock.advance(2)
    box.restart()
    assert box.exchange.span_tests.last == {1: test}
    newer, other = ended(box, 5, outcome="stopped"), ended(box, 0, span=2, outcome="gone")
    assert newer == other == box.exchange.span_tests.last[1]
    box.clock.advance(2)
    box.restart()
    kept = box.exchange.span_tests.last
    assert [(kept[span].state, kept[span].errors) for span in (1, 2)] == [("stopped", 5), ("gone", 0)]
    told = [event.data for event in box.seen(Kind.SPAN_TESTED)]
    assert [(one["span"], one["verdict"], one["errors"]) for one in told] == [
        (1, "part", 3), (1, "part", 5), (2, "part", 0)
    ]  # fmt: skip
