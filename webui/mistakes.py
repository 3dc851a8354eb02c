"""What was wrong with a form, in the reader's language, each beside its field."""

from collections.abc import Mapping

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
    return {fields.get(error.code, ""): said(f"error.{error.code}", str(error), say, **error.facts)}


def said(key: str, otherwise: str, say: Wording, **filled: object) -> str:
    """Return a text of ours, or the exchange's own words where we have none."""
    return say(key, **filled) if known(key) else otherwise
