"""Where one can go from every page, and who may.

A new page is a line in PLACES: in the top row, or with `within` beside the pages of another place, whose list of them
stands at their side. Its blueprint is a noun of its own: all of a blueprint's endpoints belong to the place.
"""

from itertools import groupby
from typing import NamedTuple

ROLES = ("viewer", "agent", "supervisor", "admin")


class Place(NamedTuple):
    """A page in the navigation: its endpoint, the key of its name, and the least role that may see it.

    `within` is the endpoint of the place beside whose pages it stands, `group` the key of the heading it stands under
    there: places of one group follow each other.
    """

    endpoint: str
    name: str
    role: str
    within: str = ""
    group: str = ""

    def holds(self, endpoint: str | None) -> bool:
        """Tell whether an endpoint belongs to this place: it is of the same blueprint."""
        return endpoint is not None and endpoint.rpartition(".")[0] == self.endpoint.rpartition(".")[0]


PLACES = (
    Place("live.index", "title", "viewer"),
    Place("desk.index", "desk", "agent"),
    Place("alarms.index", "alarms", "viewer"),
    Place("prompts.index", "prompts", "supervisor"),
    Place("sheets.index", "sheets", "supervisor"),
    Place("users.index", "users", "admin"),
    Place("tokens.index", "tokens", "admin", within="users.index"),
    Place("api.index", "api", "admin", within="users.index"),
    Place("webhooks.index", "webhooks", "admin", within="users.index"),
    Place("certificate.index", "certificate", "admin"),
)


def places(role: str) -> list[Place]:
    """Return the places of the top row that a role may see."""
    return [place for place in _seen(role) if not place.within]


def beside(role: str, endpoint: str | None) -> list[tuple[str, list[Place]]]:
    """Return the places at the side of an endpoint's page, by group: the one they are all within, then those.

    Nothing stands beside a page that is alone.
    """
    head = around(endpoint)
    found = [place for place in _seen(role) if head and head in (place.endpoint, place.within)]
    if len(found) < 2:
        return []
    return [(group, list(members)) for group, members in groupby(found, lambda place: place.group)]


def around(endpoint: str | None) -> str:
    """Return the place of the top row that an endpoint belongs to, by its endpoint; "" for none."""
    return next((place.within or place.endpoint for place in PLACES if place.holds(endpoint)), "")


def _seen(role: str) -> list[Place]:
    return [place for place in PLACES if ROLES.index(role) >= ROLES.index(place.role)]
