"""What parties hear, press and say: playing, collecting, connecting, recording, hold and transfer."""

import asyncio
import itertools

import numpy as np
import pytest

from drivers.link import messages as m
from drivers.sip.endpoint import MOST_CALLS
from tests import audio
from tests.drivers.gateway.conftest import GatewayProcess, bench
from tests.drivers.gateway.far_end import Dialog, Message

# ---- playing


async def test_what_is_played_is_heard_whole_and_in_order(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        first, second = box.prompt("first", 600, 0.4), box.prompt("second", 1200, 0.4)
        dialog.voice.heard.clear()
        play = box.exchange.order(m.Play, channel=channel, sounds=(first, m.Silence(0.3), second))
        finished = await box.exchange.event(m.Finished, command=play)
        assert finished.reason == "played"
        await asyncio.sleep(0.1)
        heard = dialog.voice.samples(3)
        spans = audio.sounds(heard)
        assert [round(span.end_s - span.start_s, 1) for span in spans] == [0.4, 0.4]
        assert spans[1].start_s - spans[0].end_s == pytest.approx(0.3, abs=0.03)
        assert [round(audio.strongest_hz(audio.cut(heard, span)), -1) for span in spans] == [600, 1200]


async def test_a_loop_goes_on_until_stopped(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        play = box.exchange.order(m.Play, channel=channel, sounds=(box.prompt("loop", 700, 0.2),), loop=True)
        await asyncio.sleep(0.5)
        await dialog.voice.hears(700, 0.3)
        box.exchange.order(m.StopPlay, channel=channel)
        assert (await box.exchange.event(m.Finished, command=play)).reason == "stopped"
        await asyncio.sleep(0.3)
        assert audio.level_dbm0(dialog.voice.samples(0.15)) < -60


async def test_a_new_play_takes_the_place_of_the_old_one(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        old = box.exchange.order(m.Play, channel=channel, sounds=(box.prompt("old", 500, 5),))
        await asyncio.sleep(0.2)
        box.exchange.order(m.Play, channel=channel, sounds=(box.prompt("new", 1500, 5),))
        assert (await box.exchange.event(m.Finished, command=old)).reason == "stopped"
        await dialog.voice.hears(1500)


async def test_tones_are_those_of_the_country(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        box.exchange.order(m.Play, channel=channel, sounds=(m.Tone("busy"),))
        await asyncio.sleep(2.2)
        heard = dialog.voice.samples(1.9)
        spans = audio.sounds(heard)[1:-1]
        assert [round(span.end_s - span.start_s, 2) for span in spans] == pytest.approx([0.35] * len(spans), abs=0.04)
        assert audio.strongest_hz(audio.cut(heard, spans[0])) == pytest.approx(450, abs=10)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("missing", None, "No such file"), ("text", b"hello", "WAV"), ("stereo", "stereo", "mono")],
)
async def test_a_prompt_that_is_no_sound_fails_and_says_why(
    gateway: GatewayProcess, name: str, content: object, says: str
) -> None:
    async with bench(gateway) as box:
        _, channel = await box.talking()
        path = gateway.home / f"bad-{name}.wav"
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content:
            audio.write_wav(path, np.zeros((800, 2), np.int16))
        play = box.exchange.order(m.Play, channel=channel, sounds=(m.Prompt(str(path)),))
        finished = await box.exchange.event(m.Finished, command=play)
        assert finished.reason == "failed"
        assert str(path) in finished.detail
        assert says in finished.detail


async def test_a_prompt_that_was_replaced_is_read_again(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        for hertz in (600, 1400):
            sound = box.prompt("replaced", hertz, 0.5)
            play = box.exchange.order(m.Play, channel=channel, sounds=(sound,))
            await box.exchange.event(m.Finished, command=play)
            await asyncio.sleep(0.05)
            assert audio.strongest_hz(dialog.voice.samples(0.3)) == pytest.approx(hertz, abs=20)


# ---- digits


async def test_a_key_by_rfc_4733_is_one_digit(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        for key in "5*#0":
            await dialog.voice.press(key)
            digit = await box.exchange.event(m.Digit, channel=channel)
            assert (digit.digit, digit.via) == (key, "rfc4733")
        await dialog.voice.press("5", duration_s=0.6)
        await dialog.voice.press("5")
        await box.exchange.event(m.Digit, digit="5")
        await box.exchange.event(m.Digit, digit="5")
        await box.exchange.settled()
        assert sum(isinstance(event, m.Digit) for event in box.exchange.of(channel)) == 6


@pytest.mark.parametrize(
    ("kind", "body", "digit"),
    [
        ("application/dtmf-relay", "Signal=7\r\nDuration=160\r\n", "7"),
        ("application/dtmf-relay", "Signal= *\r\n", "*"),
        ("application/dtmf", "9", "9"),
        ("application/dtmf", "11", "#"),
    ],
)
async def test_a_key_by_info_is_a_digit(gateway: GatewayProcess, kind: str, body: str, digit: str) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        dialog.request("INFO", body, kind=kind)
        await dialog.status(200, method="INFO")
        told = await box.exchange.event(m.Digit, channel=channel)
        assert (told.digit, told.via) == (digit, "info")


async def test_a_key_sent_both_ways_is_one_digit(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        for key in "34":
            await dialog.voice.press(key)
            dialog.request("INFO", f"Signal={key}\r\nDuration=160\r\n", kind="application/dtmf-relay")
            await dialog.status(200, method="INFO")
            await box.exchange.event(m.Digit, channel=channel)
        await box.exchange.settled()
        told = [event for event in box.exchange.of(channel) if isinstance(event, m.Digit)]
        assert [(event.digit, event.via) for event in told] == [("3", "rfc4733"), ("4", "rfc4733")]


async def test_other_info_is_refused_or_ignored(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        dialog.request("INFO", "<x/>", kind="application/media_control+xml")
        await dialog.status(415, method="INFO")
        dialog.request("INFO")
        await dialog.status(200, method="INFO")
        dialog.request("INFO", "Signal=zzz", kind="application/dtmf-relay")
        await dialog.status(200, method="INFO")
        await box.exchange.settled()
        assert not [event for event in box.exchange.of(channel) if isinstance(event, m.Digit)]


def dtmf(low: float, high: float) -> np.ndarray:
    """A key's sound, 100 ms, and 700 ms of silence."""
    time_s = np.arange(800) / 8000
    key = audio.amplitude(-9) * (np.sin(2 * np.pi * low * time_s) + np.sin(2 * np.pi * high * time_s))
    return np.concatenate([key, np.zeros(5600)]).astype(np.int16)


async def test_keys_are_heard_where_the_other_side_knows_no_telephone_event(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking(codecs="no-events")
        dialog.voice.say(dtmf(770, 1336))
        digit = await box.exchange.event(m.Digit, channel=channel)
        assert (digit.digit, digit.via) == ("5", "inband")


async def test_keys_are_not_heard_where_they_come_as_events(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        dialog.voice.say(dtmf(770, 1336))
        await asyncio.sleep(1.2)
        await box.exchange.settled()
        assert not [event for event in box.exchange.of(channel) if isinstance(event, m.Digit)]


async def test_a_key_typed_ahead_skips_the_prompt_and_is_collected(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        await dialog.voice.press("4")
        await box.exchange.event(m.Digit, digit="4")
        play = box.exchange.order(m.Play, channel=channel, sounds=(box.prompt("menu", 900, 8),), barge_in=True)
        collect = box.exchange.order(m.Collect, channel=channel, max_digits=1)
        assert (await box.exchange.event(m.Finished, command=play)).reason == "digit"
        assert (await box.exchange.event(m.Collected, command=collect)).digits == "4"


# ---- connecting


async def test_who_speaks_before_picking_up_is_heard_all_the_same(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        caller, one = await box.talking()
        for hertz in (500, 700, 900, 1100, 1300):
            channel = box.dial(m.ToExtension("201"))
            agent = await box.far.called()
            agent.voice.tone(hertz)
            assert agent.invite is not None
            agent.voice.start(agent.invite)
            await asyncio.sleep(0.1)  # so that packets lie there when the gateway begins to listen
            agent.accept()
            await box.exchange.event(m.Answered, channel=channel)
            box.exchange.order(m.Connect, channel=one, other=channel)
            await caller.voice.hears(hertz)
            box.exchange.order(m.Hangup, channel=channel)
            await box.exchange.event(m.Hungup, channel=channel)


async def test_two_parties_hear_each_other_and_not_themselves(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        caller, one = await box.talking()
        agent, other = await box.dialled()
        caller.voice.tone(620)
        agent.voice.tone(1000)
        box.exchange.order(m.Play, channel=one, sounds=(box.prompt("music", 400, 1),), loop=True)
        box.exchange.order(m.Connect, channel=one, other=other)
        await box.exchange.event(m.Connected, channel=one, other=other)
        await asyncio.sleep(0.5)
        for voice, hears, not_hears in ((caller.voice, 1000, (620, 400)), (agent.voice, 620, (1000,))):
            heard = voice.samples(0.3)
            assert audio.hears_tone(heard, hears)
            assert all(audio.tone_dbm0(heard, hertz) < -40 for hertz in not_hears)
        box.exchange.order(m.Disconnect, channel=other)
        await box.exchange.event(m.Disconnected, channel=other, other=one)
        await asyncio.sleep(0.4)
        assert audio.level_dbm0(caller.voice.samples(0.2)) < -60


async def test_keys_pressed_in_a_talk_reach_the_other_party(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        caller, one = await box.talking()
        agent, other = await box.dialled()
        box.exchange.order(m.Connect, channel=one, other=other)
        await box.exchange.event(m.Connected)
        await agent.voice.press("8")
        for _ in range(250):
            if caller.voice.events:
                break
            await asyncio.sleep(0.02)
        assert {event for event, _ in caller.voice.events} == {8}
        collect = box.exchange.order(m.Collect, channel=other, first_s=0.2)
        assert (await box.exchange.event(m.Collected, command=collect)).digits == ""


async def test_a_key_is_sounded_to_who_knows_no_telephone_event(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        caller, one = await box.talking(codecs="no-events")
        agent, other = await box.dialled()
        box.exchange.order(m.Connect, channel=one, other=other)
        await box.exchange.event(m.Connected)
        await agent.voice.press("1")
        await asyncio.sleep(0.4)
        heard = caller.voice.samples(0.5)
        loud = audio.cut(heard, audio.sounds(heard)[0])
        assert audio.tone_dbm0(loud, 697) == pytest.approx(-9, abs=2)
        assert audio.tone_dbm0(loud, 1209) == pytest.approx(-7, abs=2)


# ---- hold and transfer


@pytest.mark.parametrize("how", [{"direction": "sendonly"}, {"direction": "inactive"}, {"address": "0.0.0.0"}])  # noqa: S104
async def test_hold_and_resume_are_told_and_the_talk_goes_on(gateway: GatewayProcess, how: dict[str, str]) -> None:
    async with bench(gateway) as box:
        caller, one = await box.talking()
        agent, other = await box.dialled()
        caller.voice.tone(620)
        agent.voice.tone(1000)
        box.exchange.order(m.Connect, channel=one, other=other)
        await box.exchange.event(m.Connected)
        await agent.hold(**how)
        await box.exchange.event(m.Held, channel=other)
        await asyncio.sleep(0.1)
        agent.voice.heard.clear()
        await asyncio.sleep(0.3)
        assert len(agent.voice.heard) < 800  # who holds is not spoken to
        await agent.hold("sendrecv")
        await box.exchange.event(m.Resumed, channel=other)
        await agent.voice.hears(620)
        await caller.voice.hears(1000)
        assert not [e for e in box.exchange.seen if isinstance(e, m.Disconnected | m.Hungup)]


async def test_who_is_on_hold_by_the_exchange_hears_music_alone_and_the_holder_nothing(
    gateway: GatewayProcess,
) -> None:
    """Independent listening: levels of each tone at each end, and in the recording, as the caller heard it."""
    async with bench(gateway) as box:
        caller, one = await box.talking()
        agent, other = await box.dialled()
        caller.voice.tone(620)
        agent.voice.tone(1000)
        path = str(gateway.home / "recordings/a/held.wav")
        box.exchange.order(m.Record, channel=one, path=path)
        box.exchange.order(m.Connect, channel=one, other=other)
        await box.exchange.event(m.Connected)
        await caller.voice.hears(1000)
        box.exchange.order(m.Hold, channel=other)
        assert (await box.exchange.event(m.Held, channel=other)).by == "exchange"
        box.exchange.order(m.Play, channel=one, sounds=(box.prompt("music", 400, 1),), loop=True)
        await caller.voice.hears(400)
        await asyncio.sleep(0.4)
        heard = caller.voice.samples(0.3)
        assert audio.hears_tone(heard, 400)
        assert audio.tone_dbm0(heard, 1000) < -40  # nothing of what the agent says meanwhile
        assert audio.level_dbm0(agent.voice.samples(0.3)) < -60
        await agent.voice.press("8")  # nor of the keys they press
        await asyncio.sleep(0.3)
        assert caller.voice.events == []
        box.exchange.order(m.Resume, channel=other)
        await box.exchange.event(m.Resumed, channel=other)
        box.exchange.order(m.StopPlay, channel=one)
        await agent.voice.hears(620)
        await caller.voice.hears(1000)
        await asyncio.sleep(0.5)
        assert audio.tone_dbm0(caller.voice.samples(0.3), 400) < -40
        box.exchange.order(m.StopRecord, channel=one)
        await box.exchange.event(m.Recorded, path=path)
        right = audio.read_wav(path).channel(1)
        parts = [[hertz for hertz in (400, 1000) if audio.tone_dbm0(right[n : n + 1600], hertz) > -30]
                 for n in range(0, len(right) - 1600, 1600)]  # fmt: skip
        alone = [part[0] for part in parts if len(part) == 1]  # pieces of silence or of both lie between
        assert [hertz for hertz, _ in itertools.groupby(alone)] == [1000, 400, 1000]
        assert not [e for e in box.exchange.seen if isinstance(e, m.Disconnected | m.Hungup)]


async def test_a_storm_of_reinvites_changes_nothing(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        caller, one = await box.talking()
        agent, other = await box.dialled()
        caller.voice.tone(620)
        box.exchange.order(m.Connect, channel=one, other=other)
        await box.exchange.event(m.Connected)
        for _ in range(40):
            assert (await agent.hold("sendrecv")).status == 200
        for number in range(21):
            await agent.hold("sendrecv" if number % 2 == 0 else "sendonly")
        for _ in range(30):
            agent.request("INVITE", agent.sdp())  # without waiting for the answer to the last
        await agent.voice.hears(620)
        await box.exchange.settled()
        held = [type(e).__name__ for e in box.exchange.of(other) if isinstance(e, m.Held | m.Resumed)]
        assert held == ["Held", "Resumed"] * 10
        assert not [e for e in box.exchange.seen if isinstance(e, m.Hungup)]


async def test_a_reinvite_without_a_common_codec_leaves_the_talk_as_it_was(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        dialog.codecs = "unknown"
        assert (await dialog.hold("sendrecv")).status == 488
        dialog.codecs = "pcma"
        play = box.exchange.order(m.Play, channel=channel, sounds=(box.prompt("still", 800, 0.5),))
        await box.exchange.event(m.Finished, command=play, reason="played")
        assert audio.hears_tone(dialog.voice.samples(0.3), 800)


REFER = "Refer-To: <sip:202@busyhour>\r\nReferred-By: <sip:201@busyhour>\r\n"
ENDED = "terminated;reason=noresource"


def subscription(notify: Message) -> tuple[str, str, str]:
    """Return what a NOTIFY is about, the state of its subscription, and the status it tells."""
    assert notify.header("content-type").startswith("message/sipfrag")
    return notify.header("event"), notify.header("subscription-state"), notify.body.rstrip()


@pytest.mark.parametrize(
    ("cause", "status"), [(0, "200 OK"), (17, "486 User busy"), (20, "480 Subscriber absent"), (63, "503 Failed")]
)
async def test_a_blind_transfer_is_asked_of_the_exchange_and_the_party_told_its_end(
    gateway: GatewayProcess, cause: int, status: str
) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        dialog.request("REFER", headers=REFER)
        await dialog.status(202, method="REFER")
        about = f"refer;id={dialog.cseq}"
        assert subscription(await dialog.asked("NOTIFY")) == (about, "active;expires=180", "SIP/2.0 100 Trying")
        assert (await box.exchange.event(m.Transferring, channel=channel)).number == "202"
        await box.exchange.settled()
        assert [message.method for message in dialog.received_messages].count("NOTIFY") == 1
        box.exchange.order(m.ConcludeTransfer, channel=channel, cause=cause)
        assert subscription(await dialog.asked("NOTIFY")) == (about, ENDED, f"SIP/2.0 {status}")
        assert box.far.invites.empty()  # who to connect is the exchange's to say
        dialog.request("REFER", headers=REFER)  # again, and with another subscription
        about = f"refer;id={dialog.cseq}"
        assert subscription(await dialog.asked("NOTIFY"))[0] == about
        await box.exchange.event(m.Transferring, channel=channel)


async def test_a_second_transfer_waits_for_the_end_of_the_first(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        dialog.request("REFER", headers=REFER)
        first = subscription(await dialog.asked("NOTIFY"))[0]
        dialog.request("REFER", headers=REFER.replace("202", "203"))
        assert subscription(await dialog.asked("NOTIFY")) == (
            f"refer;id={dialog.cseq}", ENDED, "SIP/2.0 491 Request Pending"
        )
        box.exchange.order(m.ConcludeTransfer, channel=channel)
        assert subscription(await dialog.asked("NOTIFY")) == (first, ENDED, "SIP/2.0 200 OK")
        asked = [event.number for event in box.exchange.of(channel) if isinstance(event, m.Transferring)]
        assert asked == ["202"]


async def test_a_transfer_to_what_is_no_number_fails_at_once(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        dialog.request("REFER", headers="Refer-To: <http://example.cn/>\r\n")
        await dialog.status(202, method="REFER")
        assert subscription(await dialog.asked("NOTIFY"))[1:] == (ENDED, "SIP/2.0 484 Invalid number format")
        await box.exchange.settled()
        assert not [event for event in box.exchange.of(channel) if isinstance(event, m.Transferring)]


async def test_who_hangs_up_in_the_moment_of_asking_has_asked(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        for number in range(5):
            dialog, channel = await box.talking()
            dialog.request("REFER", headers=REFER)
            dialog.bye()  # before anything is answered: both are there when the gateway looks
            await dialog.status(200, method="BYE")
            await box.exchange.event(m.Hungup, channel=channel)
            kinds = [type(event).__name__ for event in box.exchange.of(channel)]
            assert kinds[-2:] == ["Transferring", "Hungup"], number


async def test_a_transfer_that_is_sent_again_is_asked_once(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        for _ in range(2):
            dialog.request("REFER", headers=REFER)
            await dialog.status(202, method="REFER")
            dialog.cseq -= 1
        await box.exchange.event(m.Transferring, channel=channel)
        await box.exchange.settled()
        assert len([event for event in box.exchange.of(channel) if isinstance(event, m.Transferring)]) == 1


async def test_a_transfer_is_asked_also_where_another_call_had_the_same_number(gateway: GatewayProcess) -> None:
    """Of the thousand numbers pjsua has for calls each comes again after the others; so do CSeqs."""
    async with bench(gateway) as box:
        for number in range(2):
            dialog, channel = await box.talking()
            dialog.request("REFER", headers=REFER)
            await box.exchange.event(m.Transferring, channel=channel)
            dialog.bye()
            await box.exchange.event(m.Hungup, channel=channel)
            for stranger in range((1 - number) * (MOST_CALLS - 1)):
                refused = Dialog(box.far, f"stranger-{stranger}-{id(box)}").call(source="")
                await refused.status(403)
                refused.voice.close()
                del box.far.dialogs[refused.call_id]


async def test_nobody_is_connected_in_place_of_a_call_that_is_none_or_the_same(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        for named in ("abc", dialog.call_id):
            dialog.request("REFER", headers=f"Refer-To: <sip:202@h?Replaces={named}%3Bto-tag%3D1>\r\n")
            await dialog.status(202, method="REFER")
            _, state, told = subscription(await dialog.asked("NOTIFY"))
            assert (state, told.startswith("SIP/2.0 2")) == (ENDED, False)
        dialog.request("REFER", headers=f"Refer-To: <sip:202@h?Replaces={'a' * 600}>\r\n")
        await dialog.status(400, method="REFER")
        await box.exchange.settled()
        assert not [e for e in box.exchange.of(channel) if isinstance(e, m.Transferring)]


# ---- recording


def record_path(gateway: GatewayProcess, name: str) -> str:
    return str(gateway.home / "recordings/2026/03/02" / f"{name}.wav")


async def test_a_recording_has_each_side_on_its_own_channel(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        caller, one = await box.talking()
        agent, other = await box.dialled()
        caller.voice.tone(620)
        agent.voice.tone(1000)
        path = record_path(gateway, "two-sides")
        box.exchange.order(m.Record, channel=one, path=path)
        await box.exchange.event(m.Recording, channel=one, path=path)
        box.exchange.order(m.Connect, channel=one, other=other)
        await box.exchange.event(m.Connected)
        await asyncio.sleep(0.6)
        await agent.hold("sendonly")
        await agent.hold("sendrecv")
        await asyncio.sleep(0.8)
        box.exchange.order(m.StopRecord, channel=one)
        recorded = await box.exchange.event(m.Recorded, channel=one)
        wav = audio.read_wav(path)
        assert recorded.duration_s == pytest.approx(wav.duration_s, abs=0.03)
        last = int(-0.4 * 8000)
        left, right = wav.channel(0)[last:], wav.channel(1)[last:]
        assert audio.hears_tone(left, 620)
        assert audio.tone_dbm0(left, 1000) < -40
        assert audio.hears_tone(right, 1000)
        assert audio.tone_dbm0(right, 620) < -40


async def test_a_recording_is_closed_before_its_channel_is_gone(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        path = record_path(gateway, "closed")
        box.exchange.order(m.Record, channel=channel, path=path)
        await box.exchange.event(m.Recording)
        await asyncio.sleep(0.3)
        dialog.bye()
        await box.exchange.event(m.Hungup, channel=channel)
        names = [type(event).__name__ for event in box.exchange.of(channel)]
        assert names[-2:] == ["Recorded", "Hungup"]
        assert audio.read_wav(path).duration_s == pytest.approx(0.3, abs=0.2)


async def test_one_recording_follows_another(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        _, channel = await box.talking()
        paths = [record_path(gateway, f"follow-{number}") for number in range(3)]
        for path in paths:
            box.exchange.order(m.Record, channel=channel, path=path)
            await box.exchange.event(m.Recording, path=path)
        box.exchange.order(m.StopRecord, channel=channel)
        for path in paths:
            await box.exchange.event(m.Recorded, path=path)


@pytest.mark.parametrize(
    "path", ["/elsewhere.wav", "recordings/relative.wav", "HOME/recordings/../escape.wav", "HOME/recordings/a.mp3"]
)
async def test_nothing_is_recorded_outside_the_folder(gateway: GatewayProcess, path: str) -> None:
    async with bench(gateway) as box:
        _, channel = await box.talking()
        wanted = path.replace("HOME", str(gateway.home))
        command = box.exchange.order(m.Record, channel=channel, path=wanted)
        refused = await box.exchange.event(m.Refused, command=command)
        assert refused.code == "no-disk"
        assert wanted in refused.text
