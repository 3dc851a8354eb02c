"""Where one can go from every page, and who may."""

from typing import NamedTuple

ROLES = ("viewer", "agent", "supervisor", "admin")


class Place(NamedTuple):
    """A page in the navigation: its endpoint, the key of its name, and the least role that may see it."""

    endpoint: str
    name: str
    role: str

    def holds(self, endpoint: str | None) -> bool:
        """Tell whether an endpoint belongs to this place: it is of the same blueprint."""
        return endpoint is not None and endpoint.partition(".")[0] == self.endpoint.partition(".")[0]


PLACES = (
    Place("live.index", "title", "viewer"),
    Place("users.index", "users", "admin"),
)


def places(role: str) -> list[Place]:
    """Return the places that a role may see."""
    return [place for place in PLACES if ROLES.index(role) >= ROLES.index(place.role)]
