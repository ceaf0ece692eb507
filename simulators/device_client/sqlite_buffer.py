"""What devices keep, in a SQLite file: a killed simulator finds it again."""

from collections import Counter
from pathlib import Path

from simulators.device_client.buffer import BufferedReading
from ward.sqlite_file import connect

_TABLES = (
    "CREATE TABLE IF NOT EXISTS starts (device TEXT PRIMARY KEY, starts INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS kept (place INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL,"
    " boot TEXT NOT NULL, seq INTEGER NOT NULL, payload BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS kept_by_device ON kept (device, place)",
)


class SqliteDeviceBuffer:
    """One file for many devices, used by one thread.

    A commit a reading, without waiting for the disk: what a kill must not take is in the file when
    `add` returns; a power cut may take the newest, as it may from a real monitor. Raises
    `SettingsError` when the file cannot be opened as a database.
    """

    def __init__(self, path: Path, most: int = 20_000) -> None:
        self._db = connect(path, durable=False)
        for statement in _TABLES:
            self._db.execute(statement)
        self._most = most
        counted = self._db.execute("SELECT device, count(*) FROM kept GROUP BY device")
        self._counts: Counter[str] = Counter(dict(counted.fetchall()))
        self._overwritten: Counter[str] = Counter()

    def starts(self, device: str) -> int:
        (starts,) = self._db.execute(
            "INSERT INTO starts VALUES (?, 1) ON CONFLICT (device) DO UPDATE SET starts = starts + 1 RETURNING starts",
            (device,),
        ).fetchone()
        return int(starts)

    def add(self, device: str, boot: str, seq: int, payload: bytes) -> None:
        if self._counts[device] >= self._most:
            self._drop_oldest(device)
        self._db.execute(
            "INSERT INTO kept (device, boot, seq, payload) VALUES (?, ?, ?, ?)", (device, boot, seq, payload)
        )
        self._counts[device] += 1

    def after(self, device: str, place: int, limit: int) -> list[BufferedReading]:
        rows = self._db.execute(
            "SELECT place, boot, seq, payload FROM kept WHERE device = ? AND place > ? ORDER BY place LIMIT ?",
            (device, place, limit),
        )
        return [BufferedReading(*row) for row in rows]

    def forget(self, device: str, boot: str, seq: int) -> int:
        gone = self._db.execute(
            "DELETE FROM kept WHERE device = ? AND boot = ? AND seq <= ?", (device, boot, seq)
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
        self._db.execute("DELETE FROM kept WHERE place = (SELECT min(place) FROM kept WHERE device = ?)", (device,))
        self._counts[device] -= 1
        self._overwritten[device] += 1
