"""All calls in progress: born from offers, rebuilt from the journal after a restart, made to agree with the gateway."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from drivers.link.causes import NORMAL_CLEARING, TEMPORARY_FAILURE
from drivers.link.messages import (
    ChannelEvent,
    ChannelState,
    Claim,
    Dial,
    Happening,
    Hello,
    Hungup,
    Offered,
    Snapshot,
    Tag,
    ToExtension,
)
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.calls.leg import LegState, Purpose
from firmware.calls.plant import Plant
from firmware.config.schema import Extension
from firmware.events import Event, Kind

log = logging.getLogger(__name__)
LAST_WORD_S = 5.0  # a channel that is gone has its end told when its recording is closed: no later than this
UNWANTED_S = 1.0  # an adopted call soon comes to the stage that dialled its legs, or it will not come there
RING_CALLER_S = 30.0  # who asked for a call at a page sits beside the telephone
DIALLING = ("queue", "extension", "number", "leg")  # destinations whose stages look for surviving legs


class Switch:
    """All calls in progress, by id."""

    def __init__(
        self, plant: Plant, serve: Callable[[Call], Awaitable[None]], e164: Callable[[str, str], str],
        at_pbx: Callable[[str, str], Extension | None] = lambda source, number: None,
    ) -> None:
        """`serve` takes a call from where it is to its last stage; `e164(source, number)` is the world-wide number.

        `at_pbx(source, number)` is the entry of the extension whose PBX calls for it, None for any other caller.
        """
        self.plant = plant
        self.calls: dict[str, Call] = {}
        self._serve = serve
        self._e164, self._at_pbx = e164, at_pbx
        self._restored: set[str] = set()  # ids of the calls an earlier exchange began, until they are adopted
        self._gap_told = False            # of those calls, to their records
        self._lost_s = 0.0                # when that exchange wrote last
        self._adopting = True             # until the gateway has told what happened before this exchange began
        self._starting: list[Call] = []   # offered meanwhile
        self.on_clock_set: Callable[[float], None] = lambda step_s: None  # while there was no exchange: by how much
        gateway = plant.gateway
        gateway.on_snapshot, gateway.on_synchronised = self._snapshot, self._synchronised
        gateway.on_anew.append(self._begun_anew)
        plant.ended = self._ended

    # ---- new calls ---------------------------------------------------------------------------------------------------

    def take(self, happening: Happening) -> None:
        """Take what the gateway tells of a channel that is no leg yet."""
        if isinstance(happening, Offered):
            self._offered(happening)
        elif isinstance(happening, ChannelEvent) and not isinstance(happening, Hungup) and not self._adopting:
            log.warning("channel %s belongs to no call, released: %s", happening.channel, happening)
            self.plant.gateway.release(happening.channel, NORMAL_CLEARING)

    def _offered(self, offered: Offered) -> None:
        if offered.channel in self.calls:
            return
        entry = self._at_pbx(offered.source, offered.caller_number)
        source = offered.source if entry is None else f"extension:{offered.caller_number}"
        name = offered.caller_name if entry is None else _name(entry, offered.caller_name)
        inside = source.startswith("extension:")
        event = Event(
            offered.at_s, Kind.CALL_OFFERED, offered.channel, "1",
            {
                "direction": "internal" if inside else "in",
                "source": source,
                "did": offered.did,
                "number": offered.caller_number,
                "e164": "" if inside else self._e164(offered.source, offered.caller_number),
                "name": name,
                "withheld": offered.withheld,
                "channel": offered.channel,
                "steady_s": offered.at_s - self.plant.clock.offset_s,
            },
        )
        call = self._add(Call(self.plant, event))
        self.plant.bus.publish(event)
        self._claim(call)
        if self._adopting:
            call.log(Kind.GAP, reason="exchange", from_s=offered.at_s)
            self._starting.append(call)
        else:
            self._start(call)

    def originate(self, extension: str, digits: str, to: Destination | None = None) -> Call:
        """Ring an extension's telephone, and call the digits for it when it is answered: as if dialled there.

        With a destination it is taken `to` that one instead.
        """
        gateway = self.plant.gateway
        call_id, now_s = gateway.next_id(), self.plant.clock.wall_s()
        event = Event(
            now_s, Kind.CALL_OFFERED, call_id, "1",
            {
                "direction": "internal", "source": f"extension:{extension}", "did": digits, "number": extension,
                "e164": "", "name": "", "withheld": False, "channel": f"{call_id}.1", "originated": True,
                "steady_s": now_s - self.plant.clock.offset_s,
            },
        )  # fmt: skip
        call = self._add(Call(self.plant, event))
        self.plant.bus.publish(event)
        if to is not None:
            call.enter(to)
        call.ring_caller(ToExtension(extension), RING_CALLER_S, digits)
        self._start(call)
        return call

    def _add(self, call: Call) -> Call:
        self.calls[call.id] = call
        for leg in call.legs.values():
            if leg.state is not LegState.ENDED or leg.recording:
                self.plant.gateway.legs[leg.channel] = leg
        return call

    def _claim(self, call: Call) -> None:
        gateway = self.plant.gateway
        tag = Tag(call=call.id, leg=call.caller.id, purpose=str(Purpose.CALLER))
        gateway.send(Claim(id=gateway.next_id(), channel=call.caller.channel, tag=tag))

    def _start(self, call: Call) -> None:
        if call.over:
            return
        if call.caller.state is LegState.ENDED:
            call.close()  # gave up before anybody looked
            return
        call.task = asyncio.ensure_future(self._serve_answered(call) if call.originated else self._serve(call))
        call.task.add_done_callback(lambda task: self._served(call, task))

    async def _serve_answered(self, call: Call) -> None:
        """Serve a caller whom the box rang, once they have answered; who does not ends this by hanging up."""
        await call.caller.wait_answered()
        await self._serve(call)

    def _served(self, call: Call, task: asyncio.Future[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("call %s: its stage failed", call.id, exc_info=error)
        call.close(NORMAL_CLEARING if error is None else TEMPORARY_FAILURE)

    def _ended(self, call: Call) -> None:
        self.calls.pop(call.id, None)
        for leg in call.legs.values():
            if self.plant.gateway.legs.get(leg.channel) is leg:  # else another call has absorbed it
                del self.plant.gateway.legs[leg.channel]

    # ---- calls of an earlier exchange, or of an earlier gateway ------------------------------------------------------

    def restore(self, events: Iterable[Event], last_s: float) -> None:
        """Rebuild the calls that had not ended when the journal was last written, at `last_s`."""
        self._lost_s = last_s
        for event in events:
            try:
                if event.kind is Kind.CALL_OFFERED:
                    self.calls[event.call] = Call(self.plant, event)
                    self._restored.add(event.call)
                elif event.call in self.calls:
                    self.calls[event.call].apply(event)
            except Exception:  # of a release that wrote it otherwise: one call is not worth the start of all
                log.exception("call %s: cannot be rebuilt from %s", event.call, event)
                self.calls.pop(event.call, None)
                self._restored.discard(event.call)
        for call in self.calls.values():
            self._add(call)

    def _begun_anew(self, hello: Hello) -> None:
        """Close all calls of a gateway that is no more: a new one says hello."""
        if not self.calls:
            return
        log.error("the gateway began anew (%s): %d calls are lost", hello.epoch, len(self.calls))
        self._restored.clear()
        gateway = self.plant.gateway
        for call in [*self.calls.values()]:
            call.lose(gateway.lost_s or self._lost_s, gateway.at_s or self._lost_s)

    def _snapshot(self, snapshot: Snapshot) -> None:
        """Make legs of channels that an earlier exchange dialled and did not live to journal."""
        if not self._adopting:
            return
        if not self._gap_told:  # else the wire broke before all was told, and some of the calls have ended since
            self._gap_told = True
            self._compare_clocks()
            for call_id in self._restored:
                self.calls[call_id].log(Kind.GAP, reason="exchange", from_s=self._lost_s)
        for state in snapshot.channels:
            call = self.calls.get(state.tag.call) if state.tag is not None else None
            if call is not None and state.channel not in self.plant.gateway.legs:
                self._adopt_leg(call, state)

    def _compare_clocks(self) -> None:
        """See whether the clock was set while there was no exchange: calls that live on show that it is the same boot.

        What it was put right by little by little meanwhile is left aside, as it is with an exchange (`Clock.follow`).
        """
        clock = self.plant.clock
        offsets = [offset_s for call_id in self._restored if (offset_s := self.calls[call_id].offset_s) is not None]
        if offsets:
            now_s, clock.offset_s = clock.wall_s(), offsets[0]
            if step_s := clock.follow(now_s):
                self.on_clock_set(step_s)

    def correct(self, step_s: float) -> None:
        """Tell all calls that the clock was set by so much."""
        self._lost_s += step_s if self._lost_s else 0.0
        for call in self.calls.values():
            call.log(Kind.CLOCK_SET, step_s=step_s)

    def _adopt_leg(self, call: Call, state: ChannelState) -> None:
        """Make the leg of a channel whose tag names the call."""
        if state.tag is None or state.tag.leg in call.legs:
            return
        purpose, _, agent = state.tag.purpose.partition(":")
        if purpose not in set(Purpose) or not state.tag.leg.isdecimal():
            return  # not our way to name it: it will be released
        call.log(
            Kind.LEG_DIALED, state.tag.leg, at_s=state.since_s, party=purpose, target=state.target, agent=agent,
            channel=state.channel,
        )
        self.plant.gateway.legs[state.channel] = call.legs[state.tag.leg]

    def _synchronised(self, channels: dict[str, ChannelState]) -> None:
        """The gateway has told all: end what it no longer has, release what nobody claims, go on with the rest."""
        for state in channels.values():
            call = self.calls.get(state.tag.call) if state.tag is not None else None
            if call is not None and state.channel not in self.plant.gateway.legs:
                self._adopt_leg(call, state)  # its call was offered in what was replayed
        gone = self.plant.gateway.legs.keys() - channels.keys() - self.plant.gateway.pending(Dial)
        if gone:
            asyncio.get_running_loop().call_later(LAST_WORD_S, self._forget, gone, self.plant.gateway.epoch)
        for channel in channels.keys() - self.plant.gateway.legs.keys():
            log.warning("channel %s belongs to no call, released", channel)
            self.plant.gateway.release(channel, NORMAL_CLEARING)
        if self._adopting:
            self._adopting = False
            self._adopt(channels)

    def _forget(self, channels: set[str], epoch: str) -> None:
        now_s = self.plant.clock.wall_s()
        for leg in [self.plant.gateway.legs.get(channel) for channel in channels]:
            if leg is not None and epoch == self.plant.gateway.epoch:
                leg.call.forget(leg, now_s)

    def _adopt(self, channels: dict[str, ChannelState]) -> None:
        restored, self._restored = self._restored, set()
        for call in [self.calls[call_id] for call_id in sorted(restored) if call_id in self.calls]:
            state = channels.get(call.caller.channel)
            if state is not None and state.tag is None:
                self._claim(call)
            if call.is_finished():
                call.close()
            elif state is not None or call.consultation is not None:
                # Else it has just ended, and the last word of its channel is under way; there may be who waits for it
                self._start(call)
                asyncio.get_running_loop().call_later(UNWANTED_S, _release_unwanted, call)
        starting, self._starting = self._starting, []
        for call in starting:
            if call.caller.channel in channels:
                self._start(call)


def _name(entry: Extension, told: str) -> str:
    """Return what an extension at a PBX is called; of a range the PBX alone knows whose number each is."""
    return (told if entry.last else "") or entry.name or told


def _release_unwanted(call: Call) -> None:
    """Let nothing ring for a caller who is where nobody waits for it."""
    if not call.over and call.destination.kind not in DIALLING:
        call.release_others()
