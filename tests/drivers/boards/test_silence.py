"""A talk that is watched for silence, on a virtual clock."""

import asyncio

from drivers.boards.silence import SilenceWatch
from firmware.clock import VirtualLoop


class Talk:
    """A talk that ends by silence of an hour."""

    def __init__(self) -> None:
        self.loop = VirtualLoop()
        self.sounds = False
        self.ended: list[float] = []
        self.watch = self.loop.run_until_complete(self._begin())

    async def _begin(self) -> SilenceWatch:
        return SilenceWatch(3600, lambda: self.sounds, lambda: self.ended.append(self.loop.time()))

    def go_on(self, seconds: float, sounds: bool) -> None:
        self.sounds = sounds
        self.loop.run_until_complete(asyncio.sleep(seconds))


def test_an_hour_of_silence_is_told_once() -> None:
    talk = Talk()
    begun_s = talk.loop.time()
    talk.go_on(9000, sounds=False)
    (ended_s,) = talk.ended
    assert 3600 <= ended_s - begun_s <= 3601


def test_a_word_begins_the_hour_anew() -> None:
    talk = Talk()
    for _ in range(5):
        talk.go_on(3590, sounds=False)
        talk.go_on(1, sounds=True)
    assert talk.ended == []
    talk.go_on(3602, sounds=False)
    assert len(talk.ended) == 1


def test_a_talk_that_is_over_is_watched_no_more() -> None:
    talk = Talk()
    talk.watch.stop()
    talk.go_on(9000, sounds=False)
    assert talk.ended == []
