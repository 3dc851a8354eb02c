"""What the box can say, to be chosen in a setting: own prompts and built-in ones, each with what is heard of it."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from webui.wording import Wording, clean

NUMBERS = re.compile(r"(zh|en)/number-")  # parts of what is said, nothing by themselves
WORDS = 40  # letters of what a prompt says; Chinese is twice as wide


class Sound(NamedTuple):
    """A sound as a configuration names it, what people read of it, and the name of the prompt that is played of it."""

    name: str
    text: str
    heard: str


def groups(prompts: Sequence[dict[str, Any]], say: Wording) -> list[tuple[str, list[Sound]]]:
    """Return all that may be chosen of `prompt.list`, by headings: own prompts, then built-in ones by language."""
    own = [Sound(one["name"], clean(one["name"][5:-4]), one["name"]) for one in prompts if one["kind"] == "own"]
    found: dict[str, list[Sound]] = {"": [], "zh": [], "en": [], "none": []}
    for one in prompts:
        if one["kind"] == "own" or NUMBERS.match(one["name"]):
            continue
        language, slash, name = one["name"].partition("/")
        most = WORDS // 2 if language == "zh" else WORDS
        said = one["words"] if len(one["words"]) <= most else one["words"][: most - 1] + "…"
        text = f"{one['name']} · {said}" if said else one["name"]
        found[language if slash else "none"].append(Sound(one["name"], text, one["name"]))
        if slash and language == say.language:
            found[""].append(Sound(name, f"{name} · {said}" if said else name, one["name"]))
    told = [(say("sounds.own"), own), *((say(f"sounds.{key or 'both'}"), sounds) for key, sounds in found.items())]
    return [(heading, sounds) for heading, sounds in told if sounds]
