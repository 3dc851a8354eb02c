"""What holds for every request of the REST interface, new ones too: they are taken from its table."""

import re

import msgspec
import pytest

from firmware.control.methods import Role
from tests.fakes.past import CALL
from tests.webui.api.test_requests import refused
from webui.api.routes import ROUTES
from webui.api.values import BODY_BYTES

ROLES = [str(role) for role in (Role.VIEWER, Role.AGENT, Role.SUPERVISOR, Role.ADMIN)]
OUTSIDE = ("..%2f..%2f..%2fetc%2fpasswd", "%2e%2e", "%00", "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E", "x" * 2000)
BASE = {"If-Match": '"1"'}  # what some want before they read on
ODD = ("null", "[]", '"text"', "7", '{"name": 7}', '{"name": "a\\u0000\\u0007"}', '{"why": {}, "number": []}', "{", "")


def requests(fill="1"):
    """Yield the name of every request with its verb and path, what stands in the path filled in."""
    for name, route in ROUTES.items():
        yield name, route.verb, re.sub(r"{\w+}", fill, route.path)


def ask(caller, verb, path, **how):
    return caller.session.request(verb, path, **how)


def test_who_shows_no_token_or_a_cookie_gets_nothing_of_any(caller, people):
    cookie = {"Cookie": f"busyhour={people.signed_in('admin')}"}
    for number, (name, verb, path) in enumerate(requests()):
        answer = ask(caller(), verb, path, headers=cookie if number % 2 else {})
        assert answer.status_code in (401, 429), name  # too many strangers' requests are slowed down
        assert answer.json()["code"] in ("token-missing", "too-many-requests"), name


@pytest.mark.parametrize("role", ROLES[:-1])
def test_a_role_that_is_not_enough_gets_nothing_of_any(caller, door, role):
    asking = caller(role, **({"agent": "201"} if role == "agent" else {}))
    tried = 0
    for name, verb, path in requests():
        if ROLES.index(str(door.door.methods.entry(name).role)) > ROLES.index(role):
            told = refused(ask(asking, verb, path, content=b"nonsense"), 403, "not-allowed")
            assert ROLES.index(told["needs"]) > ROLES.index(role), name
            tried += 1
    assert tried > 10


def test_nothing_of_a_call_that_another_agent_had_is_told_or_changed(caller, door):
    """Of every request that names a call, by whom it does not concern."""
    other = msgspec.structs.replace(CALL, call_id="n-1", agent="202", recordings=("recordings/n-1.wav",))
    door.door.records.add(other)
    asking, tried = caller("agent", agent="201"), []
    bodies = {"call.note": {"text": "mine"}, "call.disposition": {"disposition": "resolved"}}
    for name, verb, path in requests(other.call_id):
        if re.match(r"/calls/{|/recordings/{", ROUTES[name].path):
            answer = ask(asking, verb, path.replace("/recordings/n-1", "/recordings/1"), json=bodies.get(name))
            assert answer.status_code == 403, (name, answer.status_code, answer.text)
            assert other.number not in answer.text, name
            tried.append(name)
    assert {"call.show", "call.notes", "call.note", "recording.open"} <= set(tried)


def test_a_body_that_is_too_large_is_read_of_none(caller):
    admin, large = caller("admin"), b'{"x": "' + b"x" * BODY_BYTES + b'"}'
    for name, verb, path in requests():
        if verb in ("POST", "PUT", "PATCH") and not ROUTES[name].file:
            answer = ask(admin, verb, path, content=large, headers={"Content-Type": "application/json"} | BASE)
            refused(answer, 413, "too-large")


@pytest.mark.parametrize("body", ODD)
def test_a_body_of_another_shape_is_refused_or_harmless(caller, door, body):
    admin, before = caller("admin"), door.door.configuration.revision.number
    for name, verb, path in requests("odd"):
        if verb in ("POST", "PUT", "PATCH") and not ROUTES[name].file:
            answer = ask(admin, verb, path, content=body, headers={"Content-Type": "application/json"} | BASE)
            assert answer.status_code < 500, (name, answer.status_code, answer.text)
            assert answer.status_code < 400 or answer.headers["Content-Type"] == "application/problem+json", name
    assert door.door.configuration.revision.number == before


@pytest.mark.parametrize("fill", OUTSIDE)
def test_no_name_in_a_path_leads_anywhere_else(caller, fill):
    admin = caller("admin")
    for name, verb, path in requests(fill):
        if fill in path:
            answer = ask(admin, verb, path)
            assert 400 <= answer.status_code < 500, (name, answer.status_code, answer.text)
            assert answer.headers["Content-Type"] == "application/problem+json", name
            assert "root:" not in answer.text, name
