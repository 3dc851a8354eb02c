"""A SIP switch in a room that takes every call: its calls' voices are parties on the bridge."""

import pjsua2 as pj

from tests.native.room import Room
from tests.peers.ports import free_range

RTP_PORTS = 100


class SipCall(pj.Call):
    """A call; `slots` are those its voice has had on the bridge, the last one is the present one."""

    def __init__(self, account: "Switch", call_id: int) -> None:
        super().__init__(account, call_id)
        self.slots: list[int] = []
        self.ended = False

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        """Note the slot of a stream that was made, or made anew."""
        info = self.getInfo()  # to be kept: `media` is a part of it, and would be freed with it
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.audioConfSlot >= 0:
                self.slots.append(media.audioConfSlot)

    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802
        """Note the end."""
        self.ended = self.getInfo().state == pj.PJSIP_INV_STATE_DISCONNECTED


class Switch(pj.Account):
    """Answers whoever calls."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self._room = room
        self.calls: list[SipCall] = []
        config = pj.AccountConfig()
        config.idUri = f"sip:switch@127.0.0.1:{room.sip_port}"
        media = config.mediaConfig.transportConfig
        media.boundAddress = "127.0.0.1"
        media.port, media.portRange = free_range(RTP_PORTS), RTP_PORTS
        self.create(config)

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802
        """Answer at once."""
        call = SipCall(self, prm.callId)
        self.calls.append(call)
        answer = pj.CallOpParam()
        answer.statusCode = 200
        call.answer(answer)

    def hang_up(self) -> None:
        """End all calls."""
        self._room.endpoint.hangupAllCalls()
        self._room.wait(lambda: all(call.ended for call in self.calls))
        self.calls.clear()
