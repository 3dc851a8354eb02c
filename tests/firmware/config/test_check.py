"""Wrong configurations are refused, each with the path, the value and what would be right."""

import copy
import struct
import wave

import msgspec
import pytest

from firmware.config import check, factory
from firmware.config.configuration import exported
from firmware.config.schema import Config
from firmware.errors import BadConfig
from firmware.prompts import catalogue

CHANGES = {
    # what is changed: (the change, the path that must be named, what must be said)
    "a missing queue": (
        {"routes": [{"name": "a", "to": "queue:servise"}]},
        "routes[0].to",
        "there is no queue servise; there is service",
    ),
    "a missing flow": (
        {"queues": [{"name": "service", "overflow": "flow:gone"}]},
        "queues[0].overflow",
        "no flow gone",
    ),
    "a missing extension": (
        {"routes": [{"name": "a", "to": "extension:999"}]},
        "routes[0].to",
        "there is no extension 999",
    ),
    "a missing extension of an agent": (
        {"agents": [{"number": "201", "extension": "301"}]},
        "agents[0].extension",
        "there is no extension 301",
    ),
    "a missing agent": ({"queues": [{"name": "service", "agents": ["999"]}]}, "queues[0].agents[0]", "no agent 999"),
    "a missing queue of a disposition": (
        {"dispositions": [{"name": "resolved", "queues": ["servise"]}]},
        "dispositions[0].queues[0]",
        "there is no queue servise; there is service",
    ),
    "a disposition twice": (
        {"dispositions": [{"name": "resolved"}, {"name": "resolved"}]},
        "dispositions[1].name",
        "each name once is right",
    ),
    "missing hours": (
        {"routes": [{"name": "a", "hours": "night", "to": "hangup"}]},
        "routes[0].hours",
        "no entry of hours night",
    ),
    "a missing line": (
        {"routes": [{"name": "a", "source": "line:9", "to": "hangup"}]},
        "routes[0].source",
        "no line 9",
    ),
    "a missing trunk": (
        {"outgoing": [{"name": "a", "via": ["trunk:carrier"]}]},
        "outgoing[0].via[0]",
        "no trunk carrier; there are none",
    ),
    "a number nothing lets out": (
        {"routes": [{"name": "a", "to": "number:12"}]},
        "routes[0].to",
        "an outgoing rule lets out",
    ),
    "an otherwise without hours": (
        {"routes": [{"name": "a", "to": "hangup", "otherwise": "hangup"}]},
        "routes[0].otherwise",
        "name the hours",
    ),
    "an unknown key": ({"queue": []}, "queue", "unknown key; perhaps queues"),
    "an unknown key inside": (
        {"queues": [{"name": "service", "ring_timeout": 5}]},
        "queues[0].ring_timeout",
        "perhaps ring_timeout_s",
    ),
    "a missing name": ({"queues": [{"title": "x"}]}, "queues[0].name", "missing; a small letter"),
    "a wrong extension number": ({"extensions": [{"number": "20a"}]}, "extensions[0].number", "2 to 8 digits is right"),
    "40 digits": ({"extensions": [{"number": "1" * 40}]}, "extensions[0].number", "2 to 8 digits is right"),
    "a newline behind a number": ({"extensions": [{"number": "201\n"}]}, "extensions[0].number", "2 to 8 digits"),
    "an overlapping extension": (
        {"extensions": [{"number": "201"}, {"number": "2015"}]},
        "extensions[1].number",
        "nor begins with one is right",
    ),
    "an extension twice": (
        {"extensions": [{"number": "201"}, {"number": "201"}]},
        "extensions[1].number",
        "extensions[0] has it already",
    ),
    "a port with two telephones in it": (
        {"extensions": [{"number": "201", "port": 5}, {"number": "202", "port": 5}]},
        "extensions[1].port",
        "extension 201 is in this one",
    ),
    "a telephone where a line is": (
        {"lines": [{"number": 5}], "extensions": [{"number": "201", "port": 5}]},
        "extensions[0].port",
        "line 5 is in this one",
    ),
    "a port beyond all": ({"extensions": [{"number": "201", "port": 961}]}, "extensions[0].port", "960"),
    "a queue twice": ({"queues": [{"name": "a"}, {"name": "a"}]}, "queues[1].name", "each name once is right"),
    "an agent twice in a queue": (
        {"queues": [{"name": "service", "agents": ["201", "201"]}]},
        "queues[0].agents[1]",
        "each one once is right",
    ),
    "an extension that calls for help": ({"extensions": [{"number": "110"}]}, "extensions[0].number", "taken for 110"),
    "an extension that begins a call for help": ({"extensions": [{"number": "11"}]}, "extensions[0].number", "for 110"),
    "an extension behind an outside line's code": (
        {"outgoing": [{"name": "out", "prefix": "2", "strip": 1, "via": ["lines"]}]},
        "extensions[0].number",
        "dialled for outgoing out",
    ),
    "a feature code that is an extension": ({"features": {"login": "201"}}, "features.login", "* or #, then 1 to 5"),
    "a feature code twice": ({"features": {"login": "*21"}}, "features.logout", "login is *21"),
    "overlapping feature codes": ({"features": {"login": "*2"}}, "features.login", "nor begins another is right"),
    "a weak secret": (
        {"extensions": [{"number": "201", "secret": "201"}]},
        "extensions[0].secret",
        "8 to 64 printable",
    ),
    "an unknown country": ({"box": {"country": "ZZ"}}, "box.country", "a country with a numbering plan"),
    "an unknown time zone": ({"box": {"timezone": "Asia/Peking"}}, "box.timezone", "such as Asia/Shanghai"),
    "a time zone that is a path": ({"box": {"timezone": "../../etc/passwd"}}, "box.timezone", "tz database"),
    "an unknown language": ({"box": {"language": "fr"}}, "box.language", "one of zh, en is right"),
    "a wrong span": ({"hours": [{"name": "open", "week": {"mon": ["9-17"]}}]}, "hours[0].week.mon[0]", "08:30-17:00"),
    "a span that ends when it begins": (
        {"hours": [{"name": "open", "week": {"mon": ["08:00-08:00"]}}]},
        "hours[0].week.mon[0]",
        "the whole day is 00:00-24:00",
    ),
    "a span that begins when the day is over": (
        {"hours": [{"name": "open", "week": {"mon": ["24:00-06:00"]}}]},
        "hours[0].week.mon[0]",
        "24:00 as an end",
    ),
    "a 25th hour": ({"hours": [{"name": "open", "week": {"sun": ["08:00-25:00"]}}]}, "hours[0].week.sun[0]", "24:00"),
    "overlapping spans": (
        {"hours": [{"name": "open", "week": {"mon": ["08:00-12:00", "11:00-13:00"]}}]},
        "hours[0].week.mon[1]",
        "overlap",
    ),
    "a morning that begins before the night is over": (
        {"hours": [{"name": "open", "week": {"mon": ["22:00-06:00"], "tue": ["05:59-12:00"]}}]},
        "hours[0].week.tue[0]",
        "22:00-06:00 of mon is not over then",
    ),
    "a week that begins before it is over": (
        {"hours": [{"name": "open", "week": {"sun": ["20:00-08:00"], "mon": ["12:00-13:00", "07:00-09:00"]}}]},
        "hours[0].week.mon[1]",
        "20:00-08:00 of sun is not over then",
    ),
    "an unknown weekday": ({"hours": [{"name": "open", "week": {"monday": []}}]}, "hours[0].week.monday", "one of mon"),
    "a date that is none": (
        {"hours": [{"name": "open", "closed": ["2026-02-30"]}]},
        "hours[0].closed[0]",
        "YYYY-MM-DD",
    ),
    "an odd first RTP port": ({"sip": {"rtp_first": 20001}}, "sip.rtp_first", "an even port is right"),
    "an even last RTP port": ({"sip": {"rtp_last": 23998}}, "sip.rtp_last", "an odd port is right"),
    "RTP ports backwards": ({"sip": {"rtp_first": 30000, "rtp_last": 20001}}, "sip.rtp_last", "above rtp_first"),
    "too few RTP ports": (
        {"sip": {"rtp_first": 20000, "rtp_last": 20005}},
        "sip.rtp_last",
        "at least 20007 is right: 4 calls at once",
    ),
    "a network that is none": (
        {"sip": {"media_addresses": [{"network": "10.0.0.1/8", "address": "10.0.0.1"}]}},
        "sip.media_addresses[0].network",
        "192.168.0.0/16",
    ),
    "an address of another IP version": (
        {"sip": {"media_addresses": [{"network": "10.0.0.0/8", "address": "::1"}]}},
        "sip.media_addresses[0].address",
        "IP version 4",
    ),
    "a host that is none": ({"trunks": [{"name": "a", "host": "1.2.3"}]}, "trunks[0].host", "a host name or an IP"),
    "a host with a space": ({"trunks": [{"name": "a", "host": "sip. example"}]}, "trunks[0].host", "a host name"),
    "a domain that is none": (
        {"trunks": [{"name": "a", "host": "x.cn", "domain": "ims example"}]}, "trunks[0].domain", "a domain name",
    ),
    "an authentication name with quotes": (
        {"trunks": [{"name": "a", "host": "x.cn", "auth_name": 'a"b'}]}, "trunks[0].auth_name", "without spaces",
    ),
    "two trunks at one address": (
        {"trunks": [{"name": "a", "host": "192.0.2.1"}, {"name": "b", "host": "x.cn", "addresses": ["192.0.2.1"]}]},
        "trunks[1].addresses[0]",
        "trunk a's",
    ),
    "a trunk that is all the world": (
        {"trunks": [{"name": "a", "host": "x.cn", "addresses": ["192.0.2.1", "0.0.0.0/0"]}]},
        "trunks[0].addresses[1]",
        "/8 at the widest",
    ),
    "a trunk that registers as nobody": (
        {"trunks": [{"name": "a", "host": "x.cn", "register": True}]},
        "trunks[0].username",
        "where the trunk registers",
    ),
    "a range of digits backwards": (
        {"outgoing": [{"name": "a", "min_digits": 9, "max_digits": 5, "via": ["lines"]}]},
        "outgoing[0].max_digits",
        "at least min_digits, 9",
    ),
    "no way out": ({"outgoing": [{"name": "a", "via": []}]}, "outgoing[0].via", "a list of at least 1"),
    "queues that overflow in a circle": (
        {"queues": [{"name": "service", "overflow": "queue:b"}, {"name": "b", "overflow": "queue:service"}]},
        "queues[0].overflow",
        "queue:service > queue:b > queue:service goes round for ever",
    ),
    "a queue that overflows into itself": (
        {"queues": [{"name": "service", "overflow": "queue:service"}]},
        "queues[0].overflow",
        "for ever",
    ),
    "a menu that nobody answers, for ever": (
        {"queues": [{"name": "service", "overflow": "flow:main"}]},
        "queues[0].overflow",
        "for ever",
    ),
    "a prompt that is not there": (
        {"flows": [{"name": "main", "greeting": ["welcom"]}]},
        "flows[0].greeting[0]",
        "no built-in sound 'welcom'",
    ),
    "a prompt outside its folder": (
        {"flows": [{"name": "main", "menu": ["file:../x.wav"]}]},
        "flows[0].menu[0]",
        "file:NAME.wav is right",
    ),
    "a key that no telephone has": (
        {"flows": [{"name": "main", "keys": {"A": {"to": "hangup"}}}]},
        "flows[0].keys.A",
        "one of 0-9 * #",
    ),
    "a number where text belongs": ({"box": {"name": 7}}, "box.name", "up to 80 characters"),
    "text where a number belongs": ({"queues": [{"name": "service", "acw_s": "10"}]}, "queues[0].acw_s", "0 to 86400"),
    "a control character in a name": ({"box": {"name": "a\x1b[2J"}}, "box.name", "no control characters"),
    "a document that is a list": (None, "document", "an object with keys"),
}


def plain():
    return exported(factory.build(), secrets=False)


def found(document):
    try:
        check.load(document, catalogue.wrong_with)
    except BadConfig as error:
        return error.problems
    return []


@pytest.mark.parametrize("change", CHANGES)
def test_refused_with_path_value_and_what_would_be_right(change):
    changes, path, said = CHANGES[change]
    problems = found([] if changes is None else plain() | changes)
    assert [problem.rule for problem in problems if problem.path == path and said in problem.rule], problems


def test_the_factory_configuration_has_no_problem():
    assert found(plain()) == []


def test_an_empty_configuration_has_no_problem():
    assert found({}) == []


def test_what_is_not_wrong_is_not_refused():
    changes = {
        "trunks": [
            {
                "name": "carrier",
                "host": "sip.example.cn",
                "username": "u@sip",
                "secret": "x y",
                "register": True,
                "addresses": ["203.0.113.0/28", "2001:db8::1"],
                "numbers": ["02162345678"],
            },
            {"name": "pbx", "host": "2001:db8::2"},
        ],
        "hours": [
            {"name": "open", "week": {"mon": ["13:00-18:00", "08:00-12:00"], "sun": []}, "closed": ["2026-10-01"]},
            {"name": "night", "week": {"sun": ["06:00-22:00", "22:00-06:00"], "mon": ["06:00-00:00"]}},
            {"name": "always", "week": {"mon": ["08:00-07:59"], "wed": ["00:00-24:00"], "thu": ["00:00-24:00"]}},
        ],
        "extensions": [*({"number": number} for number in factory.NUMBERS), {"number": "301"}, {"number": "4001"}],
    }
    assert found(plain() | changes) == []


def test_every_wrong_value_is_told_at_once():
    document = plain()
    document["queues"][0] |= {"acw_s": -1, "strategy": "best", "nonsense": 1}
    document["lines"][2]["number"] = "three"
    assert {problem.path for problem in found(document)} == {
        "queues[0].acw_s",
        "queues[0].strategy",
        "queues[0].nonsense",
        "lines[2].number",
    }


def test_a_wrong_file_does_not_give_endless_problems():
    assert len(found({"lines": [{"x": 1}] * 5000})) == 100


def test_a_secret_is_never_shown_in_a_problem():
    problems = found(plain() | {"extensions": [{"number": "201", "secret": "hush hush"}]})
    assert problems
    assert "hush" not in str(problems)


def test_loading_changes_nothing_in_the_document():
    document = plain()
    before = copy.deepcopy(document)
    check.load(document, catalogue.wrong_with)
    assert document == before


def test_stages_add_what_they_know():
    def no_service(config):
        return [msgspec.structs.replace(problem, rule="no") for problem in found({"queues": [{"name": "A"}]})]

    assert [problem.rule for problem in check.check(Config(), catalogue.wrong_with, [no_service])] == ["no"]


def _sound(path, *, rate=8000, channels=1, width=2, samples=800):
    with wave.open(str(path), "wb") as sound:
        sound.setparams((channels, width, rate, 0, "NONE", ""))
        sound.writeframes(b"\0" * samples * channels * width)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_text("this is no sound"), "is no sound"),
        (lambda path: path.write_bytes(b""), "is no sound"),
        (lambda path: path.write_bytes(b"RIFF" + struct.pack("<I", 4) + b"WAVE"), "is no sound"),
        (lambda path: _sound(path, rate=44100), "44100 Hz"),
        (lambda path: _sound(path, channels=2), "2 channels"),
        (lambda path: _sound(path, width=1), "8 bit"),
        (lambda path: _sound(path, samples=0), "holds no sound"),
        (lambda path: None, "there is no file"),
        (lambda path: path.mkdir(), "cannot be read"),
    ],
)
def test_a_prompt_that_is_no_sound_is_refused(make, said, tmp_path, monkeypatch):
    monkeypatch.setenv("BUSYHOUR_HOME", str(tmp_path))
    (tmp_path / "prompts").mkdir()
    make(tmp_path / "prompts" / "ours.wav")
    problems = found(plain() | {"flows": [*plain()["flows"], {"name": "own", "menu": ["file:ours.wav"]}]})
    assert [(problem.path, problem.value) for problem in problems] == [("flows[2].menu[0]", "file:ours.wav")]
    assert said in problems[0].rule


def test_an_own_prompt_that_is_a_sound_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("BUSYHOUR_HOME", str(tmp_path))
    (tmp_path / "prompts").mkdir()
    _sound(tmp_path / "prompts" / "我们的.wav")
    assert found(plain() | {"flows": [*plain()["flows"], {"name": "own", "menu": ["file:我们的.wav"]}]}) == []
