"""The pipeline's side of the alerts' file."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NoReturn

from alerts.model.outbox_entry import OutboxEntry
from alerts.model.receipt import Receipt
from alerts.model.state_changes import ChannelBacklog, ChannelRecipient, MessageDelivery, Publication, StateChanges
from alerts.storage import replication
from alerts.storage.schema import FILE, RECIPIENTS, check_version, create_tables
from ward.clock import Micros
from ward.damaged_file import DamagedFile, FileIdentity, is_damage, put_aside
from ward.errors import SettingsError
from ward.ports import Partition
from ward.sqlite_file import WriterLock, connect, transaction
from ward.sqlite_reserve import SqliteReserve

# MiB that the file keeps for the time when its disk is full: thousands of alerts. It grows after so many writes.
RESERVE = 4
_WRITES_BEFORE_RESERVE = 20

# In this order.
_OUTBOX_COLUMNS = (
    "key, channel, subject, body, priority, queued_at, queued_wall, received_at, alerts, reports_more, places, "
    "group_key, repeat"
)


class StateFile:
    """A `StateStore` in one SQLite file. Every commit is synced to the disk before `write` returns.

    A damaged file is put aside as `<name>.broken-<wall>`, the name in `damaged_file`, and an empty one takes its
    place. With `durable=False` commits are not synced: a power failure may lose the newest; for tests and rehearsals.
    Raises `SettingsError` when the file cannot be opened, and when another version of Wardwatch has written it.
    """

    def __init__(self, path: Path, wall: Micros = 0, *, durable: bool = True) -> None:
        self.damaged_file = ""
        self._path = path
        self._wall = wall
        self._durable = durable
        try:
            self._db = _open(path, durable)
        except DamagedFile:
            self._put_aside()
        self._file = FileIdentity(path)
        self._reserve = SqliteReserve(self._db, path, RESERVE)
        self._writes = 0

    @classmethod
    def in_folder(cls, folder: Path, wall: Micros, *, durable: bool = True) -> "StateFile":
        """The file in a data folder; `wall` is the time now, for the name of a damaged one."""
        return cls(folder / FILE, wall, durable=durable)

    @staticmethod
    def lock(folder: Path) -> Callable[[], object]:
        """Take the file in a data folder for this process alone, until the result is called or deleted.

        Raises `SettingsError` while another process has it.
        """
        lock = WriterLock(folder / FILE)  # released when it is deleted: the function that is returned keeps it
        return lambda: lock.release()

    @staticmethod
    def check_version(folder: Path) -> None:
        """Raises `OtherVersion` where the file in a data folder was written by another version of Wardwatch.

        Before a start, so that the program does not start at all. A file that is missing or damaged is none.
        """
        path = folder / FILE
        if not path.exists():
            return
        with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as db:
            check_version(db, path)

    def start_over(self) -> None:
        """Put the file aside, whose records cannot be read, and begin an empty one."""
        self._db.close()
        self._put_aside()

    def open_records(self, kind: str) -> list[bytes]:
        """The bodies of all open records of a kind."""
        return [row[0] for row in self._db.execute("SELECT body FROM records WHERE kind=? AND open", (kind,))]

    def record(self, kind: str, id_: str) -> bytes | None:
        """The body of one record, open or not; None when there is none."""
        row = self._db.execute("SELECT body FROM records WHERE kind=? AND id=?", (kind, id_)).fetchone()
        return bytes(row[0]) if row else None

    def positions(self) -> dict[Partition, int]:
        """The offset to read next in each partition of the log."""
        rows = self._db.execute("SELECT topic, partition_number, next FROM positions")
        return {Partition(topic, number): offset for topic, number, offset in rows}

    def unpublished(self, after: int = 0) -> list[Publication]:
        """Publications with a number above `after`, oldest first."""
        sql = "SELECT number, topic, key, value FROM publications WHERE number>? ORDER BY number"
        return [Publication(*row) for row in self._db.execute(sql, (after,))]

    def backlogs(self) -> list[ChannelBacklog]:
        """What waits in the outbox, by channel; channels where nothing waits are left out."""
        rows = self._db.execute(
            "SELECT channel, count(*), min(queued_at), (SELECT error FROM outbox AS o WHERE "
            "o.channel = outbox.channel AND o.status = 'waiting' AND o.error <> '' LIMIT 1) "
            "FROM outbox WHERE status = 'waiting' GROUP BY channel"
        )
        return [ChannelBacklog(channel, waiting, oldest, error or "") for channel, waiting, oldest, error in rows]

    def recipients(self) -> list[ChannelRecipient]:
        """What the last message to each recipient of each channel has come to."""
        rows = self._db.execute("SELECT channel, recipient, outcome, reply, since FROM recipients")
        return [ChannelRecipient(*row) for row in rows]

    def receipts(self) -> list[Receipt]:
        """What became of messages at phones, as far as it is known, the oldest message first."""
        sql = f"SELECT {','.join(Receipt._fields)} FROM receipts WHERE state<>'' ORDER BY sent_at"
        return [Receipt(*row) for row in self._db.execute(sql)]

    def write(self, changes: StateChanges) -> None:
        """All changes in one transaction, durable when this returns. Raises, and changes nothing, when that fails.

        Raises `SettingsError` when the file was deleted or replaced while it was open.
        """
        if self._file.lost():
            self._leave()
        self._writes += 1
        if self._writes > _WRITES_BEFORE_RESERVE:
            self._reserve.tend()
        self._reserve.retry(lambda: self._write(changes))

    def _write(self, changes: StateChanges) -> None:
        with transaction(self._db):
            self._write_state(changes)
            self._write_outbox(changes.outbox)

    def withdraw(self, channels: Iterable[str], why: str) -> None:
        """Send nothing of what waits for these channels any more."""
        rows = [(why, channel) for channel in channels]
        self._db.executemany("UPDATE outbox SET status=? WHERE channel=? AND status='waiting'", rows)

    def delivery(self, key: str, channel: str) -> MessageDelivery:
        """What has become of a message for a channel; one that is not written yet waits."""
        sql = "SELECT status, recipients FROM outbox WHERE key=? AND channel=?"
        status, recipients = self._db.execute(sql, (key, channel)).fetchone() or ("waiting", "{}")
        return MessageDelivery(status == "waiting", status, RECIPIENTS.decode(recipients))

    def give_up(self, key: str, channel: str, why: str) -> None:
        """Send a message that waits for a channel no more."""
        sql = "UPDATE outbox SET status=? WHERE key=? AND channel=? AND status='waiting'"
        self._db.execute(sql, (why, key, channel))

    def delete_closed(self, before: Micros) -> None:
        """Delete closed records and finished outbox entries last changed before `before` (wall clock)."""
        self._db.execute("DELETE FROM records WHERE NOT open AND at<?", (before,))
        self._db.execute("DELETE FROM outbox WHERE status<>'waiting' AND queued_wall<?", (before,))

    @property
    def file_id(self) -> str:
        """The id of this file, for as long as it exists."""
        return str(self._meta("file_id"))

    @property
    def was_active(self) -> bool:
        """Whether it may have what is not in the log yet."""
        return bool(self._meta("active"))

    def apply(self, keys: Sequence[str], values: Sequence[bytes]) -> None:
        """Make the rows what records of the topic `ward.alerts-state` say, in one transaction."""
        with transaction(self._db):
            replication.apply(self._db, keys, values)

    def owner(self, keys: Sequence[str], values: Sequence[bytes]) -> str | None:
        """The id of the file that these records are from; None when they do not say. Raises `SettingsError`."""
        return replication.owner(keys, values)

    def take_over(self, *, whole: bool) -> None:
        """From now on this is the active one's: every change is among `unpublished`; with `whole` all there is."""
        with transaction(self._db):
            replication.stop_publishing(self._db)
            replication.start_publishing(self._db, self.file_id)
            if whole:
                replication.publish_all(self._db)
            self._db.execute("UPDATE meta SET value=1 WHERE name='active'")

    def clear(self) -> None:
        """Delete all of it, to follow from the beginning."""
        with transaction(self._db):
            replication.stop_publishing(self._db)
            for table in (*replication.REPLICATED, "publications"):
                self._db.execute(f"DELETE FROM {table}")
            self._db.execute("UPDATE meta SET value=0 WHERE name='active'")

    def close(self) -> None:
        self._db.close()

    def _meta(self, name: str) -> object:
        return self._db.execute("SELECT value FROM meta WHERE name=?", (name,)).fetchone()[0]

    def _write_state(self, changes: StateChanges) -> None:
        many = self._db.executemany
        many("INSERT OR REPLACE INTO records VALUES (?,?,?,?,?)", changes.records)
        many("DELETE FROM records WHERE kind=? AND id=?", changes.removed)
        many("INSERT OR REPLACE INTO positions VALUES (?,?,?)", [(*p, n) for p, n in changes.positions.items()])
        many("INSERT INTO publications (topic, key, value) VALUES (?,?,?)", changes.publications)
        self._db.execute("DELETE FROM publications WHERE number<=?", (changes.published,))

    def _write_outbox(self, entries: Sequence[OutboxEntry]) -> None:
        for entry in entries:
            if entry.repeat:
                self._db.execute(
                    "UPDATE outbox SET status=? WHERE channel=? AND group_key=? AND repeat AND status='waiting'",
                    (f"replaced by {entry.message.key}", entry.channel, entry.group),
                )
        self._db.executemany(
            f"INSERT OR IGNORE INTO outbox ({_OUTBOX_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [_outbox_row(entry) for entry in entries],
        )

    def _leave(self) -> NoReturn:
        """The file at the path is another one, or none: it gets nothing of what was written to this one."""
        self._db.close()
        put_aside(self._path, self._wall, main=not self._file.replaced())
        raise SettingsError(f"{self._path}: deleted or replaced while in use; the state is read again from the log")

    def _put_aside(self) -> None:
        aside = put_aside(self._path, self._wall)
        self._db = _open(self._path, self._durable)
        self._file = FileIdentity(self._path)
        self._reserve = SqliteReserve(self._db, self._path, RESERVE)
        self.damaged_file = aside.name


def _open(path: Path, durable: bool) -> sqlite3.Connection:
    """A connection to a file that SQLite finds undamaged."""
    db = connect(path, durable=durable)
    try:
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise DamagedFile(f"{path}: the database file is damaged: {found}")
        create_tables(db, path)
    except sqlite3.Error as error:
        db.close()
        kind = DamagedFile if is_damage(error) else SettingsError
        raise kind(f"{path}: the database file cannot be used: {error}") from error
    except SettingsError:
        db.close()
        raise
    return db


def _outbox_row(entry: OutboxEntry) -> tuple[object, ...]:
    message = entry.message
    return (
        message.key, entry.channel, message.subject, message.body, entry.priority, entry.queued_at, entry.queued_wall,
        entry.received_at, " ".join(entry.alerts), entry.reports_more, json.dumps(entry.places), entry.group,
        entry.repeat,
    )  # fmt: skip
