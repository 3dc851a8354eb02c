"""What can go wrong in the gateway and on the link; each class has a stable code."""


class DriverError(Exception):
    """Root of the gateway's errors."""

    code = "driver-error"


class TooLong(DriverError):
    """A message longer than the link carries."""

    code = "too-long"


class BadMessage(DriverError):
    """A message that is not of the link's language."""

    code = "bad-message"


class NotAllowed(DriverError):
    """The peer is somebody else."""

    code = "not-allowed"


class NoSuchChannel(DriverError):
    """The channel named is not there, or no longer."""

    code = "no-such-channel"


class WrongState(DriverError):
    """The channel cannot do this now."""

    code = "wrong-state"


class NoLoop(WrongState):
    """The card cannot loop a span back by itself."""

    code = "no-loop"


class UnderTest(WrongState):
    """It is being tested already."""

    code = "under-test"


class NoFarLoop(WrongState):
    """The signalling of a span is up, and what goes out on it does not come back: its far end is an exchange."""

    code = "no-far-loop"


class BadSound(DriverError):
    """A prompt is missing or is no sound this box plays."""

    code = "bad-sound"


class NoDisk(DriverError):
    """A recording cannot be written."""

    code = "no-disk"
