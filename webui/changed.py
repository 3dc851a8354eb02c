"""Differences between two configurations, and what is wrong with one, as sentences: `Queue "service": ...`."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from firmware import rules
from firmware.errors import Problem
from webui.draft import Draft
from webui.sections import BY_NOUN
from webui.wording import Wording, clean

ENTRY = re.compile(r"(\w+)(?:\[([^\]]*)\])?\.?(.*)", re.DOTALL)
ORDER = "order of "


class Sentence(NamedTuple):
    """A change or a problem in words, and the entry that it concerns: for a link there, where that still is."""

    text: str
    noun: str
    name: str
    path: str


class Told:
    """Words for what concerns a configuration. `after` is the newer one, where names of entries are looked up."""

    def __init__(self, after: dict[str, Any], say: Wording) -> None:
        self._draft, self._say = Draft(after, say), say

    def differences(self, found: Iterable[dict[str, Any]]) -> list[Sentence]:
        """Return each difference as a sentence."""
        return [self._difference(one["path"], one["before"], one["after"]) for one in found]

    def _difference(self, path: str, before: Any, after: Any) -> Sentence:
        if path.startswith(ORDER):
            noun = path.removeprefix(ORDER)
            named = {"before": ", ".join(map(str, before)), "after": ", ".join(map(str, after))}
            return Sentence(self._say("diff.order", noun=self._say.named("settings", noun), **named), noun, "", path)
        noun, name, rest = parted(path)
        what = self._draft.entry(noun, name)
        if not rest and name:
            key = "diff.new" if before is None else "diff.gone" if after is None else "diff.changed"
            return Sentence(self._say(key, what=what, label="", before="", after=""), noun, name, path)
        if rest == "secret":
            return Sentence(self._say("diff.secret", what=what), noun, name, path)
        words = [self._draft.value(noun, rest, value) for value in (before, after)]
        label = self._draft.label(noun, rest)
        return Sentence(
            self._say("diff.changed", what=what, label=label, before=words[0], after=words[1]), noun, name, path
        )

    def problems(self, found: Iterable[dict[str, Any] | Problem]) -> Iterator[Sentence]:
        """Yield each problem, whose path has the names of entries, as a sentence."""
        for problem in msgspec.convert(list(found), list[Problem]):
            noun, name, rest = parted(problem.path)
            if noun not in BY_NOUN:
                yield Sentence(rules.told(problem, self._say.language), "", "", problem.path)
                continue
            label = self._draft.label(noun, rest) if rest else ""
            text = f"{self._draft.entry(noun, name)}: {label}: " if label else f"{self._draft.entry(noun, name)}: "
            yield Sentence(text + _wrong(problem, self._say.language), noun, name, problem.path)


def beside_field(problem: Problem, say: Wording) -> str:
    """Return what is told beside a field: what would be right, after the value where it is one of several."""
    if "[" in problem.path.partition(".")[2] and isinstance(problem.value, str):
        return _wrong(problem, say.language)
    return rules.right(problem, say.language)


def parted(path: str) -> tuple[str, str, str]:
    """Return noun, entry and key of a path: `queues[service].acw_s`."""
    match = ENTRY.fullmatch(path)
    return (match[1], match[2] or "", match[3]) if match else (path, "", "")


def _wrong(problem: Problem, language: str) -> str:
    right = rules.right(problem, language)
    return f"“{clean(problem.value)}”: {right}" if isinstance(problem.value, str) and problem.value else right
