"""One thread that commits the records of many senders, so that they share the cost of one sync."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from ward.errors import LogUnavailable
from ward.ports.log import Partition

log = logging.getLogger(__name__)


class PendingWrite:
    """A receipt for records of one topic, or positions of one group, that wait to be written."""

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

    def acked(self, wait: float) -> bool:
        if not self.done:
            with self._changed:
                self._changed.wait_for(lambda: self.done, wait)
        if self.error is not None:
            raise LogUnavailable(f"the log could not be written, and nothing of this was: {self.error}") from self.error
        return self.done


class GroupCommit:
    """A queue of writes and the thread that makes them.

    `write` writes all of its argument to the disk, or raises and writes nothing; one thread calls it, with an empty
    list every `idle` seconds, for housekeeping. Senders wait only while `most` records are queued.
    """

    def __init__(self, write: Callable[[Sequence[PendingWrite]], None], most: int = 100_000, idle: float = 1.0) -> None:
        self._write = write
        self._most = most
        self._idle = idle
        self._queue: list[PendingWrite] = []
        self._queued = 0
        self._closed = False
        self._room = threading.Condition()
        self.changed = threading.Condition()
        self.problem = ""
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def put(self, pending: PendingWrite) -> PendingWrite:
        """Append to the queue. Raises `LogUnavailable` when the log is closed."""
        self.put_together([pending])
        return pending

    def put_together(self, pending: Sequence[PendingWrite]) -> None:
        """Append several writes, which are committed together. Raises `LogUnavailable` when the log is closed."""
        with self._room:
            self._room.wait_for(lambda: self._queued < self._most or self._closed)
            if self._closed:
                raise LogUnavailable("the log is closed")
            self._queue += pending
            self._queued += sum(len(write.records) for write in pending)
            self._room.notify_all()

    def close(self) -> None:
        """Write all that is queued, and end the thread."""
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

    def _commit(self, taken: Sequence[PendingWrite]) -> None:
        error: Exception | None = None
        try:
            self._write(taken)
            if taken:  # with nothing to write, nothing was tried
                self.problem = ""
        except Exception as caught:  # noqa: BLE001 - the senders get any error, and the next write may succeed
            error = caught
            if not self.problem:
                log.error("the log cannot be written: %s", caught)
            self.problem = f"the log cannot be written: {caught}"
        with self.changed:
            for pending in taken:
                pending.error, pending.done = error, True
            self.changed.notify_all()
