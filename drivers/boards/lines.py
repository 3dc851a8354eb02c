"""All telephone lines of all boards: which of them the box uses, and what each is doing."""

import logging
from collections.abc import Sequence

from drivers.alarms import Alarms
from drivers.boards.base import Battery, Line
from drivers.boards.learning import ToneLearning
from drivers.boards.line import TelephoneLine
from drivers.boards.linetest import LineTest, TestHost
from drivers.link.errors import NoSuchChannel, WrongState
from drivers.link.messages import AlarmName, LearnTone, LineSetup, Wrong
from native.media import MediaError

log = logging.getLogger(__name__)

OF_BATTERY = (AlarmName.NO_BATTERY, AlarmName.LEFT_OFF_HOOK)
LEFT_OFF_HOOK_S = 3600.0  # no talk of another telephone lasts so long, mostly: its receiver is not put down


class Lines:
    """Watches the boards (LineWatcher). A line that the configuration does not name may ring: nobody answers."""

    def __init__(self, host: TestHost, alarms: Alarms) -> None:
        self._host, self._alarms = host, alarms
        self._plugged: dict[int, Line] = {}
        self._used: dict[int, TelephoneLine] = {}
        self._wanted: tuple[int, ...] = ()
        self._setups: dict[int, LineSetup] = {}
        self._tests: set[int] = set()
        self._learning: dict[int, ToneLearning] = {}

    def provision(self, wanted: tuple[int, ...], setups: Sequence[LineSetup] = ()) -> None:
        """Use these lines from now on; calls on others end. A call under way goes on by the setup it began with."""
        self._wanted = wanted
        self._setups = {setup.number: setup for setup in setups}
        for number in [number for number in self._used if number not in wanted]:
            self._used.pop(number).down()
            self._forget_battery(number)
        for number in wanted:
            self._use(number)
            if number in self._used:
                self._used[number].setup = self._setup(number)

    def get(self, number: int) -> TelephoneLine:
        """Return a line that can be dialled on. NoSuchChannel: not configured; WrongState: not plugged in."""
        if number not in self._wanted:
            raise NoSuchChannel(f"line {number} is not configured; lines are {list(self._wanted)}")
        if number not in self._used:
            raise WrongState(f"line {number} is not plugged in")
        return self._used[number]

    def test(self, number: int, command: str) -> None:
        """Test a line; WrongState when it is in use, or being tested. NoSuchChannel and WrongState as of `get`."""
        line = self.get(number)
        if number in self._tests:
            raise WrongState(f"line {number} is being tested already")
        test = LineTest(self._host, line, command, lambda: self._tests.discard(number))
        self._tests.add(number)
        try:
            test.begin()
        except WrongState:
            self._tests.discard(number)
            raise

    def learn(self, order: LearnTone) -> None:
        """Learn a line's busy tone; WrongState when it is in use or learns already; as of `get`."""
        line = self.get(order.line)
        if order.line in self._learning or order.line in self._tests:
            raise WrongState(f"line {order.line} is {'learning' if order.line in self._learning else 'being tested'}")
        def ended() -> None:
            self._learning.pop(order.line, None)

        learning = ToneLearning(self._host, line, order, ended)
        learning.begin()
        self._learning[order.line] = learning

    def stop_learning(self, number: int) -> None:
        """End a line's learning, if it does."""
        if number in self._learning:
            self._learning[number].stop()

    def status(self) -> dict[int, str]:
        """Return the `status` of each configured line; `fault` of one that is not there."""
        return {number: self._used[number].status if number in self._used else "fault" for number in self._wanted}

    # ---- what boards tell

    def line_up(self, line: Line) -> None:
        """Tell of a line that can be used from now on."""
        self._plugged[line.number] = line
        self._use(line.number)

    def line_down(self, line: Line) -> None:
        """Tell that a line is gone."""
        self._plugged.pop(line.number, None)
        used = self._used.pop(line.number, None)
        if used:
            used.down()
            self._forget_battery(line.number)  # what is wrong now is the board

    def ring_changed(self, line: Line) -> None:
        """Tell that ring voltage began or ended."""
        if line.number in self._used:
            self._used[line.number].ring_changed()

    def battery_changed(self, line: Line) -> None:
        """Tell that the battery is another."""
        if line.number in self._used:
            self._used[line.number].battery_changed()
            self._say_battery(line)

    def loop_broken(self, line: Line) -> None:
        """Tell of a break of the battery that the board measured."""
        if line.number in self._used:
            self._used[line.number].loop_broken()

    def polarity_changed(self, line: Line) -> None:
        """Tell that the polarity was reversed, or back."""
        if line.number in self._used:
            self._used[line.number].polarity_changed()

    def board_changed(self, subject: str, wrong: Wrong | None) -> None:
        """Tell what is wrong with a board that does not answer, None once it does."""
        self._alarms.say(AlarmName.BOARD_LOST, subject, wrong)

    def _say_battery(self, line: Line) -> None:
        subject = f"line:{line.number}"
        self._alarms.say(AlarmName.NO_BATTERY, subject, Wrong("no-voltage") if line.battery is Battery.NONE else None)
        left = Wrong("off-hook-long", {"minutes": round(LEFT_OFF_HOOK_S / 60)}) if line.battery is Battery.LOW else None
        self._alarms.say(AlarmName.LEFT_OFF_HOOK, subject, left, LEFT_OFF_HOOK_S)

    def _forget_battery(self, number: int) -> None:
        for name in OF_BATTERY:
            self._alarms.forget(name, f"line:{number}")

    def _use(self, number: int) -> None:
        line = self._plugged.get(number)
        if line is None or number in self._used or number not in self._wanted:
            return
        try:
            used = TelephoneLine(self._host, line)
        except MediaError as error:
            log.error("line %d cannot be used: %s", number, error)
            return
        used.setup = self._setup(number)
        self._used[number] = used
        self._say_battery(line)
        self._host.line_changed(used)

    def _setup(self, number: int) -> LineSetup:
        return self._setups.get(number, LineSetup(number))
