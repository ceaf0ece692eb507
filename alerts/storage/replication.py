"""The rows of the alerts' file as records of the topic `ward.alerts-state`, and back.

A record is one row: its key is the table with the key of the row, its value all columns, both as JSON; an empty value
deletes. Triggers write each change to `publications`, in the transaction of the change itself, whoever makes it: the
pipeline, the senders, or housekeeping.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

from alerts.storage.schema import VERSION
from ward.errors import SettingsError
from ward.topics import ALERTS_STATE

# The tables that another process needs to go on, with the columns of their keys.
REPLICATED = {
    "records": ("kind", "id"),
    "positions": ("topic", "partition_number"),
    "outbox": ("key", "channel"),
    "recipients": ("channel", "recipient"),
    "receipts": ("channel", "recipient", "key"),
}
# Columns with a meaning in one file only.
_LOCAL = {"publication"}
_BLOB = ("records", "body")
_OWNER = json.dumps(["owner"])


def start_publishing(db: sqlite3.Connection, file: str) -> None:
    """From now on each change of a row is published. The first record names the file that they are from."""
    for table, keys in REPLICATED.items():
        for sql in _triggers(table, keys, columns(db, table)):
            db.execute(sql)
    value = json.dumps({"file": file, "version": VERSION})
    db.execute("INSERT INTO publications (topic, key, value) VALUES (?,?,?)", (ALERTS_STATE, _OWNER, value.encode()))


def stop_publishing(db: sqlite3.Connection) -> None:
    """Changes are not published any more."""
    for table in REPLICATED:
        for event in ("put", "changed", "deleted"):
            db.execute(f"DROP TRIGGER IF EXISTS {table}_{event}")


def publish_all(db: sqlite3.Connection) -> None:
    """Publish every row as it is, for a topic that has none of them."""
    for table, (column, *_) in REPLICATED.items():
        db.execute(f"UPDATE {table} SET {column}={column}")


def apply(db: sqlite3.Connection, keys: Sequence[str], values: Sequence[bytes]) -> None:
    """Make the rows what the records say."""
    for key, value in zip(keys, values, strict=True):
        table, *ids = json.loads(key)
        if table not in REPLICATED:
            continue
        if value:
            row = json.loads(value)
            names, marks = ",".join(row), ",".join("?" * len(row))
            db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", list(_values(table, row)))
        else:
            where = " AND ".join(f"{column}=?" for column in REPLICATED[table])
            db.execute(f"DELETE FROM {table} WHERE {where}", ids)


def owner(keys: Iterable[str], values: Iterable[bytes]) -> str | None:
    """The id of the file that the newest of these records are from; None when they do not say.

    Raises `SettingsError` when a version of Wardwatch with other tables has written them.
    """
    found = None
    for key, value in zip(keys, values, strict=True):
        if key == _OWNER and value:
            found = json.loads(value)
    if found is not None and found["version"] != VERSION:
        raise SettingsError(
            f"{ALERTS_STATE}: written by another version of Wardwatch (format {found['version']}, this is {VERSION}): "
            "stop the one or the other"
        )
    return None if found is None else str(found["file"])


def _values(table: str, row: dict[str, object]) -> Iterator[object]:
    for name, value in row.items():
        yield value.encode() if (table, name) == _BLOB and isinstance(value, str) else value


def columns(db: sqlite3.Connection, table: str) -> dict[str, str]:
    """The columns that are replicated, with their types."""
    return {row[1]: row[2] for row in db.execute(f"PRAGMA table_info({table})") if row[1] not in _LOCAL}


def _triggers(table: str, keys: Sequence[str], types: Mapping[str, str]) -> Iterator[str]:
    def insert(row: str, value: str) -> str:
        key = ", ".join([f"'{table}'", *(f"{row}.{column}" for column in keys)])
        values = f"'{ALERTS_STATE}', json_array({key}), CAST({value} AS BLOB)"
        return f"INSERT INTO publications (topic, key, value) VALUES ({values});"

    # Text is appended to "": what SQLite's own functions made as JSON would else be an object in the object.
    how = {"BLOB": "CAST(new.{} AS TEXT)", "TEXT": "new.{} || ''"}
    texts = {name: how.get(kind, "new.{}").format(name) for name, kind in types.items()}
    pairs = ", ".join(f"'{name}', {text}" for name, text in texts.items())
    put, deleted = insert("new", f"json_object({pairs})"), insert("old", "''")
    note = "UPDATE outbox SET publication=last_insert_rowid() WHERE number=new.number;" if table == "outbox" else ""
    yield f"CREATE TRIGGER {table}_put AFTER INSERT ON {table} BEGIN {put} {note} END"
    yield f"CREATE TRIGGER {table}_changed AFTER UPDATE OF {', '.join(types)} ON {table} BEGIN {put} END"
    yield f"CREATE TRIGGER {table}_deleted AFTER DELETE ON {table} BEGIN {deleted} END"
