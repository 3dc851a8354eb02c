"""A configuration in words: what its entries and values are called in one language, and what may be chosen where."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from webui.sections import BY_NOUN, Field
from webui.wordbook import known
from webui.wording import Wording, clean

Options = Sequence[tuple[str, str]]
NAMED = {"queue": "queues", "flow": "flows", "extension": "extensions", "line": "lines"}
FORMATS = ("unchanged", "plus", "digits", "national")
OWN_PERMISSIONS = ("premium", "satellite")
MOST = 1000  # of a range of extensions
LISTED = 6  # so many of a list are written out


class Shown(NamedTuple):
    """A profile of a trunk as a page shows it: what is to be set at the other side, and what it sets here."""

    name: str
    advice: str
    sources: Sequence[str]
    sets: Sequence[tuple[str, str]]


class Draft:
    """Words for a configuration: `config` is a plain document, its entries known by name or number."""

    def __init__(self, config: dict[str, Any], say: Wording, profiles: Sequence[dict[str, Any]] = ()) -> None:
        """`profiles` are what `profile.list` tells."""
        self.config = config
        self._say, self._profiles = say, profiles

    # ---- what an entry is called -----------------------------------------------------------------------------------

    def entry(self, noun: str, name: str) -> str:
        """Return what an entry is called: `Queue "service"`, or a noun that has no entries by its title."""
        key = f"settings.{noun}.one"
        return self._say(key, name=clean(name)) if known(key) else self._say.named("settings", noun)

    def place(self, value: str) -> str:
        """Return the words for a destination, a source or a way: `queue:service`, `trunk:carrier`, `hangup`."""
        kind, colon, name = value.partition(":")
        if kind == "number" and colon:
            return f"{self._say('v.number')} {clean(name)}"
        if kind in NAMED and colon:
            title = next((self._title(one) for one in self._entries(NAMED[kind]) if _is_named(one, name)), "")
            return self.entry(NAMED[kind], name) + (f" {title}" if title else "")
        if kind == "trunk" and colon:
            grouped = any(one["name"] == name for one in self._entries("groups"))
            return self.entry("groups" if grouped else "trunks", name)
        return self._say(f"v.{value}") if known(f"v.{value}") else clean(value)

    def _entries(self, noun: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.config.get(noun, [])
        return found

    def _title(self, entry: dict[str, Any]) -> str:
        return clean(str(entry.get("title") or (entry.get("name") if "number" in entry else "") or ""))

    # ---- what may be chosen ----------------------------------------------------------------------------------------

    def options(self, noun: str, field: Field) -> Options:
        """Return what may be chosen in a field, as value and words."""
        match field.kind:
            case "destination":
                return [*self._destinations(), ("hangup", self._say("v.hangup"))]
            case "otherwise":
                return [("", self._say("v.next")), *self._destinations(), ("hangup", self._say("v.hangup"))]
            case "fax":
                number = ("number", f"{self._say('v.number')}…")
                none = "v.fax.box" if noun == "lines" else "v.fax."
                return [("", self._say(none)), *self._named("extensions", "extension"), number]
            case "keys":
                ends = [("repeat", self._say("v.repeat")), ("hangup", self._say("v.hangup"))]
                return [("", self._say("v.key.none")), *self._destinations(), *ends]
            case "source":
                ways = [(one, self._say(f"v.source.{one}")) for one in ("", "line", "trunk")]
                return [*ways, *self._ways()]
            case "ways":
                first = [("", self._say("v.way.")), ("lines", self._say("v.way.lines"))]
                return [*first, *self._ways()]
            case "hours" | "limit_hours":
                none = self._say("v.hours." if field.kind == "hours" else "v.hours.never")
                return [("", none), *((one["name"], clean(one["name"])) for one in self._entries("hours"))]
            case "group":
                named = [(one["name"], self.entry("groups", one["name"])) for one in self._entries("groups")]
                return [("", self._say("v.group.")), *named]
            case "extension":
                return [("", self._say("v.extension.")), *self._numbered("extensions")]
            case "agents":
                return self._numbered("agents")
            case "queues":
                return [(one["name"], f"{one['name']} {self._title(one)}".strip()) for one in self._entries("queues")]
            case "caller_id":
                trunks = [*self._entries("trunks"), *self._entries("groups")]
                numbers = dict.fromkeys(number for trunk in trunks for number in trunk["numbers"])
                return [("", self._say("v.caller_id.")), *((number, number) for number in numbers)]
            case "profile":
                named = [(one["name"], one[self._say.language]) for one in self._profiles]
                return [("", self._say("v.profile.")), *named]
            case "own_check":
                return [("", self._say("v.own")), ("yes", self._say("v.yes")), ("no", self._say("v.no"))]
            case "own_choice":
                own = [(one, self._say.named(f"v.{field.key}", one)) for one in self._choices(field)]
                return [("", self._say("v.own")), *own]
            case "permissions":
                rules = dict.fromkeys(rule["permission"] for rule in self._entries("outgoing") if rule["permission"])
                return [(one, self._say.named("v.permission", one)) for one in [*OWN_PERMISSIONS, *rules]]
        return [(one, self._say.named(f"v.{field.key}", one)) for one in self._choices(field)]

    def profiles(self) -> list[Shown]:
        """Return every profile with what it sets, in words."""
        language = self._say.language
        return [
            Shown(
                one["name"], one[f"advice_{language}"], one["sources"],
                [(self.label("trunks", key), self.value("trunks", key, value)) for key, value in one["sets"].items()],
            )
            for one in self._profiles
        ]  # fmt: skip

    def _choices(self, field: Field) -> tuple[str, ...]:
        return {
            "language": ("zh", "en"), "transport": ("udp", "tcp", "tls"), "srtp": ("off", "offer", "require"),
            "strategy": ("longest_idle", "ring_all"),
            "security": ("starttls", "tls", "none"), "reach": ("public", "lan", "box"),
            "signalling": ("pri", "r2"), "pri.side": ("user", "network"), "pri.variant": ("euroisdn", "qsig"),
            "r2.variant": ("itu", "china", "argentina", "brazil", "colombia", "czechia", "ecuador", "indonesia",
                           "mexico", "philippines", "venezuela"),
            "r2.category": ("national", "national-priority", "international", "international-priority", "test"),
            "coding": ("hdb3", "ami"), "hunting": ("down", "up"), "presentation": ("shown", "withheld"),
            "did_from": ("request", "to", "p-called-party-id", "diversion"),
            "caller_from": ("asserted", "from", "remote-party-id"), "sender": ("number", "username"),
            "caller_in": ("from", "asserted", "preferred", "remote-party-id"), "called_format": FORMATS,
            "caller_format": FORMATS, "dtmf": ("rfc4733", "inband", "info"), "prack": ("off", "offer", "require"),
            "keep_alive": ("options", "off"),
            "rights": ("internal", "local", "national", "international"),
        }.get(field.key, ())  # fmt: skip

    def _destinations(self) -> Options:
        found = [one for kind in ("queue", "flow", "extension") for one in self._named(NAMED[kind], kind)]
        return [*found, ("number", f"{self._say('v.number')}…")]

    def _ways(self) -> Options:
        found = (("lines", "line"), ("groups", "trunk"), ("trunks", "trunk"))
        return [one for noun, kind in found for one in self._named(noun, kind)]

    def _named(self, noun: str, kind: str) -> Options:
        values = [f"{kind}:{name}" for one in self._entries(noun) for name in names(one)]
        return [(value, self.place(value)) for value in values]

    def _numbered(self, noun: str) -> Options:
        return [
            (number, f"{number} {clean(one['name'])}".strip()) for one in self._entries(noun) for number in names(one)
        ]

    # ---- what a value is called ------------------------------------------------------------------------------------

    def value(self, noun: str, path: str, value: Any) -> str:
        """Return the words for a value at a path within a noun or an entry of its list."""
        field = BY_NOUN[noun].field(path) if noun in BY_NOUN else None
        kind, rest = (field.kind, path[len(field.key) :].lstrip(".")) if field else ("text", "")
        if value is None or value in ("", [], {}):
            return self._empty(field, kind, value)
        if isinstance(value, bool):
            return self._say("v.yes" if value else "v.no")
        if isinstance(value, int | float):
            unit = f"u.{rest}" if kind == "cap" else f"u.{field.unit}" if field else ""
            return f"{value:g}" + (f" {self._say(unit)}" if known(unit) else "")
        if isinstance(value, list):
            shown = [self.value(noun, path, one) for one in value[:LISTED]]
            return ", ".join(shown) + (" …" if len(value) > LISTED else "")
        if isinstance(value, dict):
            return self._group(noun, path, kind, value)
        return self._text(kind, field, str(value))

    def _text(self, kind: str, field: Field | None, value: str) -> str:
        if kind in ("destination", "otherwise", "fax", "keys"):
            return self.place(value)
        if kind in ("source", "ways"):
            key = f"v.{'source' if kind == 'source' else 'way'}.{value}"
            return self._say(key) if known(key) else self.place(value)
        if kind == "group":
            return self.entry("groups", value)
        if kind == "block":
            return f"{clean(value.splitlines()[0])} …"
        if kind in ("choice", "own_choice") and field:
            return self._say.named(f"v.{field.key}", value)
        return self._say.named("v.permission", value) if kind == "permissions" else clean(value)

    def _empty(self, field: Field | None, kind: str, value: Any) -> str:
        if kind == "cap":
            return self._say("settings.default")
        if kind == "week":
            return self._say("day.closed")
        keys = {"source": "v.source.", "hours": "v.hours.", "limit_hours": "v.hours.never", "otherwise": "v.next",
                "fax": "v.fax.", "group": "v.group."}
        if kind in ("own_choice", "own_check"):
            return self._say("v.own")
        return self._say(keys.get(kind, "diff.nothing"))

    def _group(self, noun: str, path: str, kind: str, value: dict[str, Any]) -> str:
        """Return the words for several values together: a key of a menu, the spans of a week, a limit."""
        if kind == "keys" and "to" in value:
            where = self.place(value["to"])
            language = value.get("language")
            return self._say("v.in", where=where, spoken=self._say(f"v.language.{language}")) if language else where
        if kind == "keys":
            return "; ".join(f"{key} → {self._group(noun, path, kind, one)}" for key, one in value.items())
        parts = [(self.part(kind, key), self.value(noun, f"{path}.{key}", one)) for key, one in value.items()]
        return "; ".join(f"{name} {text}" for name, text in parts)

    def part(self, kind: str, key: str) -> str:
        """Return what a part of a field is called: a weekday, a key of a menu."""
        first, _, rest = key.partition(".")
        if kind == "keys":
            return self._say("v.key", digit=first) + (
                f" {self._say('v.language' if rest == 'language' else 'v.to')}" if rest else ""
            )
        return self._say.named("day", first) if kind == "week" else self._say.named("u", first)

    def label(self, noun: str, path: str) -> str:
        """Return what the value at a path within a noun or an entry is called."""
        field = BY_NOUN[noun].field(path) if noun in BY_NOUN else None
        if field is None:
            return clean(path)
        rest = path[len(field.key) :].lstrip(".")
        label = self._say.named(f"f.{noun}", field.key)
        return f"{label} {self.part(field.kind, rest)}" if rest and field.kind in ("keys", "week", "cap") else label


def _is_named(entry: dict[str, Any], name: str) -> bool:
    first, last = str(entry["number"] if "number" in entry else entry["name"]), entry.get("last", "")
    return name == first or (bool(last) and len(name) == len(first) and first <= name <= last)


def names(entry: dict[str, Any]) -> list[str]:
    """Return what an entry is named by elsewhere; one for a range of extensions is named by each of its numbers."""
    name = str(entry["number"] if "number" in entry else entry["name"])
    if not entry.get("last"):
        return [name]
    return [str(one).zfill(len(name)) for one in range(int(name), int(entry["last"]) + 1)[:MOST]]
