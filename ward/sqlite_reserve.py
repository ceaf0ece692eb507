"""Room inside a SQLite file for the time when its disk is full.

A write into space that a file has already needs no free space. So some rows hold nothing; when the disk is full they
are deleted, and SQLite uses their pages. The write-ahead log has its full size by then, because the rows were written
through it.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage

from ward.start_room import ROOM_TO_WRITE, is_full, keep_room

_ROW = 1 << 20  # bytes of one row
_CLAIMED = 4  # rows that are written again at a start on a full disk


class SqliteReserve:
    """The reserve of `most` MiB of the file at `path`, on the connection that writes it."""

    def __init__(self, db: sqlite3.Connection, path: Path, most: int) -> None:
        self._db = db
        self._path = path
        self._most = most
        db.execute("CREATE TABLE IF NOT EXISTS reserve (number INTEGER PRIMARY KEY, filler BLOB)")
        (self.rows,) = db.execute("SELECT count(*) FROM reserve").fetchone()
        if disk_usage(path.parent).free < ROOM_TO_WRITE:
            self._claim_room()

    def tend(self) -> None:
        """Call about once a second, not inside a transaction: keeps about one MiB of room inside the file.

        While the disk has plenty, the file is made larger for that, and the reserve filled; later the reserve is used.
        On a full disk it is too late: what the file grows by is then in the write-ahead log, and cannot be copied back.
        """
        plenty = disk_usage(self._path.parent).free >= 2 * self._most * _ROW
        keep_room(self._path, ROOM_TO_WRITE)
        with suppress(sqlite3.Error):
            room = self._room()
            if plenty and self.rows < self._most:
                self._insert(_ROW)
            elif plenty and room < _ROW:
                self._insert(room + 2 * _ROW)
                self._release()
            elif room < _ROW:
                self._release()
            if not plenty:
                self._checkpoint()

    def retry(self, write: Callable[[], None]) -> None:
        """Call `write`; when the disk is full give up one MiB after the other, and call it again.

        `write` must change nothing when it raises. Raises its error when nothing is left.
        """
        while True:
            try:
                return write()
            except sqlite3.Error as error:
                if not is_full(error):
                    raise
                self._checkpoint()
                if not self._release():
                    raise

    def _claim_room(self) -> None:
        """At a start on a full disk: the write-ahead log takes the room that was kept for it, before another file does.

        It gets its size by rows that are written again, with other bytes: they need no further page of the file.
        """
        with suppress(sqlite3.Error):
            self._db.execute(
                "UPDATE reserve SET filler = randomblob(length(filler)) WHERE number IN "
                "(SELECT number FROM reserve ORDER BY number LIMIT ?)",
                (_CLAIMED,),
            )
            self._checkpoint()

    def _insert(self, size: int) -> None:
        self._db.execute("INSERT INTO reserve (filler) VALUES (zeroblob(?))", (size,))
        self.rows += 1
        self._checkpoint()

    def _checkpoint(self) -> None:
        """Copy the write-ahead log into the file, so that it begins again in the space that it has."""
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _room(self) -> int:
        """Bytes of pages in the file that hold nothing."""
        (pages,) = self._db.execute("PRAGMA freelist_count").fetchone()
        (size,) = self._db.execute("PRAGMA page_size").fetchone()
        return int(pages * size)

    def _release(self) -> bool:
        if not self.rows:
            return False
        self._db.execute("DELETE FROM reserve WHERE number = (SELECT max(number) FROM reserve)")
        self.rows -= 1
        return True
