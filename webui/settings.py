"""The settings: an index of their parts, each a form or a list of entries with a form each (webui.sections).

What is kept goes into one's own candidate in the exchange, which checks it; here is only how it is worded.
"""

import contextlib
import hashlib
from typing import Any

import msgspec
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.errors import BadConfig, BadRequest, BusyhourError, ChangedMeanwhile, Exists, InUse, NotFound
from firmware.health import country_words
from webui import emergency, fields, history, review, sounds
from webui.changed import Sentence, Told, beside_field, parted
from webui.draft import Draft, names
from webui.listing import Listing
from webui.mistakes import NONE, Mistakes, mistakes
from webui.page import language_asked, page
from webui.sections import BY_NOUN, SECTIONS, Section
from webui.visitor import ask, visitor
from webui.wording import Wording

bp = Blueprint("settings", __name__, url_prefix="/settings")
ADMIN = "admin"


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show all parts of the settings, and what is in them."""
    config = ask("candidate.get")["config"]
    counts = {section.noun: len(config[section.noun]) for section in SECTIONS if section.identity}
    return page("settings/index.html", counts=counts, sections=SECTIONS, may=_may(), done=request.args.get("done", ""))


class Pages:
    """The pages of one part."""

    def __init__(self, section: Section) -> None:
        self.section = section
        self.noun = section.noun

    def blueprint(self) -> Blueprint:
        """Return the part's blueprint: `/settings/queues/`, and for an entry `/settings/queues/entry?name=`."""
        bp = Blueprint(self.noun, __name__, url_prefix=f"/{self.noun}")
        if self.section.identity:
            bp.add_url_rule("/", "index", self.index, methods=["GET", "POST"])
            bp.add_url_rule("/entry", "entry", self.entry, methods=["GET", "POST"])
        else:
            bp.add_url_rule("/", "index", self.entry, methods=["GET", "POST"])
        return bp

    def index(self) -> ResponseReturnValue:
        """List the entries; let one change places with its neighbour."""
        if request.method == "POST":
            way = request.form.get("act", "")
            ask("candidate.move", noun=self.noun, name=request.form.get("name", ""), way=way)
            return redirect(url_for(f"settings.{self.noun}.index"), 303)
        config = ask("candidate.get")["config"]
        draft = Draft(config, Wording(language_asked()))
        rows = [
            {column: draft.value(self.noun, column, entry.get(column)) for column in self.section.columns}
            | {"entry": str(entry[self.section.identity])}
            for entry in config[self.noun]
        ]
        listing = Listing(rows, request.args, self.section.columns)
        return page(
            "settings/list.html", section=self.section, listing=listing, may=_may(), draft=draft,
            kept=request.args.get("kept"),
        )  # fmt: skip

    def entry(self) -> ResponseReturnValue:
        """Show an entry, or a part that has none; keep it, remove it. `?name=` is the entry's, none for a new one."""
        name = request.args.get("name", "") if self.section.identity else ""
        told = ask("candidate.get")
        now = self._now(told["config"], name)
        if now is None and name:
            return redirect(url_for(f"settings.{self.noun}.index"), 303)  # somebody removed or renamed it
        secret = None
        if request.method == "POST":
            ask("session.may", what="candidate.set")
            match request.form.get("act"):
                case "remove":
                    return self._remove(told, name, now)
                case "reveal":
                    secret = ask("extension.secret", number=name)
                case _:
                    return self._keep(told, name, now)
        shown = now if now is not None else self._fresh()
        typed = {
            key: one for field in self.section.all() for key, one in fields.typed(field, _at(shown, field.key)).items()
        }
        return self._form(told, name, now, typed, secret=secret)

    def _now(self, config: dict[str, Any], name: str) -> Any:
        if not self.section.identity:
            return config[self.noun]
        return (
            next((one for one in config[self.noun] if str(one[self.section.identity]) == name), None) if name else None
        )

    def _fresh(self) -> dict[str, Any]:
        """Return what holds by default in a new entry."""
        keys = ask("config.outline")["keys"][self.noun]["item"]["keys"]
        return {key: node.get("default") for key, node in keys.items()}

    def _keep(self, told: dict[str, Any], name: str, now: Any) -> ResponseReturnValue:
        typed = fields.asked(self.section.all(), request.form)
        say = Wording(language_asked())
        try:
            if now is not None and request.form.get("was") != _digest(now):
                raise ChangedMeanwhile
            ask("candidate.set", noun=self.noun, name=name, value=self._read(now), was=now)
        except BadConfig as error:
            wrong: dict[str, str] = {}
            for problem in error.problems:
                wrong.setdefault(fields.beside(parted(problem.path)[2], typed), beside_field(problem, say))
            return self._form(told, name, now, typed, wrong)
        except Exists:
            return self._form(told, name, now, typed, {self.section.identity: say("settings.exists")})
        except BusyhourError as error:
            # what was typed is shown over what is there now: kept again, it stands
            told = ask("candidate.get")
            return self._form(told, name, self._now(told["config"], name), typed, mistakes(error, say, {}))
        return redirect(url_for(f"settings.{self.noun}.index", kept=1), 303)

    def _read(self, now: Any) -> Any:
        """Return the entry as it was typed; what no field shows stays as it is."""
        value = dict(now or {})
        for field in self.section.all():
            found = fields.read(field, request.form)
            if not field.key:
                return found
            if field.kind != "secret" or found:
                *parts, key = field.key.split(".")
                holder = value
                for part in parts:
                    holder[part] = holder = dict(holder.get(part) or {})
                holder[key] = found
        return value

    def _remove(self, told: dict[str, Any], name: str, now: Any) -> ResponseReturnValue:
        try:
            ask("candidate.remove", noun=self.noun, name=name)
        except NotFound:
            pass  # it is gone, which is what was wanted
        except InUse as error:
            say = Wording(language_asked())
            found = [msgspec.to_builtins(problem) for problem in error.problems]
            places = [
                sentence._replace(text=Draft(told["config"], say).entry(sentence.noun, sentence.name) + ": "
                                  + Draft(told["config"], say).label(sentence.noun, parted(sentence.path)[2]))
                for sentence in Told(told["config"], say).problems(found)
            ]  # fmt: skip
            typed = {
                key: one
                for field in self.section.all()
                for key, one in fields.typed(field, _at(now, field.key)).items()
            }
            return self._form(told, name, now, typed, in_use=places, status=422)
        return redirect(url_for(f"settings.{self.noun}.index", kept=1), 303)

    def _form(
        self, told: dict[str, Any], name: str, now: Any, typed: fields.Typed, wrong: Mistakes = NONE,
        status: int = 200, **more: Any,
    ) -> ResponseReturnValue:  # fmt: skip
        say = Wording(language_asked())
        profiles = ask("profile.list") if self.noun == "trunks" else ()
        draft = Draft(told["config"], say, profiles)
        path = f"{self.noun}[{name}]" if name else self.noun
        if any(field.kind in ("sound", "sounds") for field in self.section.all()):
            more["heard"] = sounds.groups(ask("prompt.list"), say)
        if self.noun in ("box", "lines"):
            code = typed.get("country", told["config"]["box"]["country"])
            with contextlib.suppress(BadRequest):  # what was typed is no country's code
                more |= {"country": ask("country.show", code=code), "country_words": country_words}
        if self.noun == "extensions":  # in force: else there is nothing to type into a telephone yet
            there = ask("config.get")["config"]["extensions"]
            own = next((names(one) for one in there if one["number"] == name), [])
            more["waiting"] = [one for one in ask("extension.list") if one["waiting"] and one["number"] in own]
            more["on_sheet"] = name in [one["number"] for one in there if not one["group"]]
        return page(
            "settings/entry.html", 422 if wrong else status, section=self.section, name=name, typed=typed, wrong=wrong,
            own=[key for key, one in typed.items() if one or wrong.get(key)],
            was=_digest(now), draft=draft, may=_may(), has_secret=path in told["with_secret"], days=fields.DAYS,
            keys=fields.KEYS, ways=fields.WAYS, caps=fields.CAPS, kept=request.args.get("kept"), **more,
        )  # fmt: skip


def where(sentence: Sentence) -> str:
    """Return the address where what a sentence says can be changed."""
    section = BY_NOUN.get(sentence.noun)
    if section is None:
        return url_for("settings.index")
    if section.page:
        return url_for(section.page, name=sentence.name)
    if section.identity and sentence.name:
        return url_for(f"settings.{section.noun}.entry", name=sentence.name)
    return url_for(f"settings.{section.noun}.index")


def _at(entry: Any, key: str) -> Any:
    """Return what stands at a key, or at that of a part of it: `pri.side`."""
    for part in key.split(".") if key else ():
        entry = (entry or {}).get(part)
    return entry


def _digest(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()[:32]


def _may() -> bool:
    known = visitor()
    return known is not None and known.role == ADMIN


for _section in (one for one in SECTIONS if not one.page):
    bp.register_blueprint(Pages(_section).blueprint())
for _noun in (emergency, history, review):
    bp.register_blueprint(_noun.bp)
