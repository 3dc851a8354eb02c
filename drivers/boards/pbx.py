"""Which extensions live at old PBXs behind the box, and by which trunk each is called."""

from collections.abc import Iterable

from drivers.link.messages import PbxSetup


class Pbxs:
    """The extensions of all PBXs, as a configuration has them: ranges of numbers, each with as many digits."""

    def __init__(self) -> None:
        self._setups: tuple[PbxSetup, ...] = ()

    def provision(self, setups: Iterable[PbxSetup]) -> None:
        """Know these from now on; calls go on."""
        self._setups = tuple(setups)

    def trunk(self, number: str) -> str:
        """Return the trunk an extension is called by, "" for one at a telephone of the box."""
        return next((one.trunk for one in self._setups if _has(one, number)), "")


def _has(setup: PbxSetup, number: str) -> bool:
    return len(number) == len(setup.first) and setup.first <= number <= setup.last
