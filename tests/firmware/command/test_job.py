"""What the exchange goes on with after its answer is waited for to its end, and fails as the exchange would have."""

import io
import json
from collections.abc import Iterator

import pytest

from firmware.command.job import ended
from firmware.errors import BusyhourError, NoStorage

PASSPHRASE = "correct horse battery"


def job(state: str, **more: object) -> dict[str, object]:
    return {"state": state, "code": "", "error": ""} | more


def later(*jobs: dict[str, object]) -> Iterator[dict[str, object]]:
    return iter(jobs)


def test_each_state_is_told_once_and_the_end_is_returned() -> None:
    following, told = later(job("ringing"), job("recording"), job("ready", id="d1")), list[str]()
    done = ended(
        job("ringing"), lambda: next(following), under_way=("ringing", "recording"), told=told.append
    )  # fmt: skip
    assert (done["id"], told) == ("d1", ["ringing", "recording"])


def test_one_that_was_done_at_once_is_not_asked_for_again() -> None:
    assert ended(job("done"), lambda: pytest.fail("asked"))["state"] == "done"


@pytest.mark.parametrize(("code", "kind"), [("no-storage", NoStorage), ("of-a-newer-exchange", BusyhourError)])
def test_a_failure_is_raised_with_its_code_text_and_figures(code: str, kind: type[BusyhourError]) -> None:
    following = later(job("failed", code=code, error="there is no room", facts={"free_mb": 3}))
    with pytest.raises(kind, match="there is no room") as raised:
        ended(job("running"), lambda: next(following))
    assert (raised.value.code, raised.value.facts) == (code, {"free_mb": 3})


def test_a_backup_is_made_verified_and_refused_with_another_passphrase(command, door, tmp_path, monkeypatch):
    path = str(tmp_path / "box.backup")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSPHRASE}\n{PASSPHRASE}\nanother passphrase\n"))
    assert command("backup", path).out.splitlines()[0] == path
    assert command("verify", path).out.splitlines()[0] == "this backup is whole"
    refused = command("verify", path, "--json")
    assert refused.code == 1
    assert json.loads(refused.out)["error"]["code"] == "wrong-passphrase"


def test_a_certificate_that_no_authority_gives_fails_with_one_document(command, door):
    refused = command("--json", "certificate", "acme", "calls.example.com", "--directory", "https://127.0.0.1:9/none")
    assert refused.code == 1
    assert json.loads(refused.out)["error"]["message"]
