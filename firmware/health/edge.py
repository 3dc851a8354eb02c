"""Whether the edge turns people away, and how long browsers and telephones will still believe who it is."""

from collections.abc import Iterator

from firmware.events import AlarmName
from firmware.health.finding import Finding
from firmware.health.machine import Facts

NAMES = (AlarmName.CONNECTIONS_REFUSED, AlarmName.CERTIFICATE_ENDS)
OVER_S = 60.0  # so long nobody was refused
SOON_S = 14 * 86400.0


class EdgeWatch:
    """Remembers what was refused before the last look."""

    def __init__(self) -> None:
        self._refused: dict[str, int] = {}

    def look(self, facts: Facts) -> Iterator[Finding]:
        """Yield what is found of every way in, and of the certificate."""
        for entrance in facts.entrances:
            more = entrance.refused - self._refused.get(entrance.name, 0)
            self._refused[entrance.name] = entrance.refused
            told = f"{more} connections were refused, most are from {facts.most_from or '?'}" if more > 0 else ""
            if not told and entrance.most and entrance.now >= entrance.most:
                told = f"all {entrance.most} connections are in use, most from {facts.most_from or '?'}"
            yield Finding(AlarmName.CONNECTIONS_REFUSED, entrance.name, told, over_s=OVER_S)
        left_s = facts.certificate_until_s - facts.wall_s
        ends = f"in {left_s / 86400:.0f} days" if left_s > 0 else "it is over"
        wrong = ends if facts.certificate_until_s and left_s < SOON_S else ""
        yield Finding(AlarmName.CERTIFICATE_ENDS, "certificate", wrong)
