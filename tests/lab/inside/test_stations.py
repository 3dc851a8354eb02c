"""A plain telephone at an FXS port that is real to the gateway: what it does, by the wire, and what it is told."""

import asyncio
import contextlib
import fcntl
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from drivers.boards.dahdi import device
from drivers.link import messages as m
from native.callerid import CallerId, CallerIdReceiver
from native.dahdi import Event, Hook
from native.dsp import alaw_decode, alaw_encode, spectral_peaks
from native.tones import DtmfReceiver, DtmfSender
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange

CHANNEL, PORT = 1, 5    # joined by the wire: channel 32 is the machine's fifth analog socket
DEBOUNCE_S = 2.5
SAID_S = 0.5            # more than the kernel keeps of what is to be said
SILENCE = bytes(320)
DIAL = 1 << 30 | 260 << 16 | 0xDA << 8 | 31    # DAHDI_DIAL with a struct dahdi_dialoperation
APPEND = 1


class Telephone:
    """The far end of the port's wire; no gateway has that channel, since we were first.

    `events` are the kernel's; `sound` is what it says next, before the keys that it dials.
    """

    def __init__(self, channel: int = CHANNEL, display: Literal["fsk", "v23"] = "fsk") -> None:
        self.fd = device.open_voice(channel)
        self.heard = self.sound = b""
        self.keys = ""
        self.shown: list[CallerId] = []
        self.events: list[int] = []
        self._display = CallerIdReceiver(display)
        self._keypad = DtmfReceiver()
        self._saying = DtmfSender()
        self._dials = False

    @property
    def rings(self) -> int:
        """How often it was rung."""
        return self.events.count(Event.RING_BEGIN)

    def hook(self, what: Hook) -> None:
        assert device.hook(self.fd, what)

    def dial(self, digits: str) -> None:
        self._saying.put(digits)

    async def dial_by_pulse(self, digits: str) -> None:
        """Let the kernel break the loop as a dial does, once it has nothing to say, which would end it."""
        self._dials = True
        await asyncio.sleep(SAID_S)
        fcntl.ioctl(self.fd, DIAL, struct.pack("i256s", APPEND, b"P" + digits.encode()))

    async def live(self) -> None:
        """Hear and say a block whenever one has come."""
        while True:
            with contextlib.suppress(OSError):  # none there, or an event is
                samples = alaw_decode(os.read(self.fd, device.BLOCK))
                self.heard = (self.heard + samples)[-16000:]
                self.shown += self._display.receive(samples)
                self.keys += self._keypad.receive(samples)
                if not self._dials:
                    said, self.sound = self.sound[: len(SILENCE)], self.sound[len(SILENCE) :]
                    os.write(self.fd, alaw_encode((said or self._saying.read(device.BLOCK)).ljust(len(SILENCE), b"\0")))
            for code in device.events(self.fd):
                self.events.append(code)
                self._dials = self._dials and code != Event.DIAL_COMPLETE
            await asyncio.sleep(0.005)

    def hears(self, hertz: float) -> bool:
        """Tell whether this frequency stands out most in the last second."""
        peaks = spectral_peaks(self.heard) if len(self.heard) == 16000 else []
        return bool(peaks) and abs(peaks[0][0] - hertz) < 5

    async def until(self, what: object, within_s: float = 20) -> None:
        async with asyncio.timeout(within_s):
            while not what():  # type: ignore[operator]  # noqa: ASYNC110 - a wire tells none
                await asyncio.sleep(0.05)


@asynccontextmanager
async def desk() -> AsyncIterator[tuple[Exchange, Telephone, GatewayProcess]]:
    """A gateway whose port 5 is extension 205."""
    telephone, gateway = Telephone(), GatewayProcess()
    living = asyncio.create_task(telephone.live())
    try:
        await asyncio.to_thread(gateway.start, 200)
        exchange = await Exchange.connect(gateway.home)
        exchange.order(
            m.Provision, country="CN", lines=(), users=(), trunks=(), rtp_first=20000, rtp_last=20100,
            ports=(m.PortSetup(PORT, "205"),), whole=("206", "211"),
        )
        await exchange.event(m.RegistrationChanged, 30, name="205", registered=True)
        await asyncio.sleep(DEBOUNCE_S)
        yield exchange, telephone, gateway
        await exchange.close()
    finally:
        living.cancel()
        gateway.remove()
        os.close(telephone.fd)


async def test_a_telephone_calls_by_keys_and_by_dial_is_called_and_flashes() -> None:
    async with desk() as (exchange, telephone, _):
        telephone.hook(Hook.OFF)
        await telephone.until(lambda: telephone.hears(450))
        telephone.dial("206")
        offered = await exchange.event(m.Offered, 20)
        assert (offered.source, offered.did) == ("extension:205", "206")
        telephone.hook(Hook.ON)
        assert (await exchange.event(m.Hungup, 20, channel=offered.channel)).by == "party"
        await asyncio.sleep(DEBOUNCE_S)

        telephone.hook(Hook.OFF)
        await telephone.until(lambda: telephone.hears(450))
        await telephone.dial_by_pulse("211")
        offered = await exchange.event(m.Offered, 20)
        assert (offered.source, offered.did) == ("extension:205", "211")
        telephone.hook(Hook.ON)
        await exchange.event(m.Hungup, 20, channel=offered.channel)
        await asyncio.sleep(DEBOUNCE_S)

        exchange.order(
            m.Dial, channel="d1", target=m.ToExtension("205"), tag=m.Tag("c", "2"), caller_number="13800138000"
        )
        await telephone.until(lambda: telephone.rings)
        await telephone.until(lambda: telephone.shown)
        assert telephone.shown[0].number == "13800138000"
        telephone.hook(Hook.OFF)
        await exchange.event(m.Answered, 20, channel="d1")
        await asyncio.sleep(DEBOUNCE_S)
        telephone.hook(Hook.FLASH)
        await exchange.event(m.Held, 20, channel="d1")
        await telephone.until(lambda: telephone.hears(450))
