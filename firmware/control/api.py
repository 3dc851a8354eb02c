"""`api.*`: what whoever serves this table to others must know of it: every method with the shapes of its values."""

import asyncio
import re
from typing import Any, get_type_hints

import msgspec

from firmware.config.configuration import Configuration
from firmware.config.schema import Api
from firmware.control.method_view import MethodView
from firmware.control.methods import Entry, Methods, Role, method

COMPONENTS = "#/components/schemas/{name}"


class ApiView(msgspec.Struct, frozen=True):
    """All methods, the schemas that theirs refer to, and the settings of the REST interface."""

    methods: list[MethodView]
    components: dict[str, Any]
    settings: Api


class ApiMethods:
    """What can be asked of the table itself."""

    def __init__(self, methods: Methods, configuration: Configuration) -> None:
        self._methods, self._configuration = methods, configuration
        self._drawn: tuple[list[MethodView], dict[str, Any]] | None = None

    @method("api.show", Role.VIEWER)
    async def show(self) -> ApiView:
        """Return all methods with the schemas of their values, and the settings of the REST interface."""
        if self._drawn is None:
            # once, and not where calls would wait for it
            self._drawn = await asyncio.to_thread(described, self._methods)
        return ApiView(*self._drawn, self._configuration.config.api)


def described(methods: Methods) -> tuple[list[MethodView], dict[str, Any]]:
    """Return every method, and the schemas that theirs refer to."""
    entries = {name: methods.entry(name) for name in methods.names()}
    kinds: list[Any] = []
    for entry in entries.values():
        kinds += [entry.params, _returned(entry)]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=COMPONENTS)
    plain = {name: _plain(schema) for name, schema in components.items()}
    views = []
    for number, (name, entry) in enumerate(entries.items()):
        own = plain.pop(schemas[2 * number]["$ref"].rpartition("/")[2])
        nothing = _returned(entry) is type(None)
        result = None if nothing else _plain(schemas[2 * number + 1])
        text = " ".join((entry.function.__doc__ or "").split())
        views.append(MethodView(name, str(entry.role), text, own["properties"], own.get("required", []), result))
    return views, plain


def _returned(entry: Entry) -> Any:
    kind = get_type_hints(entry.function, include_extras=True).get("return")
    return type(None) if kind is None else kind


def _plain(schema: Any) -> Any:
    r"""Return a schema whose patterns others read too: Python's \Z is $ in ECMA-262, and texts without line breaks."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _plain(value) for key, value in schema.items()}
    if isinstance(pattern := plain.get("pattern"), str):
        plain["pattern"] = re.sub(r"\\Z", "$", pattern)
    if isinstance(text := plain.get("description"), str):
        plain["description"] = " ".join(text.split())
    return plain
