"""The table of methods: parameters are checked against the signature, rights against the role."""

from typing import Annotated

import pytest
from msgspec import Meta

from firmware.control.methods import Asker, Methods, Role, method
from firmware.errors import BadRequest, NotAllowed, NotFound

ADMIN, VIEWER = Asker("root", Role.ADMIN), Asker("wall", Role.VIEWER)


class Lamps:
    """A noun."""

    def __init__(self):
        self.lit = []

    @method("lamp.light", Role.SUPERVISOR)
    async def light(
        self, session: Asker, number: Annotated[int, Meta(ge=1, le=9)], colour: str = "green"
    ) -> tuple[str, int, str]:
        self.lit.append(number)
        return session.who, number, colour

    @method("lamp.list", Role.VIEWER)
    def all(self) -> list[int]:
        return self.lit

    def unmarked(self) -> None:
        raise AssertionError("nobody may reach this")


@pytest.fixture
def methods():
    return Methods(Lamps())


async def test_a_method_gets_its_parameters_and_who_asks(methods):
    assert await methods.call(ADMIN, "lamp.light", {"number": 3}) == ("root", 3, "green")
    assert await methods.call(ADMIN, "lamp.light", {"number": 4, "colour": "red"}) == ("root", 4, "red")
    assert await methods.call(VIEWER, "lamp.list", {}) == [3, 4]


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({}, [("number", None, "missing; a whole number from 1 to 9 is right")]),
        ({"number": 10}, [("number", 10, "a whole number from 1 to 9 is right")]),
        ({"number": True}, [("number", True, "a whole number from 1 to 9 is right")]),
        ({"number": 1, "color": "red"}, [("color", "red", "unknown key; perhaps colour; right are number, colour")]),
        (
            {"number": "1", "colour": 2},
            [("number", "1", "a whole number from 1 to 9 is right"), ("colour", 2, "text is right")],
        ),
        ({"number": 1, "session": {}}, [("session", {}, "unknown key; right are number, colour")]),
        ([], [("document", [], "an object with keys is right")]),
    ],
)
async def test_wrong_parameters_are_all_named(methods, params, told):
    with pytest.raises(BadRequest) as refused:
        await methods.call(ADMIN, "lamp.light", params)
    assert [(problem.path, problem.value, problem.rule) for problem in refused.value.problems] == told


async def test_who_has_too_few_rights_changes_nothing(methods):
    with pytest.raises(NotAllowed, match=r"lamp\.light needs the role supervisor; wall has viewer"):
        await methods.call(VIEWER, "lamp.light", {"number": 1})
    assert await methods.call(VIEWER, "lamp.list", {}) == []


@pytest.mark.parametrize("name", ["lamp.break", "unmarked", "lamp.light ", "__init__", ""])
async def test_what_is_not_marked_cannot_be_asked_for(methods, name):
    with pytest.raises(NotFound, match=r"there are: lamp\.light, lamp\.list"):
        await methods.call(ADMIN, name, {})


def test_one_name_has_one_method():
    with pytest.raises(ValueError, match=r"lamp\.\w+ is there twice"):
        Methods(Lamps(), Lamps())
