"""Calls to the store or the log, with a timeout."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from ward.errors import QueryRefused, WardwatchError
from ward.text_template import TextTemplate
from web.api import refusals
from web.api.responses import ApiError
from web.model.read_model import ReadModel

T = TypeVar("T")
_THREADS = 4


class BoundedCall:
    """Runs the calls to one service on four threads of its own, at most four at once.

    A call without an answer after `timeout` seconds is refused, and the problem is recorded in the read model; its
    thread is abandoned, so what it was to write may still be written, and pages that need no history still work.
    """

    def __init__(
        self, service: str, model: ReadModel, timeout: float, refusal: TextTemplate = refusals.NO_HISTORY
    ) -> None:
        self._service = service
        self._model = model
        self._timeout = timeout
        self._refusal = refusal
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._started = threading.Lock()

    async def call(self, function: Callable[[], T]) -> T:
        """What `function` returns. Raises `ApiError`: 400 for a bad query, 503 where the service does not answer."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._start()
        self._calls.put(lambda: _run(function, loop, future))
        try:
            async with asyncio.timeout(self._timeout):
                found = await future
        except TimeoutError:
            why = refusals.NO_ANSWER(seconds=f"{self._timeout:g}")
        except QueryRefused as error:
            raise ApiError(400, refusals.QUERY(why=str(error).rstrip("."))) from error
        except WardwatchError as error:
            why = str(error)
        else:
            self._model.clear_problem(self._service)
            return found
        self._model.set_problem(self._service, why)
        raise ApiError(503, self._refusal(why=why))

    def _start(self) -> None:
        if self._started.acquire(blocking=False):
            for number in range(_THREADS):
                threading.Thread(target=self._work, name=f"call-{self._service}-{number}", daemon=True).start()

    def _work(self) -> None:
        while True:
            self._calls.get()()


def _run(function: Callable[[], T], loop: asyncio.AbstractEventLoop, future: "asyncio.Future[T]") -> None:
    if future.cancelled():
        return  # the request has been answered: timeout
    try:
        found, error = function(), None
    except Exception as failure:  # noqa: BLE001 - raised again in the handler
        found, error = None, failure
    with contextlib.suppress(RuntimeError):  # the server has ended
        loop.call_soon_threadsafe(_settle, future, found, error)


def _settle(future: "asyncio.Future[Any]", found: object, error: Exception | None) -> None:
    if future.cancelled():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(found)
