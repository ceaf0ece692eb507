"""The tables of the alerts' file, and its version.

records       alerts, groups, silences and actions as JSON, by kind and id; `open` ones are loaded at a start
positions     the offset to read next in each partition of the log
publications  messages that were decided with this state and must still go to the log, in order
outbox        messages to people; `status` is `waiting`, who has it in the end, or why it was not sent;
              `recipients` is what became of it at each of them, as JSON; `publication` is the number of the
              publication with this row, which must be in the log before the message is sent
receipts      of messages to phones: what the gateway says became of each; `state` is "" while it is not known
recipients    of each channel now: what the last message to each has come to, since when, and its reply
meta          the id of this file; whether it was the active one's, so that what it has may be in no other place
"""

import sqlite3
from pathlib import Path
from uuid import uuid4

import msgspec

from alerts.model.delivery_result import RecipientState
from ward.errors import SettingsError

FILE = "alerts.db"
VERSION = 9
# The column `recipients` of the outbox.
RECIPIENTS = msgspec.json.Decoder(dict[str, RecipientState])

_TABLES = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT, id TEXT, open INTEGER, at INTEGER, body BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_open ON records (kind) WHERE open;
CREATE INDEX IF NOT EXISTS records_closed ON records (at) WHERE NOT open;
CREATE TABLE IF NOT EXISTS positions (
    topic TEXT, partition_number INTEGER, next INTEGER, PRIMARY KEY (topic, partition_number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS publications (number INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT, key TEXT, value BLOB);
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT, channel TEXT, subject TEXT, body TEXT, priority INTEGER,
    queued_at INTEGER, queued_wall INTEGER, received_at INTEGER, alerts TEXT, reports_more INTEGER, places TEXT,
    group_key TEXT, repeat INTEGER, attempts INTEGER DEFAULT 0, error TEXT DEFAULT '',
    recipients TEXT DEFAULT '{}', status TEXT DEFAULT 'waiting', publication INTEGER DEFAULT 0,
    UNIQUE (key, channel));
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (channel, priority DESC, number, places) WHERE status = 'waiting';
CREATE TABLE IF NOT EXISTS recipients (
    channel TEXT, recipient TEXT, outcome TEXT DEFAULT '', reply TEXT DEFAULT '', since INTEGER DEFAULT 0,
    PRIMARY KEY (channel, recipient)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS receipts (
    channel TEXT, recipient TEXT, key TEXT, reference TEXT, alerts TEXT, sent_at INTEGER, state TEXT, reply TEXT,
    at INTEGER, asked INTEGER, ask_at INTEGER, PRIMARY KEY (channel, recipient, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
"""


class OtherVersion(SettingsError):
    """Raised when the file was written by a version of Wardwatch with other tables."""


def create_tables(db: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new file. Raises `OtherVersion`."""
    check_version(db, path)
    db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version={VERSION}; COMMIT;")
    db.executemany("INSERT OR IGNORE INTO meta VALUES (?,?)", [("file_id", uuid4().hex), ("active", 0)])


def check_version(db: sqlite3.Connection, path: Path) -> None:
    """Raises `OtherVersion` for a file with tables of another version."""
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master WHERE type='table'").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if tables and version != VERSION:
        raise OtherVersion(
            f"{path}: written by another version of Wardwatch (format {version}, this is {VERSION}): "
            "start with an empty data folder and empty topics, or run the release that wrote it"
        )
