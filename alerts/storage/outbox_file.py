"""The senders' side of the alerts' file."""

import json
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import RecipientState
from alerts.model.outbox_entry import OutboxEntry
from alerts.ports.outbox import Queued
from alerts.storage.schema import FILE, RECIPIENTS
from ward.clock import Micros
from ward.damaged_file import FileIdentity
from ward.errors import SettingsError
from ward.sqlite_file import connect, transaction

_COLUMNS = (
    "key, channel, subject, body, priority, queued_at, queued_wall, received_at, alerts, reports_more, places, "
    "group_key, repeat, attempts, number, recipients"
)
_PLACES = msgspec.json.Decoder(tuple[str, ...])


class OutboxFile:
    """An `Outbox` on a connection of its own to a file that `StateFile` has made.

    With `durable=False` its changes are not synced to the disk. Raises `SettingsError` where there is no file.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        if not path.exists():
            raise SettingsError(f"{path}: not there yet")
        self._path = path
        self._db = connect(path, durable=durable)
        self._file = FileIdentity(path)

    @classmethod
    def in_folder(cls, folder: Path, *, durable: bool = True) -> "OutboxFile":
        """The outbox in a data folder. Raises `SettingsError` where there is none."""
        return cls(folder / FILE, durable=durable)

    def queue(self, channel: str) -> Generator[Queued, None, None]:
        """What waits for a channel, the most urgent first and then the oldest.

        Raises `SettingsError` when the file was replaced by another one while it was open.
        """
        if self._file.lost():
            raise SettingsError(f"{self._path}: it was replaced by another file while open")
        try:
            rows = self._db.execute(
                "SELECT number, places, publication FROM outbox WHERE channel=? AND status='waiting' "
                "ORDER BY priority DESC, number",
                (channel,),
            )
        except sqlite3.OperationalError as error:
            raise SettingsError(f"{self._path}: not ready: {error}") from error
        for number, places, publication in rows:
            yield Queued(number, frozenset(_PLACES.decode(places)), publication)

    def waiting(self, channel: str) -> Iterator[OutboxEntry]:
        """The messages of `queue`."""
        return (entry for queued in list(self.queue(channel)) if (entry := self.entry(queued.number)) is not None)

    def entry(self, number: int) -> OutboxEntry | None:
        """A waiting message; None when it does not wait any more."""
        sql = f"SELECT {_COLUMNS} FROM outbox WHERE number=? AND status='waiting'"
        row = self._db.execute(sql, (number,)).fetchone()
        return _entry(*row) if row is not None else None

    def alerts(self, ids: Sequence[str]) -> list[bytes]:
        """The records of these alerts as they are now; ids without a record are left out."""
        sql = "SELECT body FROM records WHERE kind='alert' AND id=?"
        found = (self._db.execute(sql, (id_,)).fetchone() for id_ in ids)
        return [bytes(row[0]) for row in found if row]

    def commit(self) -> AbstractContextManager[None]:
        """All changes within the context together; durable at its end."""
        return transaction(self._db)

    def record(
        self, entry: OutboxEntry, recipient: str, state: RecipientState, at: Micros, reference: str = ""
    ) -> None:
        """What became of a message at a recipient; `at` is on the wall clock.

        With a `reference` its receipt is awaited: a recipient without a receipt so far stays one until then.
        """
        patch = msgspec.json.encode({recipient: msgspec.structs.replace(state, at=at)}).decode()
        self._db.execute("UPDATE outbox SET recipients=json_patch(recipients, ?) WHERE number=?", (patch, entry.number))
        self._db.execute(
            "INSERT INTO recipients VALUES (?1,?2,?3,?4,?5) ON CONFLICT DO UPDATE SET outcome=?3, reply=?4, "
            "since=iif(outcome<>'' AND (outcome='delivered')=(?3='delivered'), since, ?5) "
            "WHERE ?6='' OR outcome<>'no receipt'",
            (entry.channel, recipient, state.outcome, state.reply, at, reference),
        )
        if reference:
            self._db.execute(
                "INSERT OR IGNORE INTO receipts VALUES (?,?,?,?,?,?,'','',0,0,?)",
                (entry.channel, recipient, entry.message.key, reference, " ".join(entry.alerts), at, at),
            )

    def attempted(self, entry: OutboxEntry, error: str) -> None:
        """An attempt is over, and what its recipients answered that do not have the message; it keeps waiting."""
        self._db.execute("UPDATE outbox SET attempts=attempts+1, error=? WHERE number=?", (error, entry.number))

    def finish(self, number: int, status: str) -> None:
        """The message does not wait any more."""
        self._db.execute("UPDATE outbox SET status=? WHERE number=?", (status, number))

    def delivered(self, entry: OutboxEntry) -> None:
        """All recipients have the message."""
        self.finish(entry.number, "delivered")

    def reorder(self, number: int, priority: int) -> None:
        """Change the priority of a waiting message."""
        self._db.execute("UPDATE outbox SET priority=? WHERE number=?", (priority, number))

    def set_recipients(self, channel: str, names: Iterable[str]) -> None:
        """All recipients that a channel has now; others of it are forgotten."""
        known = json.dumps(list(names))
        sql = "DELETE FROM recipients WHERE channel=? AND recipient NOT IN (SELECT value FROM json_each(?))"
        self._db.execute(sql, (channel, known))
        sql = "INSERT OR IGNORE INTO recipients (channel, recipient) SELECT ?, value FROM json_each(?)"
        self._db.execute(sql, (channel, known))

    def close(self) -> None:
        self._db.close()


def _entry(
    key: str, channel: str, subject: str, body: str, priority: int, queued_at: int, queued_wall: int, received_at: int,
    alerts: str, reports_more: int, places: str, group: str, repeat: int, attempts: int, number: int, recipients: str,
) -> OutboxEntry:  # fmt: skip
    return OutboxEntry(
        message=ChannelMessage(key=key, subject=subject, body=body), channel=channel, priority=priority,
        queued_at=queued_at, queued_wall=queued_wall, received_at=received_at, alerts=tuple(alerts.split()),
        reports_more=bool(reports_more), places=_PLACES.decode(places), group=group, repeat=bool(repeat),
        attempts=attempts, number=number, recipients=RECIPIENTS.decode(recipients),
    )  # fmt: skip
