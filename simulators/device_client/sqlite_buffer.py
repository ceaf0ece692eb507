"""A device buffer in a SQLite file: a killed simulator finds its readings again."""

import logging
from collections import Counter
from pathlib import Path

from simulators.device_client.buffer import BufferedReading
from ward.clock import SECOND, Micros
from ward.damaged_file import DamagedFile, put_aside
from ward.sqlite_file import connect

log = logging.getLogger(__name__)

_TABLES = (
    "CREATE TABLE IF NOT EXISTS starts (device TEXT PRIMARY KEY, starts INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS readings (position INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL,"
    " boot TEXT NOT NULL, seq INTEGER NOT NULL, payload BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS readings_by_device ON readings (device, position)",
)


class SqliteDeviceBuffer:
    """One file for many devices, used by one thread.

    Each reading is committed without waiting for the disk: a kill loses nothing that `add` has returned
    for; a power cut may lose the newest, as with a real monitor. A damaged file is put aside; in the empty one that
    takes its place starts are counted from `wall` in seconds, so that no start has the number of an earlier one. Raises
    `SettingsError` when the file cannot be opened as a database.
    """

    def __init__(self, path: Path, most: int = 20_000, wall: Micros = 0) -> None:
        self._first_start = 1
        try:
            self._db = connect(path, durable=False)
        except DamagedFile as error:
            log.error("%s. An empty file takes its place: what the devices had not sent is lost", error)
            put_aside(path, wall)
            self._db = connect(path, durable=False)
            self._first_start = wall // SECOND
        for statement in _TABLES:
            self._db.execute(statement)
        self._most = most
        counted = self._db.execute("SELECT device, count(*) FROM readings GROUP BY device")
        self._counts: Counter[str] = Counter(dict(counted.fetchall()))
        self._overwritten: Counter[str] = Counter()

    def next_boot(self, device: str) -> int:
        (starts,) = self._db.execute(
            "INSERT INTO starts VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET starts = starts + 1 RETURNING starts",
            (device, self._first_start),
        ).fetchone()
        return int(starts)

    def add(self, device: str, boot: str, seq: int, payload: bytes) -> None:
        if self._counts[device] >= self._most:
            self._drop_oldest(device)
        self._db.execute(
            "INSERT INTO readings (device, boot, seq, payload) VALUES (?, ?, ?, ?)", (device, boot, seq, payload)
        )
        self._counts[device] += 1

    def after(self, device: str, position: int, limit: int) -> list[BufferedReading]:
        rows = self._db.execute(
            "SELECT position, boot, seq, payload FROM readings WHERE device = ? AND position > ?"
            " ORDER BY position LIMIT ?",
            (device, position, limit),
        )
        return [BufferedReading(*row) for row in rows]

    def remove(self, device: str, boot: str, seq: int) -> int:
        gone = self._db.execute(
            "DELETE FROM readings WHERE device = ? AND boot = ? AND seq <= ?", (device, boot, seq)
        ).rowcount
        self._counts[device] -= gone
        return gone

    def count(self, device: str) -> int:
        return self._counts[device]

    def overwritten(self, device: str) -> int:
        return self._overwritten[device]

    def close(self) -> None:
        self._db.close()

    def _drop_oldest(self, device: str) -> None:
        self._db.execute(
            "DELETE FROM readings WHERE position = (SELECT min(position) FROM readings WHERE device = ?)", (device,)
        )
        self._counts[device] -= 1
        self._overwritten[device] += 1
