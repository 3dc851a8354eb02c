"""What can go wrong in the exchange; each class has a stable code that the doors show beside the text."""


class BusyhourError(Exception):
    """Root of the exchange's errors; its text is for a person."""

    code = "error"


class Refused(BusyhourError):
    """What was asked cannot be done now; nothing was changed."""

    code = "refused"


class NotFound(Refused):
    """There is nothing of that name."""

    code = "not-found"


class NotAllowed(Refused):
    """This session has no right to it."""

    code = "not-allowed"


class BadRequest(Refused):
    """A parameter is missing, unknown or of the wrong kind."""

    code = "bad-request"


class BadConfig(Refused):
    """A configuration breaks rules; `problems` lists them all, each with path, value and what would be right."""

    code = "bad-config"

    def __init__(self, problems: list["Problem"]) -> None:  # noqa: F821 - config.check defines it, errors is below
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class Unavailable(BusyhourError):
    """The other program does not answer."""

    code = "unavailable"


class NoStorage(BusyhourError):
    """The disk is full or read-only."""

    code = "no-storage"
