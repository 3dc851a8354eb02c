"""The trial of a revision stands above every page of who may see the settings, and changes as the exchange tells it."""

import time

import msgspec
import pytest

from tests.webui.test_live import Fixed, events_of
from webui.picture import Trial


def stream(client, to="/settings/queues/"):
    return client.get("/trial/stream", query_string={"lang": "en", "to": to})


def first_bar(response):
    for chunk in response.iter_encoded():
        for kind, told in events_of([chunk]):
            if kind == "part":
                response.close()
                return told["html"]
    return ""


def on_trial(picture, **fields):
    trial = Trial(revision=7, back_to=6, deadline_s=time.time() + 300)
    return msgspec.structs.replace(picture, revision=7, trial=trial, **fields)


@pytest.mark.parametrize(("role", "buttons"), [("supervisor", 0), ("admin", 2)])
def test_an_open_page_is_told_of_a_trial_and_an_admin_may_end_it(page, picture, role, buttons):
    bar = first_bar(stream(page(Fixed(on_trial(picture)), role=role)))
    assert "Revision 7 is on trial" in bar
    assert 'data-revision="7"' in bar
    assert bar.count("<button") == buttons
    assert bar.count('value="/settings/queues/"') == buttons


def test_the_bar_goes_when_the_trial_is_over(page, picture, monkeypatch):
    feed = Fixed(on_trial(picture))
    response = stream(page(feed, role="admin"))
    chunks = response.iter_encoded()
    told = b""
    while b"on trial" not in told:
        told += next(chunks)
    feed.set(msgspec.structs.replace(picture, revision=7))
    told = b""
    while b"part" not in told:
        told += next(chunks)
    ((_, part),) = events_of([told])
    assert "trial-bar" not in part["html"]
    assert 'data-revision="7"' in part["html"]
    response.close()


def test_what_is_drawn_the_same_is_not_sent_again(page, picture):
    feed = Fixed(on_trial(picture))
    first = first_bar(stream(page(feed, role="supervisor")))
    feed.set(msgspec.structs.replace(feed.now().picture, at_s=time.time() + 5))
    assert first_bar(stream(page(feed, role="supervisor"))) == first


@pytest.mark.parametrize("role", ["viewer", "agent", ""])
def test_nobody_else_is_told(page, picture, role):
    answer = stream(page(Fixed(on_trial(picture)), role=role))
    assert answer.status_code in (302, 303, 401, 403)
    assert b"on trial" not in answer.data


@pytest.mark.parametrize("to", ["https://evil.example.com/", "//evil.example.com", "javascript:alert(1)", '"><script>'])
def test_a_way_back_that_is_no_page_of_ours_is_not_carried(page, picture, to):
    bar = first_bar(stream(page(Fixed(on_trial(picture)), role="admin"), to))
    assert "evil" not in bar
    assert "javascript" not in bar
    assert "<script" not in bar


def test_a_page_carries_the_bar_from_the_start(page, people):
    client = page(role="admin")
    with people.exchange() as exchange:
        exported = exchange.call("config.export")
        exchange.call("config.commit", config=exported | {"box": exported["box"] | {"name": "Trial"}}, base=1,
                      confirm_within_min=5)  # fmt: skip
    for path in ("/", "/users/", "/settings/"):
        text = client.get(path).text
        assert text.count('id="trial-bar"') == 1
        assert "Revision 2 is on trial" in text
    assert "part-bar" not in page(role="viewer").get("/").text
