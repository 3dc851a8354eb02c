"""The word that a certificate authority comes for, to see that a name is ours (RFC 8555 §8.3)."""

import os
import re
from pathlib import Path

from flask import Blueprint, Response, abort

bp = Blueprint("acme", __name__)
FOLDER = "acme/challenges"  # below BUSYHOUR_HOME
TOKEN = re.compile(r"^[A-Za-z0-9_-]{16,128}\Z")


@bp.get("/.well-known/acme-challenge/<token>")
def challenge(token: str) -> Response:
    """Return the word of a token, to anybody, by HTTP and under any name: that is what it is for."""
    if not TOKEN.match(token):
        abort(404)
    path = Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve() / FOLDER / token
    try:
        return Response(path.read_bytes(), mimetype="text/plain")
    except OSError:
        abort(404)
