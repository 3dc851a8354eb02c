"""`configure`: the configuration edited as a candidate, checked and compared, put in force whole, perhaps on trial."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from firmware import rules
from firmware.console import candidate, show
from firmware.console.candidate import Candidate, find
from firmware.console.grammar import Word
from firmware.console.output import Output
from firmware.errors import BadConfig, BadRequest, Problem, Refused


def begin(session: Any, arguments: list[str]) -> None:
    """Take what is in force as the candidate."""
    session.candidate = Candidate(session.ask("config.get"), session.ask("config.outline"))


def flat(config: dict[str, Any], outline: dict[str, Any]) -> list[str]:
    """Return a configuration as lines `path = value`."""
    return list(candidate.flat(config, outline))


def _problems(session: Any, document: Any) -> list[Problem]:
    """Return what the exchange finds wrong with a document, by this console's paths."""
    found = msgspec.convert(session.ask("config.check", config=document)["problems"], list[Problem])
    return [candidate.named(document, session.candidate.outline, one) for one in found]


def revisions(session: Any, before: list[str], begun: str) -> Iterator[tuple[str, str]]:
    """Yield all revisions with when and why."""
    for one in session.glance("config.history"):
        yield str(one["number"]), f"{one['when'][:16].replace('T', ' ')}  {one['why'] or one['broken']}"


def _set(session: Any, arguments: list[str]) -> None:
    path, text = arguments
    edited: Candidate = session.candidate
    document = edited.with_value(path, text)
    here = [one for one in _problems(session, document) if one.path == path or one.path.startswith(f"{path}[")]
    if here:
        raise BadRequest(problems=here)  # what is wrong elsewhere may be about to be put right
    edited.document = document


def _delete(session: Any, arguments: list[str]) -> None:
    session.candidate.document = session.candidate.without(arguments[0])


def _show(session: Any, arguments: list[str]) -> Output:
    edited: Candidate = session.candidate
    if not arguments:
        return Output(edited.document, flat(edited.document, edited.outline))
    path = arguments[0].rstrip(".")
    place = find(edited.document, edited.outline, path)
    return Output(place.value, list(candidate.flat(place.value, place.node, path)))


def _compare(session: Any, arguments: list[str]) -> Output:
    found = session.ask("config.compare", config=session.candidate.document)
    return Output(found, list(show.differences(session, found)))


def _check(session: Any, arguments: list[str]) -> Output:
    found = _problems(session, session.candidate.document)
    told = [rules.told(one, session.say.language) for one in found]
    return Output({"problems": msgspec.to_builtins(found)}, told or [session.say("check.right")])


def _commit(minutes: bool, comment: bool) -> Any:
    def run(session: Any, arguments: list[str]) -> Output:
        given = list(arguments)
        within = show.number(given.pop(0)) if minutes else None
        return _put_in_force(session, within, given.pop(0) if comment else "")

    return run


def _put_in_force(session: Any, within_min: int | str | None, why: str) -> Output:
    edited: Candidate = session.candidate
    if not edited.changed:
        raise Refused(session.say("commit.same"))
    if found := _problems(session, edited.document):
        raise BadConfig(found)
    change = session.ask(
        "config.commit", config=edited.document, base=edited.base, why=why, confirm_within_min=within_min
    )
    begin(session, [])
    return Output(change, list(_told(session, change)))


def _told(session: Any, change: dict[str, Any]) -> Iterator[str]:
    yield session.say("commit.done", revision=str(change["revision"]["number"]))
    yield from show.differences(session, change["differences"])
    if trial := change.get("trial"):
        zone = ZoneInfo(session.ask("status")["box"]["timezone"])
        until = show.moment(trial["deadline_s"], zone)
        yield session.say("status.trial", revision=str(trial["revision"]), back_to=str(trial["back_to"]), until=until)


def _confirm(session: Any, arguments: list[str]) -> Output:
    trial = session.ask("config.confirm")
    return Output(trial, [session.say("confirm.done", revision=str(trial["revision"]))])


def _rollback(session: Any, arguments: list[str]) -> Output:
    _must_be_clean(session)
    change = session.ask("config.rollback", revision=show.number(arguments[0]))
    begin(session, [])
    return Output(change, list(_told(session, change)))


def _discard(session: Any, arguments: list[str]) -> None:
    begin(session, [])


def _exit(session: Any, arguments: list[str]) -> None:
    _must_be_clean(session)
    session.candidate = None


def _must_be_clean(session: Any) -> None:
    if session.candidate.changed:
        raise Refused(session.say("candidate.changed"))


def _help(session: Any, arguments: list[str]) -> Output:
    rows = [(word.name, session.say(word.help)) for word in ROOTS]
    return Output(dict(rows), [f"  {name:<11}{text}" for name, text in rows] + session.say("help.keys").splitlines())


def _paths(session: Any, before: list[str], begun: str) -> Iterator[tuple[str, str]]:
    return candidate.paths(session.candidate.document, session.candidate.outline, begun)


def _values(session: Any, before: list[str], begun: str) -> Iterator[tuple[str, str]]:
    edited: Candidate = session.candidate
    node = find(edited.document, edited.outline, before[0]).node
    for choice in node.get("choices", ()):
        yield choice, ""
    if not node.get("choices"):
        yield "VALUE", node.get("rule", "")


def _path(then: tuple[Word, ...] = (), run: Any = None) -> Word:
    return Word("PATH", "help.PATH", then, run, _paths)


COMMENT = Word("comment", "help.comment", (Word("TEXT", "help.COMMENT", run=_commit(False, True), rest=True),))
TRIAL_COMMENT = Word("comment", "help.comment", (Word("TEXT", "help.COMMENT", run=_commit(True, True), rest=True),))
ROOTS = (
    Word("check", "help.check", run=_check),
    Word("commit", "help.commit", (
        COMMENT,
        Word("confirmed", "help.confirmed", (
            Word("MINUTES", "help.MINUTES", (TRIAL_COMMENT,), _commit(True, False)),
        )),
    ), _commit(False, False)),
    Word("compare", "help.compare", run=_compare),
    Word("confirm", "help.confirm", run=_confirm),
    Word("delete", "help.delete", (_path(run=_delete),)),
    Word("discard", "help.discard", run=_discard),
    Word("exit", "help.leave", run=_exit),
    Word("help", "help.help", run=_help),
    Word("rollback", "help.rollback", (Word("REVISION", "help.REVISION", run=_rollback, values=revisions),)),
    Word("set", "help.set", (_path((Word("VALUE", "help.VALUE", run=_set, values=_values, rest=True),)),)),
    Word("show", "help.candidate", (_path(run=_show),), _show),
)  # fmt: skip
