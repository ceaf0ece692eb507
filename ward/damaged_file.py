"""Database files that are damaged, deleted or replaced: how that is noticed, and where they are kept."""

import sqlite3
from pathlib import Path

from ward.clock import Micros
from ward.errors import SettingsError

_SIDE_FILES = ("-wal", "-shm")
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class DamagedFile(SettingsError):
    """Raised for a file that is certainly not usable: damaged, empty, not a database. Never for one that is only
    unreadable now."""


def is_damage(error: BaseException) -> bool:
    """Whether SQLite found the file itself damaged, as opposed to locked, full or unreadable.

    >>> is_damage(sqlite3.OperationalError("database or disk is full"))
    False
    """
    return isinstance(error, sqlite3.Error) and (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGE


def put_aside(path: Path, wall: Micros, *, main: bool = True) -> Path:
    """Rename a database file, with its write-ahead log, to `<name>.broken-<wall>`, and return that path.

    Without `main` only the write-ahead log: of a file that was deleted or replaced it may be left, and must not be read
    into another one. Raises `SettingsError` when it cannot be renamed.
    """
    aside = path.with_name(f"{path.name}.broken-{wall}")
    try:
        for end in ("", *_SIDE_FILES) if main else _SIDE_FILES:
            file = path.with_name(path.name + end)
            if file.exists():
                file.replace(aside.with_name(aside.name + end))
    except OSError as error:
        raise SettingsError(f"{path}: it is damaged and cannot be renamed: {error.strerror}") from error
    return aside


def files_put_aside(path: Path) -> list[Path]:
    """The files that were put aside for this one, the oldest first."""
    found = path.parent.glob(f"{path.name}.broken-*")
    return sorted(file for file in found if file.name.rpartition("-")[2].isdigit())


class FileIdentity:
    """Notices that a database file, or its write-ahead log, was deleted or replaced while it was open.

    A disk that gives no answer about them says neither.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wal = path.with_name(f"{path.name}-wal")
        self._known = _identity(path)
        self._known_wal = _identity(self._wal)

    def lost(self) -> bool:
        """Whether what is written now would not be found at the path by another connection."""
        try:
            wal = _identity(self._wal)
        except OSError:
            return False
        if self._known_wal is None:
            self._known_wal = wal  # SQLite makes it with the first write, and deletes it with the last connection
        return self.replaced() or wal != self._known_wal

    def replaced(self) -> bool:
        """Whether the path leads to another file, or to none. The inode of an open file is never used again."""
        try:
            return _identity(self._path) != self._known
        except OSError:
            return False


def _identity(path: Path) -> tuple[int, int] | None:
    """None where there is no file. Raises `OSError` when the disk does not say."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino
