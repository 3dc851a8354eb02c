"""How many messages wait, as a SIP telephone is told: a message summary (RFC 3842), in a NOTIFY it need not ask for.

A telephone that is registered is sent one wherever it is, by the edge. Most have a lamp for it as they come from the
factory, while subscriptions must be set up at many; and the edge need not know what each has been told.
"""

import pjsua2 as pj

from drivers.sip import headers
from drivers.sip.endpoint import translated

TYPE = "application/simple-message-summary"
MOST = 9999  # no telephone shows more


def body(new: int) -> str:
    """Return the message summary (RFC 3842 §5.2); of old and urgent messages nothing is known."""
    return f"Messages-Waiting: {'yes' if new else 'no'}\r\nVoice-Message: {min(new, MOST)}/0 (0/0)\r\n"


@translated
def notify(account: pj.Account, edge: str, number: str, new: int) -> None:
    """Send a summary to an extension's telephones; what they answer changes nothing. Raises SipError."""
    request = pj.SendRequestParam()
    request.method = "NOTIFY"
    option = request.txOption
    option.targetUri = f"sip:{headers.escaped_user(number)}@{edge}"
    for name, value in (("Event", "message-summary"), ("Subscription-State", "active")):
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        option.headers.append(header)
    option.contentType, option.msgBody = TYPE, body(new)
    account.sendRequest(request)
