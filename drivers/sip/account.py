"""Accounts of the SIP stack: the box's own, through which most calls go, and one for each trunk."""

import logging
from collections.abc import Callable

import pjsua2 as pj

from drivers.link.manner import Manner
from drivers.link.messages import SipTrunk
from drivers.sip.addresses import LOOPBACK
from drivers.sip.endpoint import Endpoint, guarded

log = logging.getLogger(__name__)

RETRY_S = 60
RELIABLE = {
    "off": pj.PJSUA_100REL_NOT_USED, "offer": pj.PJSUA_100REL_OPTIONAL, "require": pj.PJSUA_100REL_MANDATORY,
}  # fmt: skip


class Account(pj.Account):  # type: ignore[misc]
    """One account; hands a call that comes in to `incoming(account, call id, message)`."""

    def __init__(
        self,
        incoming: Callable[["Account", int, str], None],
        registered: Callable[[str, bool], None],
        trunk: SipTrunk | None = None,
    ) -> None:
        super().__init__()
        self.trunk = trunk
        self._incoming, self._registered = incoming, registered

    @guarded
    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802 - pjsua2's name
        """Take an INVITE."""
        self._incoming(self, prm.callId, prm.rdata.wholeMsg)

    @guarded
    def onRegState(self, prm: pj.OnRegStateParam) -> None:  # noqa: N802
        """Tell how our registration at a trunk stands."""
        if self.trunk is not None:
            self._registered(f"trunk:{self.trunk.name}", prm.code // 100 == 2 and prm.expiration > 0)

    @guarded
    def onIncomingSubscribe(self, prm: pj.OnIncomingSubscribeParam) -> None:  # noqa: N802
        """Refuse a subscription, should one ever pass the guard."""
        prm.code = pj.PJSIP_SC_FORBIDDEN


def config(endpoint: Endpoint, rtp: tuple[int, int], trunk: SipTrunk | None = None) -> pj.AccountConfig:
    """Return an account's configuration; `rtp` is the first and last port of media.

    Media is bound to all addresses and its SDP written with the loopback's, which each call replaces by the address
    that is right for its peer. One account then serves all networks: choosing among an account for each address
    would need the peer known when pjsua chooses, by To and Request-URI alone, and a port range for each. Whether a
    call's media are IPv4 or IPv6, and what it offers of SRTP, is told before each call (`native.loop.next_media`).
    """
    account = pj.AccountConfig()
    account.idUri = f"sip:busyhour@{endpoint.listen}"
    account.sipConfig.proxies.append(endpoint.route)
    manner = trunk.manner if trunk else Manner()
    account.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
    if manner.session_timer_s:
        account.callConfig.timerUse = pj.PJSUA_SIP_TIMER_ALWAYS
        account.callConfig.timerSessExpiresSec = manner.session_timer_s
    account.callConfig.prackUse = RELIABLE[manner.prack]
    account.mediaConfig.transportConfig.port = rtp[0] + rtp[0] % 2
    account.mediaConfig.transportConfig.portRange = max(2, rtp[1] - rtp[0] - 1)
    account.mediaConfig.transportConfig.publicAddress = LOOPBACK
    account.mediaConfig.lockCodecEnabled = False  # a second offer only to drop codecs nobody uses
    account.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_OPTIONAL
    account.mediaConfig.srtpSecureSignaling = 0  # where there is TLS it ends before us, so we cannot ask for it
    account.natConfig.contactRewriteUse = 0
    account.natConfig.viaRewriteUse = 0
    account.natConfig.sdpNatRewriteUse = 0
    if trunk is None:
        return account
    account.idUri = f"sip:{trunk.username or 'busyhour'}@{domain(trunk)}"
    if trunk.domain:
        account.sipConfig.proxies.append(f"<{_met_at(trunk)};lr>")
    if name := trunk.auth_name or trunk.username:
        account.sipConfig.authCreds.append(pj.AuthCredInfo("Digest", "*", name, 0, trunk.secret))
    if trunk.register:
        account.regConfig.registrarUri = uri(trunk)
        account.regConfig.timeoutSec = manner.register_s
        account.regConfig.retryIntervalSec = account.regConfig.firstRetryIntervalSec = RETRY_S
        account.regConfig.headers.append(_header("Supported", "path"))  # RFC 3327 §5.1
        if manner.gin:  # the edge takes the user out of the contact
            account.regConfig.contactUriParams = ";bnc"
            account.regConfig.headers.append(_header("Require", "gin"))
            account.regConfig.headers.append(_header("Proxy-Require", "gin"))
        account.sipConfig.authInitialEmpty = manner.authorize_first
    return account


def _header(name: str, value: str) -> pj.SipHeader:
    header = pj.SipHeader()
    header.hName, header.hValue = name, value
    return header


def domain(trunk: SipTrunk) -> str:
    """Return what a trunk's numbers belong to."""
    return trunk.domain or trunk.host


def uri(trunk: SipTrunk, user: str = "") -> str:
    """Return a trunk's SIP URI, of a user there or of the domain itself."""
    if trunk.domain:
        return f"sip:{user + '@' if user else ''}{trunk.domain}"
    return _met_at(trunk, user)


def _met_at(trunk: SipTrunk, user: str = "") -> str:
    """Return the URI by which packets find a trunk's host."""
    host = f"[{trunk.host}]" if ":" in trunk.host else trunk.host
    port = "" if trunk.port == 5060 and trunk.transport != "tls" else f":{trunk.port}"  # TLS has another of its own
    transport = "" if trunk.transport == "udp" else f";transport={trunk.transport}"
    return f"sip:{user + '@' if user else ''}{host}{port}{transport}"
