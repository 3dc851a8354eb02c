"""SIP status codes and Q.850 causes, each in terms of the other (RFC 3398 §7.2.4.1 and §8.2.6.1; Reason, RFC 3326)."""

import re

from drivers.link import causes

# RFC 3398 §8.2.6.1, SIP to ISUP. 488 and 606 go by the Warning header there; here they mean what they say: the other
# end can do none of the codecs. 487 has no cause there; the call was cancelled, which is how calls normally end early.
_CAUSE_OF = {
    400: 41, 401: 21, 402: 21, 403: 21, 404: 1, 405: 63, 406: 79, 407: 21, 408: 102, 410: 22, 413: 127, 414: 127,
    415: 79, 416: 127, 420: 127, 421: 127, 423: 127, 480: 18, 481: 41, 482: 25, 483: 25, 484: 28, 485: 1, 486: 17,
    487: 16, 488: 88, 500: 41, 501: 79, 502: 38, 503: 41, 504: 102, 505: 127, 513: 127, 600: 17, 603: 21, 604: 1,
    606: 88,
}  # fmt: skip

# RFC 3398 §7.2.4.1, ISUP to SIP; the causes that mean a missing codec say so.
_STATUS_OF = {
    1: 404, 2: 404, 3: 404, 16: 480, 17: 486, 18: 408, 19: 480, 20: 480, 21: 403, 22: 410, 23: 410, 25: 483, 26: 404,
    27: 502, 28: 484, 29: 501, 31: 480, 34: 503, 38: 503, 41: 503, 42: 503, 47: 503, 55: 403, 57: 403, 58: 488,
    63: 503, 65: 488, 70: 488, 79: 501, 87: 403, 88: 488, 102: 504, 111: 500, 127: 500,
}  # fmt: skip

_TEXT = {
    1: "Unallocated number", 4: "Send special information tone", 8: "Preemption", 16: "Normal call clearing",
    17: "User busy", 18: "No user responding", 19: "No answer",
    20: "Subscriber absent", 21: "Call rejected", 27: "Destination out of order", 28: "Invalid number format",
    31: "Normal, unspecified", 34: "No circuit available", 38: "Network out of order", 41: "Temporary failure",
    42: "Switching equipment congestion", 58: "Bearer capability not available", 88: "Incompatible destination",
    102: "Recovery on timer expiry", 127: "Interworking",
}  # fmt: skip

_Q850 = re.compile(r"(?:^|,)\s*Q\.850\s*;[^,]*?\bcause\s*=\s*(\d{1,3})", re.IGNORECASE)

NOT_REGISTERED = "Not registered"  # how our edge words a 480 of its own


def from_status(status: int, reason: str = "") -> int:
    """Return the cause for a final SIP status; `reason` is its phrase."""
    if status == 480 and reason == NOT_REGISTERED:
        return causes.SUBSCRIBER_ABSENT
    if status in _CAUSE_OF:
        return _CAUSE_OF[status]
    if 200 <= status < 300:
        return causes.NORMAL_CLEARING
    if 300 <= status < 400:
        return causes.NORMAL_UNSPECIFIED  # forwarding by the telephone is not followed
    # RFC 3261 §8.1.3.2: an unknown code is treated as x00 of its class
    return {4: 41, 5: 41, 6: 17}.get(status // 100, causes.INTERWORKING)


def to_status(cause: int) -> int:
    """Return the SIP status that refuses a call for this cause; an unknown cause goes by its class (Q.850 §2.2.6)."""
    if cause in _STATUS_OF:
        return _STATUS_OF[cause]
    return 503 if 32 <= cause < 64 else 500 if 96 <= cause < 128 else 480


def from_reason(values: list[str]) -> int | None:
    """Return the cause that Reason headers tell, None if none does."""
    for value in values:
        match = _Q850.search(value)
        if match and 0 < int(match[1]) < 128:
            return int(match[1])
    return None


def reason(cause: int) -> str:
    """Return a Reason header's value that tells the cause."""
    words = text(cause)
    return f"Q.850;cause={cause}" + (f';text="{words}"' if words else "")


def text(cause: int) -> str:
    """Return the cause in the words of Q.850, "" for one that this box gives to nobody."""
    return _TEXT.get(cause, "")
