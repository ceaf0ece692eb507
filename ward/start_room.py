"""Room beside a SQLite file, in a file of its own, for a start on a full disk.

SQLite needs space to open a file: it makes the write-ahead log and its index anew. A clean end gives that space back to
the disk, and whatever filled the disk takes it. So it is kept in `<name>.room`, which is deleted before the file is
opened on a full disk.
"""

import errno
import sqlite3
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage

# Bytes to open a file: the index of its write-ahead log, and a log for the first changes.
ROOM_TO_OPEN = 1 << 20
# Bytes for a file that is written on a full disk: as large as its write-ahead log gets.
ROOM_TO_WRITE = 8 << 20
_PLENTY = 4  # room is kept while the disk has so many times as much


def is_full(error: BaseException) -> bool:
    """Whether no space is left, as far as SQLite or the system knows.

    >>> is_full(sqlite3.OperationalError("database is locked"))
    False
    """
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    code = getattr(error, "sqlite_errorcode", 0)
    return code == sqlite3.SQLITE_FULL or code in (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)


def keep_room(path: Path, size: int) -> None:
    """Keep `size` bytes for the next start of the file at `path`, if the disk has plenty."""
    room = _room(path)
    with suppress(OSError):
        there = room.stat().st_size if room.exists() else 0
        if there < size and disk_usage(path.parent).free >= _PLENTY * ROOM_TO_WRITE:
            with room.open("ab") as file:
                file.write(bytes(size - there))


def give_up_room(path: Path) -> bool:
    """Free the room of the file at `path`. False when there is none."""
    try:
        _room(path).unlink()
    except OSError:
        return False
    return True


def _room(path: Path) -> Path:
    return path.with_name(f"{path.name}.room")
