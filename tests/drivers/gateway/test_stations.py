"""Telephones in ports of the box: what people do at them, what the exchange is told, and what they hear."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from drivers.link import messages as m
from drivers.link.office import TelephoneStatus
from drivers.link.office_client import OfficeClient, Telephone
from tests import audio
from tests.drivers.gateway.conftest import Bench, GatewayProcess, bench

ONE, OTHER = m.PortSetup(5, "205", "Front desk"), m.PortSetup(6, "206", "Workshop", call_waiting=True)
WHOLE = ("110", "20[1-6]", r"\*20")


class Desk:
    """A bench, and the telephones of 205 and 206."""

    def __init__(self, box: Bench, client: OfficeClient) -> None:
        self.box, self.exchange = box, box.exchange
        self.phone, self.other = client.telephone(5), client.telephone(6)

    async def until(
        self, telephone: Telephone, what: Callable[[TelephoneStatus], object], within_s: float = 8
    ) -> TelephoneStatus:
        """Wait until a telephone is so."""
        async with asyncio.timeout(within_s):
            while True:
                if what(status := await telephone.status()):
                    return status
                await asyncio.sleep(0.05)

    async def hears(self, telephone: Telephone, tone: str, within_s: float = 8) -> None:
        """Wait until a tone is heard at a telephone."""
        await self.until(telephone, lambda status: status.tone == tone, within_s)

    async def dials(self, digits: str, pulse: bool = False) -> m.Offered:
        """Lift 205's receiver, wait for dial tone, and dial."""
        await self.phone.lift()
        await self.hears(self.phone, "dial")
        await self.phone.dial(digits, pulse)
        return await self.exchange.event(m.Offered, timeout_s=10)

    async def calls(self, digits: str = "206") -> str:
        """Call from 205, and be answered by the exchange; return the channel."""
        offered = await self.dials(digits)
        self.exchange.order(m.Answer, channel=offered.channel)
        await self.exchange.event(m.Answered, channel=offered.channel)
        return offered.channel

    async def rung(self, **fields: object) -> str:
        """Let 206 be called, and answer there; return the channel."""
        channel = self.box.dial(m.ToExtension("206"), **fields)
        await self.until(self.other, lambda status: status.ringing)
        await self.other.lift()
        await self.exchange.event(m.Answered, channel=channel)
        return channel

    async def talk(self) -> tuple[str, str]:
        """Let 205 and 206 talk; return their channels."""
        one, other = await self.calls(), await self.rung()
        self.exchange.order(m.Connect, channel=one, other=other)
        await self.exchange.event(m.Connected)
        return one, other


@asynccontextmanager
async def desk(gateway: GatewayProcess, country: str = "CN") -> AsyncIterator[Desk]:
    """Two telephones that are 205 and 206; afterwards their receivers are down."""
    async with bench(gateway) as box, await OfficeClient.connect(gateway.home) as client:
        box.exchange.order(
            m.Provision, country=country, lines=(1,), users=(), trunks=(), rtp_first=24000, rtp_last=24999,
            ports=(ONE, OTHER), whole=WHOLE,
        )
        await box.exchange.event(m.Provisioned)
        there = set(box.exchange.snapshot.registered)
        async with asyncio.timeout(10):
            while not {"205", "206"} <= there:
                there.add((await box.exchange.event(m.RegistrationChanged, registered=True)).name)
        one = Desk(box, client)
        yield one
        for telephone in (one.phone, one.other):
            await telephone.put_down()
            await one.until(telephone, lambda status: not status.off_hook)
        for channel in {event.channel for event in box.exchange.seen if isinstance(event, m.ChannelEvent)}:
            if not any(isinstance(event, m.Hungup) for event in box.exchange.of(channel)):
                await box.exchange.event(m.Hungup, channel=channel)


# ---- calls that are made at a telephone


async def test_a_lifted_receiver_gives_dial_tone_until_the_first_key(office: GatewayProcess) -> None:
    async with desk(office) as one:
        await one.phone.lift()
        await one.hears(one.phone, "dial")
        await one.phone.dial("2")
        await one.hears(one.phone, "")


async def test_a_lifted_receiver_gives_another_dial_tone_while_messages_wait(office: GatewayProcess) -> None:
    async with desk(office) as one:
        for new, hertz in ((3, {425.0, 450.0}), (0, {450.0})):
            one.exchange.order(m.ShowWaiting, new={"205": new})
            await one.phone.lift()
            await one.until(one.phone, lambda status, hertz=hertz: hertz == _hertz(status))
            await one.phone.put_down()
            await one.until(one.phone, lambda status: not status.off_hook)


@pytest.mark.parametrize("pulse", [False, True], ids=["keys", "pulses"])
async def test_a_number_of_the_plan_is_offered_as_the_extensions_call_at_its_last_digit(
    office: GatewayProcess, pulse: bool
) -> None:
    async with desk(office) as one:
        offered = await one.dials("206", pulse)
        assert (offered.source, offered.did) == ("extension:205", "206")
        assert (offered.caller_number, offered.caller_name) == ("205", "Front desk")


async def test_who_calls_hears_what_a_far_end_says_before_it_answers_instead_of_our_ringback(
    office: GatewayProcess,
) -> None:
    async with desk(office) as one:
        offered = await one.dials("206")
        one.exchange.order(m.Ring, channel=offered.channel)
        await one.hears(one.phone, "ringback")
        channel = one.box.dial(m.ToExtension("301"))
        far = await one.box.far.called()
        assert far.invite is not None
        far.voice.tone(800)
        far.answer(far.invite, 183, "Session Progress", far.sdp())
        far.voice.start(far.invite)
        await one.exchange.event(m.Audible, channel=channel)
        one.exchange.order(m.Listen, channel=offered.channel, other=channel)
        await one.until(one.phone, lambda status: _hears_hz(status, 800))
        far.accept()
        await one.exchange.event(m.Answered, channel=channel)
        one.exchange.order(m.Answer, channel=offered.channel)
        await one.exchange.event(m.Answered, channel=offered.channel)
        one.exchange.order(m.Connect, channel=offered.channel, other=channel)
        await one.exchange.event(m.Connected)
        far.voice.tone(620)
        await one.until(one.phone, lambda status: _hears_hz(status, 620))
        one.exchange.order(m.Hangup, channel=channel)
        await one.exchange.event(m.Hungup, channel=channel)


async def test_who_calls_hears_it_ring_then_the_other_and_busy_tone_at_the_end(office: GatewayProcess) -> None:
    async with desk(office) as one:
        offered = await one.dials("206")
        one.exchange.order(m.Ring, channel=offered.channel)
        await one.hears(one.phone, "ringback")
        other = await one.rung()
        one.exchange.order(m.Answer, channel=offered.channel)
        await one.exchange.event(m.Answered, channel=offered.channel)
        one.exchange.order(m.Connect, channel=offered.channel, other=other)
        await one.exchange.event(m.Connected)
        await one.other.speak(tone_hz=620)
        await one.until(one.phone, lambda status: _hears_hz(status, 620))
        await one.other.put_down()
        hungup = await one.exchange.event(m.Hungup, channel=other)
        assert (hungup.cause, hungup.by) == (16, "party")
        one.exchange.order(m.Hangup, channel=offered.channel)
        assert (await one.exchange.event(m.Hungup, channel=offered.channel)).by == "exchange"
        await one.hears(one.phone, "busy")


async def test_keys_and_pulses_of_a_talk_are_told(office: GatewayProcess) -> None:
    async with desk(office) as one:
        channel = await one.calls()
        collect = one.exchange.order(m.Collect, channel=channel, max_digits=2, first_s=20, next_s=10)
        await one.phone.dial("7")
        assert (await one.exchange.event(m.Digit)).via == "inband"
        await one.phone.dial("3", pulse=True)
        assert (await one.exchange.event(m.Collected, command=collect)).digits == "73"


# ---- calls to a telephone


async def test_a_telephone_rings_by_the_countrys_cadence_and_shows_who_calls_before_the_second_ring(
    office: GatewayProcess,
) -> None:
    async with desk(office) as one:
        channel = one.box.dial(m.ToExtension("206"), caller_number="13800138000", caller_name="Wang Fang")
        await one.exchange.event(m.Ringing, channel=channel)
        await one.until(one.other, lambda status: status.ringing)
        begun_s = asyncio.get_running_loop().time()
        shown = (await one.until(one.other, lambda status: status.shown)).shown
        assert shown is not None
        assert (shown.number, shown.name, shown.rings) == ("13800138000", "Wang Fang", 1)
        await one.until(one.other, lambda status: status.rings == 2)
        assert 4.5 < asyncio.get_running_loop().time() - begun_s < 5.8
        one.exchange.order(m.Hangup, channel=channel)
        await one.until(one.other, lambda status: not status.ringing)


@pytest.mark.parametrize(("country", "rings"), [("DE", 1), ("GB", 0), ("BE", 0), ("JP", 2)])
async def test_a_display_shows_who_calls_by_v23_or_keys_or_off_hook_where_the_country_has_them(
    office: GatewayProcess, country: str, rings: int
) -> None:
    async with desk(office, country) as one:
        await one.other.lift()  # what it shows and its rings are those since it was put down
        await one.until(one.other, lambda status: status.off_hook)
        await one.other.put_down()
        await one.until(one.other, lambda status: not status.off_hook and not status.shown)
        channel = one.box.dial(m.ToExtension("206"), caller_number="13800138000", caller_name="Wang Fang")
        shown = (await one.until(one.other, lambda status: status.shown)).shown
        assert shown is not None
        assert (shown.number, shown.rings) == ("13800138000", rings)
        assert shown.name == ("" if country in ("BE", "JP") else "Wang Fang")
        await one.until(one.other, lambda status: status.ringing and not status.off_hook)
        assert not [event for event in one.exchange.of(channel) if isinstance(event, m.Answered)]
        one.exchange.order(m.Hangup, channel=channel)
        await one.until(one.other, lambda status: not status.ringing)


async def test_a_telephone_that_is_lifted_is_busy(office: GatewayProcess) -> None:
    async with desk(office) as one:
        await one.other.lift()
        await one.hears(one.other, "dial")
        hungup = await one.exchange.event(m.Hungup, channel=one.box.dial(m.ToExtension("206")))
        assert (hungup.cause, hungup.by) == (17, "party")


# ---- a talk


async def test_a_talk_is_recorded_with_both_sides_apart(office: GatewayProcess) -> None:
    async with desk(office) as one:
        channel, _ = await one.talk()
        await one.phone.speak(tone_hz=1000)
        await one.other.speak(tone_hz=620)
        path = office.home / "recordings/talk.wav"
        one.exchange.order(m.Record, channel=channel, path=str(path))
        await one.exchange.event(m.Recording)
        await asyncio.sleep(1.5)
        one.exchange.order(m.Hangup, channel=channel)
        await one.exchange.event(m.Recorded)
        wav = audio.read_wav(path)
        middle = slice(len(wav.samples) // 2, len(wav.samples) // 2 + 2400)
        assert audio.hears_tone(wav.channel(0)[middle], 1000)
        assert audio.hears_tone(wav.channel(1)[middle], 620)
        assert audio.tone_dbm0(wav.channel(0)[middle], 620) < -40


async def test_a_flash_holds_and_gives_dial_tone_and_another_comes_back(office: GatewayProcess) -> None:
    async with desk(office) as one:
        channel, other = await one.talk()
        await one.other.speak(tone_hz=620)
        await one.phone.speak(tone_hz=1000)
        await one.until(one.other, lambda status: _hears_hz(status, 1000))
        await one.phone.flash()
        assert (await one.exchange.event(m.Held, channel=channel)).by == "party"
        await one.hears(one.phone, "dial")
        await one.until(one.other, lambda status: status.heard.seconds[-1].level_dbm0 < -50)
        music = one.exchange.order(m.Play, channel=other, sounds=(one.box.prompt("music", 800, 5),))
        await one.until(one.other, lambda status: _hears_hz(status, 800))
        await one.phone.flash()
        await one.exchange.event(m.Resumed, channel=channel)
        one.exchange.order(m.StopPlay, channel=other)
        await one.exchange.event(m.Finished, command=music)
        await one.until(one.phone, lambda status: _hears_hz(status, 620))
        await one.until(one.other, lambda status: _hears_hz(status, 1000))


async def test_a_receiver_put_down_in_a_consultation_joins_the_other_two(office: GatewayProcess) -> None:
    async with desk(office) as one:
        dialog, held = await one.box.talking()
        mine = await one.rung()
        one.exchange.order(m.Connect, channel=mine, other=held)
        await one.exchange.event(m.Connected)
        await one.other.flash()
        await one.exchange.event(m.Held, channel=mine)
        await one.hears(one.other, "dial")
        await one.other.dial("201")
        asked = await one.exchange.event(m.Offered, timeout_s=5)
        assert (asked.source, asked.did) == ("extension:206", "201")
        one.exchange.order(m.Answer, channel=asked.channel)
        await one.exchange.event(m.Answered, channel=asked.channel)
        await one.other.put_down()
        told = await one.exchange.event(m.Transferring, channel=mine)
        assert (told.number, told.replaces) == ("201", asked.channel)
        for channel in (mine, asked.channel):
            assert (await one.exchange.event(m.Hungup, channel=channel)).by == "party"
        dialog.bye()


async def test_who_puts_down_the_receiver_with_somebody_on_hold_is_rung_for_them(office: GatewayProcess) -> None:
    async with desk(office) as one:
        channel, _ = await one.talk()
        await one.phone.flash()
        await one.exchange.event(m.Held, channel=channel)
        await one.phone.put_down()
        await one.until(one.phone, lambda status: status.ringing)
        await one.other.speak(tone_hz=620)
        await one.phone.lift()
        await one.exchange.event(m.Resumed, channel=channel)
        await one.until(one.phone, lambda status: _hears_hz(status, 620))


async def test_a_second_call_is_heard_in_the_talk_taken_by_a_flash_and_rings_for_who_is_left(
    office: GatewayProcess,
) -> None:
    async with desk(office) as one:
        _, other = await one.talk()
        await one.phone.speak(tone_hz=1000)
        await one.until(one.other, lambda status: _hears_hz(status, 1000))
        second = one.box.dial(m.ToExtension("206"), caller_number="13900139000")
        await one.exchange.event(m.Ringing, channel=second)
        await one.phone.speak()
        await one.until(one.other, lambda status: _hears_hz(status, 450))  # China's: 0.4 s of 4.4 s
        await one.phone.speak(tone_hz=1000)
        await one.until(one.other, lambda status: _hears_hz(status, 1000))
        await one.other.flash()
        await one.exchange.event(m.Answered, channel=second)
        await one.exchange.event(m.Held, channel=other)
        await one.until(one.other, lambda status: status.heard.seconds[-1].level_dbm0 < -50)
        await one.other.flash()
        await one.exchange.event(m.Held, channel=second)
        await one.exchange.event(m.Resumed, channel=other)
        await one.until(one.other, lambda status: _hears_hz(status, 1000))
        await one.other.put_down()
        await one.exchange.event(m.Hungup, channel=other)
        await one.until(one.other, lambda status: status.ringing)
        await one.other.lift()
        await one.exchange.event(m.Resumed, channel=second)
        assert not [event for event in one.exchange.seen if isinstance(event, m.Transferring)]


# ---- what there is


async def test_a_port_that_is_not_there_is_an_alarm_and_its_extension_absent(office: GatewayProcess) -> None:
    async with bench(office) as box:
        for ports, raised in (((m.PortSetup(9, "209"),), True), ((), False)):
            box.exchange.order(
                m.Provision, country="CN", lines=(), users=(), trunks=(), rtp_first=24000, rtp_last=24999, ports=ports
            )
            alarm = await box.exchange.event(m.Alarm, timeout_s=8)
            assert (alarm.name, alarm.subject, alarm.raised) == ("port-lost", "port:9", raised)
            if raised:
                hungup = await box.exchange.event(m.Hungup, channel=box.dial(m.ToExtension("209")))
                assert (hungup.cause, hungup.by) == (20, "gateway")


def _hertz(status: TelephoneStatus) -> set[float]:
    """Return which of the two frequencies of China's dial tones were heard in the last second."""
    seconds = status.heard.seconds
    heard = [peak.hz for peak in seconds[-1].frequencies] if seconds else []
    return {hertz for hertz in (425.0, 450.0) if any(abs(one - hertz) < 5 for one in heard)}


def _hears_hz(status: TelephoneStatus, hertz: float) -> bool:
    """Tell whether this frequency stood out most in the last second heard."""
    seconds = status.heard.seconds
    return bool(seconds and seconds[-1].frequencies and abs(seconds[-1].frequencies[0].hz - hertz) < 10)
