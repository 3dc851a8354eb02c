"""What the bench concludes from the packets it saw."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.capture import Capture, Packet, first_sample_ms

SIP, CALLERS = 5060, 24000
SILENCE, SOUND = b"\xd5" * 160, b"\x2a" * 160


class Seen(Capture):
    """Packets that need no kernel to see them."""

    def __init__(self, *packets: Packet) -> None:
        super().__init__(Path("nowhere"), "")
        self._seen = packets

    def packets(self) -> Iterator[Packet]:
        yield from self._seen


def invite(at_s: float, call: str) -> Packet:
    text = f"INVITE sip:8001@box SIP/2.0\r\nCall-ID: {call}\r\n\r\nv=0\r\nm=audio {CALLERS} RTP/AVP 8\r\n"
    return Packet(at_s, 5080, SIP, text.encode())


def answer(at_s: float, call: str, port: int) -> Packet:
    text = f"SIP/2.0 200 OK\r\nCall-ID: {call}\r\n\r\nv=0\r\nm=audio {port} RTP/AVP 8\r\n"
    return Packet(at_s, SIP, 5080, text.encode())


def voice(at_s: float, port: int, samples: bytes) -> Packet:
    return Packet(at_s, port, CALLERS, b"\x80\x08" + bytes(10) + samples)


def test_a_caller_waits_for_the_voice_of_the_own_call_though_all_share_one_port() -> None:
    seen = Seen(
        invite(1.0, "a"), answer(1.010, "a", 20000), voice(1.020, 20000, SOUND), invite(2.0, "b"),
        voice(2.001, 20000, SOUND), answer(2.010, "b", 20002), voice(2.030, 20002, SOUND),
    )
    assert first_sample_ms(seen, SIP) == pytest.approx([20, 30])


def test_silence_is_no_first_sample_and_voice_may_overtake_its_answer() -> None:
    seen = Seen(
        invite(1.0, "a"), voice(1.004, 20000, SILENCE), voice(1.024, 20000, SOUND), answer(1.030, "a", 20000),
    )
    assert first_sample_ms(seen, SIP) == pytest.approx([24])


def test_a_caller_who_hears_nothing_is_missing() -> None:
    seen = Seen(invite(1.0, "a"), answer(1.010, "a", 20000), voice(1.020, 20000, SILENCE))
    assert first_sample_ms(seen, SIP) == []
