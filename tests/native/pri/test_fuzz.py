"""Ten thousand seeded frames that nobody should send: nothing crashes, and no channel is lost."""

import contextlib
import random
from collections import Counter

from native.isdn import Answered, Freed, Offered, PriError, Up
from native.pri import DChannel
from tests.native.pri import peer
from tests.native.pri.peer import Peer

FRAMES = 10_000
SETUP_ELEMENTS = (
    peer.AUDIO, peer.channel(3), peer.INBAND, peer.called("62871234"), peer.calling("13800138000"), peer.COMPLETE,
    peer.element(0x28, *b"Anna"), peer.element(0x1C, 0x91, 0xA1, 0x13, 0x02, 0x02, 0x44, 0xC7, 0x02, 0x01, 0x00, 0x80,
                                               0x0A, *b"Alice Blue"),
    peer.element(0x74, 0x21, 0x80, 0x81, *b"02161234567"), peer.element(0x7D, 0x91, 0x81),
    peer.element(0x7E, 4, *b"uu"), peer.element(0x79, 0x82),
)  # fmt: skip
OTHERS = {
    peer.ALERTING: (peer.channel(3), peer.INBAND), peer.PROCEEDING: (peer.channel(3),),
    peer.PROGRESS: (peer.INBAND, peer.cause(31)),
    peer.CONNECT: (peer.channel(3), peer.element(0x4C, 0x21, 0x83, *b"99")),
    peer.SETUP_ACK: (peer.channel(4),), peer.CONNECT_ACK: (), peer.DISCONNECT: (peer.cause(16), peer.INBAND),
    peer.RELEASE: (peer.cause(16),), peer.RELEASE_COMPLETE: (peer.cause(41),),
    peer.INFORMATION: (peer.called("5"), peer.COMPLETE), peer.NOTIFY: (peer.element(0x27, 0x80),),
    peer.STATUS: (peer.cause(30), peer.element(0x14, 0x0A)), peer.STATUS_ENQUIRY: (),
    peer.FACILITY: SETUP_ELEMENTS[7:8],
    peer.RESTART: (peer.channel(3), peer.element(0x79, 0x80)),
    peer.RESTART_ACK: (peer.channel(3), peer.element(0x79, 0x80)),
}  # fmt: skip
KINDS = (peer.SETUP, *OTHERS)


def garbled(chance: random.Random, elements: list[bytes]) -> bytes:
    """Return elements missing, repeated, out of order, cut, too long, of wrong content."""
    for _ in range(chance.choice((0, 0, 1, 1, 2, 5))):
        what = chance.randrange(7)
        place = chance.randrange(len(elements)) if elements else 0
        if what == 0 and elements:
            del elements[place]
        elif what == 1 and elements:
            elements[place:place] = [elements[place]] * chance.choice((1, 2, 9))
        elif what == 2:
            chance.shuffle(elements)
        elif what == 3 and elements:
            elements[place] = elements[place][: chance.randrange(len(elements[place]) + 1)]
        elif what == 4 and elements:
            raw = bytearray(elements[place])
            for _ in range(chance.randint(1, 3)):
                if raw:
                    raw[chance.randrange(len(raw))] = chance.randrange(256)
            elements[place] = bytes(raw)
        elif what == 5:
            code = chance.randrange(256)
            elements.insert(place, peer.element(code, *chance.randbytes(chance.choice((0, 1, 3, 20, 120)))))
        elif what == 6:
            elements.insert(place, chance.randbytes(chance.randint(1, 40)))
    return b"".join(elements)[:900]


class Bench:
    """A D-channel of the box (user side), a peer, and a clock of their own."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.peer = Peer()
        self.said = 0
        self.to_peer: list[bytes] = []
        self.box = DChannel("user", "euroisdn", self.to_peer.append, self._say, lambda: self.now_s, overlap=True)
        self.events: list[object] = []
        self.box.run()

    def _say(self, text: str) -> None:
        self.said += 1

    def settle(self) -> list[object]:
        """Let all frames arrive; return what the box saw."""
        while self.to_peer or self.peer.sent:
            heard, self.to_peer[:] = list(self.to_peer), []
            for frame in heard:
                self.peer.hear(frame)
            sent, self.peer.sent[:] = list(self.peer.sent), []
            for frame in sent:
                self.box.receive(frame)
        news = self.box.take()
        self.events += news
        return news

    def live(self, seconds: float) -> list[object]:
        """Let time pass; return what the box saw."""
        end_s, news = self.now_s + seconds, self.settle()
        while (due_s := self.box.run()) is not None and due_s <= end_s:
            news += self.settle()
            self.now_s = max(self.now_s, due_s) + 0.001
        self.now_s = end_s
        return news + self.settle()


def act(chance: random.Random, box: DChannel, number: int, channel: int) -> None:
    """Do something to a call, right or wrong."""
    what = chance.randrange(8)
    if what == 0:
        box.proceed(number, channel)
    elif what == 1:
        box.alert(number, channel, inband=True)
    elif what == 2:
        box.answer(number, channel)
    elif what == 3:
        box.want_more(number, channel)
    elif what == 4:
        box.progress(number, channel, cause=chance.choice((0, 31)))
    elif what == 5:
        box.dial(number, "123")
    else:
        box.hang_up(number, chance.randint(1, 127))


def test_ten_thousand_garbled_frames_lose_no_channel() -> None:
    chance = random.Random(20_260_101)
    bench = Bench()
    bench.live(1)
    calls: set[int] = set()
    most = 0
    for count in range(FRAMES):
        kind = chance.choice(KINDS) if chance.random() < 0.7 else peer.SETUP
        elements = list(OTHERS.get(kind, SETUP_ELEMENTS))
        reference = 0 if kind in (peer.RESTART, peer.RESTART_ACK) else chance.randint(1, 40)
        message = peer.message(kind, reference, garbled(chance, elements), ours=chance.random() < 0.7)
        if chance.random() < 0.05:
            raw = bytearray(message)
            raw[chance.randrange(min(8, len(raw)))] = chance.randrange(256)
            message = bytes(raw)
        bench.peer.say(message)
        if chance.random() < 0.02:
            bench.peer.sent.append(chance.randbytes(chance.choice((0, 1, 2, 3, 4, 5, 6, 30, 300, 1024, 2000))))
        news = bench.settle()
        calls |= {event.call for event in news if isinstance(event, Offered)}
        live = list(bench.box.calls.items())
        most = max(most, len(live))
        for number, channel in chance.sample(live, min(len(live), 2)):
            with contextlib.suppress(PriError):
                act(chance, bench.box, number, channel or 5)
        if bench.box.up and chance.random() < 0.1:
            calls.add(bench.box.call("95555", channel=chance.randint(17, 31)))
        if count % 10 == 0:
            bench.live(chance.random())
    for number in bench.box.calls:
        bench.box.hang_up(number, 16)
    bench.live(600)
    assert bench.box.calls == {}
    assert Counter(event.call for event in bench.events if isinstance(event, Freed)) == dict.fromkeys(calls, 1)
    assert len(calls) > 1000
    assert most > 5
    assert bench.said > 1000  # the frames were looked at, not dropped by the data link


def test_a_call_goes_through_after_garbled_frames() -> None:
    chance = random.Random(7)
    bench = Bench()
    assert Up() in bench.live(1)
    for _ in range(500):
        bench.peer.say(peer.message(peer.SETUP, 9, garbled(chance, list(SETUP_ELEMENTS))))
        for number in bench.box.calls:
            bench.box.hang_up(number, 16)
        bench.settle()
        bench.peer.say(peer.message(peer.RELEASE, 9, peer.cause(16)))
        bench.settle()
    bench.live(100)
    assert bench.box.calls == {}
    bench.peer.messages.clear()
    number = bench.box.call("95555", channel=3)
    bench.settle()
    (reference,) = peer.references(bench.peer.messages)
    bench.peer.say(peer.message(peer.CONNECT, reference, peer.channel(3), ours=False))
    assert Answered(number, 3) in bench.settle()
