"""Errors as every client can read them: `application/problem+json` (RFC 9457), each with a stable code."""

from typing import Any, NamedTuple

import msgspec
from flask import Response

from firmware.errors import (
    BadCertificate,
    BadConfig,
    BadSound,
    BusyhourError,
    NoStorage,
    NotFound,
    Refused,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"
AGAIN_S = 5
# Which status a code of the exchange has; one that is not here has that of its kind, or is a fault (500)
STATUS = {
    "bad-config": 422,
    "bad-request": 422,
    "exists": 409,
    "last-admin": 409,
    "locked": 409,
    "no-storage": 507,
    "not-allowed": 403,
    "not-found": 404,
    "signed-out": 401,
    "stale": 412,
    "too-many": 503,
    "too-many-tries": 429,
    "unavailable": 503,
    "wrong-password": 403,
}
KINDS = ((NotFound, 404), (BadCertificate, 422), (BadConfig, 422), (BadSound, 422), (Refused, 409))
TITLES = {
    400: "This request cannot be read",
    401: "A token is needed",
    403: "This token has no right to it",
    404: "There is nothing there",
    405: "This cannot be done with it",
    406: "Not in this form",
    409: "This is refused as things are",
    411: "The length must be said",
    412: "It has changed meanwhile",
    413: "The body is too large",
    414: "The address is too long",
    415: "Not in this form",
    416: "The sound is shorter",
    422: "Some values are wrong",
    428: "Say on what it is based",
    429: "Too many requests",
    431: "The headers are too large",
    500: "Something went wrong here",
    503: "Not now",
    507: "The disk takes nothing",
}


class Wrong(NamedTuple):
    """One value that is wrong: where, the value, and what would be right."""

    path: str
    value: Any
    rule: str


class Trouble(Exception):
    """A request that is answered with a problem: its status, code, what is wrong, and headers that help."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        problems: tuple[Wrong, ...] = (),
        headers: dict[str, str] | None = None,
        needs: str = "",
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.problems = status, code, detail, problems
        self.headers, self.needs = headers or {}, needs


def of(error: BusyhourError) -> Trouble:
    """Return how a refusal of the exchange is told."""
    status = STATUS.get(error.code) or next((status for kind, status in KINDS if isinstance(error, kind)), 500)
    problems = tuple(Wrong(one.path, one.value, one.rule) for one in getattr(error, "problems", ()))
    headers = {}
    if isinstance(error, Unavailable) or status == 503:
        headers["Retry-After"] = str(AGAIN_S)
    if "wait_s" in error.facts:
        headers["Retry-After"] = str(error.facts["wait_s"])
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="busyhour", error="invalid_token"'
    detail = "the disk is full or read-only; nothing was changed" if isinstance(error, NoStorage) else str(error)
    return Trouble(status, error.code, detail, problems, headers, str(error.facts.get("needs", "")))


def answer(trouble: Trouble, request_id: str) -> Response:
    """Return the response that tells of it."""
    told: dict[str, Any] = {
        "type": f"/api/#{trouble.code}",
        "title": TITLES.get(trouble.status, "It was refused"),
        "status": trouble.status,
        "detail": trouble.detail,
        "code": trouble.code,
        "request_id": request_id,
    }
    if trouble.problems:
        told["problems"] = [one._asdict() for one in trouble.problems]
    if trouble.needs:
        told["needs"] = trouble.needs
    response = Response(msgspec.json.encode(told), trouble.status, mimetype=MEDIA_TYPE)
    response.headers.update(trouble.headers)
    return response


SCHEMA = {
    "type": "object",
    "description": "What went wrong (RFC 9457). The code is stable; the words are for a person and may change.",
    "properties": {
        "type": {"type": "string", "description": "where the code is told of"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string", "description": "also in the header X-Request-ID, and in the log of the box"},
        "needs": {"type": "string", "description": "the role that has the right"},
        "problems": {
            "type": "array",
            "description": "every value that is wrong",
            "items": {
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": "where, as queues[0].acw_s"},
                    "value": {"description": "what was given; *** for a secret"},
                    "rule": {"type": "string", "description": "what would be right"},
                },
                "required": ["path", "value", "rule"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code", "request_id"],
}
