"""All telephones in ports of the boards: which of them are extensions, and which of those are there."""

import logging
import re
from collections.abc import Callable, Collection, Iterable

from drivers.alarms import Alarms
from drivers.boards.base import Port
from drivers.boards.station import Station, StationHost
from drivers.link.messages import AlarmName, PortSetup, Wrong
from native.media import MediaError

log = logging.getLogger(__name__)

class Stations:
    """Watches the boards' ports (PortWatcher). A port that is no extension is dead.

    `registered` is told of an extension whether its port is there.
    """

    def __init__(self, host: StationHost, alarms: Alarms, registered: Callable[[str, bool], None]) -> None:
        self._host, self._alarms, self._registered = host, alarms, registered
        self._found: frozenset[int] = frozenset()
        self._plugged: dict[int, Port] = {}
        self._used: dict[int, Station] = {}
        self._wanted: dict[int, PortSetup] = {}
        self._whole: tuple[re.Pattern[str], ...] = ()
        self._waiting: frozenset[str] = frozenset()

    def provision(self, setups: Iterable[PortSetup], whole: Iterable[str]) -> None:
        """Use these from now on; calls at those that are no extension any more, or another, end."""
        wanted = {setup.port: setup for setup in setups}
        self._whole = tuple(re.compile(pattern) for pattern in whole)
        for number, former in self._wanted.items():
            if number not in wanted or wanted[number].number != former.number:
                self._let_go(number)
                self._alarms.forget(AlarmName.PORT_LOST, f"port:{number}")
        self._wanted = wanted
        for number, setup in wanted.items():
            self._use(number)
            if number in self._used:
                self._used[number].setup = setup
                self._used[number].whole = self._whole
        self._say_missing()

    def show_waiting(self, numbers: Collection[str]) -> None:
        """Tell the telephones of these extensions that new messages wait, and the others that none do."""
        self._waiting = frozenset(numbers)
        for station in self._used.values():
            station.show_waiting(station.number in self._waiting)

    def __contains__(self, number: str) -> bool:
        """Say whether an extension is a telephone in a port."""
        return any(setup.number == number for setup in self._wanted.values())

    def get(self, number: str) -> Station | None:
        """Return an extension's telephone, None where its port is not there."""
        return next((station for station in self._used.values() if station.number == number), None)

    @property
    def numbers(self) -> list[str]:
        """The extensions whose ports are there."""
        return sorted(station.number for station in self._used.values())

    # ---- what boards tell

    def ports_found(self, numbers: Collection[int]) -> None:
        """Tell which sockets are for telephones."""
        self._found = frozenset(numbers)
        self._say_missing()

    def port_up(self, port: Port) -> None:
        """Tell of a port that can be used from now on."""
        self._plugged[port.number] = port
        self._use(port.number)

    def port_down(self, port: Port) -> None:
        """Tell that a port is gone."""
        self._plugged.pop(port.number, None)
        self._let_go(port.number)

    def hook_changed(self, port: Port) -> None:
        """Tell that the receiver was lifted or put down."""
        if port.number in self._used:
            self._used[port.number].hook_changed()

    def flashed(self, port: Port) -> None:
        """Tell that the hook was pressed for a moment."""
        if port.number in self._used:
            self._used[port.number].flashed()

    def pulsed(self, port: Port, digit: str) -> None:
        """Tell of a digit that was dialled by breaks of the loop."""
        if port.number in self._used:
            self._used[port.number].pulsed(digit)

    def _use(self, number: int) -> None:
        port, setup = self._plugged.get(number), self._wanted.get(number)
        if port is None or setup is None or number in self._used:
            return
        try:
            station = Station(self._host, port, setup)
        except MediaError as error:
            log.error("port %d cannot be used: %s", number, error)
            return
        station.whole = self._whole
        station.show_waiting(setup.number in self._waiting)
        self._used[number] = station
        self._registered(setup.number, True)

    def _let_go(self, number: int) -> None:
        station = self._used.pop(number, None)
        if station is not None:
            station.down()
            self._registered(station.number, False)

    def _say_missing(self) -> None:
        """Say which ports the configuration names that no board has; of one that goes, the board's alarm tells."""
        there = ", ".join(str(number) for number in sorted(self._found)) or "-"
        for number, setup in self._wanted.items():
            self._alarms.say(AlarmName.PORT_LOST, f"port:{number}", None)
            if number not in self._found:  # anew, since others may have been found meanwhile
                wrong = Wrong("no-port", {"port": number, "extension": setup.number, "there": there})
                self._alarms.say(AlarmName.PORT_LOST, f"port:{number}", wrong)
