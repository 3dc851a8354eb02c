"""A SIP dialog as a channel, and pjsua2's call that carries it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

import pjsua2 as pj

from drivers.channel import KEY_PLAY_ID, Channel, Host, State
from drivers.link import causes as q850
from drivers.link.errors import WrongState
from drivers.link.manner import Manner
from drivers.link.messages import Tag, Transferring
from drivers.sip import causes, codecs, headers, refer
from drivers.sip.account import Account
from drivers.sip.addresses import LOOPBACK, LOOPBACK_6
from drivers.sip.endpoint import guarded, translated
from native import loop as native_loop

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5
LOOK_S = 0.06  # so often it is seen whether a far end is heard that has not answered
SILENT_S = 1.0  # a far end that said it would be heard, and is not for so long, rings


class SipCall(pj.Call):  # type: ignore[misc]
    """pjsua2's call: hands what happens on to the channel, as long as there is one."""

    def __init__(self, account: Account, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, call_id)
        self.channel: SipChannel | None = None
        self.gone: Callable[[SipCall], None] = lambda call: None
        self.hear: Callable[[], None] = lambda: None  # hands on what was asked for within calls so far
        self.find: Callable[[str], SipChannel | None] = lambda dialog: None  # of all calls, by the dialog's Call-ID
        self.media_address = LOOPBACK
        self.encrypted = False  # or not at all
        self.manner = Manner()

    @guarded
    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802 - pjsua2's names, here and below
        """Follow the dialog."""
        state, status, phrase = native_loop.progress(self.getId())
        if state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.hear()  # many a telephone hangs up in the moment it has asked for a transfer
            if self.channel is not None:
                self.channel.disconnected(status, phrase, _received(prm))
                self.channel = None
            self.gone(self)
        elif self.channel is not None:
            if state == pj.PJSIP_INV_STATE_EARLY:
                self.channel.early(status)
            elif state in (pj.PJSIP_INV_STATE_CONNECTING, pj.PJSIP_INV_STATE_CONFIRMED):
                self.channel.accepted(state == pj.PJSIP_INV_STATE_CONFIRMED)

    @guarded
    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        """Follow the stream, which is made anew when a party holds, resumes or changes its codec or address."""
        if self.channel is None:
            return
        index, slot, active = native_loop.voice(self.getId())
        if index >= 0:
            self.channel.media(slot, slot < 0 or not active, index)

    @guarded
    def onStreamDestroyed(self, prm: pj.OnStreamDestroyedParam) -> None:  # noqa: N802
        """Note that the slot known is not the stream's any more, even if the next stream gets the same."""
        if self.channel is not None:
            self.channel.slot = -1

    @guarded
    def onCallRxReinvite(self, prm: pj.OnCallRxReinviteParam) -> None:  # noqa: N802
        """Refuse an offer without a codec of ours as such, where pjsip would answer 500; and one to stop encrypting."""
        sdp = prm.offer.wholeSdp
        if sdp and (not codecs.has_one(sdp) or (self.encrypted and not is_encrypted(sdp))):
            prm.statusCode = pj.PJSIP_SC_NOT_ACCEPTABLE_HERE

    @guarded
    def onCallSdpCreated(self, prm: pj.OnCallSdpCreatedParam) -> None:  # noqa: N802
        """Show the address that is right for this peer; pjsua wrote the loopback's."""
        written = f" {LOOPBACK_6}" if ":" in self.media_address else f" {LOOPBACK}"
        if self.media_address not in (LOOPBACK, LOOPBACK_6):
            prm.sdp.wholeSdp = prm.sdp.wholeSdp.replace(written, f" {self.media_address}")
        if self.manner.codecs or self.manner.dtmf == "inband":
            prm.sdp.wholeSdp = codecs.narrowed(
                prm.sdp.wholeSdp, self.manner.codecs, keys=self.manner.dtmf != "inband"
            )

    @guarded
    def onDtmfEvent(self, prm: pj.OnDtmfEventParam) -> None:  # noqa: N802
        """Take a key at its first RFC 4733 packet; the updates that follow are the same press."""
        by_rtp = prm.method == pj.PJSUA_DTMF_METHOD_RFC2833 and self.manner.dtmf == "rfc4733"
        if self.channel is not None and by_rtp and not prm.flags & 1:
            self.channel.rfc4733 = True
            self.channel.digit(prm.digit.upper(), "rfc4733")

    @guarded
    def onCallReplaceRequest(self, prm: pj.OnCallReplaceRequestParam) -> None:  # noqa: N802
        """Refuse to have a call taken over from outside."""
        prm.statusCode = pj.PJSIP_SC_FORBIDDEN


class SipChannel(Channel):
    """A SIP dialog with a telephone or a trunk."""

    def __init__(
        self, host: Host, channel_id: str, state: State, call: SipCall, *, source: str = "", target: str = "",
        did: str = "", caller_number: str = "", caller_name: str = "", withheld: bool = False, tag: Tag | None = None,
    ) -> None:
        super().__init__(
            host, channel_id, state, source=source, target=target, did=did, caller_number=caller_number,
            caller_name=caller_name, withheld=withheld, tag=tag,
        )
        self._call: SipCall | None = call
        self.rfc4733 = False  # whether the party has sent keys that way
        self._accepted = False
        self._early = False  # whether it hears us before the answer
        self._index = 0  # of the voice among the media of the SDP
        self.slot = -1  # of the stream on the bridge
        call.channel = self

    @property
    def call(self) -> SipCall:
        """The call that carries it. Raises WrongState once it is let go of.

        It must not be kept any longer: pjsua gives its number to another call, which the late end of this object
        would then take for its own.
        """
        if self._call is None:
            raise WrongState(f"{self.id} has ended")
        return self._call

    @translated
    def dial(self, uri: str, sender: str, timeout_s: float, more: Iterable[tuple[str, str]] = ()) -> None:
        """Call a URI, calling ourselves `sender`, with `more` headers. Raises SipError if the URI is none."""
        parameters = _parameters()
        parameters.txOption.localUri = sender
        for name, value in more:
            parameters.txOption.headers.append(_header(name, value))
        self.call.makeCall(uri, parameters)
        self._expire(timeout_s)

    # ---- what pjsua tells ----------------------------------------------------------------------------------------

    def early(self, status: int) -> None:
        """Note a provisional answer. With an SDP the far end is heard, or will be in a moment."""
        if status == 180 or (status == 183 and self.leg is None):
            self._ringing()

    def _look(self, left_s: float) -> None:
        """See whether anything is heard of a dialled far end yet."""
        if self._call is None or self._accepted or self.state not in (State.DIALING, State.RINGING):
            return
        if self._packets():
            self._audible()
            return
        if 0 <= left_s < LOOK_S:
            self._ringing()
        asyncio.get_running_loop().call_later(LOOK_S, self._look, left_s - LOOK_S)

    def accepted(self, confirmed: bool) -> None:
        """Note a 200, ours or theirs; `confirmed` when its ACK has come too."""
        self._accepted = True
        self._join()
        if confirmed and self.leg is None and self.state is not State.ENDED:
            self.end(q850.INCOMPATIBLE_DESTINATION, "gateway")  # a call without voice is none

    def media(self, slot: int, held: bool, index: int) -> None:
        """Note where the party's stream is on the bridge now, whether we are on hold, and which of the SDP it is."""
        if self.state is State.ENDED:
            return
        self._index = index
        if slot >= 0 and slot != self.slot:
            self.slot = slot
            if self.leg is None:
                self.leg = self.host.core.leg(slot, self._token)
                if self.state is State.DIALING or self.state is State.RINGING:
                    self._look(SILENT_S)
            else:
                self.leg.move(slot)
            self.leg.detect(self._heard_keys(), self._tones(), False)
            if self._listened is not None:
                self._listen()
            elif self._early and not self._accepted:
                self._ring_aloud()
        self._join()
        if self.state is State.ANSWERED:
            self._on_hold("party", held)

    def asked(self, method: str, kind: str, text: str, cseq: int) -> None:
        """Take an INFO or REFER of the party's, already answered."""
        if method == "REFER":
            self._refer(text, cseq)
        elif method == "INFO" and not self.rfc4733 and self.call.manner.dtmf != "inband":  # some send keys both ways
            digit = digit_of(kind, text)
            if digit:
                self.digit(digit, "info")

    def disconnected(self, status: int, phrase: str, message: str) -> None:
        """Note the end of the dialog; `message` is the request or answer that ended it, "" if it was a time-out."""
        told = None
        if "eason" in message:  # most say nothing, and reading all headers costs as much as the rest of a call's end
            told = causes.from_reason(headers.fields(message).get("reason", []))
        if told is None:
            answer = message.split(" ", 2) if message.startswith("SIP/2.0 3") else []
            # of a redirection, which is not followed, pjsua tells 487
            told = causes.from_status(int(answer[1])) if answer else causes.from_status(status, phrase)
        self._call = None
        self.end(told, "party")

    # ---- a channel's own ways ------------------------------------------------------------------------------------

    @translated
    def _ring(self) -> None:
        if self._early:  # it has heard another before, who did not answer
            self._ring_aloud()
            return
        self._early = self.call.manner.early_media
        self.call.answer(_parameters(183 if self._early else 180))

    @translated
    def _open_early(self) -> None:
        if self.state is State.OFFERED and not self._early:
            self._early = True
            self.call.answer(_parameters(183))

    @translated
    def _answer(self) -> None:
        self.call.answer(_parameters(200))

    def _release(self, cause: int) -> None:
        call, self._call = self._call, None
        if call is None:
            return
        call.channel = None
        if call.getId() != pj.PJSUA_INVALID_ID:
            refuse(call, 200 if self._accepted else causes.to_status(cause), cause)

    def send_digit(self, digit: str) -> None:
        """Send a key to this party: by INFO where it wants that, by RFC 4733 where it understands it, else as sound."""
        by_info = self.call.manner.dtmf == "info"
        if not by_info and self._keys_by_sound():
            if self.leg is not None:
                self.leg.play(self.host.sounds.keys(digit), KEY_PLAY_ID)
            return
        parameters = pj.CallSendDtmfParam()
        parameters.method = pj.PJSUA_DTMF_METHOD_SIP_INFO if by_info else pj.PJSUA_DTMF_METHOD_RFC2833
        parameters.digits = digit
        try:
            self.call.sendDtmf(parameters)
        except pj.Error as error:
            log.warning("%s: key %s not sent: %s", self.id, digit, error.reason)

    def _join(self) -> None:
        if self._accepted and self.leg is not None and self.state in (State.OFFERED, State.DIALING, State.RINGING):
            if self._early and self._listened is None:
                self.leg.stop()
            self._answered()

    def _packets(self) -> int:
        """Return how many packets of voice have come."""
        try:
            return int(self.call.getStreamStat(self._index).rtcp.rxStat.pkt)
        except pj.Error:
            return 0  # its stream is being made anew

    def _keys_by_sound(self) -> bool:
        """Tell whether the party takes keys as sound only: its SDP has no telephone-event, or that is known of it."""
        return self.call.manner.dtmf == "inband" or native_loop.key_payload(self.call.getId(), self._index) < 0

    def _heard_keys(self) -> bool:
        """Tell whether the party's keys are listened for as sound."""
        return self.call.manner.dtmf != "info" and self._keys_by_sound()

    def _refer(self, refer_to: str, cseq: int) -> None:
        number, dialog = headers.address(refer_to).user, headers.replaces(refer_to)
        other = self.call.find(dialog) if dialog else None
        log.info("%s asks for a transfer to %s, %s", self.id, number, other.id if other else dialog or "blindly")
        if self.transfer is not None:
            refer.conclude(self.call, cseq, refer.REQUEST_PENDING)
        elif self.state is not State.ANSWERED or (dialog and other in (None, self)):
            refer.conclude(self.call, cseq, refer.failure(q850.CALL_REJECTED))
        elif not number:
            refer.conclude(self.call, cseq, refer.failure(q850.INVALID_NUMBER_FORMAT))
        else:
            self.transfer = refer.Refer(self.call, cseq)
            self.host.tell(Transferring, channel=self.id, number=number, replaces=other.id if other else "")


def refuse(call: SipCall, status: int, cause: int = 0) -> None:
    """End a call in whatever way its state asks for: an answer of this status, CANCEL or BYE."""
    parameters = _parameters(status)
    if status == 503:
        parameters.txOption.headers.append(_header("Retry-After", str(RETRY_AFTER_S)))
    if cause:
        parameters.txOption.headers.append(_header("Reason", causes.reason(cause)))
    try:
        call.hangup(parameters)
    except pj.Error as error:
        log.info("not hung up: %s", error.reason)  # it ended by itself in the same moment


def is_encrypted(sdp: str) -> bool:
    """Tell whether an SDP offers encrypted voice and nothing else (RFC 4568 §4)."""
    voices = [line for line in sdp.splitlines() if line.startswith("m=audio ")]
    return bool(voices) and all(line.split()[2:3] == ["RTP/SAVP"] for line in voices)


def digit_of(kind: str, text: str) -> str:
    """Return the key that an INFO body of type application/KIND tells, "" if none."""
    if kind == "dtmf-relay":
        for line in text.splitlines():
            name, _, value = line.partition("=")
            if name.strip().lower() == "signal":
                text = value
                break
        else:
            return ""
    digit = text.strip().upper()
    digit = {"10": "*", "11": "#"}.get(digit, digit)
    return digit if len(digit) == 1 and digit in "0123456789*#ABCD" else ""


def _received(prm: pj.OnCallStateParam) -> str:
    """Return the message that changed the dialog's state, if one was received."""
    event = prm.e
    if event.type == pj.PJSIP_EVENT_TSX_STATE and event.body.tsxState.type == pj.PJSIP_EVENT_RX_MSG:
        return str(event.body.tsxState.src.rdata.wholeMsg)
    return ""


def _parameters(status: int = 0) -> pj.CallOpParam:
    parameters = pj.CallOpParam(True)
    parameters.opt.videoCount = parameters.opt.textCount = 0
    parameters.opt.audioCount = 1
    if status:
        parameters.statusCode = status
    return parameters


def _header(name: str, value: str) -> pj.SipHeader:
    header = pj.SipHeader()
    header.hName, header.hValue = name, value
    return header

