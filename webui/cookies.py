"""Our cookies: no script reads them, no other site has them sent, and under HTTPS nobody else can have set them."""

from flask import Response, request

NAMES = {"session": "busyhour", "visit": "busyhour-visit", "language": "language"}


def _name(which: str) -> str:
    # A browser takes __Host- cookies over HTTPS alone, from this very host (RFC 6265bis §4.1.3.2)
    return f"__Host-{NAMES[which]}" if request.is_secure else NAMES[which]


def read(which: str) -> str:
    """Return a cookie's value, "" if there is none."""
    return request.cookies.get(_name(which), "")


def give(response: Response, which: str, value: str, lasts_s: int | None = None) -> None:
    """Set a cookie; it is forgotten with the browser's window unless it lasts."""
    response.set_cookie(
        _name(which), value, max_age=lasts_s, path="/", secure=request.is_secure, httponly=True, samesite="Strict"
    )


def take(response: Response, which: str) -> None:
    """Have a cookie forgotten."""
    response.delete_cookie(_name(which), path="/", secure=request.is_secure, httponly=True, samesite="Strict")
