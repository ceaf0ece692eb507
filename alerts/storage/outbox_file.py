"""The senders' side of the alerts' file."""

import sqlite3
from collections.abc import Generator, Sequence
from pathlib import Path

from alerts.model.channel_message import ChannelMessage
from alerts.model.outbox_entry import OutboxEntry
from alerts.storage.schema import FILE
from ward.damaged_file import FileIdentity
from ward.errors import SettingsError
from ward.sqlite_file import connect

_COLUMNS = "key, subject, body, priority, queued_at, queued_wall, received_at, alerts, group_key, repeat, attempts"


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

    def waiting(self, channel: str) -> Generator[OutboxEntry, None, None]:
        """What waits for a channel, the most urgent first and then the oldest.

        Raises `SettingsError` when the file was replaced by another one while it was open.
        """
        if self._file.lost():
            raise SettingsError(f"{self._path}: it was replaced by another file while open")
        try:
            rows = self._db.execute(
                f"SELECT {_COLUMNS} FROM outbox WHERE channel=? AND status='waiting' ORDER BY priority DESC, number",
                (channel,),
            )
        except sqlite3.OperationalError as error:
            raise SettingsError(f"{self._path}: not ready: {error}") from error
        for key, subject, body, priority, queued_at, queued_wall, received_at, alerts, group, repeat, attempts in rows:
            yield OutboxEntry(
                message=ChannelMessage(key=key, subject=subject, body=body), channel=channel, priority=priority,
                queued_at=queued_at, queued_wall=queued_wall, received_at=received_at, alerts=tuple(alerts.split()),
                group=group,
                repeat=bool(repeat), attempts=attempts,
            )  # fmt: skip

    def alerts(self, ids: Sequence[str]) -> list[bytes]:
        """The records of these alerts as they are now; ids without a record are left out."""
        sql = "SELECT body FROM records WHERE kind='alert' AND id=?"
        found = (self._db.execute(sql, (id_,)).fetchone() for id_ in ids)
        return [bytes(row[0]) for row in found if row]

    def delivered(self, entry: OutboxEntry) -> None:
        """The channel took it. Durable when this returns."""
        self._attempted(entry, "status", "delivered")

    def failed(self, entry: OutboxEntry, detail: str) -> None:
        """An attempt failed, and why; the message keeps waiting."""
        self._attempted(entry, "error", detail)

    def close(self) -> None:
        self._db.close()

    def _attempted(self, entry: OutboxEntry, column: str, value: str) -> None:
        self._db.execute(
            f"UPDATE outbox SET attempts=attempts+1, {column}=? WHERE key=? AND channel=?",
            (value, entry.message.key, entry.channel),
        )
