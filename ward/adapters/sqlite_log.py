"""The log in a SQLite file: durable, for one machine.

Senders queue their records; one thread writes what has gathered in one transaction, synced to the
disk, and then settles the receipts. So the cost of a sync is shared by all who waited for it.
"""

import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ward.adapters.local import Groups, Layout, Listener, LocalConsumer
from ward.adapters.sqlite import connect
from ward.clock import Clock, SystemClock
from ward.errors import LogUnavailable
from ward.ports.log import Batch, Partition
from ward.topics import COMPACTED

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    topic TEXT, part INTEGER, offset INTEGER, at INTEGER, key TEXT, value BLOB,
    PRIMARY KEY (topic, part, offset)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS positions (
    grp TEXT, topic TEXT, part INTEGER, offset INTEGER, PRIMARY KEY (grp, topic, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ends (
    topic TEXT, part INTEGER, offset INTEGER, PRIMARY KEY (topic, part)) WITHOUT ROWID;
"""
_MOST_WAITING = 100_000


class _Pending:
    """A receipt: settled, or failed, by the writing thread."""

    def __init__(self, topic: str, records: list[tuple[str, bytes]]) -> None:
        self.topic = topic
        self.records = records
        self.done = threading.Event()
        self.error: Exception | None = None

    def settled(self, wait: float) -> bool:
        if not self.done.wait(wait):
            return False
        if self.error is not None:
            raise LogUnavailable(f"the log could not be written: {self.error}") from self.error
        return True


class SqliteLog:
    """Topics in one table. Other processes may read it while this one writes; one process writes."""

    def __init__(self, path: Path, partitions: int = 4, clock: Clock | None = None) -> None:
        self._layout = Layout(partitions)
        self._groups = Groups()
        self._clock = clock or SystemClock()
        self._db = connect(path)
        self._db.executescript(_SCHEMA)
        self._reader = connect(path)
        self._ends = {Partition(t, p): o for t, p, o in self._db.execute("SELECT topic, part, offset FROM ends")}
        self.changed = threading.Condition(threading.RLock())
        self.partitions = self._layout.partitions
        self.partition = self._layout.partition
        self._queue: list[_Pending] = []
        self._queued = threading.Condition()
        self._closed = False
        self._writer = threading.Thread(target=self._write_forever, name="log-writer", daemon=True)
        self._writer.start()

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> _Pending:
        pending = _Pending(topic, list(records))
        with self._queued:
            self._queued.wait_for(lambda: len(self._queue) < _MOST_WAITING)
            self._queue.append(pending)
            self._queued.notify_all()
        return pending

    def consumer(
        self, topics: Sequence[str], group: str, on_assign: Listener = None, on_revoke: Listener = None
    ) -> LocalConsumer:
        member = LocalConsumer(self, group, on_assign, on_revoke)
        with self.changed:
            self._groups.join(group, topics, member, self._layout.all(topics))
        return member

    def follow(self, topics: Sequence[str], tail: int | None = None) -> LocalConsumer:
        reader = LocalConsumer(self)
        with self.changed:
            for partition in self._layout.all(topics):
                reader.held[partition] = 0 if tail is None else max(0, self.end(partition) - tail)
        return reader

    def scan(self, partition: Partition, start: int | None = None) -> Iterator[Batch]:
        position = start or 0
        with self.changed:
            end = self.end(partition)
        while position < end:
            with self.changed:
                batch = self.read(partition, position, min(5000, end - position))
            if not batch:
                return
            yield batch
            position = batch.offsets[-1] + 1

    def end(self, partition: Partition) -> int:
        offset: int = self._ends.get(partition, 0)
        return offset

    def read(self, partition: Partition, start: int, limit: int) -> Batch:
        if start >= self.end(partition):
            return Batch(partition, (), (), ())
        rows = self._reader.execute(
            "SELECT offset, key, value FROM records WHERE topic=? AND part=? AND offset>=? ORDER BY offset LIMIT ?",
            (*partition, start, limit),
        ).fetchall()
        return Batch(partition, [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])

    def committed(self, group: str, partition: Partition) -> int:
        row = self._reader.execute(
            "SELECT offset FROM positions WHERE grp=? AND topic=? AND part=?", (group, *partition)
        ).fetchone()
        return int(row[0]) if row else 0

    def commit(self, group: str, positions: Mapping[Partition, int]) -> None:
        with self._queued:
            self._db.executemany(
                "INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?)", [(group, *p, o) for p, o in positions.items()]
            )

    def close(self) -> None:
        with self._queued:
            self._closed = True
            self._queued.notify_all()
        self._writer.join(5)
        self._db.close()
        self._reader.close()

    def _write_forever(self) -> None:
        while True:
            with self._queued:
                self._queued.wait_for(lambda: self._queue or self._closed)
                taken, self._queue = self._queue, []
                if not taken and self._closed:
                    return
                ends, error = self._write(taken)
                self._queued.notify_all()
            with self.changed:
                self._ends.update(ends)
                self.changed.notify_all()
            for pending in taken:
                pending.error = error
                pending.done.set()

    def _write(self, taken: list[_Pending]) -> tuple[dict[Partition, int], Exception | None]:
        ends: dict[Partition, int] = {}
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for pending in taken:
                self._insert(pending, ends)
            self._db.executemany("INSERT OR REPLACE INTO ends VALUES (?, ?, ?)", [(*p, o) for p, o in ends.items()])
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            log.error("the log could not be written: %s", error)
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            return {}, error
        return ends, None

    def _insert(self, pending: _Pending, ends: dict[Partition, int]) -> None:
        now = self._clock.now()
        rows = []
        for key, value in pending.records:
            partition = self._layout.partition(pending.topic, key)
            offset = ends.get(partition, self._ends.get(partition, 0))
            ends[partition] = offset + 1
            rows.append((*partition, offset, now, key, value))
        if pending.topic in COMPACTED:
            self._db.executemany(
                "DELETE FROM records WHERE topic=? AND part=? AND key=?", [(r[0], r[1], r[4]) for r in rows]
            )
        self._db.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", rows)
