"""What every page of an admin says at its top: changes that are not in force yet, and a revision that is on trial."""

from typing import Any

from webui.visitor import ask, visitor
from webui.wording import Wording

WATCHES = ("supervisor", "admin")


def standing(language: str) -> dict[str, Any]:
    """Return what `candidate.state` says to somebody who may see the settings; nothing to anybody else.

    `say` in it writes by the box's clock.
    """
    known = visitor()
    if known is None or known.role not in WATCHES or known.password != "own":  # noqa: S105
        return {}
    told: dict[str, Any] = ask("candidate.state")
    return told | {"say": Wording(language, told["timezone"])}
