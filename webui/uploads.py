"""Files that people send: only to the pages that take some, and only from those who may."""

from flask import request

from firmware.prompts.spool import MOST_BYTES
from webui.visitor import ask

AROUND_BYTES = 64 * 1024  # a form around a file
# What an endpoint's file is for: the method that decides who may send one
TAKES = {"prompts.upload": "prompt.upload"}


def admit() -> None:
    """Let a request be as large as its page takes files. Raises NotAllowed before anything of it is read."""
    method = TAKES.get(request.endpoint or "")
    if method is not None:
        ask("session.may", what=method)
        request.max_content_length = MOST_BYTES + AROUND_BYTES
