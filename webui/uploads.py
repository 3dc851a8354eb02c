"""Files that people send: only to the pages that take some, and only from those who may."""

import os
import tempfile
from typing import IO

import flask
from flask import request

from firmware.prompts.spool import MOST_BYTES, home_spool
from webui.visitor import ask

AROUND_BYTES = 64 * 1024  # a form around a file
# What an endpoint's file is for: the method that decides who may send one
TAKES = {"prompts.upload": "prompt.upload", "backups.upload": "backup.stage"}


class Request(flask.Request):
    """A request whose backup goes to the box's own disk: other places of this machine may be small, or memory."""

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:  # fmt: skip
        if self.endpoint != "backups.upload":
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        folder = home_spool()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile("w+b", dir=folder)


def admit() -> None:
    """Let a request be as large as its page takes files. Raises NotAllowed before anything of it is read."""
    method = TAKES.get(request.endpoint or "")
    if method is not None:
        ask("session.may", what=method)
        request.max_content_length = MOST_BYTES + AROUND_BYTES
        if request.endpoint == "backups.upload":
            floor_mb = ask("config.get")["config"]["retention"]["floor_mb"]  # below it recordings would go for this
            request.max_content_length = max(0, _free_bytes() - (floor_mb << 20))


def _free_bytes() -> int:
    state = os.statvfs(home_spool().parent)
    return state.f_bavail * state.f_frsize
