"""A commit on trial: it goes back by itself at its deadline unless it is confirmed. The deadline is on the disk."""

import logging
from pathlib import Path

import msgspec

from firmware.config.disk import Disk

log = logging.getLogger(__name__)


class Trial(msgspec.Struct, frozen=True):
    """Revision `revision` is on trial until `deadline_s` (Unix time); then revision `back_to` is put in force again."""

    revision: int
    back_to: int
    who: str
    minutes: int
    deadline_s: float

    def left_s(self, now_s: float) -> float:
        """Return how long it still lasts: never longer than it was given, whatever the machine's clock says now."""
        return min(max(0.0, self.deadline_s - now_s), self.minutes * 60.0)


class TrialFile:
    """The one trial there may be. It is written before its revision, so no revision on trial is ever without it."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path, self._disk = path, disk

    def read(self, revision: int) -> Trial | None:
        """Return the trial of the revision in force; None when there is none, or it was for another revision."""
        try:
            trial = msgspec.json.decode(self._path.read_bytes(), type=Trial)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            log.error("%s cannot be read; revision %d stays in force: %s", self._path, revision, error)
            return None
        return trial if trial.revision == revision else None

    def write(self, trial: Trial) -> None:
        """Keep a trial; when this returns it outlives a power cut. Raises NoStorage."""
        self._disk.save(self._path, msgspec.json.encode(trial))

    def clear(self) -> None:
        """Forget the trial, lastingly. Raises NoStorage."""
        self._disk.remove(self._path)
