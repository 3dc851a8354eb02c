"""What may be typed: a tree of words, found by unique beginnings, that also says what may come next."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

# What carries a line out, given the session and the line's arguments
Run = Callable[[Any, list[str]], Any]
# What may stand for an argument: pairs of value and its explanation, given the session, the arguments before it, and
# how it begins
Values = Callable[[Any, list[str], str], Iterable[tuple[str, str]]]


@dataclass(frozen=True)
class Word:
    """One word of a line. An argument's name is in capitals; `rest`: it takes everything to the line's end.

    `help` is a key of the words. A line may end at a word that has `run`.
    """

    name: str
    help: str
    then: tuple["Word", ...] = ()
    run: Run | None = None
    values: Values | None = None
    rest: bool = False

    @property
    def is_argument(self) -> bool:
        """Whether anything may stand here, not this word alone."""
        return self.name.isupper()


class Misspelt(Exception):
    """A line that means nothing: `key` of the words, and what fills it in."""

    def __init__(self, key: str, **places: str) -> None:
        super().__init__(key)
        self.key, self.places = key, places


class Token(NamedTuple):
    """A piece of a line; a quoted one is never a keyword or a bar."""

    text: str
    quoted: bool


class Line(NamedTuple):
    """What a line asks for."""

    run: Run
    arguments: list[str]


class Offer(NamedTuple):
    """What may come next: the piece begun, and the options (what, why). `ends`: the line may also end here."""

    begun: str
    options: list[tuple[str, str]]
    ends: bool


def split(text: str) -> tuple[list[Token], bool]:
    """Return a line's pieces, and whether the last one is still being typed. Quotes keep spaces and bars together."""
    tokens: list[Token] = []
    current, inside, quoted, open_ = "", False, False, False
    for char in text:
        if char == '"':
            inside, quoted, open_ = not inside, True, True
        elif inside or char not in " \t|":
            current, open_ = current + char, True
        else:
            if open_:
                tokens.append(Token(current, quoted))
            if char == "|":
                tokens.append(Token("|", False))
            current, quoted, open_ = "", False, False
    if open_:
        tokens.append(Token(current, quoted))
    return tokens, open_


def parts(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return what stands between the bars."""
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token == Token("|", False):
            found.append([])
        else:
            found[-1].append(token)
    return found


def parse(tokens: Sequence[Token], roots: Sequence[Word]) -> Line:
    """Return what a line asks for. Raises Misspelt, naming the piece and what would be right."""
    words, arguments, run = roots, [], None
    for index, token in enumerate(tokens):
        word = _find(token, words)
        if word.rest:
            arguments.append(" ".join(one.text for one in tokens[index:]))
            return Line(_must_run(word.run, word.then), arguments)
        if word.is_argument:
            arguments.append(token.text)
        words, run = word.then, word.run
    return Line(_must_run(run, words), arguments)


def offer(text: str, roots: Sequence[Word], session: Any, explain: Callable[[str], str]) -> Offer:
    """Return what may come where the cursor is. `explain` turns keys of the words into text."""
    tokens, typing = split(text)
    typed = parts(tokens)[-1]
    begun = typed.pop().text if typing and typed else ""
    words, arguments, run = roots, [], None
    for token in typed:
        word = _find(token, words)
        if word.is_argument:
            arguments.append(token.text)
        words, run = (word,) if word.rest else word.then, word.run
    options: list[tuple[str, str]] = []
    for word in words:
        if not word.is_argument:
            if word.name.startswith(begun.lower()):
                options.append((word.name, explain(word.help)))
            continue
        known = word.values(session, arguments, begun) if word.values else ()
        values = [one for one in known if one[0].isupper() or one[0].startswith(begun)]
        options.extend(values or [(word.name, explain(word.help))])
    return Offer(begun, options, run is not None and not begun)


def _find(token: Token, words: Sequence[Word]) -> Word:
    keywords = [] if token.quoted else [word for word in words if not word.is_argument]
    argument = next((word for word in words if word.is_argument), None)
    asked = token.text.lower()
    fits = [word for word in keywords if word.name == asked] or [
        word for word in keywords if asked and word.name.startswith(asked)
    ]
    if len(fits) == 1:
        return fits[0]
    if argument is not None:
        return argument
    if fits:
        raise Misspelt("line.ambiguous", word=token.text, right=", ".join(word.name for word in fits))
    if not words:
        raise Misspelt("line.too_long", word=token.text)
    raise Misspelt("line.unknown", word=token.text, right=", ".join(word.name for word in words))


def _must_run(run: Run | None, words: Sequence[Word]) -> Run:
    if run is None:
        raise Misspelt("line.incomplete", right=", ".join(word.name for word in words))
    return run
