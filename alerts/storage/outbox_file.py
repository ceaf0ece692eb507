"""The senders' side of the alerts' file: what must be told on a channel, until it was."""

import sqlite3
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from alerts.channels.notifier import ChannelMessage
from ward.clock import Micros
from ward.errors import SettingsError
from ward.sqlite_file import connect

DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """A notice that is to be told on a channel, with the ids of the alerts it tells as active."""

    notice: ChannelMessage
    alerts: tuple[str, ...]
    seen: Micros
    attempts: int


class OutboxFile:
    """A connection of its own to a file that `StateFile` has made. Raises `SettingsError` where there is none."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise SettingsError(f"{path}: not there yet")
        self._path = path
        self._inode = path.stat().st_ino
        self._db = connect(path)

    def waiting(self, channel: str) -> Generator[PendingEntry, None, None]:
        """What waits on a channel, the most urgent first and then the oldest.

        Raises `SettingsError` when another file has taken the place of the one that was opened.
        """
        if not self._path.exists() or self._path.stat().st_ino != self._inode:
            raise SettingsError(f"{self._path}: another file has taken its place")
        try:
            rows = self._db.execute(
                "SELECT key, subject, body, alerts, seen, attempts FROM outbox "
                "WHERE channel=? AND done='' ORDER BY priority DESC, n",
                (channel,),
            )
        except sqlite3.OperationalError as error:
            raise SettingsError(f"{self._path}: not ready: {error}") from error
        for key, subject, body, alerts, seen, attempts in rows:
            yield PendingEntry(
                ChannelMessage(key=key, subject=subject, body=body), tuple(alerts.split()), seen, attempts
            )

    def alerts(self, ids: Sequence[str]) -> list[bytes]:
        """The records of alerts as they stand now."""
        found = (
            self._db.execute("SELECT body FROM records WHERE kind='case' AND id=?", (id_,)).fetchone() for id_ in ids
        )
        return [bytes(row[0]) for row in found if row]

    def delivered(self, channel: str, waiting: PendingEntry) -> None:
        """It was told; durable when this returns."""
        self._mark("done", DELIVERED, channel, waiting)

    def failed(self, channel: str, waiting: PendingEntry, detail: str) -> None:
        """It was not told this time, and why."""
        self._mark("detail", detail, channel, waiting)

    def _mark(self, column: str, what: str, channel: str, waiting: PendingEntry) -> None:
        self._db.execute(
            f"UPDATE outbox SET attempts=attempts+1, {column}=? WHERE key=? AND channel=?",
            (what, waiting.notice.key, channel),
        )

    def close(self) -> None:
        self._db.close()
