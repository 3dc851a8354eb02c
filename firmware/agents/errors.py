"""Why an agent's wish is refused, finely enough that a telephone can say it in words."""

from firmware.errors import NotFound, Refused


class NoSuchAgent(NotFound):
    """No agent has that number."""

    code = "no-such-agent"


class NoSuchReason(NotFound):
    """The configuration has no such reason for being not ready."""

    code = "no-such-reason"


class NotLoggedIn(Refused):
    """The agent is not logged in anywhere."""

    code = "not-logged-in"


class Elsewhere(Refused):
    """The agent is in a call at another telephone, or another agent has this one."""

    code = "logged-in-elsewhere"


class TelephoneAway(Refused):
    """The agent's telephone is not registered; `facts` tell which one."""

    code = "telephone-away"


class TelephoneInUse(Refused):
    """The agent's telephone rings or talks already; `facts` tell which one."""

    code = "telephone-in-use"
