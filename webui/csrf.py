"""Forms that only our own pages can have made: each carries what only they know (OWASP: HMAC-based token pattern).

It is made from the token in the cookie, which no other site can read; a page of another site may have the browser send
the cookie, but cannot write what belongs to it into the form. Before sign-in a random cookie takes its place.
"""

import hashlib
import hmac
import secrets

from flask import Request, Response, g
from werkzeug.exceptions import BadRequest

from webui import cookies

FIELD = "form"
WHAT = b"busyhour form"


class Stale(BadRequest):
    """The form is not one of ours, or was made for another session."""


def made_for(token: str) -> str:
    """Return what a form of this token's holder carries."""
    return hmac.new(token.encode(), WHAT, hashlib.sha256).hexdigest()


def of_visit() -> str:
    """Return what a form carries whose reader is not signed in; `remember` must see the response."""
    if "visit" not in g:
        g.visit = cookies.read("visit") or secrets.token_urlsafe(32)
    return made_for(g.visit)


def remember(response: Response) -> None:
    """Give the browser its visit, if a form was made for one that it did not have."""
    if "visit" in g and cookies.read("visit") != g.visit:
        cookies.give(response, "visit", g.visit)


def check(asked: Request, token: str) -> None:
    """Raise Stale unless a form was made for the holder of this token, and sent from a page of ours."""
    if asked.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Stale
    given = asked.form.get(FIELD, "")
    if not token or not hmac.compare_digest(given.encode(), made_for(token).encode()):
        raise Stale
