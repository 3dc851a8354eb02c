"""The interface against its own document: an exchange and a web server as they run, asked what the document allows.

BUSYHOUR_CONTRACT=600 makes requests for so many seconds; without it there is time for each request some times.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from firmware.control.client import SOCKET, Client
from firmware.errors import Unavailable
from tests.webui.program import PATIENCE_S, ROOT, Page

SECONDS = int(os.environ.get("BUSYHOUR_CONTRACT") or 40)
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method,allow_header_conformance"
)
# Not asked at random: they would change how much may be asked, or who may, or reach outside; the stream has no end
LEFT_OUT = (
    "candidate.commit", "config.commit", "config.import", "config.rollback", "events", "token.create", "token.revoke",
    "webhook.add", "webhook.test", "certificate.acme",
)  # fmt: skip


@pytest.fixture(scope="module")
def box() -> Iterator[tuple[str, str]]:
    """Return the origin of a box without telephones, and the token of an admin."""
    home = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
    environment = os.environ | {"BUSYHOUR_HOME": str(home)}
    with (home / "exchange.log").open("w") as log:
        exchange = subprocess.Popen([sys.executable, "-m", "firmware"], cwd=ROOT, env=environment, stderr=log)
    page = Page(home)
    try:
        page.wait_until_it_answers()
        with contextlib.closing(reached(home)) as client:
            config = client.call("config.export", secrets=True)
            config["api"]["requests_per_minute"] = 60000
            client.call("config.import", config=config)
            token = client.call("token.create", name="contract", role="admin")["secret"]
        yield page.origin, token
        assert "Traceback" not in page.said()
        assert "Traceback" not in (home / "exchange.log").read_text()
    finally:
        page.stop()
        exchange.terminate()
        exchange.wait(PATIENCE_S)
        shutil.rmtree(home)


def reached(home: Path) -> Client:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return Client(home / SOCKET)
        except Unavailable:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_the_running_server_keeps_to_its_document_whatever_is_asked(box, tmp_path):
    origin, token = box
    # 503 and 507 say in a document what is amiss, as when no telephone is there to be rung; 500 is never right
    (tmp_path / "schemathesis.toml").write_text(
        '[checks.not_a_server_error]\nexpected-statuses = ["2xx", "3xx", "4xx", "503", "507"]\n'
        '[checks.negative_data_rejection]\nexpected-statuses = ["4xx", "503", "507"]\n'  # 413 too
    )
    left_out = [part for name in LEFT_OUT for part in ("--exclude-operation-id", name)]
    run = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"), "run", f"{origin}/api/v1/openapi.json",
            "-H", f"Authorization: Bearer {token}", "--checks", CHECKS, *left_out,
            "--phases", "examples,coverage,fuzzing", "--max-time", str(SECONDS), "--continue-on-failure",
            "--seed", os.environ.get("BUSYHOUR_SEED") or "1", "--warnings", "off", "--no-color",
        ],
        cwd=tmp_path, text=True, capture_output=True, check=False, timeout=SECONDS + 120,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    assert "No issues found" in run.stdout or "passed" in run.stdout, run.stdout[-2000:]


def test_the_document_is_the_same_each_time_and_known_by_its_etag(box):
    origin, _ = box
    answer = httpx.get(f"{origin}/api/v1/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    again = httpx.get(f"{origin}/api/v1/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
