"""The tables of the SQLite log, and what happens to them in one transaction."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ward.adapters.group_commit import Pending
from ward.adapters.retention import Retention
from ward.clock import SECOND, Clock, Micros
from ward.ports.log import Partition
from ward.sqlite_file import connect
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
# A record's row id is lane × 2⁴⁰ + offset: one key, appended to, for a topic, a partition and an offset.
LANE = 1 << 40
# For so long also the older records of a key stay, so that a reader that keeps up sees each of them.
LINGER = 60 * SECOND
# Housekeeping rides along with a commit: so many rows more than the commit itself brings.
_BITE = 500
_INSERT = "INSERT INTO {} (id, at, key, value{}) VALUES (?, ?, ?, ?{})"


class Lane(NamedTuple):
    """A partition: its number in row ids, its first offset, the next one to give, and when its first was written."""

    number: int
    first: int
    next: int
    since: Micros


def table(topic: str) -> str:
    """The table in which a topic's records lie."""
    return "compacted" if topic in COMPACTED else "records"


class SqliteRecords:
    """What the writing thread does. `lanes` is replaced, entry by entry, after each commit: readers need no lock."""

    def __init__(self, path: Path, partitions: int, retention: Retention, clock: Clock) -> None:
        self._retention = retention
        self._clock = clock
        self._db = connect(path)
        self._db.executescript(_SCHEMA)
        self._db.execute("INSERT OR IGNORE INTO meta VALUES ('partitions', ?)", (partitions,))
        self._db.execute("DELETE FROM compacted WHERE id NOT IN (SELECT max(id) FROM compacted GROUP BY lane, key)")
        self.lanes = {p: self._with_since(p, lane) for p, lane in load(self._db)}
        self._older: deque[tuple[Micros, int, str, int]] = deque()

    @property
    def partitions(self) -> int:
        """The number of partitions the file was made with: another one would tear keys apart."""
        return int(self._db.execute("SELECT value FROM meta WHERE name = 'partitions'").fetchone()[0])

    def write(self, taken: Sequence[Pending], where: Callable[[str, str], Partition]) -> None:
        """Everything in one transaction, synced when this returns; nothing of it when it raises."""
        now = self._clock.now()
        if not taken and not self._due(now):
            return
        drafts: dict[Partition, Lane] = {}
        brought: list[tuple[Micros, int, str, int]] = []
        self._db.execute("BEGIN IMMEDIATE")
        try:
            rows = sum(self._append(p, where, now, drafts, brought) for p in taken if p.records)
            for pending in taken:
                self._place(pending.group, pending.positions)
            forgotten = self._compact(now, rows + _BITE)
            self._expire(now, rows + _BITE, drafts)
            self._db.executemany(
                "INSERT OR REPLACE INTO lanes VALUES (?, ?, ?, ?, ?)",
                [(lane.number, *p, lane.first, lane.next) for p, lane in drafts.items()],
            )
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self.lanes.update(drafts)
        for _ in range(forgotten):
            self._older.popleft()
        self._older.extend(brought)

    def close(self) -> None:
        self._db.close()

    def _append(
        self, pending: Pending, where: Callable[[str, str], Partition], now: Micros,
        drafts: dict[Partition, Lane], brought: list[tuple[Micros, int, str, int]],
    ) -> int:  # fmt: skip
        topic, rows = pending.topic, []
        next_id: dict[Partition, int] = {}
        for key, value in pending.records:
            partition = where(topic, key)
            number = next_id.get(partition)
            if number is None:
                lane = drafts[partition] = drafts.get(partition) or self._lane(partition, drafts, now)
                number = lane.number * LANE + lane.next
            rows.append((number, now, key, value))
            next_id[partition] = number + 1
        for partition, number in next_id.items():
            lane = drafts[partition]
            drafts[partition] = lane._replace(next=number % LANE, since=now if lane.first == lane.next else lane.since)
        if topic in COMPACTED:
            brought.extend((now, row[0] // LANE, row[2], row[0]) for row in rows)
            more = ((*row, row[0] // LANE) for row in rows)
            self._db.executemany(_INSERT.format("compacted", ", lane", ", ?"), more)
        else:
            self._db.executemany(_INSERT.format("records", "", ""), rows)
        return len(rows)

    def _lane(self, partition: Partition, drafts: Mapping[Partition, Lane], now: Micros) -> Lane:
        """The lane as it is, or a new one with the next number."""
        known = self.lanes.get(partition)
        if known is not None:
            return known
        numbers = [lane.number for lanes in (self.lanes, drafts) for lane in lanes.values()]
        return Lane(max(numbers, default=0) + 1, 0, 0, now)

    def _place(self, group: str, positions: Mapping[Partition, int]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?)", [(group, *p, o) for p, o in positions.items()]
        )

    def _due(self, now: Micros) -> bool:
        """Whether there is anything to keep house for."""
        late = bool(self._older) and self._older[0][0] < now - LINGER
        return late or any(True for _ in self._expired(self.lanes, now))

    def _compact(self, now: Micros, limit: int) -> int:
        """Delete older records of keys that have had a newer one for `LINGER`. How many of `_older` are done with."""
        done = 0
        while done < min(limit, len(self._older)) and self._older[done][0] < now - LINGER:
            done += 1
        bite = [(lane, key, newest) for _, lane, key, newest in list(self._older)[:done]]
        self._db.executemany("DELETE FROM compacted WHERE lane = ? AND key = ? AND id < ?", bite)
        return done

    def _expired(self, lanes: Mapping[Partition, Lane], now: Micros) -> Iterator[tuple[Partition, Lane, Micros]]:
        for partition, lane in lanes.items():
            keep = self._retention.of(partition.topic)
            # A hundredth late: then there is a bite to delete, not a row at each commit.
            if keep is not None and lane.first < lane.next and lane.since < now - 1.01 * keep * SECOND:
                yield partition, lane, now - round(keep * SECOND)

    def _expire(self, now: Micros, limit: int, drafts: dict[Partition, Lane]) -> None:
        """Delete at most `limit` records that are too old, from the beginning of their lanes."""
        for partition, lane, before in list(self._expired({**self.lanes, **drafts}, now)):
            base = lane.number * LANE
            rows = self._db.execute(
                "SELECT id, at FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
                (base + lane.first, base + lane.next, limit),
            ).fetchall()
            old = next((i for i, (_, at) in enumerate(rows) if at >= before), len(rows))
            if old:
                self._db.execute("DELETE FROM records WHERE id >= ? AND id <= ?", (rows[0][0], rows[old - 1][0]))
            first = rows[old - 1][0] % LANE + 1 if old else lane.first
            drafts[partition] = self._with_since(partition, lane._replace(first=first))
            limit -= old
            if limit <= 0:
                return

    def _with_since(self, partition: Partition, lane: Lane) -> Lane:
        base = lane.number * LANE
        row = self._db.execute(
            f"SELECT at FROM {table(partition.topic)} WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
            (base + lane.first, base + lane.next),
        ).fetchone()
        return lane._replace(since=row[0] if row else 0)


def load(db: sqlite3.Connection) -> Iterable[tuple[Partition, Lane]]:
    """The lanes as the file has them."""
    rows = db.execute("SELECT topic, part, number, first, next FROM lanes").fetchall()
    return [(Partition(topic, part), Lane(number, first, after, 0)) for topic, part, number, first, after in rows]
