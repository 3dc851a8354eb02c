"""Calls outside as the configuration has them: what is refused, with the path, the value and what would be right."""

import pytest

from firmware.config import check
from firmware.config.configuration import exported
from firmware.errors import BadConfig
from tests.fakes.floor import config

TRUNK = {"name": "carrier", "host": "10.0.0.1", "numbers": ["88880001", "88880002"]}


def problems(**parts):
    """Return what is wrong with a configuration."""
    try:
        check.load(exported(config(), secrets=True) | parts, lambda name: "")
    except BadConfig as error:
        return {problem.path: (problem.value, problem.rule) for problem in error.problems}
    return {}


@pytest.mark.parametrize(("parts", "path", "value", "right"), [
    ({"extensions": [{"number": "201", "rights": "all"}]},
     "extensions[0].rights", "all", "one of internal, local, national, international"),
    ({"extensions": [{"number": "201", "permissions": ["premum"]}]},
     "extensions[0].permissions[0]", "premum", "premium, satellite"),
    ({"extensions": [{"number": "201", "permissions": ["premium", "premium"]}]},
     "extensions[0].permissions[1]", "premium", "once is right"),
    ({"extensions": [{"number": "201", "caller_id": "88889999"}], "trunks": [TRUNK]},
     "extensions[0].caller_id", "88889999", "88880001, 88880002"),
    ({"extensions": [{"number": "201", "caller_id": "88889999"}]},
     "extensions[0].caller_id", "88889999", "no trunk has numbers"),
    ({"extensions": [{"number": "201", "caller_id": "+8688889999"}]},
     "extensions[0].caller_id", "+8688889999", "up to 15 digits"),
    ({"limits": {"hours": "nigth"}, "hours": [{"name": "night"}]}, "limits.hours", "nigth", "night"),
    ({"limits": {"hours": "night"}}, "limits.hours", "night", "there are no hours"),
    ({"limits": {"box": {"calls": -1}}}, "limits.box.calls", -1, "0 to 1000000"),
    ({"limits": {"box": {"call": 1}}}, "limits.box.call", 1, "calls"),
    ({"outgoing": [{"name": "a", "via": ["lines"], "permission": "A boss"}]},
     "outgoing[0].permission", "A boss", "a small letter"),
    ({"lines": [{"number": 1, "busy_tone": "620/180,0/420,480/180,0/420"}]}, "lines[0].busy_tone",
     "620/180,0/420,480/180,0/420", "always the same frequencies"),
    ({"lines": [{"number": 1, "busy_tone": "3999/180,0/420"}]}, "lines[0].busy_tone", "3999/180,0/420", "200 to 2499"),
    ({"lines": [{"number": 1, "silence_minutes": 241}]}, "lines[0].silence_minutes", 241, "240"),
    ({"lines": [{"number": 1, "reversal": "often"}]}, "lines[0].reversal", "often", "true or false"),
    ({"lines": [{"number": 1, "flash_ms": 20}]}, "lines[0].flash_ms", 20, "60 to 1000 is right, or 0"),
    ({"lines": [{"number": 1, "rx_gain_db": 13}]}, "lines[0].rx_gain_db", 13, "12"),
    ({"lines": [{"number": 1, "dialling": "tone"}]}, "lines[0].dialling", "tone", "pulses"),
    ({"lines": [{"number": 1, "access_code": "9,"}]}, "lines[0].access_code", "9,", "up to 5 digits"),
    ({"trunks": [TRUNK], "routes": [{"name": "a", "to": "number:901088880001"}]},
     "routes[0].to", "number:901088880001", "88880001 comes in here"),
    ({"lines": [{"number": 1, "did": "66660001"}], "routes": [{"name": "a", "to": "number:966660001"}]},
     "routes[0].to", "number:966660001", "66660001 comes in here"),
])    # fmt: skip
def test_what_is_wrong_is_named(parts, path, value, right):
    agents = {"agents": [], "queues": [], "routes": []} if "extensions" in parts else {}
    found = problems(**agents | parts)
    assert path in found, found
    assert found[path][0] == value
    assert right in found[path][1]


def test_what_is_right_is_taken():
    extensions = [{"number": "201", "rights": "international", "permissions": ["satellite", "boss"],
                   "caller_id": "88880002"}]    # fmt: skip
    rules = [{"name": "a", "prefix": "8", "strip": 1, "via": ["trunk:carrier"], "permission": "boss"}]
    limits = {"box": {"calls": None, "minutes": 5}, "hours": "day"}
    assert problems(
        extensions=extensions, outgoing=rules, trunks=[TRUNK], agents=[], queues=[], limits=limits,
        hours=[{"name": "day"}], routes=[{"name": "a", "to": "number:813800138000"}],
    ) == {}


def test_a_configuration_from_before_there_were_rights_is_safe():
    old = exported(config(), secrets=True)
    del old["limits"]
    for extension in old["extensions"]:
        del extension["rights"], extension["permissions"], extension["caller_id"]
    found = check.load(old, lambda name: "")
    assert {one.rights for one in found.extensions} == {"national"}
    assert found.limits.international.calls == 30
