"""What every page of an admin says at its top: changes that are not in force yet, and a revision that is on trial."""

from typing import Any

from webui.visitor import ask, visitor
from webui.wording import Wording

WATCHES = ("supervisor", "admin")


def standing() -> dict[str, Any]:
    """Return what `candidate.state` says to somebody who may see the settings; nothing to anybody else."""
    known = visitor()
    if known is None or known.role not in WATCHES or known.password != "own":  # noqa: S105
        return {}
    told: dict[str, Any] = ask("candidate.state")
    if told.get("trial"):
        told["until"] = Wording("en", told["timezone"]).clock(told["trial"]["deadline_s"])
    return told
