"""How the house opens a SQLite file: one place for the settings that make a commit durable."""

import sqlite3
from pathlib import Path

from ward.errors import SettingsError


def connect(path: Path, *, durable: bool = True) -> sqlite3.Connection:
    """A connection in autocommit mode, usable from any thread that holds the owner's lock.

    Write-ahead log, so that readers never wait for the writer. `durable` syncs each commit to the
    disk (`synchronous=FULL`); without it a power cut, but no crash, may take back the newest ones.
    Raises `SettingsError` when the file is not a database or cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        db.execute("PRAGMA temp_store=MEMORY")
    except (sqlite3.Error, OSError) as error:
        raise SettingsError(f"{path}: cannot be opened as a database: {error}") from error
    return db
