"""A caller is served: waits, is brought together with an agent, talks, and everybody is free again."""

from firmware.events import Kind


def test_a_caller_talks_with_the_agent_who_answers(floor):
    floor.login("201")
    caller = floor.call()
    floor.wait(3)
    assert floor.rings("201")
    floor.phone("201").answer()
    assert caller.hears_party(floor.phone("201").party)
    assert floor.outcomes() == [("answered", 3)]
    assert floor.agent("201").state == "talking"
