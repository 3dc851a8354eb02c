"""The pages of digital spans: every channel, the signalling, and the button that restarts one."""

import msgspec
import pytest

from drivers.link.messages import SpanState
from tests.webui.test_live import text_of
from tests.webui.test_sign_in import form_of

UP = SpanState(1, device="TE110", signalling="up", since_s=1000.0)


def has(door, **how):
    """Have span 1 be so."""
    door.do(lambda: setattr(door.door.gateway, "spans", (msgspec.structs.replace(UP, **how),)))


def press(client, slot, **headers):
    """Press the button of a span's page."""
    form = form_of(client, "/account/")
    return client.post("/spans/1/restart", data={"form": form, "slot": slot}, headers=headers)


def test_all_spans_are_shown_with_what_is_wrong_and_what_each_channel_does(page, door):
    has(door, alarms=("red",), slips_day=7)
    client = page(role="supervisor")
    seen = text_of(client.get("/spans/").text)
    for said in ("Span 1", "not used", "TE110", "RED: no signal comes in (LOS)", "in no group 30", "16: signalling"):
        assert said in seen
    zh = text_of(client.get("/spans/?lang=zh").text)
    assert "红色：收不到信号（LOS）" in zh


def test_a_technician_reads_the_signalling_newest_first(page, door):
    has(door)
    seen = text_of(page(role="supervisor").get("/spans/1").text)
    assert "13800138000 > 62871234 ch 3" in seen
    assert "cause 17" in seen
    assert seen.index("DISCONNECT") < seen.index("SETUP") < seen.index("SABME")


def test_a_span_on_which_nobody_speaks_says_so(page, door):
    has(door, signalling="")
    assert "nobody speaks on it" in text_of(page(role="admin").get("/spans/1").text)


def test_an_admin_restarts_a_channel_and_is_told_why_when_it_cannot_be(page, door):
    has(door)
    client = page(role="admin")
    assert press(client, "3").headers["Location"] == "/spans/1"
    assert press(client, "3", Accept="application/json").status_code == 204
    assert [one.detail for one in door.door.audit.entries if one.what == "span.restarted"] == ["1:3", "1:3"]
    has(door, signalling="down")
    answer = press(client, "3", Accept="application/json")
    assert answer.status_code == 422
    assert answer.json["wrong"].startswith("Not now: the D-channel is down")
    assert press(client, "x", Accept="application/json").status_code == 422
    supervisor = page(role="supervisor")
    assert press(supervisor, "3").status_code == 403
    assert "Restart a channel" not in text_of(supervisor.get("/spans/1").text)


@pytest.mark.parametrize("address", ["/spans/", "/spans/1", "/spans/stream", "/spans/1/stream"])
def test_a_viewer_has_no_right_to_it(page, address):
    assert page(role="viewer").get(address).status_code == 403


def test_a_span_that_is_not_there_is_not_found(page):
    assert page(role="admin").get("/spans/9").status_code == 404


def order(client, act, **fields):
    """Press a button of a span's test, as the page's script does."""
    form = form_of(client, "/account/")
    return client.post(
        "/spans/1/test", data={"form": form, "act": act} | fields, headers={"Accept": "application/json"}
    )  # fmt: skip


def test_an_admin_tests_a_span_and_reads_what_came_back(page, door):
    has(door, signalling="down")
    client = page(role="admin")
    assert order(client, "test", slot="0", seconds="60").status_code == 204
    assert (door.door.testing.slot, door.door.testing.seconds, door.door.testing.local) == (0, 60, False)
    assert "Stop the test" in text_of(client.get("/spans/1").text)
    door.do(door.door.end_span_test)
    seen = text_of(client.get("/spans/1").text)
    assert "64 errors in 1280000 bits (5.0E-5): look at cable and connectors" in seen
    assert "Stop the test" not in seen
    assert "1280000 个比特中有 64 个误码（5.0E-5）：检查电缆和接头" in text_of(client.get("/spans/1?lang=zh").text)
    supervisor = page(role="supervisor")
    assert order(supervisor, "test", slot="0", seconds="60").status_code == 403
    seen = text_of(supervisor.get("/spans/1").text)
    assert "64 errors" in seen
    assert "On idle channels" not in seen


def test_a_test_is_stopped_from_the_page_and_refused_in_words(page, door):
    has(door)
    client = page(role="admin")
    answer = order(client, "test", slot="0", seconds="10")
    assert (answer.status_code, answer.json["wrong"][:23]) == (422, "Its signalling is up: t")
    has(door, calls={3: "", 4: ""}, signalling="down")
    assert "channels 3, 4" in order(client, "test", slot="0", seconds="10").json["wrong"]
    has(door, signalling="down")
    assert order(client, "test", slot="x", seconds="10").status_code == 422
    assert order(client, "test", slot="5", seconds="10", local="on").status_code == 204
    assert (door.door.testing.slot, door.door.testing.local) == (5, True)
    assert order(client, "stop").status_code == 204
    assert "stopped" in text_of(client.get("/spans/1").text)
