"""What carries out disk work on a virtual clock: at once, or after the time a disk takes; a dead one does nothing."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from firmware.errors import NoStorage


class AtOnce(Executor):
    """Does everything where it is asked to."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Carry out now."""
        return _done(fn, args, kwargs)


class Disk(Executor):
    """Does one thing after another, each `takes_s` after it was asked for by the loop's clock.

    After `die` nothing is done any more; with `last_words` what had been asked for is still done, and nobody told: a
    program can be killed on either side of a commit.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, takes_s: float = 0.002) -> None:
        self._loop, self._takes_s = loop, takes_s
        self._asked: list[Callable[[], Future[Any]]] = []
        self.dead = False
        self.full = False  # everything asked of it fails

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Carry out a little later."""
        promise: Future[Any] = Future()

        def work() -> Future[Any]:
            return _done(fn, args, kwargs)

        self._asked.append(work)

        def finish() -> None:
            if self.dead:
                return
            self._asked.remove(work)
            if self.full:
                promise.set_exception(NoStorage("database or disk is full"))
                return
            done = work()
            error = done.exception()
            if error is not None:
                promise.set_exception(error)
            else:
                promise.set_result(done.result())

        self._loop.call_later(self._takes_s, finish)
        return promise

    def die(self, last_words: bool = False) -> None:
        """Do nothing any more."""
        self.dead = True
        for work in self._asked if last_words and not self.full else ():
            work()
        self._asked.clear()


def _done(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Future[Any]:
    future: Future[Any] = Future()
    try:
        future.set_result(fn(*args, **kwargs))
    except Exception as error:
        future.set_exception(error)
    return future
