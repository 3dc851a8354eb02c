"""Calls that come in by SIP, from INVITE to BYE."""

import asyncio

import pytest

from drivers.link import messages as m
from tests.drivers.gateway.conftest import GatewayProcess, bench
from tests.drivers.gateway.far_end import Dialog, FarEnd, far_end


async def test_a_call_is_offered_with_who_calls_whom_from_where(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, offered = await box.incoming(number="4001", source="trunk:carrier")
        assert (offered.source, offered.did, offered.caller_number, offered.caller_name, offered.withheld) == (
            "trunk:carrier", "4001", "13800138000", "Alice", False,
        )  # fmt: skip
        assert offered.channel.startswith(box.exchange.hello.epoch + "-")
        assert (await dialog.status(100)).status == 100


async def test_the_asserted_identity_is_believed_before_the_one_shown(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        _, offered = await box.incoming(headers="P-Asserted-Identity: <sip:+861062551234@carrier>\r\n")
        assert (offered.caller_number, offered.caller_name) == ("+861062551234", "Alice")


async def test_a_withheld_number_is_not_told(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        _, offered = await box.incoming(
            from_='"Anonymous" <sip:anonymous@anonymous.invalid>',
            headers="P-Asserted-Identity: <sip:13800138000@carrier>\r\nPrivacy: id\r\n",
        )
        assert (offered.withheld, offered.caller_number, offered.caller_name) == (True, "", "")


@pytest.mark.parametrize(
    ("from_", "number", "name"),
    [
        ('"<script>alert(1)</script>" <sip:1@h>', "1", "<script>alert(1)</script>"),
        ('"\udcff\udcfeAb" <sip:2@h>', "2", "��Ab"),
        ('"王小明" <sip:3@h>', "3", "王小明"),
        (f'"{"n" * 300}" <sip:4@h>', "4", "n" * 80),
        ("<sip:" + "5" * 40 + "@h>", "5" * 40, ""),
        ("<sip:" + "6" * 200 + "@h>", "6" * 64, ""),
        ("<tel:+86-10-6255-1234>", "+861062551234", ""),
        ("<sip:%37%38;phone-context=x@h;user=phone>", "78", ""),
        ('"tab\\"quoted\\\\" <sip:9@h>', "9", 'tab"quoted\\'),
    ],
)
async def test_whatever_a_caller_calls_itself_becomes_safe_text(
    gateway: GatewayProcess, from_: str, number: str, name: str
) -> None:
    async with bench(gateway) as box:
        _, offered = await box.incoming(from_=from_)
        assert (offered.caller_number, offered.caller_name) == (number, name)


async def test_a_call_without_a_source_of_the_edge_is_refused(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog = Dialog(box.far, "nobody").call(source="")
        assert (await dialog.status(403)).status == 403
        forged = Dialog(box.far, "forged").call(source="extension:201;drop=1")
        assert (await forged.status(403)).status == 403


async def test_whoever_is_not_the_edge_gets_no_answer(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        stranger: FarEnd = await far_end(0, box.far.gateway)
        dialog = Dialog(stranger, "stranger").call()
        dialog.request("OPTIONS")
        await box.incoming()  # the gateway has worked on what came after
        await asyncio.sleep(0.1)
        assert dialog.received_messages == []
        stranger.close()


@pytest.mark.parametrize("method", ["MESSAGE", "SUBSCRIBE", "REGISTER", "PUBLISH", "NOTIFY", "REFER", "INFO"])
async def test_unasked_requests_are_refused(gateway: GatewayProcess, method: str) -> None:
    async with bench(gateway) as box:
        dialog = Dialog(box.far, f"unasked-{method}")
        dialog.from_, dialog.to = f"<sip:x@h>;tag={dialog.tag}", "<sip:201@h>"
        dialog.target = f"sip:201@127.0.0.1:{gateway.sip_port}"
        dialog.request(method, "hello", "Event: presence\r\nRefer-To: <sip:1@h>\r\n", "text/plain")
        refusal = await dialog.status(405, 481, method=method)
        assert "MESSAGE" not in refusal.header("allow")


async def test_ringing_is_told(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, offered = await box.incoming()
        box.exchange.order(m.Ring, channel=offered.channel)
        assert (await dialog.status(180)).body == ""


async def test_a_caller_who_gives_up_has_hung_up(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, offered = await box.incoming()
        box.exchange.order(m.Ring, channel=offered.channel)
        await dialog.status(180)
        dialog.request("CANCEL")
        assert (await dialog.status(487)).status == 487
        hungup = await box.exchange.event(m.Hungup, channel=offered.channel)
        assert (hungup.cause, hungup.by) == (16, "party")


@pytest.mark.parametrize(
    ("cause", "status"),
    [(17, 486), (21, 403), (1, 404), (20, 480), (34, 503), (41, 503), (58, 488), (88, 488), (127, 500)],
)
async def test_a_refused_caller_is_told_why(gateway: GatewayProcess, cause: int, status: int) -> None:
    async with bench(gateway) as box:
        dialog, offered = await box.incoming()
        box.exchange.order(m.Hangup, channel=offered.channel, cause=cause)
        answer = await dialog.status(status)
        assert f"cause={cause}" in answer.header("reason")
        assert (answer.header("retry-after") != "") is (status == 503)
        hungup = await box.exchange.event(m.Hungup, channel=offered.channel)
        assert (hungup.cause, hungup.by) == (cause, "exchange")


@pytest.mark.parametrize(("reason", "cause"), [("", 16), ('Reason: Q.850;cause=31;text="x"\r\n', 31),
                                               ("Reason: SIP;cause=200, Q.850 ; cause=102\r\n", 102)])
async def test_a_party_that_hangs_up_may_say_why(gateway: GatewayProcess, reason: str, cause: int) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        dialog.bye(reason)
        await dialog.status(200, method="BYE")
        hungup = await box.exchange.event(m.Hungup, channel=channel)
        assert (hungup.cause, hungup.by) == (cause, "party")


async def test_our_hangup_of_a_talk_is_a_bye_with_its_cause(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        box.exchange.order(m.Hangup, channel=channel, cause=31)
        assert "cause=31" in (await dialog.asked("BYE")).header("reason")
        assert (await box.exchange.event(m.Hungup, channel=channel)).by == "exchange"


async def test_no_common_codec_is_refused_without_being_offered(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog = Dialog(box.far, "codec").call(codecs="unknown")
        assert (await dialog.status(488)).status == 488
        await box.exchange.settled()
        assert not [event for event in box.exchange.seen if isinstance(event, m.Offered)]


VIDEO = "m=video 4002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


@pytest.mark.parametrize("first", [True, False])
async def test_of_voice_and_video_the_voice_is_taken(gateway: GatewayProcess, first: bool) -> None:
    async with bench(gateway) as box:
        dialog = Dialog(box.far, f"video-{first}")
        head, _, voice = dialog.sdp().partition("m=audio")
        sdp = head + VIDEO + "m=audio" + voice if first else head + "m=audio" + voice + VIDEO
        dialog.sdp = lambda *how: sdp  # type: ignore[method-assign, assignment, misc]
        dialog.call()
        offered = await box.exchange.event(m.Offered)
        box.exchange.order(m.Answer, channel=offered.channel)
        lines = (await dialog.status(200)).body.splitlines()
        assert [line.split()[1] == "0" for line in lines if line.startswith("m=video")] == [True]
        await box.exchange.event(m.Answered)
        await dialog.voice.press("3")
        digit = await box.exchange.event(m.Digit, channel=offered.channel)
        assert (digit.digit, digit.via) == ("3", "rfc4733")


@pytest.mark.parametrize(
    ("sdp", "status"),
    [
        ("v=0\r\nthis is no sdp\r\n", 400),
        ("v=0\r\no=f 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n", 400),
        ("v=0\r\no=f 1 1 IN IP4 1.1.1.1\r\ns=-\r\nc=IN IP4 1.1.1.1\r\nt=0 0\r\n" + VIDEO, 488),
        ("v=0\r\no=f 1 1 IN IP4 1.1.1.1\r\ns=-\r\nc=IN IP4 1.1.1.1\r\nt=0 0\r\nm=audio 0 RTP/AVP 8\r\n", 488),
    ],
)
async def test_an_offer_without_voice_is_refused(gateway: GatewayProcess, sdp: str, status: int) -> None:
    async with bench(gateway) as box:
        dialog = Dialog(box.far, f"no-voice-{hash(sdp)}")
        dialog.sdp = lambda *how: sdp  # type: ignore[method-assign, assignment, misc]
        dialog.call()
        assert (await dialog.status(status)).status == status
        await box.exchange.settled()
        assert not [event for event in box.exchange.seen if isinstance(event, m.Offered)]


async def test_a_call_without_an_offer_gets_ours(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, offered = await box.incoming(sdp=False)
        box.exchange.order(m.Answer, channel=offered.channel)
        answer = await dialog._wait(lambda message: message.status == 200, 5, "200")
        assert "PCMA/8000" in answer.body


async def test_answering_twice_is_answering_once(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        box.exchange.order(m.Answer, channel=channel)
        box.exchange.order(m.Ring, channel=channel)
        await box.exchange.settled()
        assert sum(isinstance(event, m.Answered) for event in box.exchange.of(channel)) == 1
        assert [message.status for message in dialog.received_messages].count(200) == 1


async def test_nothing_of_the_edges_own_headers_is_given_on(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, _ = await box.talking()
        out = await box.dialled("201")
        sent = [message for end in (dialog, out[0]) for message in end.received_messages]
        assert not [message for message in sent if any(name.startswith("x-busyhour") for name in message.headers)]


async def test_the_edge_can_ask_whether_a_call_still_is(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        dialog.request("OPTIONS")
        assert (await dialog.status(200, method="OPTIONS")).status == 200
        box.exchange.order(m.Hangup, channel=channel)
        await dialog.asked("BYE")
        await box.exchange.event(m.Hungup, channel=channel)
        dialog.request("OPTIONS")
        assert (await dialog.status(481, method="OPTIONS")).status == 481


async def test_long_calls_are_watched_by_session_timers(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, _ = await box.talking(headers="Supported: timer\r\nSession-Expires: 300\r\n")
        answer = next(message for message in dialog.received_messages if message.status == 200)
        assert answer.header("session-expires").startswith("300")
