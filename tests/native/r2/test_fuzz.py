"""Garbled bits and tones: nothing falls over, and no line is lost."""

import random
from itertools import pairwise

import pytest

from native.r2 import TONES, VARIANTS, Cleared, Freed, R2Error
from tests.native.r2.pair import End, Pair

STEPS = 60


def disturb(pair: Pair, chance: random.Random) -> None:
    """Do something that nobody should, or that somebody may do at any time."""
    end: End = chance.choice(pair.ends)
    what = chance.randrange(9)
    try:
        if what < 2:
            end.line.receive(chance.randrange(16))
        elif what < 5:
            end.hear(chance.choice(["", *TONES]))
        elif what == 5:
            end.line.call(str(chance.randrange(10**6)), chance.choice([None, "138"]))
        elif what == 6:
            chance.choice([end.line.accept, end.line.answer])()
        elif what == 7:
            end.line.hang_up(chance.randrange(1, 128))
        else:
            end.line.shut(chance.random() < 0.3)
    except R2Error:
        pass
    pair.live(chance.choice([0.0, 0.001, 0.02, 0.07, 0.3, 6.0]))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", range(12))
def test_whatever_comes_each_call_ends_once_and_the_line_can_be_used_again(variant: str, seed: int) -> None:
    chance = random.Random(f"{variant} {seed}")
    pair = Pair(variant)
    for _ in range(STEPS):
        disturb(pair, chance)
    for end in pair.ends:
        end.line.shut(False)
        end.line.hang_up(16)
    pair.live(200)
    for end in pair.ends:
        end.line.receive(end.other.bits)    # what was garbled last is there no more
    pair.live(200)
    for end in pair.ends:
        ends = [event for event in end.events if isinstance(event, Freed | Cleared)]
        assert not any(isinstance(one, Cleared) and not isinstance(next_one, Freed) for one, next_one in pairwise(ends))
        assert ends[-1:] in ([], [Freed()])
        end.events = []
        assert end.tone == end.listening == ""
    assert [end.line.state for end in pair.ends] == ["idle", "idle"]
    pair.talk()
