"""How many new messages wait, as sources tell it, events keep it and the gateway hears of it."""

from types import SimpleNamespace
from typing import Any

from firmware.config.schema import Extension
from firmware.events import Bus, Event, Kind
from firmware.mailboxes import Mailboxes, Source


def mailboxes(*numbers: str, left: list[Event] | None = None) -> tuple[Mailboxes, list[dict[str, Any]], Any, Bus]:
    """Return mailboxes of a box with these extensions, what they told, the configuration and the bus."""
    bus, told = Bus(), []
    config = SimpleNamespace(extensions=[Extension(number) for number in numbers])
    clock: Any = SimpleNamespace(wall_s=lambda: 1000.0)
    found = Mailboxes(lambda: config, bus, clock, left or [])
    bus.subscribe(found.follow)
    bus.subscribe(lambda event: told.append(event.data) if event.kind is Kind.MESSAGES_WAITING else None)
    return found, told, config, bus


def test_a_count_is_told_once_and_known_from_then_on() -> None:
    found, told, _, _ = mailboxes("201", "202")
    assert found.table() == {}
    for _ in range(2):
        found.tell("201", Source.TOLD, 3, "crm")
    assert told == [{"extension": "201", "source": "told", "new": 3, "who": "crm"}]
    assert (found.new("201"), found.new("202"), found.table()) == (3, 0, {"201": 3})
    found.tell("201", Source.TOLD, 0, "crm")
    assert found.table() == {"201": 0}  # its telephone may have been off, and must learn that they are read


def test_what_was_told_before_a_restart_is_known_after_it() -> None:
    before, told, _, _ = mailboxes("201")
    before.tell("201", Source.TOLD, 3, "crm")
    found, again, _, _ = mailboxes("201", left=[Event(1.0, Kind.MESSAGES_WAITING, data=told[0])])
    assert (found.table(), again) == ({"201": 3}, [])


def test_messages_of_an_extension_that_is_gone_are_not_its_successor_s() -> None:
    found, _, config, bus = mailboxes("201", "202")
    for number in ("201", "202"):
        found.tell(number, Source.TOLD, 2, "crm")
    former, config.extensions = config.extensions, config.extensions[1:]
    bus.publish(Event(2.0, Kind.CONFIG_CHANGED, data={"revision": 2, "who": "li", "why": ""}))
    assert found.table() == {"202": 2}
    config.extensions = former
    assert found.table() == {"201": 0, "202": 2}
