"""What lines and telephones on a DAHDI board have in common: a channel whose events are taken out, until it is gone."""

import logging
from abc import ABC, abstractmethod

from drivers.boards.dahdi import device
from native.dahdi import Event

log = logging.getLogger(__name__)


class Socket(ABC):
    """One analog channel. `subject` is what it is called in the log, as "line 1 (channel 1)"."""

    fd: int
    subject: str
    removed = False

    def take_events(self) -> bool:
        """Tell of all that happened; False where the channel is gone."""
        try:
            for code in device.events(self.fd):
                if code == Event.REMOVED:
                    self.removed = True
                else:
                    self._happened(code)
        except OSError as error:
            log.warning("%s is gone: %s", self.subject, error)
            self.removed = True
        return not self.removed

    @abstractmethod
    def _happened(self, code: int) -> None:
        """Take one event."""
