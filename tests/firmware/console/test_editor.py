"""What the line editor makes of what comes by the line."""

import pytest
from prompt_toolkit.keys import Keys

from firmware.console.editor import LONGEST_KEY, BoundedParser

ENDLESS = "\x1b[" + "9" * 3000


@pytest.mark.parametrize("at_once", [True, False], ids=["at-once", "one-by-one"])
def test_a_key_that_never_ends_is_cut_short_and_the_next_is_known(at_once: bool) -> None:
    pressed = []
    parser = BoundedParser(pressed.append)
    text = ENDLESS + "x\x1b[C"
    for part in [text] if at_once else text:
        parser.feed(part)
    assert [press.key for press in pressed[-2:]] == ["x", Keys.Right]
    assert "".join(press.data for press in pressed[:-2]) == ENDLESS[:LONGEST_KEY]


def test_digits_that_are_typed_are_all_taken() -> None:
    pressed = []
    BoundedParser(pressed.append).feed("[" + "9" * 500 + "\x1b[1;5C" + "7" * 500)
    assert len([press for press in pressed if press.key in "97"]) == 1000
