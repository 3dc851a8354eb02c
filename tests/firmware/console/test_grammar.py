"""Lines are understood by unique beginnings, refused with what would be right, and helped along at every point."""

import pytest

from firmware.console.commands import ROOTS
from firmware.console.grammar import Misspelt, Word, offer, parse, split
from firmware.console.output import FILTERS, Output, through
from firmware.console.words import Say

SAY = Say("en")


def done(name):
    return lambda session, arguments: (name, arguments)


WORDS = (
    Word("show", "help.show", (
        Word("calls", "help.show.calls", run=done("calls")),
        Word("config", "help.show.config", run=done("config")),
        Word("log", "help.show.log", (
            Word("PROGRAM", "help.PROGRAM", run=done("log"), values=lambda *_: [("web", ""), ("gateway", "up")]),
        ), done("logs")),
        Word("login", "help.agent.login", run=done("login")),
    )),
    Word("say", "help.show", (Word("TEXT", "help.TEXT", run=done("say"), rest=True),)),
)  # fmt: skip


def run(text, words=WORDS):
    line = parse(split(text)[0], words)
    return line.run(None, line.arguments)


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("show calls", ("calls", [])),
        ("sh ca", ("calls", [])),
        ("SH CO", ("config", [])),
        ("show log", ("logs", [])),  # a whole word, though login begins with it too
        ("sh log web", ("log", ["web"])),
        ('sh log "two words"', ("log", ["two words"])),
        ('say "a | b"  c', ("say", ["a | b c"])),
        ("say show calls", ("say", ["show calls"])),
    ],
)
def test_a_line_is_understood_by_unique_beginnings(text, does):
    assert run(text) == does


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("s calls", '"s" could be show, say'),
        ("show c", '"c" could be calls, config'),
        ("show", "incomplete: one of calls, config, log, login must follow"),
        ("say", "incomplete: one of TEXT must follow"),
        ("shoe", '"shoe": one of show, say is right'),
        ("show calls now", '"now": nothing more is right here'),
        ('"show" calls', '"show": one of show, say is right'),
    ],
)
def test_a_line_that_means_nothing_says_what_would(text, told):
    with pytest.raises(Misspelt) as caught:
        run(text)
    assert SAY(caught.value.key, **caught.value.places) == told


@pytest.mark.parametrize(
    ("text", "names", "ends"),
    [
        ("", ["show", "say"], False),
        ("s", ["show", "say"], False),
        ("sh ", ["calls", "config", "log", "login"], False),
        ("sh lo", ["log", "login"], False),
        ("sh log ", ["web", "gateway"], True),
        ("sh log g", ["gateway"], False),
        ("sh log x", ["PROGRAM"], False),
        ("show calls ", [], True),
        ("say hello ", ["TEXT"], True),
    ],
)
def test_what_may_come_next_is_offered(text, names, ends):
    offered = offer(text, WORDS, None, SAY)
    assert [name for name, _ in offered.options] == names
    assert offered.ends is ends


def test_behind_a_bar_filters_are_offered():
    offered = offer("show calls | ", FILTERS, None, SAY)
    assert [name for name, _ in offered.options] == ["json", "include", "count", "no-more"]


def test_every_word_of_the_console_can_be_typed_to_its_end():
    """No word hides another: the shortest unique beginning of each finds it, and each leads to something that runs."""

    def look(words, before):
        names = [word.name for word in words if not word.is_argument]
        assert len(set(names)) == len(names), before
        assert names == sorted(names), before  # as they are listed
        for word in words:
            assert word.run or word.then, (before, word.name)
            look(word.then, [*before, word.name])

    look(ROOTS, [])


OUTPUT = Output({"a": 1}, ["one Apple", "two pears", "three apples"], ["head"])


@pytest.mark.parametrize(
    ("bars", "lines"),
    [
        ("include apple", ["head", "one Apple", "three apples"]),
        ("inc two pears", ["head", "two pears"]),
        ("include apple | count", ["2"]),
        ("count", ["3"]),
        ("json", ["{", '  "a": 1', "}"]),
        ("no-more", ["head", "one Apple", "two pears", "three apples"]),
    ],
)
def test_filters_do_what_they_say(bars, lines):
    filters = [split(bar)[0] for bar in bars.split("|")]
    assert list(through(OUTPUT, filters).lines()) == lines


@pytest.mark.parametrize("bars", ["", "jason", "include", "count 3"])
def test_a_filter_that_is_none_is_refused(bars):
    with pytest.raises(Misspelt):
        through(OUTPUT, [split(bars)[0]])
