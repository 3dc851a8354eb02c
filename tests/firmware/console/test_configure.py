"""The configuration edited by serial line: found by Tab, compared in plain words, on trial, and taken back."""

import json

import pytest

from firmware.config.configuration import exported
from firmware.console.candidate import Candidate, find, flat, named, paths
from firmware.errors import BadRequest, Problem
from tests.peers.serial_line import Technician

PROMPT = "busyhour(config)#"


class Editing:
    """A technician in `configure`."""

    def __init__(self, technician: Technician) -> None:
        self.technician = technician
        technician.run("configure", PROMPT)

    def __call__(self, line: str) -> str:
        return self.technician.run(line, PROMPT)


@pytest.fixture
def technician(station):
    return station.logged_in()


@pytest.fixture
def edit(technician):
    return Editing(technician)


def acw_s(station):
    return station.door.configuration.config.queues[0].acw_s


def test_a_value_is_set_compared_committed_on_trial_confirmed_and_taken_back(station, edit):
    assert edit("set queues[service].acw_s 25") == ""
    assert edit("compare") == "queues[service].acw_s was 10 and becomes 25\n"
    assert edit("check") == "nothing is wrong\n"
    assert acw_s(station) == 10
    told = edit("commit confirmed 5 comment longer acw")
    assert told.startswith("revision 2 is in force\nqueues[service].acw_s was 10 and becomes 25\n")
    assert "revision 2 is on trial: back to 1 at 20" in told
    assert acw_s(station) == 25
    trial = station.door.configuration.trial
    assert (trial.revision, trial.back_to, trial.minutes) == (2, 1, 5)
    assert edit("confirm") == "revision 2 stays in force\n"
    assert station.door.configuration.trial is None
    assert edit("rollback 1") == "revision 3 is in force\nqueues[service].acw_s was 25 and becomes 10\n"
    edit.technician.run("exit")
    history = json.loads(edit.technician.run("show history | json"))
    assert [one["why"] for one in history] == ["rollback to 1", "longer acw", "first start"]


def test_a_trial_is_told_in_the_status_and_goes_back_by_itself(station, edit):
    edit("set queues[service].acw_s 25")
    edit("commit confirmed 1")
    configuration = station.door.configuration
    edit.technician.run("exit")
    assert "revision 2 is on trial: back to 1" in edit.technician.run("show status")
    station.end_exchange()  # the box is off for longer than the trial lasts
    path = station.home / "config/trial.json"
    trial = json.loads(path.read_text())
    path.write_text(json.dumps(trial | {"deadline_s": trial["deadline_s"] - 120}))
    station.begin_exchange()
    station.thread.do(station.door.configuration.start)
    assert configuration is not station.door.configuration
    technician = edit.technician
    for _ in range(100):
        if "on trial" not in technician.run("show status"):
            break
    assert acw_s(station) == 10
    assert "not confirmed within 1 min: back to 1" in technician.run("show history")


def test_a_wrong_value_is_named_with_its_place_and_what_would_be_right(station, edit):
    assert edit("set queues[service].overflow queue:gone") == (
        'queues[service].overflow: "queue:gone": there is no queue gone; there is service\n'
    )
    assert edit("set lines[2].did 12ab") == 'lines[2].did: "12ab": 1 to 15 digits, perhaps after a + is right\n'
    assert edit("set sip.rtp_first high") == 'sip.rtp_first: "high": a whole number from 1024 to 65534 is right\n'
    assert edit("set box.language fr") == 'box.language: "fr": one of zh, en is right\n'
    assert edit("set box.nam x").startswith('box.nam: "nam": unknown key; perhaps name; right are name, country,')
    assert edit("set queues[gone].acw_s") == "incomplete: one of VALUE must follow\n"
    assert edit("delete queues[gone]") == 'queues[gone]: "gone": there is none; there is service\n'
    assert edit("set queues service") == (
        'queues: "service": this holds more than one value; set them one by one: an entry in brackets is right here\n'
    )
    assert edit("compare") == "nothing is different\n"


def test_what_is_wrong_as_a_whole_is_refused_at_check_and_commit_by_the_same_paths(station, edit):
    assert edit("delete agents[202]") == ""
    wrong = 'queues[service].agents[1]: "202": there is no agent 202; there are '
    assert edit("check").startswith(wrong)
    assert edit("commit").startswith(wrong)
    assert station.door.configuration.revision.number == 1
    edit("set queues[service].agents 201 203 204")
    assert edit("check") == "nothing is wrong\n"
    assert edit("commit comment one left").startswith("revision 2 is in force\n")
    assert station.door.configuration.revision.why == "one left"


def test_entries_are_made_and_deleted_by_their_name(station, edit):
    edit('set extensions[205].name "Anna  Li"')
    edit("set agents[205].extension 205")
    edit("set routes[night].to hangup")
    extension, *others = edit("compare").splitlines()
    assert extension.startswith("extensions[205] is new: number 205, name Anna  Li, secret ***")
    assert others == ["agents[205] is new: number 205, extension 205", "routes[night] is new: name night, to hangup"]
    assert edit("show agents[205]") == "agents[205].number = 205\nagents[205].extension = 205\n"
    edit("delete routes[night]")
    assert "night" not in edit("compare")
    edit("set reasons.4 meeting")
    edit("delete reasons.1")
    edit("set hours[open].closed 2027-01-01 2027-02-06")
    edit("set sip.media_addresses[0].network 10.0.0.0/8")
    edit("set sip.media_addresses[0].address 203.0.113.9")
    edit("set flows[main].keys.#.to hangup")
    assert edit("commit").startswith("revision 2 is in force\n")
    config = station.door.configuration.config
    assert config.reasons == {"2": "lunch", "3": "training", "4": "meeting"}
    assert config.hours[0].closed == ["2027-01-01", "2027-02-06"]
    assert config.flows[0].keys["#"].to == "hangup"


def test_a_secret_is_set_and_never_shown(station, edit):
    edit("set extensions[201].secret very-secret-indeed")
    for line in ("show", "show extensions[201]", "compare", "check"):
        edit.technician.type(line + " | no-more\r")
        edit.technician.expect(f"{line} | no-more\n")
        assert "very-secret" not in edit.technician.expect(PROMPT)
    edit("commit")
    assert station.door.configuration.secret_of("201") == "very-secret-indeed"


def test_changes_are_neither_left_behind_nor_lost_by_accident(edit):
    edit("set queues[service].acw_s 25")
    assert edit("exit") == "it has changes: commit or discard them\n"
    assert edit("rollback 1") == "it has changes: commit or discard them\n"
    edit("discard")
    assert edit("compare") == "nothing is different\n"
    assert edit("commit") == "the candidate changes nothing; there is nothing to commit\n"
    assert edit.technician.run("exit") == ""


def test_a_candidate_that_somebody_else_overtook_is_refused(station, edit):
    edit("set queues[service].acw_s 25")
    configuration = station.door.configuration
    document = exported(configuration.config, secrets=False)
    document["box"]["name"] = "Other"
    station.thread.run(configuration.replace(document, who="bob", why=""))
    assert edit("commit") == "revision 2 came into force meanwhile, by bob; yours began at 1\n"


def test_wrong_minutes_are_told(edit):
    edit("set queues[service].acw_s 25")
    assert edit("commit confirmed 0") == "confirm_within_min: 0: a whole number from 1 to 1440 or null is right\n"
    assert "confirm_within_min" in edit("commit confirmed soon")


def test_paths_are_completed_and_explained(edit):
    technician = edit.technician
    technician.type("set queues[\tac?")
    technician.expect("  queues[service].acw_s  0 to 86400 seconds\n")
    technician.type("\t ?")
    technician.expect("  VALUE  0 to 86400 seconds\n")
    technician.type("25\r")
    technician.expect(PROMPT)
    technician.type("set queues[service].strategy ?")
    technician.expect("  longest_idle\n")
    technician.type("ri\t\r")
    technician.expect("ring_all\n")
    technician.expect(PROMPT)
    assert "strategy was longest_idle and becomes ring_all" in edit("compare")


def test_the_exchange_may_die_while_somebody_edits(station, edit):
    edit("set queues[service].acw_s 25")
    station.end_exchange()
    assert "the exchange does not answer" in edit("commit")
    assert "the exchange does not answer" in edit("set queues[service].acw_s 26")
    station.begin_exchange()
    assert edit("commit").startswith("revision 2 is in force\n")
    assert acw_s(station) == 25


OUTLINE = {
    "kind": "object",
    "keys": {
        "things": {
            "kind": "list", "identity": "name",
            "item": {"kind": "object", "keys": {"name": {"kind": "text"}, "n": {"kind": "integer", "rule": "whole"}}},
        },
        "on": {"kind": "boolean", "choices": ["true", "false"]},
        "maybe": {"kind": "text", "nullable": True},
    },
}  # fmt: skip


def candidate():
    config = {"things": [{"name": "a", "n": 1}, {"name": "b", "n": 2}], "on": True, "maybe": "x"}
    return Candidate({"revision": {"number": 1}, "config": config}, OUTLINE)


@pytest.mark.parametrize("path", ["", ".", "[", "things[", "things[a", "things[a]n", "things.a", "on.x", "on[0]", "]x"])
def test_a_path_that_leads_nowhere_says_so_and_changes_nothing(path):
    edited = candidate()
    with pytest.raises(BadRequest):
        edited.with_value(path, "1")
    with pytest.raises(BadRequest):
        edited.without(path)
    assert not edited.changed


def test_values_take_the_kind_of_their_place():
    edited = candidate()
    edited.document = edited.with_value("things[b].n", "7")
    edited.document = edited.with_value("on", "false")
    edited.document = edited.with_value("maybe", "none")
    assert edited.document == {"things": [{"name": "a", "n": 1}, {"name": "b", "n": 7}], "on": False, "maybe": None}
    assert edited.changed


def test_what_is_shown_flat_can_be_set_again():
    edited = candidate()
    again = candidate()
    for line in flat(edited.document, OUTLINE):
        path, _, value = line.partition(" = ")
        again.document = again.with_value(path, value)
    assert again.document == edited.document


def test_ways_on_are_found_from_every_beginning():
    document = candidate().document
    assert [path for path, _ in paths(document, OUTLINE, "")] == ["things[", "on", "maybe"]
    assert [path for path, _ in paths(document, OUTLINE, "things[")] == ["things[a].", "things[b]."]
    assert [path for path, _ in paths(document, OUTLINE, "things[b].")] == ["things[b].name", "things[b].n"]
    assert list(paths(document, OUTLINE, "nowhere.")) == []


def test_problems_name_entries_as_the_console_does():
    problem = named(candidate().document, OUTLINE, Problem("things[1].n", 3, "less is right"))
    assert problem.path == "things[b].n"
    for path in ("things[9].n", "on", "things"):
        assert named(candidate().document, OUTLINE, Problem(path, 3, "")).path == path


def test_a_place_that_is_found_is_the_one_in_the_document():
    document = candidate().document
    place = find(document, OUTLINE, "things[b].n")
    assert (place.value, place.holder, place.key) == (2, document["things"][1], "n")
