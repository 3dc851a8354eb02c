"""What keeps strangers out of the pages: the names they answer to, the methods, and what a browser may load."""

import ipaddress
import os
import socket
import time
from collections.abc import Container

from flask import Flask, Request, Response, abort, current_app, redirect, request
from flask.typing import ResponseReturnValue

from drivers.link.address import Address, parse
from firmware.control.client import Client
from firmware.errors import BusyhourError

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


LONG_FORM_BYTES = 128 * 1024  # a key and a chain of certificates, percent-encoded
NAMES_S = 30.0  # so long what the certificate names is believed without asking again


class Names:
    """The names in the box's certificate, as the exchange tells them: who got one for a name owns it."""

    def __init__(self) -> None:
        self._names: frozenset[str] = frozenset()
        self._until_s = 0.0

    def __contains__(self, name: object) -> bool:
        """Tell whether the certificate names a host; where the exchange does not answer, what it said last counts."""
        if not isinstance(name, str):
            return False
        if time.monotonic() >= self._until_s:
            self._until_s = time.monotonic() + NAMES_S
            self._ask()
        return name in self._names or f"*.{name.partition('.')[2]}" in self._names

    def _ask(self) -> None:
        try:
            client: Client
            with current_app.extensions["connect"]() as client:
                self._names = frozenset(client.call("certificate.show")["names"])
        except BusyhourError:
            current_app.logger.warning("the exchange does not tell the names of the certificate")


def is_own_name(host: str, certified: Container[str] = ()) -> bool:
    """Tell whether a Host header names this machine: an address, localhost, its own name, or one in its certificate.

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
        return name in certified
    return True


def install(app: Flask) -> None:
    """Check every request before, and harden every response after it was served."""
    app.extensions["names"] = Names()
    secure = secure_address()

    @app.before_request
    def refuse_strangers() -> ResponseReturnValue | None:
        if request.endpoint == "acme.challenge":
            return None
        if request.endpoint == "certificate.index":
            request.max_content_length = LONG_FORM_BYTES
        _refuse_strangers(request)
        return _to_https(request, secure) if secure is not None else None

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
    if not is_own_name(asked.headers.get("Host", ""), current_app.extensions["names"]):
        abort(421)  # Misdirected Request


def secure_address() -> Address | None:
    """Return where the page is served by HTTPS, None where it is not, or not to other machines."""
    told = os.environ.get("BUSYHOUR_HTTPS")
    address = parse("BUSYHOUR_HTTPS", told) if told else None
    return None if address is None or ipaddress.ip_address(address.host).is_loopback else address


def _to_https(asked: Request, secure: Address) -> ResponseReturnValue | None:
    """Send who comes from another machine by HTTP to the same page by HTTPS."""
    if asked.is_secure or ipaddress.ip_address(asked.remote_addr or "127.0.0.1").is_loopback:
        return None
    host = asked.host if asked.host.endswith("]") else asked.host.rpartition(":")[0] or asked.host
    port = "" if secure.port == 443 else f":{secure.port}"
    return redirect(f"https://{host}{port}{asked.full_path.rstrip('?')}", 308)
