"""Whether the edge turns people away, and how long browsers and telephones will still believe who it is."""

from collections.abc import Iterator

from drivers.link.messages import Wrong
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
            told, address = None, facts.most_from or "?"
            if more > 0:
                told = Wrong("refused", {"count": more, "address": address})
            elif entrance.most and entrance.now >= entrance.most:
                told = Wrong("all-used", {"most": entrance.most, "address": address})
            yield Finding(AlarmName.CONNECTIONS_REFUSED, entrance.name, told, over_s=OVER_S)
        left_s = facts.certificate_until_s - facts.wall_s
        days = round(left_s / 86400)
        ends = Wrong("certificate-days", {"days": days}) if left_s > 0 else Wrong("certificate-over")
        wrong = ends if facts.certificate_until_s and left_s < SOON_S else None
        yield Finding(AlarmName.CERTIFICATE_ENDS, "certificate", wrong)
