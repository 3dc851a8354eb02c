"""Who asks for a page. The exchange knows, and decides on every request; here is only what it said."""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from firmware.control.client import Client
from webui import cookies, csrf

Connect = Callable[[], Client]
# For who is not signed in; all else needs a session
OPEN = frozenset({"static", "acme.challenge", "sign_in.page", "backups.restored"})
# An open page does not keep its reader signed in
STREAMS = frozenset({"live.stream", "desk.stream", "lines.stream"})
FOR_NEWCOMERS = frozenset({"account.first", "sign_in.out"})  # until they have chosen a password


class Visitor(NamedTuple):
    """Somebody signed in, as the exchange told it when this request came."""

    token: str
    name: str
    role: str
    language: str
    password: str
    agent: str


def install(app: Flask, connect: Connect, admit: Callable[[], None] = lambda: None) -> None:
    """Let nobody in without a session, nor any form that is not one of ours.

    `admit` says before a form is read whether it may be larger than others.
    """
    app.extensions["connect"] = connect

    @app.before_request
    def recognise() -> ResponseReturnValue | None:
        if request.routing_exception is not None:
            return None  # there is no such page, for anybody
        if request.endpoint not in OPEN:
            token = cookies.read("session")
            if not token:
                return to_sign_in()
            enter(token, watching=request.endpoint in STREAMS)
        if request.method == "POST":
            admit()
            csrf.check(request, g.visitor.token if visitor() else cookies.read("visit"))
        if visitor() and g.visitor.password != "own" and request.endpoint not in FOR_NEWCOMERS | OPEN:  # noqa: S105
            return redirect(url_for("account.first"), 303)
        return None

    @app.teardown_request
    def part(error: BaseException | None) -> None:
        client: Client | None = g.pop("client", None)
        if client is not None:
            client.close()


def enter(token: str, *, watching: bool = False) -> dict[str, Any]:
    """Have the exchange say whose token it is, and act as that user in this request. Raises SignedOut, Unavailable."""
    client: Client = current_app.extensions["connect"]()
    try:
        told: dict[str, Any] = client.call("session.resume", token=token, watching=watching)
    except BaseException:
        client.close()
        raise
    user = told["user"]
    g.client = client
    g.visitor = Visitor(token, user["name"], user["role"], user["language"], user["password"], user["agent"])
    return told


def visitor() -> Visitor | None:
    """Return who is signed in, None when nobody is."""
    found: Visitor | None = g.get("visitor")
    return found


def ask(method: str, **params: Any) -> Any:
    """Return what the exchange answers to the visitor, with no more rights than they have."""
    client: Client = g.client
    return client.call(method, **params)


def to_sign_in() -> ResponseReturnValue:
    """Send somebody to sign in and then back here; what is no page is only refused."""
    if request.endpoint in STREAMS or request.is_json or request.accept_mimetypes.best == "application/json":
        return Response(status=401)
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("sign_in.page", to=None if back == "/" else back), 303)
