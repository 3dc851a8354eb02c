"""Who is told that messages wait: SIP telephones by NOTIFY, PBXs by their trunks, and none of them both ways."""

from collections.abc import Mapping
from typing import Any

from drivers.boards.pbx import Pbxs
from drivers.link.messages import PbxSetup
from drivers.waiting import MessagesWaiting


class Stations:
    """One telephone in a port, 205."""

    def __init__(self) -> None:
        self.lit: list[str] = []

    def __contains__(self, number: str) -> bool:
        return number == "205"

    def show_waiting(self, numbers: list[str]) -> None:
        self.lit = numbers


def test_each_is_told_by_its_own_way_and_an_extension_that_moves_by_its_new_one() -> None:
    stations: Any = Stations()
    pbxs, notified = Pbxs(), []
    at_pbxs: list[Mapping[str, Mapping[str, bool]]] = []
    waiting = MessagesWaiting(stations, pbxs, lambda number, new: notified.append((number, new)), at_pbxs.append)
    pbxs.provision([PbxSetup("pbx", "300", "399"), PbxSetup("old", "401", "401")])
    waiting.show({"201": 2, "205": 1, "301": 0, "345": 3, "401": 1, "3451": 1})
    assert notified == [("201", 2), ("3451", 1)]
    assert "205" in stations.lit
    assert at_pbxs[-1] == {"pbx": {"301": False, "345": True}, "old": {"401": True}}
    pbxs.provision([PbxSetup("pbx", "401", "401")])
    waiting.moved()
    assert at_pbxs[-1] == {"pbx": {"401": True}}
    waiting.came("trunk:pbx")
    waiting.came("345")  # it is at a SIP telephone now
    assert notified[2:] == [("345", 3)]
