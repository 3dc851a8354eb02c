"""Prompts asked for: drafts are made, heard and kept; nothing is half done, and nothing is removed that is needed."""

import asyncio
import io
import os
import time
import wave

import pytest

from firmware.prompts import drafts, spool
from firmware.prompts.catalogue import PROMPTS
from tests import audio
from tests.firmware.control.test_server import Peer, opened
from tests.firmware.prompts.sounds import voice, wav


def left(door, content):
    return spool.leave(io.BytesIO(content).read, door.home / "spool")


def files(door, folder):
    return sorted(path.name for path in (door.home / folder).glob("*"))


async def result(peer, method, **params):
    answer = await peer.ask(method, **params)
    assert "result" in answer, answer
    return answer["result"]


async def refusal(peer, method, **params):
    answer = await peer.ask(method, **params)
    return answer["error"]["code"]


async def kept(door, peer, name, **how):
    draft = await result(peer, "prompt.upload", ticket=left(door, wav(voice(**how))))
    return await result(peer, "prompt.keep", draft=draft["id"], name=name)


async def own(peer):
    return {one["name"]: one for one in await result(peer, "prompt.list") if one["kind"] == "own"}


async def use(door, sound):
    document = {**exported(door), "queues": [{"name": "service", "music": sound}]}
    await door.configuration.replace(document, who="test", why="")


def exported(door):
    from firmware.config.configuration import exported

    return exported(door.configuration.config, secrets=True)


async def test_the_list_has_all_the_box_says_in_both_languages_and_where_it_is_needed():
    async with opened() as door:
        peer = await Peer.of(door)
        found = {one["name"]: one for one in await result(peer, "prompt.list")}
        assert set(found) == {f"{language}/{name}" for name in PROMPTS for language in ("zh", "en")} | {"music"}
        assert found["zh/welcome"]["words"] == PROMPTS["welcome"].zh
        assert found["en/welcome"]["used"] == ["flows[0].greeting[1]"]
        assert found["music"]["used"] == ["queues[0].music"]
        assert found["zh/fault"]["used"] == []
        assert all(not one["wrong"] and one["duration_s"] > 0.2 for one in found.values())


async def test_an_uploaded_file_is_heard_as_a_draft_and_kept_under_a_name():
    async with opened() as door:
        peer = await Peer.of(door)
        ticket = left(door, wav(voice()))
        draft = await result(peer, "prompt.upload", ticket=ticket)
        assert (draft["state"], draft["duration_s"]) == ("ready", pytest.approx(3.08, abs=0.1))
        assert audio.read_wav(draft["path"]).rate_hz == 8000
        assert await own(peer) == {}
        assert files(door, "spool") == [f"{draft['id']}.wav"]  # what was uploaded is gone
        prompt = await result(peer, "prompt.keep", draft=draft["id"], name="问候-1")
        assert (prompt["name"], prompt["used"], prompt["wrong"]) == ("file:问候-1.wav", [], "")
        assert list(await own(peer)) == ["file:问候-1.wav"]
        assert (files(door, "spool"), files(door, "prompts")) == ([], ["问候-1.wav"])
        assert await refusal(peer, "prompt.upload", ticket=ticket) == "not-found"
        assert await refusal(peer, "prompt.draft", draft=draft["id"]) == "not-found"
        noted = door.audit.entries[-1]
        assert (noted.what, noted.detail) == ("prompt.kept", "问候-1")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_words_become_a_draft(language):
    async with opened() as door:
        peer = await Peer.of(door)
        draft = await result(peer, "prompt.speak", text="您好 hello", language=language)
        assert draft["state"] == "ready"
        assert audio.level_dbm0(audio.read_wav(draft["path"]).channel(0)) > -25


@pytest.mark.parametrize("text", ["", "   ", "a\0b", "a" * 1001, "\x1b[2J"])
async def test_only_words_can_be_spoken(text):
    async with opened() as door:
        answer = await (await Peer.of(door)).ask("prompt.speak", text=text, language="en")
        assert answer["error"]["problems"][0]["path"] == "text"


async def test_of_a_bad_file_nothing_stays():
    async with opened() as door:
        peer = await Peer.of(door)
        assert await refusal(peer, "prompt.upload", ticket=left(door, os.urandom(5000))) == "sound-unknown"
        assert (files(door, "spool"), door.drafts._drafts) == ([], {})


async def test_what_takes_long_is_told_of_later(monkeypatch):
    monkeypatch.setattr(drafts, "PATIENCE_S", 0.0)
    async with opened() as door:
        peer = await Peer.of(door)
        good = await result(peer, "prompt.upload", ticket=left(door, wav(voice())))
        bad = await result(peer, "prompt.upload", ticket=left(door, b"no sound"))
        assert (good["state"], bad["state"]) == ("making", "making")
        assert await refusal(peer, "prompt.keep", draft=good["id"], name="a") == "refused"
        assert await refusal(peer, "prompt.discard", draft=good["id"]) == "refused"
        while (bad := await result(peer, "prompt.draft", draft=bad["id"]))["state"] == "making":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        good = await result(peer, "prompt.draft", draft=good["id"])
        assert (bad["state"], bad["code"]) == ("failed", "sound-unknown")
        assert good["state"] == "ready"
        async with asyncio.timeout(10):
            while len(files(door, "spool")) > 1:  # noqa: ASYNC110 - what was sent of the bad one goes last
                await asyncio.sleep(0.02)
        assert files(door, "spool") == [f"{good['id']}.wav"]


@pytest.mark.parametrize(
    "name", ["", "../a", "a/b", "a.wav", ".a", "-a", "_a", "a b", "a\0", "a\n", "a" * 41, "\u202ea", "a\u200b"]
)
async def test_no_name_leads_out_of_the_folder_or_tricks_the_eye(name):
    async with opened() as door:
        peer = await Peer.of(door)
        answer = await peer.ask("prompt.keep", draft="0" * 32, name=name)
        assert answer["error"]["problems"][0]["path"] == "name"


@pytest.mark.parametrize("name", ["../config/key", "/etc/passwd", "..", "a", "a\0b"])
async def test_nothing_else_is_removed(name):
    async with opened() as door:
        before = files(door, "config")
        assert await refusal(await Peer.of(door), "prompt.remove", name=name) == "not-found"
        assert files(door, "config") == before


async def test_a_prompt_is_replaced_only_when_that_is_meant():
    async with opened() as door:
        peer = await Peer.of(door)
        await kept(door, peer, "ours")
        draft = await result(peer, "prompt.upload", ticket=left(door, wav(voice(5.0))))
        assert await refusal(peer, "prompt.keep", draft=draft["id"], name="ours") == "exists"
        assert (await own(peer))["file:ours.wav"]["duration_s"] < 4
        await result(peer, "prompt.keep", draft=draft["id"], name="ours", replace=True)
        assert (await own(peer))["file:ours.wav"]["duration_s"] > 4


async def test_a_prompt_that_is_needed_stays_and_it_is_said_by_what():
    async with opened() as door:
        peer = await Peer.of(door)
        await kept(door, peer, "ours")
        await use(door, "file:ours.wav")
        assert (await own(peer))["file:ours.wav"]["used"] == ["queues[0].music"]
        answer = await peer.ask("prompt.remove", name="ours")
        assert answer["error"]["code"] == "in-use"
        assert [problem["path"] for problem in answer["error"]["problems"]] == ["queues[0].music"]
        assert files(door, "prompts") == ["ours.wav"]
        await use(door, "music")
        await result(peer, "prompt.remove", name="ours")
        assert files(door, "prompts") == []


async def test_a_prompt_stays_that_the_end_of_a_trial_would_need_again():
    async with opened() as door:
        peer = await Peer.of(door)
        await kept(door, peer, "ours")
        await use(door, "file:ours.wav")
        document = {**exported(door), "queues": []} | {"flows": [], "routes": []}
        await door.configuration.replace(document, who="test", why="", confirm_within_min=5)
        assert await refusal(peer, "prompt.remove", name="ours") == "in-use"
        await door.configuration.confirm()
        await result(peer, "prompt.remove", name="ours")


async def test_a_file_put_there_by_hand_is_listed_with_what_is_wrong_with_it():
    async with opened() as door:
        (door.home / "prompts").mkdir()
        (door.home / "prompts/my old.file.wav").write_bytes(wav(voice()))
        (door.home / "prompts/bad.wav").write_bytes(wav(voice(), rate_hz=44100))
        (door.home / "prompts/worse.wav").write_text("no sound")
        found = await own(await Peer.of(door))
        assert found["file:my old.file.wav"]["wrong"] == ""
        assert "44100 Hz" in found["file:bad.wav"]["wrong"]
        assert "no sound this box plays" in found["file:worse.wav"]["wrong"]


async def test_drafts_are_thrown_away_by_hand_or_after_an_hour():
    async with opened() as door:
        peer = await Peer.of(door)
        one, other = [await result(peer, "prompt.speak", text="hello", language="en") for _ in range(2)]
        door.working.submit(time.sleep, 0.2)  # the disk is busy; the answer comes when the file is gone all the same
        await result(peer, "prompt.discard", draft=one["id"])
        assert files(door, "spool") == [f"{other['id']}.wav"]
        assert await refusal(peer, "prompt.draft", draft=one["id"]) == "not-found"
        door.clock.offset_s += spool.KEPT_S + 60
        await result(peer, "prompt.speak", text="hello", language="en")
        assert await refusal(peer, "prompt.draft", draft=other["id"]) == "not-found"


async def test_there_is_an_end_to_drafts_and_to_prompts(monkeypatch):
    monkeypatch.setattr(drafts, "MOST", 2)
    monkeypatch.setattr("firmware.prompts.own.MOST", 1)
    async with opened() as door:
        peer = await Peer.of(door)
        made = [await result(peer, "prompt.upload", ticket=left(door, wav(voice()))) for _ in range(3)]
        assert await refusal(peer, "prompt.draft", draft=made[0]["id"]) == "not-found"
        await result(peer, "prompt.keep", draft=made[1]["id"], name="a")
        assert await refusal(peer, "prompt.keep", draft=made[2]["id"], name="b") == "refused"


async def test_a_prompt_is_played_only_at_a_telephone_that_is_there():
    async with opened() as door:
        peer = await Peer.of(door)
        assert await result(peer, "prompt.play", extension="201", name="zh/welcome") == {"call": "k-9"}
        assert await refusal(peer, "prompt.play", extension="202", name="zh/welcome") == "unavailable"
        assert await refusal(peer, "prompt.play", extension="299", name="zh/welcome") == "not-found"
        for params in ({}, {"name": "nothing"}, {"name": "zh/welcome", "draft": "0" * 32}):
            assert await refusal(peer, "prompt.play", extension="201", **params) == "bad-request"
        assert await refusal(peer, "prompt.play", extension="201", draft="0" * 32) == "not-found"


def test_every_prompt_the_telephone_speaks_of_is_made():
    from firmware.prompts.catalogue import SOUNDS

    for language in ("zh", "en"):
        for name in ("record-after-tone", "recorded-as-follows", "nothing-recorded"):
            with wave.open(f"{SOUNDS}/{language}/{name}.wav") as sound:
                assert sound.getnframes() > 4000
