"""Asks an engine without waiting for it for ever."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from ward.errors import QueryRefused, WardwatchError
from web.api.responses import Refusal
from web.model.read_model import ReadModel

T = TypeVar("T")
_THREADS = 4


class BoundedCall:
    """Puts questions to one engine, on a few threads of its own.

    A thread that hangs is left behind: the answer is a refusal after `patience` seconds, live pages
    go on, and the problem is recorded in the read model. At most four questions hang at once.
    """

    def __init__(self, what: str, model: ReadModel, patience: float) -> None:
        self._what = what
        self._model = model
        self._patience = patience
        self._questions: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._started = threading.Lock()

    async def ask(self, question: Callable[[], T]) -> T:
        """The answer. Raises `Refusal` where there is none."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._start()
        self._questions.put(lambda: _answer(question, loop, future))
        try:
            async with asyncio.timeout(self._patience):
                found = await future
        except TimeoutError:
            why = f"no answer in {self._patience:g} s"
        except QueryRefused as error:
            raise Refusal(400, f"{str(error).rstrip('.')}.") from error
        except WardwatchError as error:
            why = str(error)
        else:
            self._model.mended(self._what)
            return found
        self._model.broken(self._what, why)
        raise Refusal(503, f"The {self._what} does not answer ({why}): try again; live values and alerts go on.")

    def _start(self) -> None:
        if self._started.acquire(blocking=False):
            for number in range(_THREADS):
                threading.Thread(target=self._work, name=f"ask-{self._what}-{number}", daemon=True).start()

    def _work(self) -> None:
        while True:
            self._questions.get()()


def _answer(question: Callable[[], T], loop: asyncio.AbstractEventLoop, future: "asyncio.Future[T]") -> None:
    if future.cancelled():
        return  # whoever asked has given up
    try:
        found, error = question(), None
    except Exception as failure:  # noqa: BLE001 - handed to whoever asked
        found, error = None, failure
    with contextlib.suppress(RuntimeError):  # the server has ended meanwhile
        loop.call_soon_threadsafe(_settle, future, found, error)


def _settle(future: "asyncio.Future[Any]", found: object, error: Exception | None) -> None:
    if future.cancelled():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(found)
