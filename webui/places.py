"""Where one can go from every page, and who may.

A new page is a line in PLACES: in the top row, or with `within` beside the pages of another place, whose list of them
stands at their side. Its blueprint is a noun of its own: all of a blueprint's endpoints belong to the place.
"""

from typing import NamedTuple

from webui.sections import SECTIONS

ROLES = ("viewer", "agent", "supervisor", "admin")


class Place(NamedTuple):
    """A page in the navigation: its endpoint, the key of its name, and the least role that may see it.

    `within` is the endpoint of the place beside whose pages it stands, `group` the key of the heading it stands under
    there.
    """

    endpoint: str
    name: str
    role: str
    within: str = ""
    group: str = ""

    def holds(self, endpoint: str | None) -> bool:
        """Tell whether an endpoint belongs to this place: it is of the same blueprint."""
        return endpoint is not None and endpoint.rpartition(".")[0] == self.endpoint.rpartition(".")[0]


SETTINGS = "settings.index"
ADMIN = "settings.g.admin"


def _settings() -> tuple[Place, ...]:
    """Return the settings' pages, in the order in which somebody fills them in."""
    found = [
        Place(f"settings.{one.noun}.index", f"settings.{one.noun}", "supervisor", SETTINGS, one.group)
        for one in SECTIONS if not one.page
    ]
    place = next(place for place, one in enumerate(found) if one.group == ADMIN)
    found.insert(
        place, Place("settings.emergency.index", "settings.emergency", "supervisor", SETTINGS, found[place - 1].group)
    )
    return (Place(SETTINGS, "settings", "supervisor"), *found)


PLACES = (
    Place("live.index", "title", "viewer"),
    Place("desk.index", "desk", "agent"),
    Place("calls.index", "records", "agent"),
    Place("pictures.index", "pictures", "supervisor"),
    Place("alarms.index", "alarms", "viewer"),
    *_settings(),
    Place("lines.index", "lines.health", "supervisor", SETTINGS, "settings.g.box"),
    Place("spans.index", "spans.health", "supervisor", SETTINGS, "settings.g.box"),
    Place("prompts.index", "prompts", "supervisor", SETTINGS, "settings.g.callers"),
    Place("sheets.index", "sheets", "supervisor", SETTINGS, "settings.g.people"),
    Place("bans.index", "bans", "supervisor", SETTINGS, "settings.g.people"),
    Place("settings.history.index", "history", "supervisor", SETTINGS, ADMIN),
    Place("users.index", "users", "admin", SETTINGS, ADMIN),
    Place("tokens.index", "tokens", "admin", SETTINGS, ADMIN),
    Place("api.index", "api", "admin", SETTINGS, ADMIN),
    Place("webhooks.index", "webhooks", "admin", SETTINGS, ADMIN),
    Place("certificate.index", "certificate", "admin", SETTINGS, ADMIN),
    Place("backups.index", "backups", "admin", SETTINGS, ADMIN),
    Place("persons.index", "persons", "admin", SETTINGS, ADMIN),
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
    groups: dict[str, list[Place]] = {}
    for place in found:
        groups.setdefault(place.group, []).append(place)
    return list(groups.items())


def around(endpoint: str | None) -> str:
    """Return the place of the top row that an endpoint belongs to, by its endpoint; "" for none."""
    part = (endpoint or "").partition(".")[0]  # pages that are no places themselves belong to what they are within
    held = [place for place in PLACES if place.holds(endpoint)] or [
        place for place in PLACES if endpoint and place.endpoint == f"{part}.index"
    ]
    return next((place.within or place.endpoint for place in held), "")


def _seen(role: str) -> list[Place]:
    return [place for place in PLACES if ROLES.index(role) >= ROLES.index(place.role)]
