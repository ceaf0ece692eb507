"""Work that takes long for its size, such as matching thousands of alerts, beside the event loop."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_AT_ONCE = 2


class Background:
    """Runs functions on threads, two at once: further ones wait, and every other request is answered meanwhile."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def run(self, function: Callable[[], T]) -> T:
        """What `function` returns or raises."""
        async with self._free:
            return await asyncio.to_thread(function)
