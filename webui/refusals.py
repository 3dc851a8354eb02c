"""What is shown instead of a page: no right to it, no session, no exchange, a form that is not ours."""

from typing import Any

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from firmware.errors import BusyhourError, NotAllowed, SignedOut, Unavailable
from webui import cookies
from webui.csrf import Stale
from webui.downloads import TooMany
from webui.page import page
from webui.visitor import to_sign_in

AGAIN_S = 5  # until a page that could not be shown is asked for again


def _page(template: str, status: int, **context: Any) -> Response:
    """Return a page that asks nothing of the exchange: it may be gone, or refuse this too."""
    return page(template, status, above={}, **context)


def install(app: Flask) -> None:
    """Answer each kind of refusal."""

    @app.errorhandler(SignedOut)
    def signed_out(error: SignedOut) -> ResponseReturnValue:
        response = app.make_response(to_sign_in())
        cookies.take(response, "session")
        return response

    @app.errorhandler(NotAllowed)
    def not_allowed(error: NotAllowed) -> ResponseReturnValue:
        return _page("refusals/not_allowed.html", 403, needs=str(error.facts.get("needs", "")))

    @app.errorhandler(Unavailable)
    def unavailable(error: Unavailable) -> ResponseReturnValue:
        response = _page("refusals/unavailable.html", 503, again=request.method == "GET")
        response.headers["Retry-After"] = str(AGAIN_S)
        if request.method == "GET":
            response.headers["Refresh"] = str(AGAIN_S)
        return response

    @app.errorhandler(TooMany)
    def too_many(error: TooMany) -> ResponseReturnValue:
        response = _page("refusals/too_many.html", 503)
        response.headers["Retry-After"] = str(AGAIN_S)
        return response

    @app.errorhandler(Stale)
    def stale(error: Stale) -> ResponseReturnValue:
        return _page("refusals/stale.html", 400)

    @app.errorhandler(BusyhourError)
    def refused(error: BusyhourError) -> ResponseReturnValue:
        return _page("refusals/refused.html", 400, error=error)


