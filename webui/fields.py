"""How each kind of setting is filled in: from the configuration to what stands in a form's inputs, and back.

`typed(field, value)` gives what stands in the inputs, by their names: a text, or a list of what is ticked. `read(field,
form)` gives the value again. What is no number is left as the text it is: the exchange says what would be right.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from webui.sections import Field

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")
MANY = ("agents", "permissions", "queues", "sounds", "ways")  # kinds whose inputs of one name are several
WAYS = 4  # so many ways a rule's form offers, and one more than it has
CAPS = ("calls", "minutes")
NULLABLE = ("otherwise",)  # whose empty choice is null

Typed = dict[str, Any]


def typed(field: Field, value: Any) -> Typed:
    """Return what stands in a field's inputs for a value; None is a new entry's, where nothing is yet."""
    key = field.key
    match field.kind:
        case "check":
            return {key: "on" if value else ""}
        case "lines":
            return {key: "\n".join(value or ())}
        case "pairs":
            return {key: "\n".join(f"{one['network']} {one['address']}" for one in value or ())}
        case "map":
            return {key: "\n".join(f"{digit} {name}" for digit, name in (value or {}).items())}
        case "agents" | "permissions" | "queues" | "sounds" | "ways":
            return {key: list(value or ())}
        case "week":
            return {f"{key}.{day}": " ".join((value or {}).get(day, ())) for day in DAYS}
        case "cap":
            return {f"{key}.{unit}": _written((value or {}).get(unit)) for unit in CAPS}
        case "keys":
            found: Typed = {}
            for one in KEYS:
                choice = (value or {}).get(one) or {}
                found |= _destination(f"{key}.{one}.to", choice.get("to", ""))
                found[f"{key}.{one}.language"] = choice.get("language") or ""
            return found
        case "destination" | "otherwise" | "fax":
            return _destination(key, value or "")
        case "secret":
            return {key: ""}
        case "own_check":
            return {key: "" if value is None else "yes" if value else "no"}
    return {key: _written(value)}


def read(field: Field, form: MultiDict[str, str]) -> Any:
    """Return the value that was typed."""
    key = field.key
    text = form.get(key, "").strip()
    match field.kind:
        case "block":
            return "\n".join(text.splitlines())
        case "check":
            return key in form
        case "number":
            return number(text)
        case "number_or_none":
            return number(text) if text else None
        case "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "pairs":
            pairs = [line.split(None, 1) for line in text.splitlines() if line.strip()]
            return [{"network": pair[0], "address": pair[1].strip() if pair[1:] else ""} for pair in pairs]
        case "map":
            entries = [line.split(None, 1) for line in text.splitlines() if line.strip()]
            return {entry[0]: entry[1].strip() if entry[1:] else "" for entry in entries}
        case "agents" | "permissions" | "queues" | "sounds" | "ways":
            return [one for one in form.getlist(key) if one]
        case "week":
            spans = {day: form.get(f"{key}.{day}", "").replace("，", " ").replace(",", " ").split() for day in DAYS}
            return {day: found for day, found in spans.items() if found}
        case "cap":
            caps = {unit: form.get(f"{key}.{unit}", "").strip() for unit in CAPS}
            return {unit: number(cap) if cap else None for unit, cap in caps.items()}
        case "keys":
            return {one: choice for one in KEYS if (choice := _choice(f"{key}.{one}", form))}
        case "own_choice":
            return text or None
        case "own_check":
            return {"yes": True, "no": False}.get(text)
        case "destination" | "otherwise" | "fax":
            return _chosen(key, form) or (None if field.kind in NULLABLE else "")
    return text


def number(text: str) -> int | float | str:
    """Return a number as one, anything else as it is."""
    if re.fullmatch(r"-?[0-9]{1,12}", text, re.ASCII):
        return int(text)
    return float(text) if re.fullmatch(r"-?[0-9]{1,12}\.[0-9]{1,6}", text, re.ASCII) else text


def asked(fields: list[Field], form: MultiDict[str, str]) -> Typed:
    """Return what somebody typed into the inputs of these fields, to be shown again."""
    found: Typed = {}
    for field in fields:
        for name in typed(field, None):
            found[name] = form.getlist(name) if field.kind in MANY else form.get(name, "")
    return found


def with_present(options: Sequence[tuple[str, str]], present: str) -> Sequence[tuple[str, str]]:
    """Return what may be chosen, and what is chosen now although it may not be: it must not be lost unseen."""
    return options if present in [value for value, _ in options] else [*options, (present, f"{present} ?")]


def beside(path: str, names: Mapping[str, Any]) -> str:
    """Return the input beside which a problem of an entry is told: the longest name that its path begins with."""
    fits = [name for name in names if name == path or path.startswith((f"{name}.", f"{name}["))]
    return max(fits, key=len, default="")


def _written(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _destination(name: str, value: str) -> Typed:
    """A number outside is chosen as such and typed beside it."""
    kind, _, rest = value.partition(":")
    return {name: "number", f"{name}.digits": rest} if kind == "number" else {name: value, f"{name}.digits": ""}


def _chosen(name: str, form: MultiDict[str, str]) -> str:
    value = form.get(name, "")
    digits = re.sub(r"[\s-]", "", form.get(f"{name}.digits", ""))
    return f"number:{digits}" if value == "number" else value


def _choice(name: str, form: MultiDict[str, str]) -> dict[str, Any] | None:
    to = _chosen(f"{name}.to", form)
    return {"to": to, "language": form.get(f"{name}.language") or None} if to else None
