"""One thread that commits what many have sent: the price of a sync is shared by all who wait for it."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from ward.errors import LogUnavailable
from ward.ports.log import Partition

log = logging.getLogger(__name__)


class Pending:
    """A receipt: records of one topic, or positions of one group, until they are on the disk."""

    __slots__ = ("_changed", "done", "error", "group", "positions", "records", "topic")

    def __init__(
        self, changed: threading.Condition, topic: str = "", records: Sequence[tuple[str, bytes]] = (),
        group: str = "", positions: Mapping[Partition, int] | None = None,
    ) -> None:  # fmt: skip
        self._changed = changed
        self.topic = topic
        self.records = records
        self.group = group
        self.positions = positions or {}
        self.done = False
        self.error: Exception | None = None

    def settled(self, wait: float) -> bool:
        if not self.done:
            with self._changed:
                self._changed.wait_for(lambda: self.done, wait)
        if self.error is not None:
            raise LogUnavailable(f"the log could not be written, and nothing of this was: {self.error}") from self.error
        return self.done


class GroupCommit:
    """A queue in front of a writer.

    `write` puts all it is given on the disk, or raises and leaves nothing of it there; it is called
    by one thread, and with nothing at all now and then, for housekeeping. Senders wait for no
    transaction: only while `most` records are queued.
    """

    def __init__(self, write: Callable[[Sequence[Pending]], None], most: int = 100_000, idle: float = 1.0) -> None:
        self._write = write
        self._most = most
        self._idle = idle
        self._queue: list[Pending] = []
        self._queued = 0
        self._closed = False
        self._room = threading.Condition()
        self.changed = threading.Condition()
        self.problem = ""
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def put(self, pending: Pending) -> Pending:
        """Queue. Raises `LogUnavailable` when the log has been closed."""
        with self._room:
            self._room.wait_for(lambda: self._queued < self._most or self._closed)
            if self._closed:
                raise LogUnavailable("the log is closed")
            self._queue.append(pending)
            self._queued += len(pending.records)
            self._room.notify_all()
        return pending

    def close(self) -> None:
        """Write what is queued, and end."""
        with self._room:
            self._closed = True
            self._room.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._room:
                self._room.wait_for(lambda: self._queue or self._closed, self._idle)
                taken, self._queue, self._queued = self._queue, [], 0
                closed = self._closed
                self._room.notify_all()
            self._commit(taken)
            if closed and not taken:
                return

    def _commit(self, taken: Sequence[Pending]) -> None:
        error: Exception | None = None
        try:
            self._write(taken)
            self.problem = ""
        except Exception as caught:  # noqa: BLE001 - whatever it was, whoever waits must hear of it, and the next may do
            error = caught
            if not self.problem:
                log.error("the log cannot be written: %s", caught)
            self.problem = f"the log cannot be written: {caught}"
        with self.changed:
            for pending in taken:
                pending.error, pending.done = error, True
            self.changed.notify_all()
