"""Which extensions there are, and where each lives: at a telephone of the box, or at an old PBX behind it."""

from collections.abc import Iterator, Mapping

from firmware.config.schema import Config, Extension
from firmware.config.spans import channels
from firmware.errors import Problem

MOST = 1000  # of one range


def numbers(entry: Extension) -> Iterator[str]:
    """Yield the numbers of an entry, one or a range; of what is no range (`check`) the first alone."""
    last = entry.last if _is_range(entry) else entry.number
    yield from (str(one).zfill(len(entry.number)) for one in range(int(entry.number), int(last) + 1))


def every(config: Config) -> Mapping[str, Extension]:
    """Return the entry of each extension, by number, in the order of the configuration."""
    return {number: entry for entry in config.extensions for number in numbers(entry)}


def find(config: Config, number: str) -> Extension | None:
    """Return the entry that an extension is of, None where there is no such extension."""
    return next((entry for entry in config.extensions if _has(entry, number)), None)


def place(config: Config, number: str) -> str:
    """Return at what an extension is met: its own number, or the trunk group (`trunk:NAME`) of the PBX it lives at."""
    entry = find(config, number)
    return f"trunk:{entry.group}" if entry is not None and entry.group else number


def calling(config: Config, source: str, number: str) -> Extension | None:
    """Return the entry of the extension that calls by a trunk group, None where it is somebody else."""
    entry = find(config, number) if number else None
    return entry if entry is not None and entry.group and source == f"trunk:{entry.group}" else None


def shows_waiting(config: Config, entry: Extension) -> bool:
    """Tell whether the telephone can be told that messages wait; a PBX is by QSIG alone (ECMA-242)."""
    if not entry.group:
        return True
    qsig = {span.number for span in config.spans if span.signalling == "pri" and span.pri.variant == "qsig"}
    parts = [channels(group, config.spans) for group in config.groups if group.name == entry.group]
    return any(span in qsig for part in parts for span, _ in part)


def shown(entry: Extension) -> str:
    """Return an entry's number or range, as 201 or 300-399."""
    return f"{entry.number}-{entry.last}" if entry.last else entry.number


def meets(entry: Extension, first: str, last: str = "") -> bool:
    """Tell whether a number of an entry is one of `first` to `last`, begins one, or begins with one."""
    width = max(len(entry.number), len(first))
    lowest, highest = entry.number.ljust(width, "0"), (entry.last or entry.number).ljust(width, "9")
    return lowest <= (last or first).ljust(width, "9") and first.ljust(width, "0") <= highest


def check(config: Config) -> Iterator[Problem]:
    """Yield what is wrong with extensions at PBXs: their groups, ranges, and what telephones of the box alone have."""
    groups = [group.name for group in config.groups]
    for index, entry in enumerate(config.extensions):
        path = f"extensions[{index}]"
        if entry.last:
            yield from _range(path, entry)
        if not entry.group:
            continue
        if entry.group not in groups:
            are = f"there {'are' if len(groups) != 1 else 'is'} {', '.join(groups[:8]) or 'none'}"
            rule = f"there is no trunk group {entry.group}; {are}"
            facts = {"noun": "group", "name": entry.group, "there": groups[:8]}
            yield Problem(f"{path}.group", entry.group, rule, "no-such", facts)
        rule = f"none is right: the telephone of {shown(entry)} is the PBX's at group {entry.group}"
        facts = {"group": entry.group}
        if entry.port:
            yield Problem(f"{path}.port", entry.port, rule, "at-pbx", facts)
        if entry.srtp:
            yield Problem(f"{path}.srtp", entry.srtp, rule, "at-pbx", facts)
        if entry.secret:
            yield Problem(f"{path}.secret", "", rule, "at-pbx", facts)
    yield from _overlapping(config)


def _range(path: str, entry: Extension) -> Iterator[Problem]:
    if not entry.group:
        rule = "none is right: a range is for extensions at the PBX of a trunk group"
        yield Problem(f"{path}.last", entry.last, rule, "range-telephone")
    elif len(entry.last) != len(entry.number) or entry.last < entry.number:
        rule = f"a number of {len(entry.number)} digits, {entry.number} or above, is right"
        facts = {"digits": len(entry.number), "number": entry.number}
        yield Problem(f"{path}.last", entry.last, rule, "range", facts)
    elif not _is_range(entry):
        rule = f"{MOST} numbers at most are right"
        yield Problem(f"{path}.last", entry.last, rule, "range-most", {"most": MOST})


def _overlapping(config: Config) -> Iterator[Problem]:
    """Yield ranges that have a number of another entry; what is no range is told by `firmware.config.numbering`."""
    for index, entry in enumerate(config.extensions):
        for before, other in enumerate(config.extensions):
            both = bool(other.last)
            if not entry.last or before == index or (both and before > index) or other.number == entry.number:
                continue
            if meets(entry, other.number, other.last):
                rule = f"numbers that neither begin nor are another's are right; extensions[{before}] is {shown(other)}"
                facts = {"other": shown(other)}
                yield Problem(f"extensions[{index}].number", shown(entry), rule, "range-taken", facts)


def _has(entry: Extension, number: str) -> bool:
    if entry.number == number:
        return True
    return bool(entry.last) and len(number) == len(entry.number) and entry.number <= number <= entry.last


def _is_range(entry: Extension) -> bool:
    if len(entry.last) != len(entry.number):
        return False
    return 0 <= int(entry.last) - int(entry.number) < MOST
