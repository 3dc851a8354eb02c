"""The interface told in OpenAPI 3.1, made of the table of routes and of what the exchange says of its methods."""

import re
from typing import Any

from firmware.control.method_view import MethodView
from firmware.control.version import version
from webui.api import problem
from webui.api.description import Description
from webui.api.kinds import KINDS
from webui.api.routes import ROUTES, Route
from webui.api.values import flattened

OPENAPI = "3.1.0"
PREFIX = "/api/v1"
TEXT = (
    "Everything that the pages and the command `busyhour` do, for programs. Show a token with every request: "
    "`Authorization: Bearer bh_...`; `busyhour token create` or the page `/tokens/` makes one. What a token may do is "
    "its role: viewer, agent, supervisor, admin, each with all before it. Times are Unix seconds. Fields may be added "
    "to answers; read those that you know."
)
# What any request may be answered with, and what only some may
ALWAYS = (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503, 507)
MEANS = {**problem.TITLES, 304: "It is as you have it"}
EVENT = {
    "type": "object",
    "description": "One thing that happened. `leg` is empty where the whole call is meant.",
    "properties": {
        "id": {"type": "string", "description": "for Last-Event-ID; figures have none"},
        "at_s": {"type": "number"},
        "kind": {"type": "string", "enum": sorted(KINDS)},
        "call": {"type": "string"},
        "leg": {"type": "string"},
        "data": {"type": "object"},
    },
    "required": ["at_s", "kind", "call", "leg", "data"],
}


def document(description: Description) -> dict[str, Any]:
    """Return the OpenAPI document of every route whose method the exchange has."""
    paths: dict[str, Any] = {}
    for name, route in ROUTES.items():
        if name in description.methods:
            method = description.methods[name]
            paths.setdefault(route.path, {})[route.verb.lower()] = operation(name, route, method, description)
    paths["/events"] = {"get": _events()}
    paths["/openapi.json"] = {"get": _own()}
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "Busyhour",
            "version": version(),
            "summary": "The REST interface of a call centre in one box",
            "description": TEXT,
            "license": {"name": "GPL-2.0-or-later", "identifier": "GPL-2.0-or-later"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "tags": [{"name": tag} for tag in sorted({_tag(name) for name in ROUTES if name in description.methods})],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {**description.components, "Problem-RFC9457": problem.SCHEMA, "StreamEvent": EVENT},
            "responses": {
                **{f"Problem{status}": _problem(status) for status in (*ALWAYS, 416, 428)},
                "TooLong": {"description": MEANS[414], "content": {"text/html": {"schema": {"type": "string"}}}},
            },
        },
    }


def operation(name: str, route: Route, method: MethodView, description: Description) -> dict[str, Any]:
    """Return the operation of one route."""
    in_path = re.findall(r"{(\w+)}", route.path)
    told: dict[str, Any] = {
        "operationId": name,
        "tags": [_tag(name)],
        "summary": method.text.partition(". ")[0].rstrip("."),
        "description": f"{method.text}\n\nNeeds the role {method.role}.",
        "x-role": method.role,
        "parameters": [
            *(_parameter("path", one, method.params.get(one, {"type": "string"}), required=True) for one in in_path),
            *_rest_in_query(route, method, description, in_path),
            *_headers(route),
        ],
        "responses": _responses(route, method),
    }
    if (body := _body(route, method, in_path)) is not None:
        told["requestBody"] = body
    return told


def _rest_in_query(
    route: Route, method: MethodView, description: Description, taken: list[str]
) -> list[dict[str, Any]]:
    if route.verb in ("POST", "PUT", "PATCH") and not route.body and not route.file:
        return []
    found = []
    for name, schema in method.params.items():
        if name in (*taken, route.body, route.base, route.file, *dict(route.fixed)):
            continue
        if keys := flattened(schema, description):
            found += [_parameter("query", key, _plain(one), required=False) for key, one in keys.items()]
        else:
            found.append(_parameter("query", name, _plain(schema), required=name in method.required))
    return found


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what may stand in a query: there is no null, one leaves the parameter away."""
    some = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    if len(some) == 1:
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
        return {**some[0], **rest}
    return schema


def _parameter(where: str, name: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "in": where, "required": required, "schema": schema}
    if where == "path" and schema.get("type") == "string" and "pattern" not in schema:
        told["schema"] = {"pattern": "^[^/]+$", **schema}
    return told


def _headers(route: Route) -> list[dict[str, Any]]:
    if route.base:
        text = "the ETag of the revision that yours was made from"
        schema = {"type": "string", "pattern": '^"[1-9][0-9]{0,8}"$'}
        return [{"name": "If-Match", "in": "header", "required": True, "description": text, "schema": schema}]
    if route.sound:
        text = "one piece, as bytes=1000- (RFC 9110 §14.2); with If-Range only if the file is still the same"
        schema = {"type": "string"}
        return [{"name": "Range", "in": "header", "required": False, "description": text, "schema": schema}]
    if route.verb == "POST" and not route.file:
        text = "of your own choice, as a UUID: the same act asked for again within the hour is not carried out twice"
        schema = {"type": "string", "pattern": "^[!-~]{1,128}$"}
        return [{"name": "Idempotency-Key", "in": "header", "required": False, "description": text, "schema": schema}]
    return []


def _body(route: Route, method: MethodView, in_path: list[str]) -> dict[str, Any] | None:
    if route.verb not in ("POST", "PUT", "PATCH"):
        return None
    if route.file:
        return {"required": True, "content": {"application/octet-stream": {"schema": {"contentEncoding": "binary"}}}}
    if route.body:
        return {"required": True, "content": {"application/json": {"schema": method.params[route.body]}}}
    rest = {name: schema for name, schema in method.params.items() if name not in (*in_path, route.base)}
    if not rest:
        return None
    required = [name for name in method.required if name in rest]
    schema = {"type": "object", "properties": rest, "additionalProperties": False}
    if required:
        schema["required"] = required
    return {"required": bool(required), "content": {"application/json": {"schema": schema}}}


def _responses(route: Route, method: MethodView) -> dict[str, Any]:
    told: dict[str, Any] = {}
    headers: dict[str, Any] = {"X-Request-ID": {"schema": {"type": "string"}}}
    if route.etag or route.verb == "GET":
        headers["ETag"] = {"schema": {"type": "string"}}
    if route.next[0]:
        headers["Link"] = {"description": 'rel="next" leads to the page after this', "schema": {"type": "string"}}
    if route.sound:
        content = {"audio/wav": {"schema": {"contentEncoding": "binary"}}}
        told["200"] = {"description": f"The {route.sound}, a WAV file", "headers": headers, "content": content}
        told["206"] = {"description": "The piece that Range names", "headers": headers, "content": content}
        told["416"] = {"$ref": "#/components/responses/Problem416"}
    elif method.result is None:
        told["204"] = {"description": "It is done", "headers": headers}
    else:
        content = {"application/json": {"schema": method.result}}
        text = "It was made" if route.status == 201 else "The answer"
        told[str(route.status)] = {"description": text, "headers": headers, "content": content}
    if route.verb == "GET":
        told["304"] = {"description": MEANS[304]}
    told["414"] = {"$ref": "#/components/responses/TooLong"}
    for status in (*ALWAYS, *((428,) if route.base else ())):
        told[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    return told


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem-RFC9457"}
    return {"description": MEANS[status], "content": {problem.MEDIA_TYPE: {"schema": schema}}}


def _events() -> dict[str, Any]:
    kinds = {"type": "string", "pattern": r"^[a-z_.*]+(,[a-z_.*]+)*$"}
    return {
        "operationId": "events",
        "tags": ["events"],
        "summary": "Events as they happen",
        "description": "Server-sent events. Each is named by its kind and is a StreamEvent; the first, `hello`, says "
        "with `gap` whether some are missing since Last-Event-ID; `bye` says why the stream ends.\n\n"
        "Needs the role viewer.",
        "x-role": "viewer",
        "parameters": [
            _parameter("query", "kinds", {**kinds, "description": "such as call.*,agent.state"}, required=False),
            {
                "name": "Last-Event-ID", "in": "header", "required": False,
                "schema": {"type": "string", "pattern": "^[!-~]{1,64}$"},
                "description": "the id of the last event that you have: what came after it follows",
            },
        ],
        "responses": {
            "200": {
                "description": "The stream",
                "content": {"text/event-stream": {"schema": {"type": "string"}, "x-event": EVENT_REFERENCE}},
            },
            **{str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in ALWAYS},
        },
    }  # fmt: skip


EVENT_REFERENCE = {"$ref": "#/components/schemas/StreamEvent"}


def _own() -> dict[str, Any]:
    return {
        "operationId": "openapi",
        "tags": ["api"],
        "summary": "This document",
        "description": "Needs no token.",
        "security": [],
        "responses": {
            "200": {"description": "The document", "content": {"application/json": {"schema": {"type": "object"}}}},
            "304": {"description": MEANS[304]},
            **{str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in (400, 429, 503)},
        },
    }


def _tag(name: str) -> str:
    return name.partition(".")[0]
