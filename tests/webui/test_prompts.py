"""The prompts' pages: heard, made three ways, kept, removed; in both languages, and only by who may."""

import html
import io
import os
import re
import wave

import pytest

from firmware.prompts import spool
from firmware.prompts.catalogue import PROMPTS
from tests.firmware.prompts.sounds import voice, wav
from tests.webui.test_live import text_of
from tests.webui.test_users import post


@pytest.fixture
def admin(page, door, monkeypatch):
    monkeypatch.setenv("BUSYHOUR_HOME", str(door.door.home))
    return page(role="admin")


def upload(client, content, name="ours.wav", **data):
    return post(client, "/prompts/upload", file=(io.BytesIO(content), name), **data)


def kept(client, name, seconds=3.0):
    draft = upload(client, wav(voice(seconds))).headers["Location"]
    answer = post(client, draft, act="keep", name=name, replace="on")
    assert answer.status_code == 303, answer.text
    return answer


def files(door, folder):
    return sorted(path.name for path in (door.door.home / folder).glob("*"))


def seconds_of(answer):
    with wave.open(io.BytesIO(answer.data)) as sound:
        return sound.getnframes() / sound.getframerate()


@pytest.mark.parametrize("role", ["viewer", "agent", "supervisor"])
def test_who_may_not_change_prompts_sends_no_byte_of_a_file(page, door, monkeypatch, role):
    monkeypatch.setenv("BUSYHOUR_HOME", str(door.door.home))
    client = page(role=role)
    assert client.get("/prompts/").status_code == (200 if role == "supervisor" else 403)
    assert upload(client, wav(voice())).status_code == 403
    for path in ("/prompts/speak", "/prompts/record", "/prompts/remove", "/prompts/play"):
        assert post(client, path).status_code in (403, 422)
    assert files(door, "spool") == []
    if role == "supervisor":
        assert 'type="file"' not in client.get("/prompts/").text


@pytest.mark.parametrize(("language", "own"), [("zh", "还没有自己的语音"), ("en", "None yet")])
def test_all_the_box_says_is_there_in_both_languages_with_where_it_is_used(admin, language, own):
    page = admin.get(f"/prompts/?lang={language}").text
    assert '<nav class="side"' in page
    text = text_of(page)
    assert own in text
    assert PROMPTS["welcome"].zh in text
    assert PROMPTS["welcome"].en in text
    assert {"zh": "菜单 main：问候语", "en": "menu main: greeting"}[language] in text
    assert {"zh": "队列 service：等候音乐", "en": "queue service: music"}[language] in text


def test_a_file_is_uploaded_heard_and_kept(admin, door):
    answer = upload(admin, wav(voice()))
    assert answer.status_code == 303
    page = admin.get(answer.headers["Location"])
    assert "Listen, then keep it" in text_of(page.text)
    (source,) = re.findall(r'<audio controls src="([^"]+)"', page.text)
    heard = admin.get(html.unescape(source))
    assert (heard.content_type, seconds_of(heard)) == ("audio/wav", pytest.approx(3.08, abs=0.1))
    answer = post(admin, answer.headers["Location"], act="keep", name="问候")
    listed = text_of(admin.get(answer.headers["Location"]).text)
    assert "Kept. In the configuration its name is file:问候.wav" in listed
    assert seconds_of(admin.get("/prompts/sound?name=file:问候.wav")) == pytest.approx(3.08, abs=0.1)
    assert (files(door, "spool"), files(door, "prompts")) == ([], ["问候.wav"])


def test_the_browser_may_ask_for_a_part_of_a_sound(admin):
    answer = admin.get("/prompts/sound?name=zh/welcome", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.data) == (206, b"RIFF")


@pytest.mark.parametrize("name", ["../config/key", "file:../config/key", "/etc/passwd", "zh/nothing", ""])
def test_nothing_else_is_read_out(admin, name):
    assert admin.get("/prompts/sound", query_string={"name": name}).status_code == 400


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (os.urandom(5000), "No sound can be read from this file"),
        (wav(voice())[:20_000], "The file breaks off: of 4.0 s there are only 1.2"),
        (wav(voice(level=0.0)), "There is nothing to hear in it"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_beside_it_and_nothing_stays(admin, door, content, said):
    answer = upload(admin, content)
    assert answer.status_code == 422
    (beside,) = re.findall(r'<small id="file-wrong" class="wrong">([^<]*)', answer.text)
    assert said in html.unescape(beside)
    assert files(door, "spool") == []


def test_a_file_that_is_too_large_is_refused_by_its_size_alone(admin, door):
    answer = upload(admin, bytes(spool.MOST_BYTES + 200_000))
    assert answer.status_code == 413
    assert "The file has more than 32 MB" in answer.text
    answer = upload(admin, bytes(spool.MOST_BYTES + 1))
    assert (answer.status_code, "The file has more than 32 MB" in answer.text) == (422, True)
    assert files(door, "spool") == []
    assert post(admin, "/prompts/speak", text="a" * 40_000, language="en").status_code == 413


def test_a_form_of_another_site_is_refused(admin, door):
    answer = admin.post("/prompts/upload", data={"form": "x", "file": (io.BytesIO(wav(voice())), "a.wav")})
    assert answer.status_code == 400
    assert files(door, "spool") == []


@pytest.mark.parametrize(("language", "text"), [("zh", "您好，欢迎致电。"), ("en", "Hello, you have reached us.")])
def test_words_are_spoken_and_heard_before_they_are_kept(admin, language, text):
    draft = post(admin, "/prompts/speak", text=text, language=language).headers["Location"]
    (source,) = re.findall(r'<audio controls src="([^"]+)"', admin.get(draft).text)
    assert seconds_of(admin.get(html.unescape(source))) > 1
    answer = post(admin, draft, act="discard")
    assert answer.status_code == 303
    assert admin.get(draft).status_code == 404


def test_no_words_are_no_prompt(admin):
    answer = post(admin, "/prompts/speak", text="  ", language="en")
    assert "Write 1 to 1000 characters" in answer.text


@pytest.mark.parametrize(
    ("name", "said"), [("../x", "Letters, digits"), ("", "Letters, digits"), ("ours", "There is a prompt of that name")]
)
def test_a_draft_survives_a_name_that_cannot_be(admin, door, name, said):
    kept(admin, "ours")
    draft = upload(admin, wav(voice(5.0))).headers["Location"]
    answer = post(admin, draft, act="keep", name=name)
    assert answer.status_code == 422
    assert said in re.findall(r'<small id="name-wrong" class="wrong">([^<]*)', answer.text)[0]
    assert files(door, "prompts") == ["ours.wav"]
    assert post(admin, draft, act="keep", name="ours", replace="on").status_code == 303
    assert seconds_of(admin.get("/prompts/sound?name=file:ours.wav")) > 4


def test_a_telephone_is_rung_and_the_page_looks_again_by_itself(admin):
    answer = post(admin, "/prompts/record", extension="201")
    page = admin.get(answer.headers["Location"])
    assert "The telephone rings" in text_of(page.text)
    assert page.headers["Refresh"] == "2"
    answer = post(admin, "/prompts/record", extension="202")
    assert (answer.status_code, "no telephone is registered as extension 202" in answer.text) == (422, True)


def test_a_prompt_is_removed_unless_it_is_in_use(admin, door, people):
    kept(admin, "ours")
    with people.exchange() as exchange:
        config = exchange.call("config.export", secrets=True)
        config["queues"][0]["music"] = "file:ours.wav"
        exchange.call("config.import", config=config)
        page = admin.get("/prompts/")
        assert "queue service: music" in text_of(page.text)
        assert 'action="/prompts/remove"' not in page.text
        answer = post(admin, "/prompts/remove", name="ours")
        assert "It is in use and cannot be removed. Where: queues[0].music" in text_of(answer.text)
        config["queues"][0]["music"] = "music"
        exchange.call("config.import", config=config)
    assert post(admin, "/prompts/remove", name="ours").status_code == 303
    assert files(door, "prompts") == []
    assert post(admin, "/prompts/remove", name="ours").status_code == 303
