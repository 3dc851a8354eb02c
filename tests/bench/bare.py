"""The smallest pjsua2 program that answers calls and plays a file: what the gateway's cost is held against.

Run as `python -m tests.bench.bare PORT WAV`: answers every INVITE on UDP 127.0.0.1:PORT and plays WAV for ever.
"""

import sys

import pjsua2 as pj


class Call(pj.Call):  # type: ignore[misc]
    """An answered call that hears the file."""

    def __init__(self, account: "Account", call_id: int) -> None:
        super().__init__(account, call_id)
        self.account = account

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802, ARG002 - pjsua2's name
        """Play the file to whoever has media now."""
        self.account.player.startTransmit(self.getAudioMedia(-1))

    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802, ARG002
        """Forget an ended call."""
        if self.getInfo().state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.account.calls.remove(self)


class Account(pj.Account):  # type: ignore[misc]
    """Answers everything."""

    def __init__(self, player: pj.AudioMediaPlayer) -> None:
        super().__init__()
        self.player = player
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
    config.medConfig.clockRate = config.medConfig.sndClockRate = 8000
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
    player = pj.AudioMediaPlayer()
    player.createPlayer(wav, 0)
    account = Account(player)
    settings = pj.AccountConfig()
    settings.idUri = f"sip:127.0.0.1:{port}"
    settings.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    account.create(settings)
    print("ready", flush=True)
    while True:
        endpoint.libHandleEvents(10)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
