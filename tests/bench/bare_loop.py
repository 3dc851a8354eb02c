"""The smallest pjsua2 program that answers calls and plays a sound: what the gateway's cost is held against.

Run as `python -m tests.bench.bare_loop PORT WAV`: answers every INVITE on UDP 127.0.0.1:PORT at once and plays WAV to
each caller from its beginning, over and over. Each call has a player of its own: pjmedia's memory player, since pjsua's
file players are limited in number when pjproject is built. It listens to nobody: what callers say is taken from the
network and thrown away, and keys would reach it only as RFC 4733.
"""

import ctypes
import sys
import wave
from pathlib import Path

import pjsua2 as pj

LIBRARIES = Path(__file__).resolve().parents[2] / ".build/pjproject/prefix/lib"
RATE_HZ, FRAME = 8000, 160


class Sound:
    """Samples in memory, and pjproject's own functions to play them (pjmedia/mem_port.h, pjsua.h)."""

    def __init__(self, path: str) -> None:
        with wave.open(path, "rb") as sound:
            if (sound.getnchannels(), sound.getframerate(), sound.getsampwidth()) != (1, RATE_HZ, 2):
                raise ValueError(f"{path}: mono, 8000 Hz, 16 bit is wanted")
            samples = sound.readframes(sound.getnframes() // FRAME * FRAME)
        self._samples = ctypes.create_string_buffer(samples, len(samples))
        self._pjsua = ctypes.CDLL(str(LIBRARIES / "libpjsua.so"))
        self._pjmedia = ctypes.CDLL(str(LIBRARIES / "libpjmedia.so"))
        self._pjsua.pjsua_pool_create.restype = ctypes.c_void_p
        self._pjsua.pjsua_pool_create.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t]
        self._pjsua.pjsua_conf_add_port.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)]
        self._pjmedia.pjmedia_mem_player_create.argtypes = [
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_uint] * 5, ctypes.POINTER(ctypes.c_void_p),
        ]

    def play(self, listener: int) -> int:
        """Play to a slot of the bridge; return the slot of the player."""
        pool = self._pjsua.pjsua_pool_create(b"player", 1000, 1000)  # kept: the program lives for one measurement
        port, slot = ctypes.c_void_p(), ctypes.c_int(-1)
        self._check(self._pjmedia.pjmedia_mem_player_create(
            pool, self._samples, len(self._samples), RATE_HZ, 1, FRAME, 16, 0, ctypes.byref(port)
        ))
        self._check(self._pjsua.pjsua_conf_add_port(pool, port, ctypes.byref(slot)))
        self._check(self._pjsua.pjsua_conf_connect(slot.value, listener))
        return slot.value

    def stop(self, player: int) -> None:
        """Take a player off the bridge."""
        self._check(self._pjsua.pjsua_conf_remove_port(player))

    def _check(self, status: int) -> None:
        if status != pj.PJ_SUCCESS:
            raise RuntimeError(f"pjproject refused: status {status}")


class Call(pj.Call):  # type: ignore[misc]
    """An answered call that hears the sound."""

    def __init__(self, account: "Account", call_id: int) -> None:
        super().__init__(account, call_id)
        self.account = account
        self.player = -1

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802 - pjsua2's name
        """Play to the caller, who has media now."""
        if self.player < 0:
            self.player = self.account.sound.play(self.getAudioMedia(-1).getPortId())

    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802
        """Forget an ended call."""
        if self.getInfo().state == pj.PJSIP_INV_STATE_DISCONNECTED:
            if self.player >= 0:
                self.account.sound.stop(self.player)
            self.account.calls.remove(self)


class Account(pj.Account):  # type: ignore[misc]
    """Answers everything."""

    def __init__(self, sound: Sound) -> None:
        super().__init__()
        self.sound = sound
        self.calls: list[Call] = []

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802
        """Answer at once."""
        call = Call(self, prm.callId)
        self.calls.append(call)
        answer = pj.CallOpParam()
        answer.statusCode = 200
        call.answer(answer)


def main(port: int, wav: str) -> None:
    """Answer calls until killed."""
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.maxCalls = 1000
    config.logConfig.level = config.logConfig.consoleLevel = 1
    config.medConfig.clockRate = config.medConfig.sndClockRate = RATE_HZ
    config.medConfig.ecTailLen = 0
    config.medConfig.noVad = True
    config.medConfig.maxMediaPorts = 2048
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.port = port
    transport.boundAddress = "127.0.0.1"
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    account = Account(Sound(wav))
    settings = pj.AccountConfig()
    settings.idUri = f"sip:127.0.0.1:{port}"
    settings.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    account.create(settings)
    print("ready", flush=True)
    while True:
        endpoint.libHandleEvents(10)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
