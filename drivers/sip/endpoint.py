"""pjsua2 in one asyncio thread: started, run by the loop, stopped; and the one way its errors and callbacks are met."""

import asyncio
import functools
import logging
import socket
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

import pjsua2 as pj

from drivers.link.address import Address
from drivers.link.errors import DriverError
from drivers.sip import codecs
from native import loop as native_loop

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

MOST_CALLS = 1000
MOST_PORTS = 8000  # a call has its stream and its leg
TIMER_S = 0.04  # pjsip's own timers and the keys its media thread found are looked for this often


class SipError(DriverError):
    """pjsip refused."""

    code = "sip"


def translated(call: Callable[P, T]) -> Callable[P, T]:
    """Make a function raise SipError where pjsua2 raises its own."""

    @functools.wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except pj.Error as error:
            raise SipError(f"{error.title}: {error.reason}") from error

    return wrapper


def guarded(callback: Callable[P, None]) -> Callable[P, None]:
    """Keep a callback's exception out of pjsip, which is C and would not survive it; it is logged instead."""

    @functools.wraps(callback)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except Exception:
            log.exception("in %s", callback.__qualname__)

    return wrapper


class Endpoint:
    """The SIP stack, listening at `listen`, taking requests from the edge only and sending all through it."""

    def __init__(self, listen: Address, edge: Address) -> None:
        self.listen, self.edge = listen, edge.inner
        self.asked: Callable[[int, str, str, str, int], None] = lambda *_: None
        self._endpoint = pj.Endpoint()
        self._timer: asyncio.TimerHandle | None = None
        self._handle = -1

    @translated
    def start(self) -> None:
        """Start the stack. Raises SipError, naming the address, when its port is taken."""
        self._check_free()
        native_loop.log_errors_only()
        self._endpoint.libCreate()
        try:
            self._begin()
        except BaseException:
            self._endpoint.libDestroy()
            raise

    def _begin(self) -> None:
        self._endpoint.libInit(_config())
        native_loop.guard(self._doors())
        transport = pj.TransportConfig()
        transport.boundAddress, transport.port = self.listen.host, self.listen.port
        self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        self._endpoint.libStart()
        for codec in self._endpoint.codecEnum2():
            self._endpoint.codecSetPriority(codec.codecId, codecs.PRIORITIES.get(codec.codecId, 0))
        self._narrow_opus()

    def _narrow_opus(self) -> None:
        """Let Opus have the bridge's own rate and one channel, whatever a telephone could take (RFC 7587 §6.1)."""
        opus = self._endpoint.getCodecOpusConfig()
        opus.sample_rate, opus.channel_cnt = 8000, 1
        self._endpoint.setCodecOpusConfig(opus)
        parameters = self._endpoint.codecGetParam(codecs.OPUS)
        mono = pj.CodecFmtp()
        mono.name, mono.val = "sprop-stereo", "0"  # pjmedia takes its absence for two channels
        parameters.setting.decFmtp.append(mono)
        self._endpoint.codecSetParam(codecs.OPUS, parameters)

    def run(self) -> None:
        """Let the running loop drive the stack from now on."""
        loop = asyncio.get_running_loop()
        self._handle = native_loop.sip_handle()
        loop.add_reader(self._handle, self.work)
        self._tick()

    def work(self) -> None:
        """Do what there is to do now, without waiting."""
        self._endpoint.libHandleEvents(0)
        self.hear()

    def hear(self) -> None:
        """Hand on what parties have asked for within calls."""
        for request in native_loop.asked():
            self.asked(*request)

    async def stop(self) -> None:
        """Say goodbye in all calls, give the answers a moment, and leave the loop."""
        self._endpoint.hangupAllCalls()
        await asyncio.sleep(0.3)
        loop = asyncio.get_running_loop()
        if self._handle >= 0:
            loop.remove_reader(self._handle)
        if self._timer is not None:
            self._timer.cancel()

    def destroy(self) -> None:
        """Free the stack; no object of pjsua2 may be used any more."""
        self._endpoint.libDestroy()

    @property
    def route(self) -> str:
        """What sends a request through the edge, as an outbound proxy."""
        return f"<sip:{self.edge};lr>"

    def _tick(self) -> None:
        self.work()
        self._timer = asyncio.get_running_loop().call_later(TIMER_S, self._tick)

    def _doors(self) -> Iterable[tuple[str, int]]:
        """The edge sends from the address it listens on, from the loopback's where it listens on all."""
        return {(self.edge.host, self.edge.port), ("127.0.0.1", self.edge.port)}

    def _check_free(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((self.listen.host, self.listen.port))
            except OSError as error:
                raise SipError(f"BUSYHOUR_GATEWAY_SIP is {self.listen}: {error.strerror}") from error


def _config() -> pj.EpConfig:
    config = pj.EpConfig()
    config.uaConfig.maxCalls = MOST_CALLS
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.userAgent = "Busyhour"
    config.uaConfig.natTypeInSdp = 0
    config.medConfig.clockRate = 8000
    config.medConfig.channelCount = 1
    config.medConfig.audioFramePtime = 20
    config.medConfig.ecTailLen = 0
    config.medConfig.noVad = True
    config.medConfig.sndAutoCloseTime = -1
    config.medConfig.maxMediaPorts = MOST_PORTS
    config.logConfig.level = config.logConfig.consoleLevel = 1
    config.logConfig.msgLogging = 0
    return config
