"""What keeps strangers out of the pages: the names they answer to, the methods, and what a browser may load."""

import ipaddress
import socket

from flask import Flask, Request, Response, abort, request

# Everything comes from this program; nothing inline. Pico CSS draws its small icons as data: images.
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def is_own_name(host: str) -> bool:
    """Tell whether a Host header names this machine: an address, localhost, or its own name.

    A page of another site can make its own name point here (DNS rebinding), but it cannot change what the browser
    then writes as Host. An address cannot be rebound.
    """
    name, end = host, ""
    if host.startswith("["):
        name, bracket, end = host[1:].partition("]")
        if not bracket:
            return False
    elif host.count(":") == 1:
        name, _, port = host.partition(":")
        end = f":{port}"
    if end and not (end[0] == ":" and end[1:].isdecimal()):
        return False
    name = name.lower().removesuffix(".")
    own = socket.gethostname().lower()
    if name in ("localhost", own, own.partition(".")[0], f"{own.partition('.')[0]}.local"):
        return bool(name)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def install(app: Flask) -> None:
    """Check every request before, and harden every response after it was served."""

    @app.before_request
    def refuse_strangers() -> None:
        _refuse_strangers(request)

    @app.after_request
    def harden(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def _refuse_strangers(asked: Request) -> None:
    if asked.method not in ("GET", "HEAD", "POST"):
        abort(405)
    if not is_own_name(asked.headers.get("Host", "")):
        abort(421)  # Misdirected Request
