"""A party's wish to be transferred, and the subscription by which it hears what becomes of it (RFC 3515 §2.4)."""

from __future__ import annotations

import asyncio
import logging

import pjsua2 as pj

from drivers.link.causes import RECOVERY_ON_TIMER_EXPIRY
from drivers.sip import causes

log = logging.getLogger(__name__)

EXPIRES_S = 180  # longer than a telephone rings; an exchange that has died by then and is not back concludes nothing
TRYING, OK, REQUEST_PENDING = "100 Trying", "200 OK", "491 Request Pending"


class Refer:
    """The subscription of one REFER: tells at once that the transfer is tried, and in the end what became of it."""

    def __init__(self, call: pj.Call, cseq: int) -> None:
        """`cseq` is the REFER's: it tells this subscription from others of the dialog (RFC 3515 §2.4.6)."""
        self._call: pj.Call | None = call
        self._cseq = cseq
        self._expiry = asyncio.get_running_loop().call_later(EXPIRES_S, self.end, RECOVERY_ON_TIMER_EXPIRY)
        notify(call, cseq, TRYING, f"active;expires={EXPIRES_S}")

    def end(self, cause: int) -> None:
        """Tell the party what became of it (Q.850; 0: it came about). Only the first end is told."""
        call = self._call
        self.drop()
        if call is not None:
            conclude(call, self._cseq, OK if cause == 0 else failure(cause))

    def drop(self) -> None:
        """Tell nobody any more: the party has gone."""
        self._expiry.cancel()
        self._call = None  # pjsua gives its number to another one


def conclude(call: pj.Call, cseq: int, status: str) -> None:
    """Tell a party the end of a transfer it asked for; of the subscription, too (RFC 3515 §2.4.7)."""
    notify(call, cseq, status, "terminated;reason=noresource")


def failure(cause: int) -> str:
    """Return the status, with its words, of a transfer that failed for this cause."""
    return f"{causes.to_status(cause)} {causes.text(cause) or 'Failed'}"


def notify(call: pj.Call, cseq: int, status: str, subscription: str) -> None:
    """Send a NOTIFY with a status as a piece of SIP (RFC 3420). To a party that has hung up nothing is sent."""
    if not call.isActive():
        return
    parameters = pj.CallSendRequestParam()
    parameters.method = "NOTIFY"
    for name, value in (("Event", f"refer;id={cseq}"), ("Subscription-State", subscription)):
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        parameters.txOption.headers.append(header)
    parameters.txOption.contentType = "message/sipfrag;version=2.0"
    parameters.txOption.msgBody = f"SIP/2.0 {status}\r\n"
    try:
        call.sendRequest(parameters)
    except pj.Error as error:
        log.warning("a party was not told of its transfer: %s", error.reason)
