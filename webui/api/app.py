"""`/api/v1`: an application of its own beside the pages. It knows tokens and no cookies, JSON and no forms."""

import hashlib
import logging
import re
import secrets
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

import msgspec
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestedRangeNotSatisfiable, RequestEntityTooLarge
from werkzeug.utils import send_file

from firmware.control.client import Client
from firmware.errors import BadRequest, BusyhourError, NotFound, SignedOut
from webui import sound
from webui.api import problem, values
from webui.api.allowance import AT_ONCE, AT_ONCE_EACH, STRANGERS_A_MINUTE, Buckets, Known, Places, digest, network
from webui.api.description import Describer
from webui.api.document import PREFIX, document
from webui.api.kinds import wanted
from webui.api.once import Once
from webui.api.problem import Trouble, Wrong
from webui.api.routes import ROUTES, Route
from webui.api.stream import Stream
from webui.visitor import Connect

log = logging.getLogger(__name__)
STREAMS_EACH = 4
DRAINED_BYTES = 8 * 1024 * 1024
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,100}=*\Z")  # RFC 6750 §2.1
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
EXPOSED = (
    "Accept-Ranges, Content-Range, ETag, Idempotency-Replayed, Link, RateLimit, RateLimit-Policy, Retry-After, "
    "X-Request-ID"
)
ASKED = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, Last-Event-ID, Range"


class Interface:
    """What answers the requests: who asks, how much they may, and which method they mean."""

    def __init__(self, connect: Connect, closed: Callable[[], bool]) -> None:
        """`connect` reaches the exchange; `closed` tells that this program ends."""
        self._connect, self._closed = connect, closed
        self.describer = Describer(connect)
        self._buckets, self._known, self._once = Buckets(), Known(), Once()
        self._requests, self._streams = Places("busy", 1), Places("too-many-streams", 15)

    def carry_out(self, name: str, route: Route, path: dict[str, str]) -> Response:
        """Return the answer to a request that means a method. Raises Trouble, BusyhourError."""
        client, who = self._enter()
        try:
            self._requests.take(who, AT_ONCE, AT_ONCE_EACH)
            try:
                response = self._with_key(client, who, name, route, path)
            except BaseException:
                self._requests.give_back(who)
                raise
        finally:
            client.close()
        # A file is on its way for as long as its reader takes, and holds a thread
        response.call_on_close(lambda: self._requests.give_back(who))
        return response

    def stream(self) -> Response:
        """Return the answer that tells events. Raises Trouble, BusyhourError."""
        client, who = self._enter()
        try:
            kinds = self._kinds_asked()
            if request.method == "HEAD":
                client.close()
                return Response(mimetype="text/event-stream")
            self._streams.take(who, self.describer.now().settings.streams, STREAMS_EACH)
        except BaseException:
            client.close()
            raise
        try:
            after = request.headers.get("Last-Event-ID", "")[:64]
            stream = Stream(client, kinds, after, self._closed)
        except BaseException:
            self._streams.give_back(who)
            client.close()
            raise
        response = Response(stream.lines(), mimetype="text/event-stream")
        response.call_on_close(lambda: self._streams.give_back(who))
        response.call_on_close(stream.close)
        return response

    def openapi(self) -> Response:
        """Return the document of this interface; it says nothing of this box, and needs no token."""
        self._count_stranger()
        return answered(document(self.describer.now()))

    def _enter(self) -> tuple[Client, str]:
        """Return a connection with the rights of the token that was shown, and whose it is."""
        shown = _shown()
        if shown not in self._known:
            self._count_stranger()
        client = self._connect()
        try:
            token = client.call("token.use", token=shown, address=(request.remote_addr or "")[:64])
        except SignedOut:
            self._known.forget(shown)
            client.close()
            raise
        except BaseException:
            client.close()
            raise
        self._known.add(shown)
        try:
            left = self._buckets.take(f"token {token['name']}", self.describer.now().settings.requests_per_minute)
        except BaseException:
            client.close()
            raise
        g.headers = left.headers()
        return client, token["name"]

    def _count_stranger(self) -> None:
        self._buckets.take(f"address {network(request.remote_addr or '')}", STRANGERS_A_MINUTE)

    def _with_key(self, client: Client, who: str, name: str, route: Route, path: dict[str, str]) -> Response:
        """Carry out an act, or, when it was carried out for the same key before, only tell what came of it."""
        key = request.headers.get("Idempotency-Key")
        if key is None or route.verb != "POST":
            return self._call(client, name, route, path)
        if route.file:  # its content is read once, on its way to the disk
            raise Trouble(400, "bad-key", "a file is sent without an Idempotency-Key")
        asked = digest(request.full_path) + hashlib.sha256(request.get_data()).digest()
        if (before := self._once.begin(who, key, asked)) is not None:
            return before
        response = None
        try:
            response = self._call(client, name, route, path)
        except BusyhourError as error:
            response = problem.answer(problem.of(error), g.request_id)
        except Trouble as trouble:
            response = problem.answer(trouble, g.request_id)
        finally:
            self._once.end(who, key, response or Response(status=500))
        return response

    def _call(self, client: Client, name: str, route: Route, path: dict[str, str]) -> Response:
        description = self.describer.now()
        if name not in description.methods:
            raise Trouble(404, "not-found", "the exchange of this box does not know this yet")
        client.call("session.may", what=name)  # who has no right to it learns nothing of its parameters
        given = values.params(request, route, description.methods[name], description, path)
        try:
            result = client.call(name, **given)
        except BadRequest as error:
            raise _as_asked(error, route) from None
        if result is None and description.methods[name].result is None:
            return Response(status=204)
        if route.sound:
            return sound_file(result["path"], route.sound)
        response = answered(result, route.status, _etag(result, route))
        if following := _next(result, route, given):
            pairs = [(key, value) for key, value in request.args.items() if key != route.next[0]]
            query = urlencode([*pairs, (route.next[0], following)])
            response.headers["Link"] = f'<{PREFIX}{request.path}?{query}>; rel="next"'
        return response

    def _kinds_asked(self) -> frozenset[str]:
        text = request.args.get("kinds", "")
        try:
            kinds = wanted(text)
        except ValueError as error:
            rule = "kinds of events, such as call.*,agent.state, are right"
            raise Trouble(422, "bad-request", "no such kind", (Wrong("kinds", str(error), rule),)) from None
        others = [Wrong(name, text, "right is kinds") for name, text in request.args.items() if name != "kinds"]
        if others:
            raise Trouble(422, "bad-request", "unknown parameters", tuple(others))
        return kinds


def create_api(connect: Connect, closed: Callable[[], bool] = lambda: False) -> Flask:
    """Return the application that is mounted at PREFIX."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = values.BODY_BYTES
    app.url_map.strict_slashes = True
    app.url_map.redirect_defaults = app.url_map.merge_slashes = False
    interface = Interface(connect, closed)
    app.extensions["interface"] = interface
    for name, route in ROUTES.items():
        app.add_url_rule(
            re.sub(r"{(\w+)}", r"<\1>", route.path), name, _view(interface, name, route), methods=[route.verb]
        )
    app.add_url_rule("/events", "events", interface.stream)
    app.add_url_rule("/openapi.json", "openapi", interface.openapi)
    _guard(app, interface)
    _tell_problems(app)
    return app


def answered(result: Any, status: int = 200, etag: str = "") -> Response:
    """Return a result as JSON; who has it already is only told so."""
    body = msgspec.json.encode(result)
    response = Response(body, status, mimetype="application/json")
    if request.method in ("GET", "HEAD"):
        response.set_etag(etag or hashlib.sha256(body).hexdigest()[:24])
        response.make_conditional(request)
        response.headers.pop("Accept-Ranges", None)
    elif etag:
        response.set_etag(etag)
    return response


def sound_file(path: str, kind: str) -> Response:
    """Return a sound file, or the one piece of it that is asked for, whole: programs have no pause. Raises NotFound."""
    environ = dict(request.environ)
    if (wanted := request.range) is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        environ.pop("HTTP_RANGE", None)  # what we do not know is as if it were not there (RFC 9110 §14.2)
    try:
        real = sound.found(path) if kind == "recording" else path
        response = cast(Response, send_file(real, environ, "audio/wav", conditional=True, response_class=Response))
    except OSError as error:
        raise NotFound(f"the file of this sound cannot be read: {error.strerror}") from error
    response.direct_passthrough = False  # else nobody would be told that its reader has done
    return response


def _as_asked(error: BadRequest, route: Route) -> BadRequest:
    """Return a refusal whose places are those of the request: the keys of an object stand in a query by themselves."""
    if route.verb not in ("GET", "DELETE"):
        return error
    problems = [msgspec.structs.replace(one, path=one.path.rpartition(".")[2]) for one in error.problems]
    return BadRequest("" if problems else str(error), problems)


def _view(interface: Interface, name: str, route: Route) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        return interface.carry_out(name, route, path)

    return view


def _shown() -> str:
    """Return the token that a request shows; an address or a cookie is no place for one. Raises Trouble."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not TOKEN.match(token.strip()):
        detail = "show a token: Authorization: Bearer bh_...; `busyhour token create` makes one"
        raise Trouble(401, "token-missing", detail, headers={"WWW-Authenticate": 'Bearer realm="busyhour"'})
    return token.strip()


def _etag(result: Any, route: Route) -> str:
    found = result
    for key in route.etag.split(".") if route.etag else []:
        found = found[key]
    return str(found) if route.etag else ""


def _next(result: Any, route: Route, given: dict[str, Any]) -> str:
    """Return what leads to the page after this, "" where there is none."""
    _, key = route.next
    if isinstance(result, dict):
        return str(result.get(key, "")) if key else ""
    if key and len(result) >= given.get("limit", 50):
        return str(result[-1][key])
    return ""


def _guard(app: Flask, interface: Interface) -> None:
    @app.before_request
    def begin() -> Response | None:
        g.request_id = secrets.token_hex(8)
        if request.method == "OPTIONS":
            return Response(status=204, headers={"Allow": ", ".join(sorted(_allowed(app)))})
        return None

    @app.after_request
    def harden(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-ID"] = g.get("request_id", "")
        response.headers.update(g.get("headers", {}))
        _let_sites(response, interface)
        return response


def _let_sites(response: Response, interface: Interface) -> None:
    """Let pages of the sites that the configuration names read the answer (Fetch §3.2); cookies play no part."""
    response.headers.add("Vary", "Origin")
    origin = request.headers.get("Origin", "")
    if not origin:
        return
    try:
        origins = interface.describer.now().settings.origins
    except BusyhourError:
        return  # without the exchange there is nothing to read
    if origin in origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
            response.headers["Access-Control-Allow-Headers"] = ASKED
            response.headers["Access-Control-Max-Age"] = "600"


def _allowed(app: Flask) -> set[str]:
    adapter = app.create_url_adapter(request)
    return set(adapter.allowed_methods()) if adapter is not None else set()


def _drain() -> None:
    """Read on for a while: whoever still writes when we hang up would not read why."""
    left = DRAINED_BYTES
    while left > 0 and (some := request.environ["wsgi.input"].read(min(left, 65536))):
        left -= len(some)


def _tell_problems(app: Flask) -> None:
    @app.errorhandler(Trouble)
    def trouble(error: Trouble) -> Response:
        return problem.answer(error, g.request_id)

    @app.errorhandler(BusyhourError)
    def refused(error: BusyhourError) -> Response:
        told = problem.of(error)
        if told.status == 500:
            log.error("request %s: %s", g.request_id, error)
        return problem.answer(told, g.request_id)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        code, detail = {
            404: ("not-found", "there is no such address; /api/v1/openapi.json lists all"),
            405: ("method-not-allowed", "this address is not asked that way"),
        }.get(status, ("bad-http", (error.description or "").strip() or "this request cannot be read"))
        headers = {}
        if isinstance(error, MethodNotAllowed):
            headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        if isinstance(error, RequestedRangeNotSatisfiable):
            headers["Content-Range"] = f"bytes */{error.length}"
            code, detail = "bad-range", f"the sound has {error.length} bytes"
        if isinstance(error, RequestEntityTooLarge):
            _drain()
            code, detail = "too-large", f"a body has up to {values.BODY_BYTES} bytes here"
        return problem.answer(Trouble(status, code, detail, headers=headers), g.request_id)

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Response:
        log.exception("request %s, %s %s", g.request_id, request.method, request.path)
        return problem.answer(Trouble(500, "fault", "something went wrong here; the log of the box says what"),
                              g.request_id)  # fmt: skip
