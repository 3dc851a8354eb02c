"""What was wrong with a form, in the reader's language, each beside its field."""

from collections.abc import Mapping

from firmware.details import sentence
from firmware.errors import BadRequest, BusyhourError, NotAllowed, SignedOut, Unavailable
from webui.wordbook import known
from webui.wording import Wording

# By a field's name what is wrong there; by "" what concerns the whole form
Mistakes = Mapping[str, str]
NONE: Mistakes = {}


def mistakes(error: BusyhourError, say: Wording, fields: Mapping[str, str]) -> Mistakes:
    """Return what a refusal means for a form; `fields` names the field of each code that concerns one.

    What no form can help against (no right, no session, no exchange) is raised again.
    """
    if isinstance(error, NotAllowed | SignedOut | Unavailable):
        raise error
    if isinstance(error, BadRequest) and error.problems:
        return {problem.path: said(f"wrong.{problem.path}", problem.rule, say) for problem in error.problems}
    return {fields.get(error.code, ""): refused(error, say)}


def refused(error: BusyhourError, say: Wording) -> str:
    """Return what a refusal says in the reader's language; `why` fills what its `exactly` is the code of."""
    facts = error.facts
    why = sentence(facts["exactly"], facts, say.language, str(error)) if "exactly" in facts else ""
    return said(f"error.{error.code}", str(error), say, **{**facts, "why": why} if why else facts)


def said(key: str, otherwise: str, say: Wording, **filled: object) -> str:
    """Return a text of ours, or the exchange's own words where we have none."""
    return say(key, **filled) if known(key) else otherwise
