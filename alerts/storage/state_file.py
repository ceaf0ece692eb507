"""What the alerts stand on, in one SQLite file: so that one commit moves all of it or nothing.

records    alerts, groups, silences and actions as JSON, by kind and id; `open` ones are loaded at a start
positions  the offset to go on from in each partition of the log
publish    messages that were decided with this state and must still go out to the log, in order
outbox     what must be told to people; `sqlite_outbox.py` is its other side
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ward.clock import Micros
from ward.errors import SettingsError
from ward.ports.log import Partition
from ward.sqlite_file import connect

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT, id TEXT, open INTEGER, at INTEGER, body BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_open ON records (kind) WHERE open;
CREATE INDEX IF NOT EXISTS records_old ON records (at) WHERE NOT open;
CREATE TABLE IF NOT EXISTS positions (topic TEXT, part INTEGER, next INTEGER, PRIMARY KEY (topic, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS publish (n INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT, key TEXT, value BLOB);
CREATE TABLE IF NOT EXISTS outbox (
    n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT, channel TEXT, subject TEXT, body TEXT, priority INTEGER,
    created INTEGER, at INTEGER, seen INTEGER, alerts TEXT, grp TEXT, again INTEGER,
    attempts INTEGER DEFAULT 0, detail TEXT DEFAULT '', done TEXT DEFAULT '', UNIQUE (key, channel));
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (channel, priority DESC, n) WHERE done = '';
"""


class Record(NamedTuple):
    """One alert, group, silence or action; `at` is when it was last touched, for clearing up."""

    kind: str
    id: str
    open: bool
    at: Micros
    body: bytes


class OutboxEntry(NamedTuple):
    """A notice for one channel. Priority 3 goes before 1, then the oldest first.

    `created` is in the time for waits, `at` on the wall. `seen` is when the reading behind it came
    in, 0 where that was long ago, `alerts` the ids it tells as active, space-separated; `again`
    says that it only repeats, so that a later one of the same group may take its place.
    """

    key: str
    channel: str
    subject: str
    body: str
    priority: int
    created: Micros
    at: Micros
    seen: Micros
    alerts: str
    group: str
    again: bool


class Publication(NamedTuple):
    """A message for the log, in the order of `n`."""

    n: int
    topic: str
    key: str
    value: bytes


class Backlog(NamedTuple):
    """What waits on a channel: how many, the oldest's `created`, and what went wrong last."""

    channel: str
    waiting: int
    oldest: Micros
    detail: str


@dataclass(slots=True)
class Changes:
    """Everything that one step decided."""

    records: list[Record] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)
    positions: dict[Partition, int] = field(default_factory=dict)
    publish: list[tuple[str, str, bytes]] = field(default_factory=list)
    letters: list[OutboxEntry] = field(default_factory=list)
    published: int = 0

    def __bool__(self) -> bool:
        return any((self.records, self.gone, self.positions, self.publish, self.letters, self.published))


class StateFile:
    """The state's side of the file. Every commit is synced to the disk before `write` returns.

    Raises `SettingsError` when the file cannot be opened. One that is torn is put aside under the
    name in `broken`, and an empty one takes its place: who opens it fills it from the log again.
    """

    def __init__(self, path: Path, stamp: str = "0") -> None:
        self.broken: Path | None = None
        try:
            self._db = _whole(path)
        except SettingsError as error:
            if isinstance(error.__cause__, sqlite3.OperationalError | OSError):
                raise  # it may be whole, and only out of reach
            self.broken = _put_aside(path, stamp)
            self._db = _whole(path)

    @classmethod
    def anew(cls, path: Path, stamp: str) -> "StateFile":
        """Puts a file aside whose records cannot be read, and begins another."""
        broken = _put_aside(path, stamp)
        file = cls(path, stamp)
        file.broken = broken
        return file

    def opened(self, kind: str) -> list[bytes]:
        """The bodies of all open records of a kind."""
        return [row[0] for row in self._db.execute("SELECT body FROM records WHERE kind=? AND open", (kind,))]

    def body(self, kind: str, id_: str) -> bytes | None:
        """One record, open or not."""
        row = self._db.execute("SELECT body FROM records WHERE kind=? AND id=?", (kind, id_)).fetchone()
        return bytes(row[0]) if row else None

    def positions(self) -> dict[Partition, int]:
        return {Partition(t, p): n for t, p, n in self._db.execute("SELECT topic, part, next FROM positions")}

    def unpublished(self, after: int = 0) -> list[Publication]:
        """What must still go to the log, oldest first."""
        rows = self._db.execute("SELECT n, topic, key, value FROM publish WHERE n>? ORDER BY n", (after,))
        return [Publication(*row) for row in rows]

    def backlogs(self) -> list[Backlog]:
        """What waits, by channel."""
        rows = self._db.execute(
            "SELECT channel, count(*), min(created), (SELECT detail FROM outbox AS o WHERE o.channel = outbox.channel "
            "AND o.done = '' AND o.detail <> '' LIMIT 1) FROM outbox WHERE done = '' GROUP BY channel"
        )
        return [Backlog(channel, waiting, oldest, detail or "") for channel, waiting, oldest, detail in rows]

    def write(self, changes: Changes) -> None:
        """All changes in one transaction, durable when this returns, or none of them and an error."""
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            self._write_state(changes)
            self._write_letters(changes.letters)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def withdraw(self, channels: Iterable[str], why: str) -> int:
        """Give up what waits on channels that are no more; how many that were."""
        rows = [(why, channel) for channel in channels]
        return self._db.executemany("UPDATE outbox SET done=? WHERE channel=? AND done=''", rows).rowcount

    def clear(self, before: Micros) -> None:
        """Forget what has been closed since before an instant."""
        self._db.execute("DELETE FROM records WHERE NOT open AND at<?", (before,))
        self._db.execute("DELETE FROM outbox WHERE done<>'' AND at<?", (before,))

    def close(self) -> None:
        self._db.close()

    def _write_state(self, changes: Changes) -> None:
        many = self._db.executemany
        many("INSERT OR REPLACE INTO records VALUES (?,?,?,?,?)", changes.records)
        many("DELETE FROM records WHERE kind=? AND id=?", changes.gone)
        many("INSERT OR REPLACE INTO positions VALUES (?,?,?)", [(*p, n) for p, n in changes.positions.items()])
        many("INSERT INTO publish (topic, key, value) VALUES (?,?,?)", changes.publish)
        self._db.execute("DELETE FROM publish WHERE n<=?", (changes.published,))

    def _write_letters(self, letters: Sequence[OutboxEntry]) -> None:
        for letter in letters:
            if letter.again:
                self._db.execute(
                    "UPDATE outbox SET done=? WHERE channel=? AND grp=? AND again AND done=''",
                    (f"replaced by {letter.key}", letter.channel, letter.group),
                )
        self._db.executemany(
            "INSERT OR IGNORE INTO outbox (key, channel, subject, body, priority, created, at, seen, alerts, grp, "
            "again) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            letters,
        )


def _whole(path: Path) -> sqlite3.Connection:
    """A connection to a file that SQLite finds nothing wrong with."""
    db = connect(path)
    try:
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        db.executescript(_SCHEMA)
    except sqlite3.Error as error:
        db.close()
        raise SettingsError(f"{path}: not a whole database: {error}") from error
    return db


def _put_aside(path: Path, stamp: str) -> Path:
    aside = path.with_name(f"{path.name}.broken-{stamp}")
    for end in ("", "-wal", "-shm"):
        file = path.with_name(path.name + end)
        if file.exists():
            file.replace(aside.with_name(aside.name + end))
    return aside
