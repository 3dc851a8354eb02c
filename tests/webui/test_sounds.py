"""Sounds in the settings are chosen from all that the box can say, each heard at the press of a button."""

import html
import re

import pytest

from tests.webui.test_settings import changes, inputs, send

FLOW, QUEUE = "/settings/flows/entry?name=main", "/settings/queues/entry?name=service"


def choices(text, name):
    """Return what each choice of a name offers, and what is chosen."""
    found = re.findall(rf'<select name="{name}".*?</select>', text, re.DOTALL)
    offered = [set(re.findall(r'<option value="([^"]*)"', one)) for one in found]
    return list(zip(offered, [re.findall(r'value="([^"]*)" selected', one) for one in found], strict=True))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_menus_sounds_are_chosen_from_the_built_in_ones_in_both_languages(page, language):
    text = page(role="admin").get(f"{FLOW}&lang={language}").text
    first, second, more = choices(text, "greeting")
    assert (first[1], second[1], more[1]) == (["zh/welcome"], ["en/welcome"], [])
    assert {"", "welcome", "zh/welcome", "en/welcome", "music"} <= first[0]
    assert not any("number-" in name for name in first[0])
    assert ("按来电者语言" if language == "zh" else "In the caller's language") in html.unescape(text)


def test_what_is_heard_is_the_sound_itself_and_in_the_readers_language_where_there_are_two(page):
    client = page(role="admin")
    for language in ("zh", "en"):
        text = client.get(f"{FLOW}&lang={language}").text
        heard = dict(re.findall(r'<option value="([^"]+)"(?: selected)? data-heard="([^"]+)"', text))
        assert heard["en/welcome"].endswith("name=en/welcome")
        assert heard["welcome"].endswith(f"name={language}/welcome")
        assert client.get(heard["welcome"]).mimetype == "audio/wav"


def test_a_sound_that_is_chosen_is_kept_and_one_that_is_left_out_is_not(page):
    client = page(role="admin")
    assert send(client, FLOW, greeting=["en/goodbye", "", ""]).status_code == 303
    assert send(client, QUEUE, music="zh/welcome").status_code == 303
    assert changes(client) == [
        "Queue “service”: Music was music, becomes zh/welcome",
        "Menu “main”: Greeting was zh/welcome, en/welcome, becomes en/goodbye",
    ]


def test_a_sound_that_is_gone_stays_until_another_one_is_chosen(page):
    client = page(role="admin")
    assert send(client, QUEUE, music="file:gone.wav").status_code == 303
    assert 'value="file:gone.wav" selected>file:gone.wav ?' in client.get(QUEUE).text
    assert inputs(client, QUEUE)["music"] == ["file:gone.wav"]


def test_somebody_who_only_looks_can_listen_too(page):
    text = page(role="supervisor").get(FLOW).text
    assert 'class="quiet play"' in text
