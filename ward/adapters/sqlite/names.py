"""Numbers for measurements, fields and series in the SQLite store.

No name from outside becomes SQL: a measurement is table `m3`, a field column `c17`, a series number 42.
"""

import json
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ward.ports.store import Series
from ward.retention_policy import RetentionPolicy, default_policy

# No name of a measurement contains a slash.
_BESIDE = "/"
SCHEMA = """
BEGIN;
CREATE TABLE IF NOT EXISTS measurements (number INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS fields (
    number INTEGER PRIMARY KEY, measurement INTEGER, name TEXT, text INTEGER, UNIQUE (measurement, name));
CREATE TABLE IF NOT EXISTS series (
    number INTEGER PRIMARY KEY, measurement INTEGER, tags TEXT, UNIQUE (measurement, tags));
CREATE TABLE IF NOT EXISTS seen (
    series INTEGER, field INTEGER, slot INTEGER, PRIMARY KEY (series, field)) WITHOUT ROWID;
COMMIT;
"""


def at_policy(measurement: str, policy: RetentionPolicy | None) -> str:
    """The stored name of a measurement in a policy: its own name in its default policy, else with a prefix."""
    return measurement if policy in (None, default_policy(measurement)) else f"{policy}{_BESIDE}{measurement}"


def policy_of(name: str) -> RetentionPolicy:
    """The policy of a stored name."""
    policy, beside, _ = name.partition(_BESIDE)
    return RetentionPolicy(policy) if beside else default_policy(name)


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its number, and whether it holds text."""

    number: int
    name: str
    text: bool

    @property
    def column(self) -> str:
        """The name of its column."""
        return f"c{self.number}"


class SqliteNames:
    """All names of the file, refreshed when new ones are added. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Discard all names, such as after a rollback."""
        self.measurements: dict[str, int] = {}
        self.fields: dict[int, dict[str, Field]] = defaultdict(dict)
        self.series: dict[Series, int] = {}
        self.tags: dict[int, dict[str, str]] = {}
        self._tagged: dict[tuple[int, str, str], set[int]] = defaultdict(set)
        self._of: dict[int, set[int]] = defaultdict(set)
        self._known = (0, 0, 0)

    def refresh(self, db: sqlite3.Connection) -> None:
        """Read the names that are new in the file: three fast queries when there are none."""
        with self._lock:
            m, f, s = self._known
            # In this order: the measurement of a series or field was committed with it or before it, so it is read
            # too, although another connection may commit between two of these queries.
            series = db.execute("SELECT * FROM series WHERE number > ?", (s,)).fetchall()
            fields = db.execute("SELECT * FROM fields WHERE number > ?", (f,)).fetchall()
            measurements = db.execute("SELECT number, name FROM measurements WHERE number > ?", (m,)).fetchall()
            by_number = {number: name for name, number in self.measurements.items()} | dict(measurements)
            for number, name in measurements:
                self.measurements[name] = number
                m = max(m, number)
            for number, measurement, name, text in fields:
                self.fields[measurement][name] = Field(number, name, bool(text))
                f = max(f, number)
            for number, measurement, tags in series:
                self._learn(number, measurement, Series(by_number[measurement], tuple(map(tuple, json.loads(tags)))))
                s = max(s, number)
            self._known = (m, f, s)

    def _learn(self, number: int, measurement: int, series: Series) -> None:
        self.series[series] = number
        self.tags[number] = dict(series.tags)
        self._of[measurement].add(number)
        for name, value in series.tags:
            self._tagged[measurement, name, value].add(number)

    def matching(self, measurement: str, where: Mapping[str, str]) -> list[int]:
        """The series whose tags include `where`."""
        with self._lock:
            number = self.measurements.get(measurement, 0)
            sets = [self._tagged.get((number, name, value), set()) for name, value in where.items()]
            found = set.intersection(*sets) if sets else self._of.get(number, set())
            return sorted(found)

    def field(self, measurement: str, name: str) -> Field | None:
        """The field of that name; None when it was never written."""
        return self.fields.get(self.measurements.get(measurement, 0), {}).get(name)


def measurement_number(db: sqlite3.Connection, measurement: str) -> int:
    """The number of a measurement; a new one is created with its table."""
    db.execute("INSERT OR IGNORE INTO measurements (name) VALUES (?)", (measurement,))
    (number,) = db.execute("SELECT number FROM measurements WHERE name = ?", (measurement,)).fetchone()
    db.execute(
        f"CREATE TABLE IF NOT EXISTS m{number} (series INTEGER, at INTEGER, PRIMARY KEY (series, at)) WITHOUT ROWID"
    )
    return int(number)


def add_field(db: sqlite3.Connection, measurement: int, name: str, text: bool) -> None:
    """Add a column for a new field."""
    cursor = db.execute("INSERT INTO fields (measurement, name, text) VALUES (?, ?, ?)", (measurement, name, text))
    db.execute(f"ALTER TABLE m{measurement} ADD COLUMN c{cursor.lastrowid} {'TEXT' if text else 'REAL'}")


def add_series(db: sqlite3.Connection, measurement: int, series: Series) -> None:
    """Add a new series; its tags are stored as JSON."""
    db.execute("INSERT INTO series (measurement, tags) VALUES (?, ?)", (measurement, json.dumps(series.tags)))
