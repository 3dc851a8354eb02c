"""One subscription for all pages."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from firmware.errors import Unavailable
from webui import feed as feed_module
from webui.feed import Feed, Moment
from webui.picture import Box, Picture, Program


class Told:
    """A source that yields what the test tells; None ends it, an exception is raised."""

    def __init__(self) -> None:
        self.news: queue.Queue[Picture | Exception | None] = queue.Queue()
        self.connections = 0

    def __call__(self) -> Iterator[Picture]:
        self.connections += 1
        while (told := self.news.get()) is not None:
            if isinstance(told, Exception):
                raise told
            yield told


@pytest.fixture
def told(monkeypatch) -> Told:
    monkeypatch.setattr(feed_module, "RETRY_S", 0.01)
    monkeypatch.setattr(feed_module, "LOOK_S", 0.01)
    return Told()


@pytest.fixture
def started(told: Told) -> Iterator[Callable[..., Feed]]:
    """Return what starts a feed that somebody looks at."""
    feeds: list[Feed] = []
    looking = contextlib.ExitStack()

    def start(programs: Callable[[], tuple[Program, ...]] = tuple) -> Feed:
        feeds.append(Feed(told, programs))
        feeds[-1].start()
        looking.enter_context(feeds[-1].looking())
        return feeds[-1]

    yield start
    looking.close()
    for feed in feeds:
        feed.close()
    told.news.put(None)


def until(feed: Feed, right: Callable[[Moment], bool]) -> Moment:
    """Return the first moment that is right."""
    moment = feed.now()
    for _ in range(100):
        if right(moment):
            return moment
        moment = feed.after(moment.version, 1)
    raise AssertionError(f"never came: {moment}")


def test_while_nobody_looks_nothing_is_asked_of_the_exchange(told, monkeypatch):
    monkeypatch.setattr(feed_module, "LINGER_S", 0.0)
    feed = Feed(told)
    feed.start()
    with feed.looking():
        told.news.put(Picture(at_s=1))
        until(feed, lambda moment: moment.picture == Picture(at_s=1))
    told.news.put(Picture(at_s=2))  # the next one it hears; then it stops
    rests = until(feed, lambda moment: moment.picture is None)
    assert rests.lost_s is None
    assert told.connections == 1
    told.news.put(Picture(at_s=3))
    with feed.looking():
        assert until(feed, lambda moment: moment.picture is not None).picture == Picture(at_s=3)
    assert told.connections == 2
    feed.close()
    told.news.put(Picture(at_s=4))


def test_the_first_page_waits_a_moment_for_its_picture(told):
    feed = Feed(told)
    feed.start()
    told.news.put(Picture(at_s=1))
    assert feed.now().picture == Picture(at_s=1)
    feed.close()
    told.news.put(None)


def test_the_first_page_does_not_wait_long_for_a_silent_exchange(told, monkeypatch):
    monkeypatch.setattr(feed_module, "FIRST_S", 0.05)
    feed = Feed(told)
    feed.start()
    moment = feed.now()
    assert (moment.picture, moment.lost_s) == (None, None)
    feed.close()
    told.news.put(None)


def test_everybody_who_waits_gets_the_news(told, started):
    feed = started()
    seen: list[Moment] = []
    readers = [threading.Thread(target=lambda: seen.append(feed.after(0, 10))) for _ in range(20)]
    for reader in readers:
        reader.start()
    told.news.put(Picture(at_s=1))
    for reader in readers:
        reader.join()
    assert [moment.picture for moment in seen] == [Picture(at_s=1)] * 20
    assert told.connections == 1


def test_who_comes_late_gets_the_newest_and_no_backlog(told, started):
    feed = started()
    for at_s in range(1, 501):
        told.news.put(Picture(at_s=at_s))
    until(feed, lambda moment: moment.picture == Picture(at_s=500))
    assert feed.after(0, 10).picture == Picture(at_s=500)


def test_without_news_the_wait_ends_with_what_there_is(told, started):
    feed = started()
    told.news.put(Picture(at_s=1))
    moment = until(feed, lambda moment: moment.picture is not None)
    assert feed.after(moment.version, 0.01) == moment


@pytest.mark.parametrize("end", [None, Unavailable("gone"), OSError("broken"), ValueError("not what was agreed")])
def test_a_lost_exchange_is_told_with_its_last_picture_and_found_again(told, started, end):
    feed = started()
    told.news.put(Picture(box=Box("before")))
    until(feed, lambda moment: moment.picture is not None and moment.lost_s is None)
    told.news.put(end)
    lost = until(feed, lambda moment: moment.lost_s is not None)
    assert lost.picture == Picture(box=Box("before"))
    told.news.put(Picture(box=Box("after")))
    found = until(feed, lambda moment: moment.lost_s is None)
    assert found.picture == Picture(box=Box("after"))
    assert told.connections == 2


def test_the_time_of_the_loss_is_that_of_the_first_failure(told, started):
    feed = started()
    told.news.put(Picture())
    until(feed, lambda moment: moment.lost_s is None)
    for _ in range(3):
        told.news.put(Unavailable("gone"))
    lost = until(feed, lambda moment: moment.lost_s is not None)
    until_tried = threading.Event()
    while told.connections < 4:
        until_tried.wait(0.01)
    assert feed.now() == lost


def test_programs_are_news_also_while_the_exchange_is_silent(told, started):
    states = iter([(Program("exchange", "up"),), (Program("exchange", "down"),)])
    last: list[tuple[Program, ...]] = []

    def programs() -> tuple[Program, ...]:
        last[:] = [next(states, *last)]
        return last[0]

    feed = started(programs)
    assert until(feed, lambda moment: bool(moment.programs)).picture is None
    until(feed, lambda moment: moment.programs == (Program("exchange", "down"),))


def test_closing_lets_everybody_go(told, started):
    feed = started()
    version = feed.now().version
    waiting = threading.Thread(target=feed.after, args=(version, 60))
    waiting.start()
    feed.close()
    waiting.join(5)
    assert not waiting.is_alive()
    assert feed.closed
