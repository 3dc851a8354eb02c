"""The table: every method of the exchange has a request, or a reason why it has none."""

import re

from firmware.control.api import described
from tests.firmware.control.test_server import opened
from webui.api.routes import ROUTES, WITHOUT, suggested


async def test_every_method_has_a_request_or_a_reason_why_it_has_none():
    async with opened() as door:
        views = {view.name: view for view in described(door.methods)[0]}
        undecided = [name for name in views if name not in ROUTES and name not in WITHOUT]
        lines = "\n".join(suggested(name, list(views[name].params)) for name in undecided)
        assert not undecided, f"put these lines into webui/api/routes.py, or a reason into WITHOUT:\n{lines}"
        assert (ROUTES.keys() | WITHOUT.keys()) - views.keys() == set(), "no methods any more"
        assert ROUTES.keys() & WITHOUT.keys() == set()


async def test_every_request_names_parameters_that_its_method_has():
    async with opened() as door:
        views = {view.name: view for view in described(door.methods)[0]}
    for name, route in ROUTES.items():
        named = {*re.findall(r"{(\w+)}", route.path), route.body, route.base, *dict(route.fixed)} - {""}
        assert named <= views[name].params.keys(), name
        assert route.status in (200, 201), name
        assert not route.next[0] or route.next[0] in views[name].params, name


def test_no_two_methods_are_the_same_request():
    requests = [(route.verb, re.sub(r"{\w+}", "{}", route.path)) for route in ROUTES.values()]
    assert len(set(requests)) == len(requests)


def test_no_address_is_another_ones_name_for_something():
    """`/prompts/{name}` would be `/prompts/play` too, if something were called play."""
    addresses = {}
    for route in ROUTES.values():
        addresses.setdefault(route.path, set()).add(route.verb)
    for path, verbs in addresses.items():
        pattern = re.sub(r"{\w+}", "[^/]+", path)
        for other, others in addresses.items():
            if other != path and re.fullmatch(pattern, other):
                assert verbs <= others, (path, other)


def test_every_address_is_of_its_methods_noun():
    for name, route in ROUTES.items():
        first = re.split(r"[/?]", route.path)[1]
        noun = name.partition(".")[0]
        of_it = (noun, f"{noun}s", f"{noun}es", f"{noun.removesuffix('y')}ies")
        assert first in of_it or name in ("user.audit", "recording.open"), name


def test_addresses_are_small_letters_with_hyphens():
    for route in ROUTES.values():
        assert re.fullmatch(r"(/([a-z0-9-]+|{[a-z_]+}))+", route.path), route


def test_a_line_is_suggested_by_custom():
    assert suggested("prompt.list", []) == '    "prompt.list": get("/prompts"),'
    assert suggested("prompt.add", ["name"]) == '    "prompt.add": post("/prompts", status=201),'
    assert suggested("prompt.remove", ["name"]) == '    "prompt.remove": delete("/prompts/{name}"),'
    assert suggested("queue.hot_swap", ["name"]) == '    "queue.hot_swap": post("/queues/{name}/hot-swap"),'
