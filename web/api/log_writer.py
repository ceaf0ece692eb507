"""Writes actions and findings to the log. A 2xx answer means that they are durable."""

from collections.abc import Sequence

from ward.action import Action
from ward.errors import LogUnavailable
from ward.topics import ACTIONS
from ward.wire import ACTION_WIRE
from web.api.bounded_call import BoundedCall
from web.dependencies import Dependencies


class LogWriter:
    """Appends records and waits until the log confirms them. Raises `ApiError` (503) where it does not."""

    def __init__(self, deps: Dependencies, log: BoundedCall) -> None:
        self._deps = deps
        self._log = log

    async def act(self, action: Action) -> None:
        """Append an action. The screens of this process show its silence at once."""
        await self.append(ACTIONS, [(action.subject, ACTION_WIRE.encode(action))])
        with self._deps.model.lock:
            self._deps.model.silences.apply_written(action)
            self._deps.model.reports.apply(action)
            self._deps.model.channel_tests.apply(action)
        self._deps.board.invalidate()

    async def append(self, topic: str, records: Sequence[tuple[str, bytes]]) -> None:
        """Append records, each with its key."""
        await self._log.call(lambda: self._append(topic, records))

    def _append(self, topic: str, records: Sequence[tuple[str, bytes]]) -> None:
        timeout = self._deps.timeout
        if not self._deps.log.send(topic, records).acked(timeout):
            raise LogUnavailable(f"not confirmed within {timeout:g} s")
