"""The log in a SQLite file: durable, for one machine.

Senders queue their records; one thread writes all queued ones in one transaction, synced to the disk, and then
acknowledges the receipts. Readers have their own connections and never wait. One process writes; others open the file
with `reading_only` and check for new records twenty times a second.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ward.adapters.group_commit import GroupCommit, PendingWrite
from ward.adapters.local_consumer import Listener, LocalConsumer, lost
from ward.adapters.local_consumer_group import LocalConsumerGroup
from ward.adapters.local_ownership import LocalOwnership
from ward.adapters.log_retention import LogRetention
from ward.adapters.partitioning import Partitioning, check_size
from ward.adapters.sqlite.records import ID_RANGE, PartitionOffsets, SqliteRecords, first_offset, load, table
from ward.adapters.sqlite.recovering_file import RecoveringFile
from ward.adapters.sqlite.transactions import SqliteTransactions
from ward.clock import Clock, SystemClock
from ward.errors import LogUnavailable, SettingsError
from ward.ports.log import Batch, OnRevoke, Partition
from ward.sqlite_file import ReadConnections, WriterLock

log = logging.getLogger(__name__)

_REFRESH_EVERY = 0.05
_SCAN = 5000
_MISSING = "what no program had handled yet is missing, and detectors begin anew"
_COMMIT_WITHIN = 30.0  # seconds that a commit of positions may take


class SqliteLog:
    """Port `Log` on one file. Raises `SettingsError` when another process writes it already, or it cannot be opened.

    A damaged file is put aside and an empty one takes its place, at the start and later; positions in the old one are
    out of the range of the new one.
    """

    def __init__(
        self, path: Path, partitions: int = 4, clock: Clock | None = None, retention: LogRetention | None = None,
        reading_only: bool = False,
    ) -> None:  # fmt: skip
        self._path = path
        self._changed = threading.Condition(threading.RLock())
        self._groups: dict[tuple[str, tuple[str, ...]], LocalConsumerGroup] = {}
        self._readers = ReadConnections(path, sqlite3.Connection)
        self._offsets: dict[Partition, PartitionOffsets] = {}
        self._commits: GroupCommit | None = None
        self._first = 0
        self._producers: dict[str, SqliteTransactions] = {}
        if reading_only:
            self._layout = Partitioning(self._stored_partitions())
            self._refresh()
        else:
            self._open_for_writing(partitions, clock or SystemClock(), retention or LogRetention())
        self.partitions = self._layout.partitions
        self.partition = self._layout.partition

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> PendingWrite:
        taken = list(records)
        for _, value in taken:
            check_size(topic, value)
        commits = self._group_commit()
        return commits.put(PendingWrite(commits.changed, topic, taken))

    def consumer(
        self, topics: Sequence[str], group: str, on_assign: Listener = None, on_revoke: Listener = None
    ) -> LocalConsumer:
        self._group_commit()
        with self._changed:
            shared = self._groups.setdefault((group, tuple(topics)), LocalConsumerGroup(self._layout.all(topics)))
        return LocalConsumer(self, group, shared, on_assign, on_revoke)

    def transactions(self, name: str) -> SqliteTransactions:
        return SqliteTransactions(self._group_commit(), name, self._producers)

    def ownership(self, name: str, places: int | None = None, on_revoke: OnRevoke | None = None) -> LocalOwnership:
        return LocalOwnership(
            self._layout, name, places, on_revoke,
            lambda topic, listener: self.consumer((topic,), name, on_revoke=listener),
        )  # fmt: skip

    def follow(
        self, topics: Sequence[str], tail: int | None = None, start: Mapping[Partition, int] | None = None
    ) -> LocalConsumer:
        self._refresh()
        reader = LocalConsumer(self)
        for partition in self._layout.all(topics):
            low, end = self.start(partition), self.end(partition)
            reader.held[partition] = low if tail is None else max(low, end - tail)
        reader.held.update(start or {})
        return reader

    def scan(self, partition: Partition, start: int | None = None, tail: int | None = None) -> Iterator[Batch]:
        self._refresh()
        first, end = self.start(partition), self.end(partition)
        first = first if tail is None else max(first, end - tail)
        if start is not None and not first <= start <= end:
            raise lost(partition, start, first, end)
        return self._scan(partition, first if start is None else start, end)

    def problem(self) -> str:
        return self._commits.problem if self._commits else ""

    def loss(self) -> str:
        return self._file.problem() if self._commits else ""

    def close(self) -> None:
        if self._commits is not None:
            self._commits.close()
            self._file.close()
        self._readers.close()
        if self._commits is not None:
            self._one_writer.release()

    def locked(self) -> threading.Condition:
        return self._changed

    def start(self, partition: Partition) -> int:
        offsets = self._offsets.get(partition)
        # Records deleted by compaction do not count as lost: a newer record of the same key exists.
        return offsets.first if offsets else self._first

    def end(self, partition: Partition) -> int:
        offsets = self._offsets.get(partition)
        return offsets.next if offsets else self._first

    def read(self, partition: Partition, start: int, limit: int) -> Batch:
        offsets = self._offsets.get(partition)
        if offsets is None or start >= offsets.next:
            return Batch(partition, (), (), ())
        base = offsets.number * ID_RANGE
        rows = self._rows(
            f"SELECT id, key, value FROM {table(partition.topic)} WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
            (base + start, base + offsets.next, limit),
        )
        ids, keys, values = zip(*rows, strict=True) if rows else ((), (), ())
        return Batch(partition, [number - base for number in ids], keys, values)

    def committed(self, group: str, partition: Partition) -> int | None:
        rows = self._rows("SELECT offset FROM positions WHERE grp=? AND topic=? AND part=?", (group, *partition))
        return int(rows[0][0]) if rows else None

    def commit(self, group: str, positions: Mapping[Partition, int]) -> None:
        commits = self._group_commit()
        pending = commits.put(PendingWrite(commits.changed, group=group, positions=positions))
        if not pending.acked(_COMMIT_WITHIN):
            raise LogUnavailable(f"a position was not written within {_COMMIT_WITHIN:.0f} s")

    def notify_readers(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def wait_for_records(self, ready: Callable[[], bool], wait: float) -> None:
        if self._commits is not None:
            with self._changed:
                self._changed.wait_for(ready, wait)
            return
        for _ in range(max(1, round(wait / _REFRESH_EVERY))):
            if ready():
                return
            with self._changed:
                self._changed.wait(min(_REFRESH_EVERY, wait))
            self._refresh()

    def _open_for_writing(self, partitions: int, clock: Clock, retention: LogRetention) -> None:
        def open_records(replaces: bool) -> SqliteRecords:
            made = SqliteRecords(self._path, partitions, retention, clock, replaces=replaces)
            self._first, self._offsets = made.first, made.offsets
            return made

        self._one_writer = WriterLock(self._path)
        try:
            self._file = RecoveringFile(self._path, clock, open_records, _MISSING)
        except BaseException:
            self._one_writer.release()
            raise
        own = self._file.writer.partitions
        if partitions != own:
            log.warning("%s has %d partitions, which cannot change any more, not %d", self._path, own, partitions)
        self._layout = Partitioning(own)
        self._commits = GroupCommit(self._write)

    def _write(self, taken: Sequence[PendingWrite]) -> None:
        self._file.use(lambda records: records.write(taken, self._layout.partition))
        if taken:
            self.notify_readers()

    def _group_commit(self) -> GroupCommit:
        if self._commits is None:
            raise SettingsError(f"{self._path} is opened for reading only")
        return self._commits

    def _refresh(self) -> None:
        """In a process that only reads: read the ends of all partitions again."""
        if self._commits is None:
            with self._reading() as db:
                self._first, self._offsets = first_offset(db), dict(load(db))

    def _stored_partitions(self) -> int:
        if not self._path.exists():
            raise SettingsError(f"{self._path}: there is no log yet")
        try:
            return int(self._rows("SELECT value FROM meta WHERE name = 'partitions'", ())[0][0])
        except LogUnavailable as error:
            raise SettingsError(f"{self._path}: this is not a log: {error}") from error

    def _scan(self, partition: Partition, position: int, end: int) -> Iterator[Batch]:
        while position < end:
            batch = self.read(partition, position, min(_SCAN, end - position))
            if not batch:
                return
            yield batch
            position = batch.offsets[-1] + 1

    def _rows(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._reading() as db:
            return db.execute(sql, values).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._readers.borrow() as db:
                yield db
        except sqlite3.Error as error:
            if self._commits is not None:
                self._file.note(error)
            raise LogUnavailable(f"{self._path} cannot be read: {error}") from error
