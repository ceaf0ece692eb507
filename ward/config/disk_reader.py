"""Runs what reads the disk in a thread of its own, and stops waiting for a disk that hangs."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import Any, TypeVar

T = TypeVar("T")


class DiskHangs(Exception):
    """The disk has not answered in time. Its answer is dropped when it comes."""


class DiskReader:
    """Calls functions in a daemon thread, one at a time.

    While one call hangs, further calls wait for it in turn, at most `timeout` seconds each, and are not started: a
    hanging disk holds one thread, however often it is asked.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._hanging: Future[Any] | None = None

    def call(self, read: Callable[[], T], timeout: float | None = None) -> T:
        """What `read` returns or raises. Raises `DiskHangs` when that takes longer than the time-out, or than another
        one for this call."""
        self._wait(self._hanging, timeout)
        answer: Future[T] = Future()
        threading.Thread(target=_answer, args=(read, answer), name="config-disk", daemon=True).start()
        self._wait(answer, timeout)
        return answer.result()

    def _wait(self, answer: "Future[Any] | None", timeout: float | None) -> None:
        self._hanging = answer
        if answer is not None:
            try:
                answer.exception(self._timeout if timeout is None else timeout)
            except NotYet:
                raise DiskHangs from None
        self._hanging = None


def _answer(read: Callable[[], T], answer: "Future[T]") -> None:
    try:
        answer.set_result(read())
    except BaseException as error:  # noqa: BLE001 - raised where `call` waits
        answer.set_exception(error)
