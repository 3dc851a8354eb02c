"""How a message is signed: Standard Webhooks 1.0, "Signature scheme", symmetric v1.

What is signed is `id.timestamp.body`, so that neither can be changed, nor an old message be sent again much later.
"""

import base64
import hashlib
import hmac

PREFIX = "whsec_"


def headers(secret: str, message: str, at_s: float, body: bytes) -> dict[str, str]:
    """Return the headers of a message sent now; `secret` is whsec_ and base64."""
    stamp = str(int(at_s))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, b".".join((message.encode(), stamp.encode(), body)), hashlib.sha256).digest()
    return {
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        "content-type": "application/json",
        "user-agent": "Busyhour",
    }
