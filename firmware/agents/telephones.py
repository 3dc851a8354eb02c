"""Which extensions' telephones are there, and which are in use: known from events alone, whoever made the call."""

from firmware.events import Event, Kind

Party = tuple[str, str]    # call, leg


class Telephones:
    """Follows every leg that ends on a telephone of the box.

    In use is one from the first ring or the lifted receiver until its leg has ended, for any purpose. An *ordinary*
    call is one that no queue brought and that is no feature code.
    """

    def __init__(self) -> None:
        self.registered: set[str] = set()
        self._in_use: dict[str, dict[Party, bool]] = {}    # extension: its legs, and whether each is ordinary
        self._where: dict[Party, str] = {}
        self._answered: set[Party] = set()

    def in_use(self, extension: str) -> bool:
        """Tell whether the telephone rings or talks."""
        return extension in self._in_use

    def takes_another(self, extension: str) -> bool:
        """Tell whether a second call may come to the telephone: it talks in one, which is an ordinary one."""
        legs = self._in_use.get(extension, {})
        return list(legs.values()) == [True] and self._answered.issuperset(legs)

    def calling(self, extension: str) -> str:
        """Return the call the telephone is in, the oldest if there are several, or ""."""
        return next((call for call, _ in self._in_use.get(extension, ())), "")

    def on_ordinary_call(self, extension: str) -> bool:
        """Tell whether the telephone is in a call that no queue brought."""
        return any(self._in_use.get(extension, {}).values())

    def take(self, extension: str, call: str, leg: str, ordinary: bool) -> None:
        """Note that a leg uses the telephone."""
        self._in_use.setdefault(extension, {})[call, leg] = ordinary
        self._where[call, leg] = extension

    def free(self, call: str, leg: str = "") -> set[str]:
        """Note that a leg (or all of a call's) has ended; returns the extensions concerned."""
        parties = [(call, leg)] if leg else [party for party in self._where if party[0] == call]
        extensions = set()
        for party in parties:
            extension = self._where.pop(party, "")
            self._answered.discard(party)
            if not extension:
                continue
            extensions.add(extension)
            legs = self._in_use[extension]
            del legs[party]
            if not legs:
                del self._in_use[extension]
        return extensions

    def follow(self, event: Event) -> set[str]:
        """Learn from one event; returns the extensions whose use it changed."""
        if event.kind is Kind.CALL_OFFERED:
            return self._take(str(event.data.get("source", "")), event.call, "1", ordinary=False)
        if event.kind is Kind.STAGE_ENTERED and (event.call, "1") in self._where:
            kind = event.data["destination"]["kind"]
            if kind == "hangup":
                return set()
            return self._take(f"extension:{self._where[event.call, '1']}", event.call, "1", kind != "feature")
        if event.kind is Kind.LEG_DIALED:
            ordinary = event.data.get("party") != "agent"
            return self._take(str(event.data.get("target", "")), event.call, event.leg, ordinary)
        if event.kind in (Kind.LEG_ANSWERED, Kind.CALL_ANSWERED) and (event.call, event.leg) in self._where:
            self._answered.add((event.call, event.leg))
        if event.kind is Kind.LEG_ENDED:
            return self.free(event.call, event.leg)
        if event.kind is Kind.CALL_ENDED:
            return self.free(event.call)
        return set()

    def _take(self, party: str, call: str, leg: str, ordinary: bool) -> set[str]:
        kind, _, extension = party.partition(":")
        if kind != "extension":
            return set()
        self.take(extension, call, leg, ordinary)
        return {extension}
