"""Opens SQLite files: durable commits, detection of damaged files, one writing process."""

import fcntl
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ward.errors import SettingsError

# Up to this size the whole file is checked when it is opened; of a larger one only the header.
_CHECKED_WHOLE = 64 * 1024 * 1024
_SMALLEST = 512  # bytes of any database; SQLite treats a shorter file as a new one


def connect(path: Path, *, durable: bool = True) -> sqlite3.Connection:
    """A connection in autocommit mode, for any thread that holds the owner's lock.

    It uses a write-ahead log, so that readers never wait for the writer. `durable` syncs each commit to the disk
    (`synchronous=FULL`); without it the newest commits may be lost in a power cut, but not in a crash.

    Raises `SettingsError` when the file is damaged, not a database, or cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_whole(path)
        db = _open(path, durable)
        _check(db, path)
    except (sqlite3.Error, OSError) as error:
        raise SettingsError(f"{path}: cannot be opened as a database: {error}") from error
    return db


def _make_whole(path: Path) -> None:
    """Create a new file under another name first, so that an empty file can only be a damaged one."""
    wal = path.with_name(f"{path.name}-wal")
    if path.exists():
        if path.stat().st_size < _SMALLEST:
            raise SettingsError(
                f"{path}: the file is empty, so its data is lost: restore it, or delete it to start without data"
            )
        return
    if wal.exists():
        raise SettingsError(f"{path}: the file is gone but {wal.name} is there: restore it, or delete that one too")
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    _open(new, durable=True).close()
    new.replace(path)


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
        raise SettingsError(f"{path}: the file is damaged: restore it, or delete it to start without data")


class ReadConnections:
    """A pool of read connections, one for each concurrent reader, so that no reader waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def borrow(self) -> Iterator[sqlite3.Connection]:
        """A connection for the time of a `with`. Read each cursor to its end: an open one blocks checkpoints."""
        with self._lock:
            db = self._idle.pop() if self._idle else None
        if db is None:
            db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10)
        try:
            yield db
        finally:
            with self._lock:
                if self._closed:
                    db.close()
                else:
                    self._idle.append(db)

    def close(self) -> None:
        """Close all connections; borrowed ones are closed when they are returned."""
        with self._lock:
            self._closed = True
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
        os.truncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
