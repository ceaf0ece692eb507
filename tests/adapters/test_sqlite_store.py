"""The SQLite store: one writer, readers that never wait, deletion of old points, limits."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ward.adapters.log_retention import DAY
from ward.adapters.sqlite.names import StoreReader
from ward.adapters.sqlite.points import MOST_FIELDS
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, ManualClock
from ward.errors import SettingsError, StoreRefused, StoreUnavailable
from ward.ports import Point, Series
from ward.retention_policy import RETENTION, RetentionPolicy
from ward.sqlite_file import ReadConnections

BED = Series.of("vitals", bed="icu-07", device="mon-7")
T = ManualClock().now()
ADAY = round(DAY) * SECOND

_WRITER = """
import sys
from pathlib import Path
from ward.adapters.sqlite.store import SqliteStore
from ward.ports import Point, Series
store = SqliteStore(Path(sys.argv[1]))
at = 1_764_000_000_000_000
for n in range(1_000_000):
    store.write([Point(Series.of("vitals", bed=f"b{n % 5}"), at + n, {"heart_rate": float(n)})])
    sys.stdout.write(f"{n}\\n")
    sys.stdout.flush()
"""


def test_points_survive_a_kill_of_the_writer_once_write_has_returned(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        written = -1
        while written < 150:
            written = int(writer.stdout.readline())
        writer.kill()
        written = max([written, *map(int, writer.stdout.read().split(b"\n")[:-1])])
    store = SqliteStore(path)
    found = store.query_range("vitals", "heart_rate", {}, 0, 2 * T).mean
    assert set(found) >= {float(n) for n in range(written + 1)}
    store.close()


def test_a_second_writer_is_refused_and_a_reader_is_not(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    store.write([Point(BED, T, {"heart_rate": 72.0})])
    with pytest.raises(SettingsError, match="writes it already"):
        SqliteStore(tmp_path / "store.db")
    reading = SqliteStore(tmp_path / "store.db", reading_only=True)
    assert reading.last("vitals", "heart_rate", {}, 5) == [(T, 72.0)]
    store.write([Point(Series.of("vitals", bed="new"), T + 1, {"spo2": 97.0})])
    assert reading.latest("vitals", "bed", 0) == {"icu-07": {"heart_rate": (T, 72.0)}, "new": {"spo2": (T + 1, 97.0)}}
    with pytest.raises(SettingsError, match="reading only"):
        reading.write([])
    reading.close()
    store.close()
    with pytest.raises(SettingsError, match="no store yet"):
        SqliteStore(tmp_path / "other.db", reading_only=True)


def test_readers_do_not_wait_for_a_transaction(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    store.write([Point(BED, T, {"heart_rate": 72.0})])
    busy = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    busy.execute("BEGIN IMMEDIATE")
    assert store.last("vitals", "heart_rate", {}, 5) == [(T, 72.0)]
    assert store.latest("vitals", "bed", 0)
    busy.execute("ROLLBACK")
    busy.close()
    store.close()


def _with_history(path: Path) -> bytes:
    """A store with 2,000 values; returns the bytes of its file."""
    store = SqliteStore(path)
    store.write([Point(BED, T + n, {"heart_rate": 72.0}) for n in range(2000)])
    store.close()
    return path.read_bytes()


def _works(store: SqliteStore) -> None:
    """It stores a point and finds it."""
    store.write([Point(BED, 2 * T, {"heart_rate": 75.0})])
    assert store.last("vitals", "heart_rate", {}, 1) == [(2 * T, 75.0)]


@pytest.mark.guarantee(
    "A store that is damaged, empty, cut off or not a database is put aside and shown, and Wardwatch goes on."
)
@pytest.mark.parametrize("cut", [0, 100, 4096, 9000, -4096, None])
def test_a_damaged_store_is_put_aside_at_the_start_and_shown_until_it_is_moved_away(
    tmp_path: Path, cut: int | None
) -> None:
    path = tmp_path / "store.db"
    whole = _with_history(path)
    torn = b"a letter, not a database\n" * 400 if cut is None else whole[:cut]
    path.write_bytes(torn)
    store = SqliteStore(path, ManualClock())
    aside = tmp_path / f"store.db.broken-{T}"
    assert aside.read_bytes() == torn, "it is kept as it was"
    assert aside.name in store.problem()
    _works(store)
    store.close()
    again = SqliteStore(path, ManualClock())
    assert aside.name in again.problem(), "a restart does not hide it"
    aside.rename(tmp_path / "for-later.db")
    assert again.problem() == ""
    again.close()


def test_a_store_that_is_damaged_while_in_use_is_put_aside_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    _with_history(path)
    store = SqliteStore(path, ManualClock())
    store.write([Point(BED, T + 5000, {"heart_rate": 72.0})])
    for end in ("", "-wal"):
        with path.with_name(f"store.db{end}").open("r+b") as file:
            file.write(b"\xff" * 40_000)
    with pytest.raises(StoreUnavailable, match=r"malformed|not a database"):
        store.last("vitals", "heart_rate", {}, 1)
    _works(store)
    assert "store.db.broken-" in store.problem()
    store.close()


@pytest.mark.guarantee("A store or log whose file is deleted or replaced while in use begins a new one, and says so.")
@pytest.mark.parametrize("names", [["store.db"], ["store.db", "store.db-wal", "store.db-shm"]])
def test_a_store_that_is_deleted_while_in_use_begins_again_and_says_so(tmp_path: Path, names: list[str]) -> None:
    clock = ManualClock()
    store = SqliteStore(tmp_path / "store.db", clock)
    store.write([Point(BED, T, {"heart_rate": 72.0})])
    assert store.last("vitals", "heart_rate", {}, 1)
    for name in names:
        (tmp_path / name).unlink()
    with pytest.raises(StoreUnavailable, match="unable to open"):
        store.last("vitals", "heart_rate", {}, 1)
    _works(store)
    assert (tmp_path / "store.db").exists(), "what was written is in a file that a restart finds"
    assert "deleted or replaced" in store.problem() or "broken-" in store.problem()
    store.close()
    again = SqliteStore(tmp_path / "store.db", clock)
    assert again.last("vitals", "heart_rate", {}, 9) == [(2 * T, 75.0)]
    again.close()


def test_a_store_whose_write_ahead_log_is_deleted_while_in_use_is_put_aside(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    _works(store)
    (tmp_path / "store.db-wal").unlink()
    store.write([Point(BED, 2 * T + 1, {"heart_rate": 76.0})])
    assert store.last("vitals", "heart_rate", {}, 9) == [(2 * T + 1, 76.0)]
    assert "store.db.broken-" in store.problem()
    store.close()


def test_a_store_that_was_replaced_by_an_older_copy_goes_on_with_the_copy(tmp_path: Path) -> None:
    _with_history(tmp_path / "store.db")
    shutil.copy(tmp_path / "store.db", tmp_path / "backup.db")
    store = SqliteStore(tmp_path / "store.db")
    _works(store)
    (tmp_path / "backup.db").rename(tmp_path / "store.db")
    store.write([Point(BED, T + 9000, {"heart_rate": 77.0})])
    assert store.last("vitals", "heart_rate", {}, 2) == [(T + 1999, 72.0), (T + 9000, 77.0)]
    assert "deleted or replaced" in store.problem()
    store.close()
    again = SqliteStore(tmp_path / "store.db")
    assert len(again.query_range("vitals", "heart_rate", {}, 0, 3 * T).at) == 2001
    again.close()


def test_a_reader_in_another_process_follows_a_store_that_was_replaced(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    store.write([Point(Series.of("vitals", bed="old"), T, {"battery": 50.0})])
    reader = SqliteStore(tmp_path / "store.db", reading_only=True)
    assert reader.last("vitals", "battery", {}, 1) == [(T, 50.0)]
    for file in tmp_path.glob("store.db*"):
        file.unlink()
    _works(store)
    assert reader.last("vitals", "heart_rate", {}, 1) == [(2 * T, 75.0)]
    assert reader.last("vitals", "battery", {}, 1) == []
    reader.close()
    store.close()


def test_a_store_that_cannot_be_opened_now_is_tried_again_with_each_write(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.mkdir()
    store = SqliteStore(path)
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        store.write([Point(BED, T, {"heart_rate": 72.0})])
    assert "the history cannot be used" in store.problem()
    path.rmdir()
    _works(store)
    assert store.problem() == ""
    store.close()


def test_points_older_than_the_retention_are_deleted_in_parts(tmp_path: Path) -> None:
    clock = ManualClock()
    store = SqliteStore(tmp_path / "store.db", clock, keep={**RETENTION, RetentionPolicy.AUTOGEN: DAY})
    beds = [Series.of("vitals", bed=f"b{n}") for n in range(4)]
    store.write([Point(bed, T + n * SECOND, {"heart_rate": 1.0}) for bed in beds for n in range(500)])
    store.write([Point(Series.of("alerts", bed="b1"), T, {"state": "raised"})])
    clock.advance(2 * DAY)
    left = []
    for n in range(15):
        store.write([Point(bed, clock.now() + n, {"heart_rate": 2.0}) for bed in beds])
        left.append(len(store.query_range("vitals", "heart_rate", {}, 0, T + ADAY).at))
    assert 0 < left[0] < 2000, "not all at once: a batch does not wait for a great clean-up"
    assert left[-1] == 0
    assert len(store.query_range("vitals", "heart_rate", {}, T + ADAY, 2 * T).at) == 60
    assert len(store.rows("alerts", {}, 0, 2 * T, 9)) == 1, "alerts stay longer"
    store.close()
    # What is oldest is known again after a restart.
    clock.advance(3 * DAY)
    again = SqliteStore(tmp_path / "store.db", clock, keep={**RETENTION, RetentionPolicy.AUTOGEN: DAY})
    again.write([Point(beds[0], clock.now(), {"heart_rate": 3.0})])
    assert len(again.query_range("vitals", "heart_rate", {}, 0, 2 * T).at) == 1
    again.close()


def test_a_late_point_after_a_restart_does_not_hide_a_newer_one(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    store.write([Point(BED, T + 600 * SECOND, {"temperature": 37.0})])
    store.write([Point(BED, T + 601 * SECOND, {"heart_rate": 72.0})])
    store.close()
    again = SqliteStore(tmp_path / "store.db")
    again.write([Point(BED, T, {"temperature": 36.0})])
    assert again.latest("vitals", "bed", 0)["icu-07"]["temperature"] == (T + 600 * SECOND, 37.0)
    again.close()


def test_the_number_of_fields_of_a_measurement_is_limited(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    store.write([Point(BED, T, {f"signal_{n}": 1.0 for n in range(MOST_FIELDS)})])
    with pytest.raises(StoreRefused, match=f"{MOST_FIELDS} fields already"):
        store.write([Point(BED, T, {"one_more": 1.0})])
    store.write([Point(BED, T + 1, {"signal_7": 2.0}), Point(Series.of("telemetry", bed="b"), T, {"other": 1.0})])
    assert store.last("vitals", "signal_7", {}, 1) == [(T + 1, 2.0)]
    store.close()


def test_an_instant_that_is_too_large_is_refused(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    with pytest.raises(StoreRefused, match="too large"):
        store.write([Point(BED, 2**70, {"heart_rate": 1.0})])
    assert len(store.query_range("vitals", "heart_rate", {}, -(2**80), 2**80).at) == 0
    store.close()


def steps(store: SqliteStore) -> int:
    """The work of SQLite for `latest`, in thousands of its steps."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    with store._readers.borrow() as db:
        db.set_progress_handler(count, 1000)
    latest = store.latest("vitals", "bed", 0)
    assert len(latest) == 200
    assert all(set(fields) == {"heart_rate", "temperature"} for fields in latest.values())
    with store._readers.borrow() as db:
        db.set_progress_handler(None, 0)
    return counted


def test_latest_is_as_fast_after_days_of_data(tmp_path: Path) -> None:
    """Counted in steps, not seconds. The temperature is rare, so it is not in each newest row."""
    store = SqliteStore(tmp_path / "store.db")
    beds = [Series.of("vitals", bed=f"b{n}") for n in range(200)]

    def day(number: int, count: int) -> None:
        at = T + round(number * DAY) * SECOND
        store.write([Point(bed, at + n * 10 * SECOND, {"heart_rate": 1.0}) for bed in beds for n in range(count)])
        store.write([Point(bed, at, {"temperature": 36.6}) for bed in beds])

    day(0, 20)
    small = steps(store)
    for number in range(1, 6):
        day(number, 200)
    day(6, 20)
    assert steps(store) <= 1.5 * small
    store.close()


class Interrupted(StoreReader):
    """A connection; between any two of its queries another connection commits a new measurement with a new field."""

    between: Callable[[], None] | None = None
    asked = 0

    def execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
        self.asked = 0 if sql == "BEGIN" else self.asked + 1
        if self.between is not None and sql.startswith("SELECT") and self.asked > 1:
            self.between()
        return super().execute(sql, values)


@pytest.mark.guarantee("All queries of one answer see the same state of the store, whatever is written between them.")
def test_what_is_committed_between_two_queries_of_one_answer_is_not_in_it(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    store.write([Point(BED, T, {"heart_rate": 60.0})])

    commits = 0

    def commit() -> None:
        nonlocal commits
        commits += 1
        new = Series.of("vitals", bed=f"new-{commits}")
        store.write([Point(new, T, {f"field_{commits}": 1.0}), Point(BED, T, {"heart_rate": 60.0 + commits})])
        store.write([Point(Series.of(f"other_{commits}", bed="x"), T, {"battery": 50.0})])

    pool = ReadConnections(tmp_path / "store.db", Interrupted)
    store._readers.close()
    store._readers = pool
    with pool.borrow() as db:
        db.between = commit
    for read in (
        lambda: store.latest("vitals", "bed", 0),
        lambda: store.last("vitals", "heart_rate", {}, 1),
        lambda: store.rows("vitals", {}, 0, 2 * T, 9),
        lambda: store.summaries("vitals", {}, T - T % 60_000_000, T + 60_000_000, 60),
        lambda: store.query_range("vitals", "heart_rate", {}, 0, 2 * T),
    ):
        before = _value(store, tmp_path)
        assert f"{before}" in str(read()), "the value from before the commits between its queries"
        assert _value(store, tmp_path) != before, "there were commits between its queries"
    store.close()


def _value(store: SqliteStore, folder: Path) -> float:
    reader = SqliteStore(folder / "store.db", reading_only=True)
    (found,) = reader.last("vitals", "heart_rate", {"bed": "icu-07"}, 1)
    reader.close()
    return found[1]
