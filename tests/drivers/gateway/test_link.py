"""The link, with a real gateway at its end."""

import asyncio
import contextlib
import json
import socket
import stat

from drivers.link import messages as m
from tests.drivers.gateway.conftest import GatewayProcess, bench
from tests.drivers.gateway.exchange import Exchange


async def test_what_is_not_acknowledged_is_told_again(gateway: GatewayProcess) -> None:
    async with bench(gateway, acknowledge=False) as box:
        dialog, channel = await box.talking()
        told = [event for event in box.exchange.seen if isinstance(event, m.ChannelEvent)]
        box.exchange.acknowledge(told[0].seq)  # the offer
        await box.exchange.settled()
        await box.exchange.close()
        box.exchange = await Exchange.connect(gateway.home)
        assert box.exchange.snapshot.seq >= told[-1].seq
        await box.exchange.event(m.Answered, channel=channel)
        again = box.exchange.of(channel)
        assert again == told[1:]
        dialog.bye()
        await box.exchange.event(m.Hungup, channel=channel)


async def test_the_snapshot_tells_each_channel_as_it_is(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        _, one = await box.talking(source="trunk:carrier", number="4002")
        agent, other = await box.dialled("201")
        ringing = box.dial(m.ToExtension("202"))
        (await box.far.called()).ring()
        await box.exchange.event(m.Ringing, channel=ringing)
        _, offered = await box.incoming()
        box.exchange.order(m.Claim, channel=one, tag=m.Tag("c1", "1", "caller"))
        box.exchange.order(m.Connect, channel=one, other=other)
        path = str(gateway.home / "recordings/a/snapshot.wav")
        box.exchange.order(m.Record, channel=one, path=path)
        await agent.hold()
        collect = box.exchange.order(m.Collect, channel=one, first_s=60)
        await box.exchange.event(m.Held)
        await box.exchange.event(m.Recording)
        await box.exchange.settled()
        again = await Exchange.connect(gateway.home)
        states = {state.channel: state for state in again.snapshot.channels}
        assert states[one].tag == m.Tag("c1", "1", "caller")
        assert (states[one].state, states[one].source, states[one].did) == ("answered", "trunk:carrier", "4002")
        assert (states[one].connected, states[other].connected) == (other, one)
        assert (states[one].recording, states[one].collecting) == (path, collect)
        assert (states[other].held, states[one].held) == (True, False)
        assert (states[other].target, states[other].tag) == ("extension:201", box.tag)
        assert states[ringing].state == "ringing"
        assert (states[offered.channel].state, states[offered.channel].caller_number) == ("offered", "13800138000")
        assert states[one].answered_s >= states[one].since_s > 1_700_000_000
        await box.exchange.close()
        box.exchange = again
        for channel in states:
            again.order(m.Hangup, channel=channel)
            await again.event(m.Hungup, channel=channel)


async def test_the_newest_exchange_wins(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        newer = await Exchange.connect(gateway.home)
        await box.exchange.gone()
        await box.exchange.close()
        box.exchange = newer
        await box.incoming()


async def test_a_command_is_carried_out_once_however_often_it_is_sent(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dial = m.Dial(id="once-1", channel="once", target=m.ToExtension("201"), tag=box.tag)
        for _ in range(3):
            box.exchange.send(dial)
        (await box.far.called()).refuse(486, "Busy Here")
        await box.exchange.event(m.Hungup, channel="once")
        await box.exchange.close()
        box.exchange = await Exchange.connect(gateway.home)
        box.exchange.send(dial)
        await box.exchange.settled()
        assert box.far.invites.empty()
        assert box.exchange.of("once") == []


async def test_what_cannot_be_done_is_refused_with_its_reason(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        _, offered = await box.incoming()
        for order, code in (
            (m.Answer(id="r1", channel="nobody"), "no-such-channel"),
            (m.Play(id="r2", channel=offered.channel, sounds=(m.Tone("beep"),)), "wrong-state"),
            (m.Connect(id="r3", channel=offered.channel, other="nobody"), "no-such-channel"),
            (m.Dial(id="r4", channel=offered.channel, target=m.ToExtension("1"), tag=box.tag), "wrong-state"),
        ):
            box.exchange.send(order)
            refused = await box.exchange.event(m.Refused, command=order.id)
            assert (refused.code, refused.channel) == (code, order.channel)
            assert refused.text


async def test_words_of_another_language_are_refused_and_harm_nothing(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        for line in (b"{", b'{"type":"fly","id":"x1"}', b'{"type":"answer","id":"x2","channel":5}', b"\xff\xfe", b"[]"):
            box.exchange._writer.write(line + b"\n")
        for command in ("", "x1", "x2", "", ""):
            refused = await box.exchange.event(m.Refused, command=command)
            assert refused.code == "bad-message"
        await box.incoming()


async def test_a_line_longer_than_the_link_carries_ends_the_connection(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        box.exchange._writer.write(b"x" * (5 * 1024 * 1024))
        await box.exchange.gone()
        await box.exchange.close()
        box.exchange = await Exchange.connect(gateway.home)


async def test_an_exchange_that_does_not_read_is_cut_off_and_calls_go_on(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        await box.exchange.close()
        with socket.socket(socket.AF_UNIX) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(str(gateway.home / "run/gateway.sock"))
            claim = json.dumps({"type": "claim", "id": "N", "channel": "nobody", "tag": {"call": "x" * 200, "leg": ""}})
            flood = b"".join(claim.replace('"N"', f'"{number}"').encode() + b"\n" for number in range(60_000))
            deaf.setblocking(False)
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(30):
                with contextlib.suppress(ConnectionError):
                    await loop.sock_sendall(deaf, flood)
                    await asyncio.sleep(1)
                    while await loop.sock_recv(deaf, 65536):
                        pass
        box.exchange = await Exchange.connect(gateway.home)
        assert channel in {state.channel for state in box.exchange.snapshot.channels}
        play = box.exchange.order(m.Play, channel=channel, sounds=(m.Tone("beep"),))
        await box.exchange.event(m.Finished, command=play)
        dialog.bye()
        await box.exchange.event(m.Hungup, channel=channel)


async def test_the_counters_come_every_few_seconds(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        stats = await box.exchange.event(m.Stats)
        assert stats.counters["ticks"] > 0
        assert {"late_ticks", "channels", "unacknowledged", "cpu_s"} <= stats.counters.keys()


async def test_only_this_user_may_open_the_link(gateway: GatewayProcess) -> None:
    mode = (gateway.home / "run/gateway.sock").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
