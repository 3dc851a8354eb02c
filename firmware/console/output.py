"""What a command answers, and what may be done to it behind a bar: json, include, count, no-more."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from firmware.console.grammar import Token, Word, parse


class Output(NamedTuple):
    """A command's answer: the document a program reads, and the lines a person does. `head` is no row of its own."""

    document: Any
    body: Sequence[str] = ()
    head: Sequence[str] = ()
    paged: bool = True

    def lines(self) -> Iterable[str]:
        """Return what is shown."""
        return [*self.head, *self.body]


def _json(output: Output, arguments: list[str]) -> Output:
    text = json.dumps(output.document, ensure_ascii=True, indent=2)  # any terminal can carry it
    return Output(output.document, text.splitlines(), paged=False)


def _include(output: Output, arguments: list[str]) -> Output:
    wanted = arguments[0].lower()
    return output._replace(body=[line for line in output.body if wanted in line.lower()])


def _count(output: Output, arguments: list[str]) -> Output:
    return Output(len(output.body), [str(len(output.body))])


def _no_more(output: Output, arguments: list[str]) -> Output:
    return output._replace(paged=False)


FILTERS = (
    Word("json", "help.json", run=_json),
    Word("include", "help.include", (Word("TEXT", "help.TEXT", run=_include, rest=True),)),
    Word("count", "help.count", run=_count),
    Word("no-more", "help.no_more", run=_no_more),
)


def through(output: Output, filters: Sequence[Sequence[Token]]) -> Output:
    """Return the output behind the bars. Raises Misspelt."""
    for one in filters:
        run, arguments = parse(one, FILTERS)
        output = run(output, arguments)
    return output
