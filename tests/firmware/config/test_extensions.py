"""Extensions that live at an old PBX: what is said of those that cannot, and what follows for the gateway."""

import copy

import msgspec
import pytest

from drivers.link.messages import PbxSetup
from firmware.config import check, extensions
from firmware.config.configuration import with_secrets
from firmware.config.dialling import whole
from firmware.config.provision import provision
from firmware.config.rename import rename
from firmware.config.schema import Config
from firmware.prompts import catalogue
from firmware.rules import right

PBX = {"spans": [{"number": 2}], "groups": [{"name": "pbx", "channels": ["2"]}]}
RANGE = {"number": "300", "last": "399", "group": "pbx"}


def config(*entries, **parts):
    return msgspec.convert(PBX | {"extensions": list(entries)} | parts, Config)


def problems(*entries, **parts):
    document = PBX | {"extensions": list(entries)} | parts
    return check.check(check.shaped(document), catalogue.wrong_with)


WRONG = {
    "a group that is not there": (
        [{"number": "301", "group": "old"}], "extensions[0].group", "no trunk group old; there is pbx",
    ),
    "a socket of its own": ([{"number": "301", "group": "pbx", "port": 5}], "extensions[0].port", "is the PBX's"),
    "encrypted voice": ([{"number": "301", "group": "pbx", "srtp": True}], "extensions[0].srtp", "is the PBX's"),
    "a secret": ([{"number": "301", "group": "pbx", "secret": "12345678"}], "extensions[0].secret", "is the PBX's"),
    "a range of telephones": ([{"number": "300", "last": "399"}], "extensions[0].last", "the PBX of a trunk group"),
    "a range that goes down": ([RANGE | {"last": "299"}], "extensions[0].last", "300 or above"),
    "a range of other digits": ([RANGE | {"last": "3999"}], "extensions[0].last", "a number of 3 digits"),
    "a range too long": (
        [RANGE | {"number": "30000", "last": "31000"}], "extensions[0].last", "1000 numbers at most",
    ),
    "a telephone within the range": ([{"number": "350"}, RANGE], "extensions[1].number", "extensions[0] is 350"),
    "two ranges that meet": (
        [RANGE, {"number": "390", "last": "410", "group": "pbx"}], "extensions[1].number", "extensions[0] is 300-399",
    ),
    "a number that begins some of the range": ([RANGE, {"number": "35"}], "extensions[0].number", "is 35"),
    "a number that some of the range begins": ([RANGE, {"number": "3551"}], "extensions[0].number", "is 3551"),
    "a range with a number for help": (
        [{"number": "100", "last": "130", "group": "pbx"}], "extensions[0].number", "calls for help",
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_an_extension_that_cannot_live_at_a_pbx_is_refused_with_what_would_be_right(wrong):
    entries, path, said = WRONG[wrong]
    (problem,) = problems(*entries)
    assert (problem.path, said in problem.rule) == (path, True), problem
    assert "12345678" not in str(problem)
    assert right(problem, "zh") != right(problem, "en")


def test_neither_a_range_nor_its_neighbours_are_refused():
    beside = [{"number": "201"}, {"number": "299"}, RANGE, {"number": "400", "group": "pbx"}]
    assert problems(*beside) == []
    (problem,) = problems(RANGE, outgoing=[{"name": "out", "prefix": "39", "strip": 2, "via": ["trunk:pbx"]}])
    assert (problem.path, problem.code) == ("extensions[0].number", "outside-prefix")


def test_each_number_of_a_range_is_an_extension_wherever_one_is_named():
    named = {
        "agents": [{"number": "301", "extension": "345"}],
        "flows": [{"name": "main", "menu": ["zh/main-menu"], "keys": {"1": {"to": "extension:399"}}}],
        "box": {"fax": "extension:300"},
    }
    assert problems(RANGE, **named) == []
    assert [one.code for one in problems(RANGE, box={"fax": "extension:400"})] == ["no-such"]
    there = config(RANGE, {"number": "201"})
    assert [*extensions.every(there)] == [*map(str, range(300, 400)), "201"]
    assert extensions.place(there, "345") == "trunk:pbx"
    assert extensions.place(there, "201") == "201"
    assert extensions.find(there, "3451") is None
    assert "345" in next(one for one in whole(there) if "300" in one).split("|")


@pytest.mark.parametrize(
    ("source", "number", "known"),
    [("trunk:pbx", "345", True), ("trunk:pbx", "201", False), ("trunk:other", "345", False), ("trunk:pbx", "", False)],
)
def test_who_calls_is_an_extension_by_its_own_group_alone(source, number, known):
    assert (extensions.calling(config(RANGE, {"number": "201"}), source, number) is not None) is known


def test_the_gateway_is_told_by_which_trunk_they_are_called_and_no_telephone_may_register_as_one():
    told = provision(config(RANGE, {"number": "201"}, {"number": "400", "group": "pbx"}), "1")
    assert told.pbx == (PbxSetup("pbx", "300", "399"), PbxSetup("pbx", "400", "400"))
    assert [user.number for user in told.users] == ["201"]


def test_an_extension_that_moves_to_a_pbx_has_no_secret_and_gets_a_new_one_when_it_comes_back():
    before = config({"number": "201", "secret": "of-its-telephone"})
    moved = with_secrets(config({"number": "201", "group": "pbx"}), before)
    assert moved.extensions[0].secret == ""
    back = with_secrets(config({"number": "201"}), moved)
    assert len(back.extensions[0].secret) == 20


def test_another_name_for_a_group_is_its_name_at_extensions_too():
    document = {"extensions": [{"group": "pbx"}, {"group": ""}], "routes": [], "outgoing": []}
    renamed = copy.deepcopy(document)
    rename(renamed, "groups", "pbx", "old")
    assert renamed["extensions"] == [{"group": "old"}, {"group": ""}]
