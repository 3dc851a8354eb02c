"""`picture.show`: what people would rather look at than read: calls by hour, waits, the use of lines."""

from datetime import timedelta
from typing import Literal

import msgspec

from firmware.clock import Clock
from firmware.config import ways
from firmware.config.configuration import Configuration
from firmware.control.methods import Role, method
from firmware.records.reader import Reader
from firmware.reports import metrics


class Pictures(msgspec.Struct, frozen=True):
    """The figures of some days, the last of which is today; they are defined in firmware.reports.metrics.

    Times are Unix seconds: from the first day's midnight until the next, `at_s` is now.
    """

    at_s: float
    from_s: float
    until_s: float
    totals: metrics.Totals
    hours: list[metrics.Hour]
    waits: list[metrics.Wait]
    ways: list[metrics.Way]


class PictureMethods:
    """What can be asked of the figures. They are read on the thread of the records."""

    def __init__(self, records: Reader, configuration: Configuration, clock: Clock) -> None:
        self._records, self._configuration, self._clock = records, configuration, clock

    @method("picture.show", Role.SUPERVISOR)
    async def show(self, days: Literal[1, 7, 30] = 1) -> Pictures:
        """Return the figures of today, of a week or of thirty days, by the box's wall."""
        now = self._clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        from_s = (midnight - timedelta(days=days - 1)).timestamp()
        until_s, now_s, zone = (midnight + timedelta(days=1)).timestamp(), now.timestamp(), self._clock.zone
        config = self._configuration.config
        names = ways.names(config)
        return await self._records.ask(
            lambda connection: Pictures(
                now_s, from_s, until_s, metrics.totals(connection, from_s, until_s),
                metrics.by_hour(connection, from_s, until_s, zone), metrics.waits(connection, from_s, until_s),
                metrics.ways(connection, from_s, until_s, names, now_s),
            )
        )  # fmt: skip
