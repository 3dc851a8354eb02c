"""From a request to a method's parameters: the path, the query, the body; strictly, and nothing said twice."""

import json
import math
import re
from typing import Any, NoReturn

import msgspec
from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from firmware.control.method_view import MethodView
from firmware.prompts import spool
from webui.api.description import Description
from webui.api.problem import Trouble, Wrong
from webui.api.routes import Route

BODY_BYTES = 1024 * 1024  # a whole configuration is some hundred KB
DEEPEST = 32  # levels of a body
ELSEWHERE = "it is said elsewhere in the request"
WHOLE = re.compile(r"-?[0-9]{1,15}\Z")
DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?\Z")


def params(asked: Request, route: Route, method: MethodView, description: Description, path: dict[str, str]) -> Any:
    """Return a method's parameters as a request gives them; a file is left in the spool. Raises Trouble, BadSound.

    Whether they are right, each by itself, is for the exchange to say.
    """
    given: dict[str, Any] = {name: value_of(text, method.params.get(name, {})) for name, text in path.items()}
    given |= dict(route.fixed)
    in_body = route.verb in ("POST", "PUT", "PATCH")
    if route.base:
        given[route.base] = base_of(asked)
    if route.file:
        given[route.file] = ""  # the body is it, so that no query can name another one's
    if not in_body or route.body or route.file:
        given |= _query(asked, method, description, given)
    elif asked.args:
        wrong = tuple(Wrong(name, value, "this belongs into the body") for name, value in asked.args.items())
        raise Trouble(422, "bad-request", "this request has no query", wrong)
    if route.file:
        asked.max_content_length = spool.MOST_BYTES + 1  # one more, that the spool itself can say what is right
        given[route.file] = spool.leave(asked.stream.read)
    elif in_body:
        given |= _from_body(asked, route, given)
    elif asked.content_length:
        raise Trouble(400, "body-not-wanted", f"a {route.verb} request has no body here")
    return given


def value_of(text: str, schema: dict[str, Any]) -> Any:
    """Return what a text in an address stands for; one that fits nothing stays as it is, and is refused as such."""
    kinds = {kind for one in schema.get("anyOf", [schema]) for kind in _kinds(one)}
    if "string" in kinds or not kinds:
        return text
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    if "integer" in kinds and WHOLE.match(text):
        return int(text)
    if "number" in kinds and DECIMAL.match(text):
        return float(text)
    return text


def base_of(asked: Request) -> int:
    """Return the revision that If-Match names (RFC 9110 §13.1.1). Raises Trouble."""
    text = asked.headers.get("If-Match", "")
    if not text:
        detail = "send If-Match with the ETag that you read: what others changed meanwhile is not undone"
        raise Trouble(428, "base-missing", detail)
    number = text.strip().removeprefix('"').removesuffix('"')
    if not WHOLE.match(number) or int(number) < 1:
        rule = 'the ETag of one revision, such as "17", is right'
        raise Trouble(422, "bad-request", "If-Match names no revision", (Wrong("If-Match", text, rule),))
    return int(number)


def flattened(schema: Any, description: Description) -> dict[str, Any]:
    """Return the properties of a parameter that is an object, by which its keys stand in a query; {} of another."""
    for one in schema.get("anyOf", [schema]):
        reference = one.get("$ref", "").rpartition("/")[2]
        found = description.components.get(reference, one)
        if found.get("type") == "object" and "properties" in found:
            properties: dict[str, Any] = found["properties"]
            return properties
    return {}


def _kinds(schema: dict[str, Any]) -> set[str]:
    if "enum" in schema or "const" in schema:
        return {"string"}
    kind = schema.get("type", [])
    return set(kind if isinstance(kind, list) else [kind])


def _query(asked: Request, method: MethodView, description: Description, taken: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    nested = {
        key: (name, schema)
        for name, whole in method.params.items()
        for key, schema in flattened(whole, description).items()
        if name not in taken
    }
    twice = [Wrong(name, values, "once is right") for name, values in asked.args.lists() if len(values) > 1]
    if twice:
        raise Trouble(422, "bad-request", "some parameters are there twice", tuple(twice))
    for name, text in asked.args.items():
        if name in taken:
            raise Trouble(422, "bad-request", "said already", (Wrong(name, text, ELSEWHERE),))
        if name in nested:
            whole, schema = nested[name]
            found.setdefault(whole, {})[name] = value_of(text, schema)
        else:
            found[name] = value_of(text, method.params.get(name, {}))
    return found


def _from_body(asked: Request, route: Route, taken: dict[str, Any]) -> dict[str, Any]:
    body = body_of(asked, wanted=bool(route.body))
    if route.body:
        return {route.body: body}
    if not isinstance(body, dict):
        raise Trouble(422, "bad-request", "not an object", (Wrong("body", body, "an object with keys is right"),))
    if twice := [Wrong(name, body[name], ELSEWHERE) for name in taken if name in body]:
        raise Trouble(422, "bad-request", "said already", tuple(twice))
    return body


def body_of(asked: Request, *, wanted: bool) -> Any:
    """Return the JSON document of a request's body; without one {}, unless one is wanted. Raises Trouble."""
    data = asked.get_data(cache=False)
    if asked.content_length is None and len(data) >= BODY_BYTES:
        raise RequestEntityTooLarge  # it came in chunks, and werkzeug reads no more of those than it may
    if not data:
        if wanted:
            raise Trouble(400, "body-missing", "this request has a JSON document as its body")
        return {}
    if asked.mimetype != "application/json":
        raise Trouble(415, "not-json", f"the body is {asked.mimetype or 'of no type'}; application/json is right")
    if asked.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise Trouble(415, "not-json", "JSON is UTF-8 (RFC 8259 §8.1)")
    return parsed(data)


def parsed(data: bytes) -> Any:
    """Return a JSON document that says nothing twice and is no deeper than DEEPEST. Raises Trouble."""
    try:
        document = json.loads(data.decode(), object_pairs_hook=_once, parse_float=_float, parse_constant=_no_number)
        msgspec.json.encode(document)  # half a surrogate pair can be read, and never be written
    except RecursionError:
        raise Trouble(400, "bad-json", f"the body is deeper than {DEEPEST} levels") from None
    except (ValueError, OverflowError) as error:  # of the decoders too
        raise Trouble(400, "bad-json", f"the body is no JSON document: {error}") from None
    if _deeper(document, DEEPEST):
        raise Trouble(400, "bad-json", f"the body is deeper than {DEEPEST} levels")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:80]!r} is there twice")
    return found


def _float(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def _deeper(document: Any, levels: int) -> bool:
    layer = [document]
    while layer and levels >= 0:
        layer = [
            one
            for part in layer
            if isinstance(part, dict | list)
            for one in (part.values() if isinstance(part, dict) else part)
        ]
        levels -= 1
    return bool(layer)
