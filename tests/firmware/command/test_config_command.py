"""`busyhour config`: what is imported is in force, what is refused changes nothing."""

import json

import pytest


@pytest.fixture
def shop(command, tmp_path):
    """Return how to write a changed export to a file."""
    document = json.loads(command("config", "export").out)

    def write(**changes):
        path = tmp_path / "shop.json"
        path.write_text(json.dumps(document | changes))
        return str(path)

    return write


def test_an_export_is_checked_imported_and_exported_alike(command, tmp_path):
    exported = command("config", "export", "--secrets").out
    path = tmp_path / "shop.json"
    path.write_text(exported)
    assert command("config", "check", str(path)).out == "nothing is wrong\n"
    run = command("config", "import", str(path), "--why", "moved")
    assert run.out == "revision 2 is in force\nnothing changed\n"
    assert command("config", "export", "--secrets").out == exported
    assert [(one["number"], one["why"]) for one in json.loads(command("--json", "config", "history").out)] == [
        (2, "moved"),
        (1, "first start"),
    ]


def test_an_import_tells_what_it_changed(command, shop):
    run = command("config", "import", shop(box={"name": "Shop", "country": "CN", "area_code": "21"}))
    assert run.code == 0
    assert run.out.splitlines() == [
        "revision 2 is in force",
        '  box.name: "Busyhour" -> "Shop"',
        '  box.area_code: "10" -> "21"',
    ]
    assert command("config", "history", "2").out.splitlines() == run.out.splitlines()[1:]


def test_a_wrong_import_is_refused_whole(command, shop):
    before = command("config", "export").out
    path = shop(queues=[{"name": "service", "overflow": "queue:gone", "agents": ["999"]}])
    run = command("config", "import", path)
    assert (run.code, run.out) == (1, "")
    assert run.err.splitlines() == [
        f'busyhour: {path}: queues[0].overflow: "queue:gone": there is no queue gone; there is service',
        f'busyhour: {path}: queues[0].agents[0]: "999": there is no agent 999; there are 201, 202, 203, 204',
    ]
    assert command("config", "export").out == before
    problems = json.loads(command("config", "import", path, "--json").out)["error"]["problems"]
    assert problems[0] == {
        "path": "queues[0].overflow",
        "value": "queue:gone",
        "rule": "there is no queue gone; there is service",
        "code": "no-such",
        "facts": {"noun": "queue", "name": "gone", "there": ["service"]},
    }


@pytest.mark.parametrize("alive", [True, False])
def test_check_works_with_the_exchange_alive_and_dead(command, door, shop, alive):
    note = "" if alive else (
        "busyhour: the exchange is not running: only the rules of the configuration itself are applied\n"
    )  # fmt: skip
    right = shop()
    if not alive:
        door.run(door.door.close())
    assert command("config", "check", right) == (0, "nothing is wrong\n", note)
    assert json.loads(command("config", "check", right, "--json").out) == {"problems": []}
    wrong = shop(lines=[{"number": 0}])
    said = f"{note}busyhour: {wrong}: lines[0].number: 0: a whole number from 1 to 960 is right\n"
    assert command("config", "check", wrong) == (1, "", said)
    assert json.loads(command("config", "check", wrong, "--json").out)["problems"][0]["path"] == "lines[0].number"


@pytest.mark.parametrize("what", ["check", "import"])
def test_a_file_that_is_no_json_is_refused_with_its_place(command, tmp_path, what):
    path = tmp_path / "bad.json"
    path.write_text('{"box": {"name": "a",}}')
    run = command("config", what, str(path))
    assert run.code == 1
    assert "line 1, column" in run.err
    assert str(path) in run.err


@pytest.mark.parametrize("what", ["check", "import"])
def test_a_file_that_cannot_be_read_is_an_input_error(command, tmp_path, what):
    run = command("config", what, str(tmp_path / "none.json"))
    assert (run.code, run.out) == (74, "")
    assert run.err == f"busyhour: {tmp_path / 'none.json'}: No such file or directory\n"
    assert command("config", what, str(tmp_path)).code == 74


def test_a_rollback_brings_the_old_one_back(command, shop):
    before = command("config", "export").out
    command("config", "import", shop(box={"name": "Shop"}))
    run = command("config", "rollback", "1")
    assert (run.code, run.out.splitlines()[0]) == (0, "revision 3 is in force")
    assert command("config", "export").out == before
    assert json.loads(command("config", "history", "--json").out)[0]["why"] == "rollback to 1"


def test_show_has_everything_but_secrets(command):
    out = command("config", "show").out
    assert "客户服务 Service" in out
    assert "secret" not in out
    shown = json.loads(command("--json", "config", "show").out)
    assert shown["revision"]["number"] == 1
    assert shown["config"]["queues"][0]["name"] == "service"


def test_a_secret_can_be_told_and_fits(command):
    secret = command("extension", "secret", "201").out.strip()
    document = json.loads(command("config", "export", "--secrets").out)
    assert document["extensions"][0]["secret"] == secret
    assert json.loads(command("--json", "extension", "secret", "201").out) == {
        "number": "201",
        "secret": secret,
        "realm": "busyhour",
    }
