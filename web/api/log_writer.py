"""Writes into the log for people and for other systems: what was answered with 2xx is durable."""

from collections.abc import Sequence

from ward.action import Action
from ward.errors import LogUnavailable
from ward.topics import ACTIONS
from ward.wire import ACTION_WIRE
from web.api.bounded_call import BoundedCall
from web.dependencies import Dependencies


class LogWriter:
    """Appends, and waits for the log's own word that it is kept. Raises `Refusal` (503) where that does not come."""

    def __init__(self, deps: Dependencies, log: BoundedCall) -> None:
        self._deps = deps
        self._log = log

    async def act(self, action: Action) -> None:
        """An action; a silence in it holds on this screen at once."""
        await self.append(ACTIONS, [(action.subject, ACTION_WIRE.encode(action))])
        with self._deps.model.lock:
            self._deps.model.silences.fold(action)
        self._deps.board.fresh()

    async def append(self, topic: str, records: Sequence[tuple[str, bytes]]) -> None:
        """Records by key."""
        await self._log.ask(lambda: self._append(topic, records))

    def _append(self, topic: str, records: Sequence[tuple[str, bytes]]) -> None:
        patience = self._deps.patience
        if not self._deps.log.send(topic, records).settled(patience):
            raise LogUnavailable(f"not durable within {patience:g} s")
