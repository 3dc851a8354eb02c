"""Files on their way to people: each holds one thread of the server until its reader has all of it."""

import threading

from flask import Response, current_app

from firmware.errors import Refused

MOST = 24  # at once; the other threads serve pages


class TooMany(Refused):
    """So many files are on their way already; the same request is right when one of them is through."""

    code = "too-many-downloads"


class Downloads:
    """Counts the files that are on their way."""

    def __init__(self, most: int = MOST) -> None:
        self._free = threading.BoundedSemaphore(most)

    def count(self, response: Response) -> Response:
        """Give a file's response a place until it is closed. Raises TooMany when there is none."""
        if not self._free.acquire(blocking=False):
            response.close()
            raise TooMany(f"{MOST} files are being downloaded at once; try again when one of them is through")
        response.direct_passthrough = False  # else nobody would be told that its reader has done
        response.call_on_close(self._free.release)
        return response


def counted(response: Response) -> Response:
    """Return a response that is one of the application's downloads. Raises TooMany."""
    downloads: Downloads = current_app.extensions["downloads"]
    return downloads.count(response)
