"""What every ordinary call has: ringing that the caller hears, the talk, and a reason where there is none."""

import logging
from collections.abc import Callable

from drivers.link.causes import (
    CALL_REJECTED,
    DESTINATION_OUT_OF_ORDER,
    INVALID_NUMBER_FORMAT,
    NETWORK_OUT_OF_ORDER,
    NO_ANSWER,
    NO_CIRCUIT_AVAILABLE,
    NO_USER_RESPONDING,
    NORMAL_CLEARING,
    RECOVERY_ON_TIMER_EXPIRY,
    SEND_SPECIAL_INFORMATION_TONE,
    SUBSCRIBER_ABSENT,
    SWITCHING_EQUIPMENT_CONGESTION,
    TEMPORARY_FAILURE,
    UNALLOCATED_NUMBER,
    USER_BUSY,
)
from drivers.link.messages import Tone
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.calls.leg import CannotConnect, Leg, LegState
from firmware.events import Event, Kind
from firmware.prompts import catalogue

log = logging.getLogger(__name__)

# What a caller is told, by cause (Q.850)
REASONS = {
    UNALLOCATED_NUMBER: "number-not-possible",
    SEND_SPECIAL_INFORMATION_TONE: "number-not-possible",
    INVALID_NUMBER_FORMAT: "number-not-possible",
    USER_BUSY: "extension-busy",
    NO_USER_RESPONDING: "no-answer",
    NO_ANSWER: "no-answer",
    RECOVERY_ON_TIMER_EXPIRY: "no-answer",
    NORMAL_CLEARING: "not-available",
    SUBSCRIBER_ABSENT: "not-available",
    CALL_REJECTED: "not-available",
    DESTINATION_OUT_OF_ORDER: "not-available",
    NO_CIRCUIT_AVAILABLE: "lines-busy",
    NETWORK_OUT_OF_ORDER: "lines-busy",
    SWITCHING_EQUIPMENT_CONGESTION: "lines-busy",
}


async def ring(call: Call, leg: Leg, elsewhere: Callable[[int], bool] = lambda cause: False) -> bool:
    """Let the caller hear that the leg rings, or what its far end says; True when it answers, False if it ends.

    `elsewhere` is asked of a far end that says why it will not have the call whether another is to be tried instead.
    """

    def rings() -> None:
        if leg.audible:
            call.caller.listen(leg)  # what it says itself is its ringback, too
        elif call.caller.state is LegState.OFFERED:
            call.caller.ring()
        else:
            call.caller.start_playing(Tone("ringback"))

    def follow(event: Event) -> None:
        if event.kind in (Kind.LEG_RINGING, Kind.LEG_AUDIBLE) and (event.call, event.leg) == (call.id, leg.id):
            if (cause := event.data.get("cause", 0)) and elsewhere(cause):
                leg.hang_up(cause)
            else:
                rings()

    if leg.audible or leg.state is LegState.RINGING:    # since before a restart
        rings()
    forget = call.plant.bus.subscribe(follow)
    try:
        answered = await leg.wait_answered()
    finally:
        forget()
    if call.caller.state is LegState.ANSWERED:
        call.caller.stop_playing()
    return answered


async def talk(call: Call, leg: Leg) -> Destination | None:
    """Answer the caller, connect, and return when the talk is over, whoever ended or transferred it."""
    try:
        await call.caller.answer()
        await call.talk(leg)
    except CannotConnect as error:
        log.error("%s", error)
        return None if call.give_back(TEMPORARY_FAILURE) else Destination("hangup", str(TEMPORARY_FAILURE))
    finally:
        if not call.stays(leg):    # either may have transferred the other, or asks somebody about them
            leg.hang_up()
    if not call.stays(leg):    # answered and hung up in one moment: there was no talk
        call.give_back(leg.cause or NORMAL_CLEARING)
    return None


async def tell(call: Call, cause: int, language: str, prompt: str) -> Destination | None:
    """Tell the caller in words, for which a telephone of the box is answered; else as `explain` does."""
    if call.caller.state is LegState.OFFERED and call.source.startswith("extension:"):
        await call.caller.answer()
    return await explain(call, cause, language, prompt)


async def explain(call: Call, cause: int, language: str, prompt: str = "") -> Destination | None:
    """Tell the caller why there is no talk, by words or by the cause itself, and return the call's end.

    Whoever was to be transferred goes back to who asked for it instead, if they are still there.

    A telephone or trunk that was not answered learns the cause by signalling, and nobody pays for it. A line has no
    such sign, and an unanswered one would ring on: it is answered.
    """
    if call.give_back(cause):
        return None
    if call.caller.state is LegState.OFFERED and call.source.startswith("line:"):
        await call.caller.answer()
    if call.caller.state is LegState.ANSWERED:
        name = prompt or REASONS.get(cause, "fault")
        await call.caller.play(*catalogue.sounds(name, call.variables.get("language", language)))
    return Destination("hangup", str(cause))
