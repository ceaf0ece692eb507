"""Opens SQLite files: durable commits, detection of damaged files, one writing process."""

import fcntl
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import disk_usage
from typing import Generic, TypeVar

from ward.damaged_file import DamagedFile, FileIdentity, is_damage
from ward.errors import SettingsError
from ward.start_room import ROOM_TO_OPEN, give_up_room, keep_room

# Up to this size the whole file is checked when it is opened; of a larger one only the header.
_CHECKED_WHOLE = 64 * 1024 * 1024
_SMALLEST = 512  # bytes of any database; SQLite treats a shorter file as a new one


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All changes within the context together, durable at its end; none of them when it raises."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def connect(path: Path, *, durable: bool = True) -> sqlite3.Connection:
    """A connection in autocommit mode, for any thread that holds the owner's lock.

    It uses a write-ahead log, so that readers never wait for the writer. `durable` syncs each commit to the disk
    (`synchronous=FULL`); without it the newest commits may be lost in a power cut, but not in a crash.

    On a full disk the room that is kept beside the file is given up: its write-ahead log needs that.

    Raises `DamagedFile` when the file is damaged, empty or not a database, and `SettingsError` when it cannot be
    opened now.
    """
    try:
        return _connected(path, durable)
    except (sqlite3.Error, OSError) as error:
        kind = DamagedFile if is_damage(error) else SettingsError
        raise kind(f"{path}: cannot be opened as a database: {error}") from error


def _connected(path: Path, durable: bool) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    if disk_usage(path.parent).free < ROOM_TO_OPEN:
        give_up_room(path)
    _make_whole(path)
    db = _open(path, durable)
    _check(db, path)
    keep_room(path, ROOM_TO_OPEN)
    return db


def _make_whole(path: Path) -> None:
    """Create a new file under another name first, so that an empty file can only be a damaged one."""
    wal = path.with_name(f"{path.name}-wal")
    if path.exists():
        if path.is_file() and path.stat().st_size < _SMALLEST:
            raise DamagedFile(
                f"{path}: the file is empty, so its data is lost: restore it, or delete it to start without data"
            )
        return
    if wal.exists():
        raise DamagedFile(f"{path}: the file is gone but {wal.name} is there: restore it, or delete that one too")
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    try:
        _open(new, durable=True).close()
        new.replace(path)
    except BaseException:  # as when the disk is full
        new.unlink(missing_ok=True)
        raise


def _open(path: Path, durable: bool) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        db.execute("PRAGMA temp_store=MEMORY")
    except sqlite3.Error:
        db.close()
        raise
    return db


def _check(db: sqlite3.Connection, path: Path) -> None:
    """Raises when the file is damaged; reading the schema compares its size with its header."""
    try:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        whole = path.stat().st_size > _CHECKED_WHOLE or db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.Error:
        db.close()
        raise
    if not whole:
        db.close()
        raise DamagedFile(f"{path}: the file is damaged: restore it, or delete it to start without data")


C = TypeVar("C", bound=sqlite3.Connection, covariant=True)


class ReadConnections(Generic[C]):
    """A pool of read connections of a class `kind`, one for each concurrent reader, so that no reader waits.

    When the file was deleted or replaced, the connections to the old one are closed.
    """

    def __init__(self, path: Path, kind: type[C]) -> None:
        self._path = path
        self._kind = kind
        self._lock = threading.Lock()
        self._idle: list[C] = []
        self._closed = False
        self._file = FileIdentity(path)

    @contextmanager
    def borrow(self) -> Iterator[C]:
        """A connection for the time of a `with`, in one transaction: all queries see the same state of the file.

        Read each cursor to its end: an open one blocks checkpoints.
        """
        with self._lock:
            if self._file.lost():
                self._file = FileIdentity(self._path)
                self._close_idle()
            file, db = self._file, self._idle.pop() if self._idle else None
        db = db or self._connect()
        try:
            db.execute("BEGIN")
            yield db
        finally:
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            with self._lock:
                if self._closed or file is not self._file:
                    db.close()
                else:
                    self._idle.append(db)

    def close(self) -> None:
        """Close all connections; borrowed ones are closed when they are returned."""
        with self._lock:
            self._closed = True
            self._close_idle()

    def _connect(self) -> C:
        # Not `sqlite3.connect(path)`: where the file is gone, that would make an empty one.
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        return sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False, timeout=10, factory=self._kind
        )

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()


class WriterLock:
    """A lock for the one process that writes a file; the system releases it when that process ends."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise SettingsError(f"{path}: cannot be written: {error}") from error
        # Also released when the object is deleted without a call of `release`.
        self.release = weakref.finalize(self, os.close, lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            who = os.pread(lock, 20, 0).decode("ascii", "replace") or "unknown"
            self.release()
            raise SettingsError(
                f"{path}: process {who} writes it already, and only one may: end that one, or use another file"
            ) from error
        with suppress(OSError):  # on a full disk the name of this process is missing, and the lock holds
            os.truncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
