"""A call's life, told by its events: from the offer to the one CALL_ENDED."""

from drivers.link.messages import Prompt, ToExtension
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.calls.leg import Purpose
from firmware.events import Kind
from tests.fakes.box import Box


class RingsExtension:
    """A stage that rings an extension and lets caller and callee talk."""

    async def run(self, call: Call, destination: Destination) -> Destination | None:
        call.caller.start_playing(Prompt("/sounds/music.wav"))
        await call.caller.answer()
        legs = call.live_legs(Purpose.EXTENSION)
        leg = legs[0] if legs else call.dial(ToExtension(destination.name), Purpose.EXTENSION)
        if await leg.wait_answered():
            call.record()
            await call.talk(leg)
        return None


def kinds(box: Box) -> list[Kind]:
    return [event.kind for event in box.events]


def test_a_call_that_is_answered_and_hung_up_by_the_callee_tells_each_step_once(box):
    box.stages["extension"] = RingsExtension()
    box.destination = Destination("extension", "201")
    box.phone("201").answers_after(3)
    caller = box.line(1).ring(caller_id="13800138000")
    box.clock.advance(2)
    assert caller.hears == "music"
    box.clock.advance(10)
    assert caller.hears_party(box.phone("201").party)
    box.phone("201").hang_up()
    assert caller.state == "ended"
    assert kinds(box) == [
        Kind.CALL_OFFERED, Kind.STAGE_ENTERED, Kind.CALL_ANSWERED, Kind.LEG_DIALED, Kind.LEG_RINGING,
        Kind.LEG_ANSWERED, Kind.RECORDING_STARTED, Kind.BRIDGE_JOINED, Kind.BRIDGE_LEFT, Kind.LEG_ENDED,
        Kind.RECORDING_ENDED, Kind.LEG_ENDED, Kind.CALL_ENDED,
    ]
    assert box.events[-1].data == {"cause": 16, "by": "extension"}
    assert box.live == []
