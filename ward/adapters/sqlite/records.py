"""The tables of the SQLite log, and the transactions on them."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ward.adapters.group_commit import PendingWrite
from ward.adapters.log_retention import LogRetention
from ward.clock import SECOND, Clock, Micros
from ward.periodic import Periodic
from ward.ports.log import Partition
from ward.sqlite_file import connect, transaction
from ward.sqlite_reserve import SqliteReserve
from ward.topics import COMPACTED

_SCHEMA = """
BEGIN;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lanes (
    number INTEGER PRIMARY KEY, topic TEXT, part INTEGER, first INTEGER, next INTEGER, UNIQUE (topic, part));
CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, at INTEGER, key TEXT, value BLOB);
CREATE TABLE IF NOT EXISTS compacted (id INTEGER PRIMARY KEY, at INTEGER, key TEXT, value BLOB, lane INTEGER);
CREATE INDEX IF NOT EXISTS compacted_by_key ON compacted (lane, key);
CREATE TABLE IF NOT EXISTS positions (
    grp TEXT, topic TEXT, part INTEGER, offset INTEGER, PRIMARY KEY (grp, topic, part)) WITHOUT ROWID;
COMMIT;
"""
# A record's row id is n × 2⁴⁰ + offset; n is the number of its partition in this file: column `lane`, table `lanes`.
ID_RANGE = 1 << 40
# The first offset of a file that replaces another one is the number of such periods since 1970: above the offsets of
# any file with fewer than 100 records a second in each partition, and far below `ID_RANGE`.
_OFFSET_TIME = SECOND // 100
# MiB that a log keeps for the time when its disk is full: about an hour of twenty beds.
RESERVE = 32
# Older records of a key are kept for so long, so that a consumer without lag reads all of them.
LINGER = 60 * SECOND
# Each commit deletes old rows: at most so many more than it writes.
_HOUSEKEEPING_ROWS = 500
_INSERT = "INSERT INTO {} (id, at, key, value{}) VALUES (?, ?, ?, ?{})"


class PartitionOffsets(NamedTuple):
    """A partition: its number in row ids, its first offset, its next offset, and when its first record was written."""

    number: int
    first: int
    next: int
    since: Micros


def table(topic: str) -> str:
    """The table with the records of a topic."""
    return "compacted" if topic in COMPACTED else "records"


class SqliteRecords:
    """The tables, for the writing thread. Entries of `offsets` are replaced after a commit, so readers need no lock.

    A file that takes the place of another one (`replaces`) begins its offsets above those of the other, so that no
    position in the old one is taken for one in this.
    """

    def __init__(
        self, path: Path, partitions: int, retention: LogRetention, clock: Clock, *, replaces: bool = False
    ) -> None:
        self._retention = retention
        self._clock = clock
        self._db = connect(path)
        self._db.executescript(_SCHEMA)
        self._reserve = SqliteReserve(self._db, path, RESERVE)
        self._db.execute("INSERT OR IGNORE INTO meta VALUES ('partitions', ?)", (partitions,))
        if replaces:
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('first', ?)", (clock.now() // _OFFSET_TIME,))
        self.first = first_offset(self._db)
        self._db.execute("DELETE FROM compacted WHERE id NOT IN (SELECT max(id) FROM compacted GROUP BY lane, key)")
        self.offsets = {p: self._with_since(p, offsets) for p, offsets in load(self._db)}
        self._reserve_due = Periodic(clock, 1.0, first=10.0)
        self._older: deque[tuple[Micros, int, str, int]] = deque()

    @property
    def partitions(self) -> int:
        """The number of partitions that the file was created with; it cannot change, or keys would change partition."""
        return int(self._db.execute("SELECT value FROM meta WHERE name = 'partitions'").fetchone()[0])

    def write(self, taken: Sequence[PendingWrite], where: Callable[[str, str], Partition]) -> None:
        """Write all in one transaction, synced when this returns; nothing is written when it raises."""
        now = self._clock.now()
        if self._reserve_due.due():
            self._reserve.tend()
        if not taken and not self._due(now):
            return
        self._reserve.retry(lambda: self._transaction(taken, where, now))

    def _transaction(self, taken: Sequence[PendingWrite], where: Callable[[str, str], Partition], now: Micros) -> None:
        changed: dict[Partition, PartitionOffsets] = {}
        added: list[tuple[Micros, int, str, int]] = []
        with transaction(self._db):
            rows = sum(self._append(p, where, now, changed, added) for p in taken if p.records)
            for pending in taken:
                self._commit_positions(pending.group, pending.positions)
            done = self._compact(now, rows + _HOUSEKEEPING_ROWS)
            self._expire(now, rows + _HOUSEKEEPING_ROWS, changed)
            self._db.executemany(
                "INSERT OR REPLACE INTO lanes VALUES (?, ?, ?, ?, ?)",
                [(offsets.number, *p, offsets.first, offsets.next) for p, offsets in changed.items()],
            )
        self.offsets.update(changed)
        for _ in range(done):
            self._older.popleft()
        self._older.extend(added)

    def close(self) -> None:
        self._db.close()

    def _append(
        self, pending: PendingWrite, where: Callable[[str, str], Partition], now: Micros,
        changed: dict[Partition, PartitionOffsets], added: list[tuple[Micros, int, str, int]],
    ) -> int:  # fmt: skip
        topic, rows = pending.topic, []
        next_id: dict[Partition, int] = {}
        for key, value in pending.records:
            partition = where(topic, key)
            number = next_id.get(partition)
            if number is None:
                offsets = changed[partition] = changed.get(partition) or self._offsets_of(partition, changed, now)
                number = offsets.number * ID_RANGE + offsets.next
            rows.append((number, now, key, value))
            next_id[partition] = number + 1
        for partition, number in next_id.items():
            offsets = changed[partition]
            since = now if offsets.first == offsets.next else offsets.since
            changed[partition] = offsets._replace(next=number % ID_RANGE, since=since)
        if topic in COMPACTED:
            added.extend((now, row[0] // ID_RANGE, row[2], row[0]) for row in rows)
            more = ((*row, row[0] // ID_RANGE) for row in rows)
            self._db.executemany(_INSERT.format("compacted", ", lane", ", ?"), more)
        else:
            self._db.executemany(_INSERT.format("records", "", ""), rows)
        return len(rows)

    def _offsets_of(
        self, partition: Partition, changed: Mapping[Partition, PartitionOffsets], now: Micros
    ) -> PartitionOffsets:
        """The known offsets, or those of a new partition with the next number."""
        known = self.offsets.get(partition)
        if known is not None:
            return known
        numbers = [known.number for known in (*self.offsets.values(), *changed.values())]
        return PartitionOffsets(max(numbers, default=0) + 1, self.first, self.first, now)

    def _commit_positions(self, group: str, positions: Mapping[Partition, int]) -> None:
        """One below the first offset of this file is in the file before, by a consumer that was open then."""
        own = [(group, *p, offset) for p, offset in positions.items() if offset >= self.first]
        self._db.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?)", own)

    def _due(self, now: Micros) -> bool:
        """Whether there are rows to delete."""
        late = bool(self._older) and self._older[0][0] < now - LINGER
        return late or any(True for _ in self._expired(self.offsets, now))

    def _compact(self, now: Micros, limit: int) -> int:
        """Delete older records of keys that have had a newer one for `LINGER`. Returns how many of `_older`."""
        done = 0
        while done < min(limit, len(self._older)) and self._older[done][0] < now - LINGER:
            done += 1
        outdated = [(number, key, newest) for _, number, key, newest in list(self._older)[:done]]
        self._db.executemany("DELETE FROM compacted WHERE lane = ? AND key = ? AND id < ?", outdated)
        return done

    def _expired(
        self, known: Mapping[Partition, PartitionOffsets], now: Micros
    ) -> Iterator[tuple[Partition, PartitionOffsets, Micros]]:
        for partition, offsets in known.items():
            keep = self._retention.of(partition.topic)
            # Deletion starts a hundredth late, so that many rows are deleted at once, not one at each commit.
            if keep is not None and offsets.first < offsets.next and offsets.since < now - 1.01 * keep * SECOND:
                yield partition, offsets, now - round(keep * SECOND)

    def _expire(self, now: Micros, limit: int, changed: dict[Partition, PartitionOffsets]) -> None:
        """Delete at most `limit` records that are too old."""
        for partition, offsets, before in list(self._expired({**self.offsets, **changed}, now)):
            base = offsets.number * ID_RANGE
            rows = self._db.execute(
                "SELECT id, at FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
                (base + offsets.first, base + offsets.next, limit),
            ).fetchall()
            old = next((i for i, (_, at) in enumerate(rows) if at >= before), len(rows))
            if old:
                self._db.execute("DELETE FROM records WHERE id >= ? AND id <= ?", (rows[0][0], rows[old - 1][0]))
            first = rows[old - 1][0] % ID_RANGE + 1 if old else offsets.first
            changed[partition] = self._with_since(partition, offsets._replace(first=first))
            limit -= old
            if limit <= 0:
                return

    def _with_since(self, partition: Partition, offsets: PartitionOffsets) -> PartitionOffsets:
        base = offsets.number * ID_RANGE
        row = self._db.execute(
            f"SELECT at FROM {table(partition.topic)} WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
            (base + offsets.first, base + offsets.next),
        ).fetchone()
        return offsets._replace(since=row[0] if row else 0)


def first_offset(db: sqlite3.Connection) -> int:
    """The offset of the first record of each partition that has none yet."""
    row = db.execute("SELECT value FROM meta WHERE name = 'first'").fetchone()
    return int(row[0]) if row else 0


def load(db: sqlite3.Connection) -> Iterable[tuple[Partition, PartitionOffsets]]:
    """The offsets of all partitions of the file."""
    rows = db.execute("SELECT topic, part, number, first, next FROM lanes").fetchall()
    return [
        (Partition(topic, part), PartitionOffsets(number, first, after, 0))
        for topic, part, number, first, after in rows
    ]
