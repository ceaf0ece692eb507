"""Numbers for measurements, fields and series in the SQLite store.

No name from outside becomes SQL: a measurement is table `m3`, a field column `c17`, a series number 42.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    """All names of the file, as one connection sees it. For the thread that has the connection."""

    def __init__(self) -> None:
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
        """Read the names that are new in the file: three fast queries when there are none.

        In a transaction of `db`: so the three agree with each other, and with what is queried after them.
        """
        assert db.in_transaction, "without a transaction another connection could commit between these queries"
        m, f, s = self._known
        measurements = db.execute("SELECT number, name FROM measurements WHERE number > ?", (m,)).fetchall()
        fields = db.execute("SELECT * FROM fields WHERE number > ?", (f,)).fetchall()
        series = db.execute("SELECT * FROM series WHERE number > ?", (s,)).fetchall()
        self.measurements |= {name: number for number, name in measurements}
        for number, measurement, name, text in fields:
            self.fields[measurement][name] = Field(number, name, bool(text))
        by_number = {number: name for name, number in self.measurements.items()} if series else {}
        for number, measurement, tags in series:
            self._learn(number, measurement, Series(by_number[measurement], tuple(map(tuple, json.loads(tags)))))
        self._known = (_newest(measurements, m), _newest(fields, f), _newest(series, s))

    def _learn(self, number: int, measurement: int, series: Series) -> None:
        self.series[series] = number
        self.tags[number] = dict(series.tags)
        self._of[measurement].add(number)
        for name, value in series.tags:
            self._tagged[measurement, name, value].add(number)

    def matching(self, measurement: str, where: Mapping[str, str]) -> list[int]:
        """The series whose tags include `where`."""
        number = self.measurements.get(measurement, 0)
        sets = [self._tagged.get((number, name, value), set()) for name, value in where.items()]
        return sorted(set.intersection(*sets) if sets else self._of.get(number, set()))

    def table(self, measurement: str) -> str:
        """The table of a measurement that has been written."""
        return f"m{self.measurements[measurement]}"

    def field(self, measurement: str, name: str) -> Field | None:
        """The field of that name; None when it was never written."""
        return self.fields.get(self.measurements.get(measurement, 0), {}).get(name)


def _newest(rows: Sequence[tuple[Any, ...]], known: int) -> int:
    return max((row[0] for row in rows), default=known)


class StoreReader(sqlite3.Connection):
    """A read connection with the names that it has seen. Other connections may see more or fewer at the same time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = SqliteNames()


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
