"""The bus: everybody hears everything in one order, whatever the others do."""

from firmware.events import Bus, Event, Kind


def event(number):
    return Event(float(number), Kind.DIGIT)


def test_listeners_are_told_in_the_order_they_came_and_no_more_once_they_left():
    bus, heard = Bus(), []
    leave = bus.subscribe(lambda event: heard.append(("first", event.at_s)))
    bus.subscribe(lambda event: heard.append(("second", event.at_s)))
    bus.publish(event(1))
    leave()
    bus.publish(event(2))
    assert heard == [("first", 1.0), ("second", 1.0), ("second", 2.0)]


def test_what_a_listener_publishes_comes_after_what_it_heard_for_everybody():
    bus, heard = Bus(), []
    bus.subscribe(lambda event: bus.publish(Event(event.at_s + 1, Kind.DIGIT)) if event.at_s < 3 else None)
    bus.subscribe(lambda event: heard.append(event.at_s))
    bus.publish(event(1))
    assert heard == [1.0, 2.0, 3.0]


def test_a_listener_that_fails_is_named_and_keeps_nobody_from_hearing(caplog):
    bus, heard = Bus(), []

    def fails(event):
        raise ZeroDivisionError("a fault")

    bus.subscribe(fails)
    bus.subscribe(heard.append)
    bus.publish(Event(1.0, Kind.DIGIT, "g-1"))
    bus.publish(event(2))
    assert [event.at_s for event in heard] == [1.0, 2.0]
    assert "call g-1: a listener failed" in caplog.text
