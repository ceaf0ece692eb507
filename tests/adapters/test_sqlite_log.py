"""The SQLite log: one writer, damaged files, full disks, deletion of old records."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contracts.log.reading import send, take, values
from tests.kit.log_records import log_records
from ward.adapters.log_retention import DAY, LogRetention
from ward.adapters.sqlite.log import SqliteLog
from ward.clock import ManualClock
from ward.errors import LogUnavailable, OffsetOutOfRange, SettingsError
from ward.ports import Partition
from ward.topics import ACTIONS, ALERTS, BED_READINGS, DETECTOR_STATE, READINGS

_OPEN = """
import sys
from pathlib import Path
from ward.adapters.sqlite.log import SqliteLog
SqliteLog(Path(sys.argv[1]))
"""


def test_a_second_writing_process_is_refused(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log.db")
    other = subprocess.run([sys.executable, "-c", _OPEN, str(tmp_path / "log.db")], capture_output=True, text=True)
    assert other.returncode == 1
    assert "writes it already, and only one may" in other.stderr.splitlines()[-1]
    with pytest.raises(SettingsError, match=r"log\.db: process \d+ writes it already"):
        SqliteLog(tmp_path / "log.db")
    send(log, READINGS, ("k", b"still"))
    log.close()
    SqliteLog(tmp_path / "log.db").close()


def test_another_process_may_read_while_one_writes(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log.db", partitions=2)
    send(log, READINGS, ("a", b"1"))
    reading = SqliteLog(tmp_path / "log.db", reading_only=True)
    assert reading.partitions(READINGS) == log.partitions(READINGS)
    follower = reading.follow([READINGS])
    assert values(take(follower, 1)) == [b"1"]
    send(log, READINGS, ("a", b"2"), ("b", b"3"))
    assert sorted(values(take(follower, 2))) == [b"2", b"3"]
    assert len(log_records(reading, READINGS)) == 3
    for forbidden in (lambda: reading.send(READINGS, [("a", b"")]), lambda: reading.consumer([READINGS], "g")):
        with pytest.raises(SettingsError, match="reading only"):
            forbidden()
    reading.close()
    log.close()


def test_opening_a_missing_log_for_reading_does_not_create_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no log yet"):
        SqliteLog(tmp_path / "log.db", reading_only=True)
    assert not (tmp_path / "log.db").exists()


def _three_hundred(path: Path) -> bytes:
    """A log with 300 records; returns the bytes of its file."""
    log = SqliteLog(path)
    send(log, READINGS, *((f"d{n}", b"%d" % n * 20) for n in range(300)))
    log.close()
    return path.read_bytes()


@pytest.mark.guarantee("A damaged log is put aside and shown, and Wardwatch goes on with an empty one.")
def test_a_damaged_log_is_put_aside_and_never_read_as_a_shorter_one(tmp_path: Path) -> None:
    """A file truncated anywhere is put aside or still has all records."""
    path = tmp_path / "log.db"
    whole = _three_hundred(path)
    put_aside = 0
    for size in [0, 1, 15, 16, 99, 100, 101, 4095, 4096, 4097, *range(5000, len(whole), 1713), len(whole) - 1]:
        path.write_bytes(whole[:size])
        log = SqliteLog(path)
        if aside := list(tmp_path.glob("log.db.broken-*")):
            put_aside += 1
            assert log_records(log, READINGS) == []
            assert aside[0].name in log.loss()
            assert aside[0].read_bytes() == whole[:size]
            send(log, READINGS, ("k", b"after"))
        else:
            assert len(log_records(log, READINGS)) == 300, size
            assert log.loss() == ""
        log.close()
        for file in tmp_path.glob("log.db*"):
            file.unlink()
    assert put_aside > 10


def test_a_log_that_is_not_a_database_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(b"a letter, not a database, and long enough to be looked at\n" * 40)
    log = SqliteLog(tmp_path / "log.db")
    send(log, READINGS, ("k", b"v"))
    assert "log.db.broken-" in log.loss()
    log.close()


def test_the_write_ahead_log_of_a_deleted_file_is_put_aside(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log.db")
    send(log, READINGS, ("k", b"v"))
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(tmp_path / "log.db-wal", tmp_path / "elsewhere" / "log.db-wal")
    log.close()
    again = SqliteLog(tmp_path / "elsewhere" / "log.db")
    assert log_records(again, READINGS) == []
    assert len(list((tmp_path / "elsewhere").glob("log.db.broken-*-wal"))) == 1
    again.close()


def test_positions_in_a_lost_log_are_out_of_the_range_of_the_one_that_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    log = SqliteLog(path, 1)
    consumer = log.consumer([READINGS], "g")
    send(log, READINGS, *(("k", b"%d" % n) for n in range(9)))
    assert len(values(take(consumer, 9))) == 9
    for file in tmp_path.glob("log.db*"):
        file.unlink()
    send(log, READINGS, *(("k", b"new %d" % n) for n in range(20)))
    with pytest.raises(OffsetOutOfRange):
        consumer.poll(100, 1.0)
    consumer.commit({Partition(READINGS, 0): 9})
    consumer.close()
    assert "deleted or replaced" in log.loss()
    assert log.problem() == "", "it works: screens show what is new"
    again = log.consumer([READINGS], "g")
    assert len(values(take(again, 20))) == 20
    partition = Partition(READINGS, 0)
    with pytest.raises(OffsetOutOfRange):
        log.scan(partition, 9)
    first = next(iter(log.scan(partition))).offsets[0]
    again.commit({partition: first + 20})
    log.close()
    reopened = SqliteLog(path, 1)
    assert (reopened.start(partition), reopened.end(partition)) == (first, first + 20)
    assert reopened.committed("g", partition) == first + 20
    reopened.close()


def test_a_log_that_is_damaged_while_in_use_is_put_aside_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    _three_hundred(path)
    log = SqliteLog(path)
    for end in ("", "-wal"):
        with path.with_name(f"log.db{end}").open("r+b") as file:
            file.write(b"\xff" * 100_000)
    with pytest.raises(LogUnavailable, match=r"malformed|not a database"):
        log_records(log, READINGS)
    assert log.send(READINGS, [("k", b"after")]).acked(10)
    assert [value for _, value in log_records(log, READINGS)] == [b"after"]
    assert "log.db.broken-" in log.loss()
    log.close()


_FULL = """
import resource, signal, sys
from pathlib import Path
from ward.adapters.sqlite.log import SqliteLog
from ward.errors import LogUnavailable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = SqliteLog(Path(sys.argv[1]))
assert log.send("ward.readings", [("k", b"before")]).acked(10)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
refused = stored = 0
while not refused:
    try:
        assert log.send("ward.readings", [("k", b"x" * 10_000)]).acked(10)
        stored += 1
    except LogUnavailable:
        refused += 1
assert "cannot be written" in log.problem(), log.problem()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert log.send("ward.readings", [("k", b"after")]).acked(10)
assert log.problem() == ""
found = [v for p in log.partitions("ward.readings") for b in log.scan(p) for v in b.values]
assert found == [b"before", *[b"x" * 10_000] * stored, b"after"], len(found)
log.close()
print("stored", stored)
"""


_FULL_WITH_RESERVE = """
import resource, signal, sys
from pathlib import Path
from types import SimpleNamespace
from ward import sqlite_reserve
from ward.adapters.sqlite import records
from ward.adapters.sqlite.log import SqliteLog
from ward.clock import ManualClock
from ward.errors import LogUnavailable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
records.RESERVE = 8
clock, path = ManualClock(), Path(sys.argv[1])
log = SqliteLog(path, clock=clock)
for _ in range(20):
    clock.advance(1)
    assert log.send("ward.readings", [("k", b"before")]).acked(10)
largest = max(path.stat().st_size, path.with_name("log.db-wal").stat().st_size)
resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
usage, sqlite_reserve.disk_usage = sqlite_reserve.disk_usage, lambda _: SimpleNamespace(free=0)
stored = 0
try:
    while stored < 10_000:
        clock.advance(1)
        assert log.send("ward.readings", [("k", b"x" * 10_000)]).acked(10)
        stored += 1
except LogUnavailable:
    pass
assert "cannot be written" in log.problem(), log.problem()
found = [v for p in log.partitions("ward.readings") for b in log.scan(p) for v in b.values]
assert found == [b"before"] * 20 + [b"x" * 10_000] * stored, len(found)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
sqlite_reserve.disk_usage = usage
for _ in range(20):
    clock.advance(1)
    assert log.send("ward.readings", [("k", b"after")]).acked(10)
log.close()
print("stored", stored)
"""


@pytest.mark.guarantee("When its disk is full, the log goes on in room that its file keeps for that.")
def test_a_log_on_a_full_disk_goes_on_in_its_reserve(tmp_path: Path, figure: Callable[[str], None]) -> None:
    command = [sys.executable, "-c", _FULL_WITH_RESERVE, str(tmp_path / "log.db")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    stored = int(ended.stdout.split()[1])
    assert stored * 10_000 > 4 << 20, "at least half of the reserve of 8 MiB"
    figure(f"{stored} records of 10 kB stored on a full disk, of a reserve of 8 MiB")


def test_with_a_full_disk_nothing_is_acknowledged_and_the_log_recovers_afterwards(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path / "log.db")], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout.split()[1]) > 3


def size(log: SqliteLog, partition: Partition) -> int:
    return sum(map(len, log.scan(partition)))


def test_what_is_made_from_readings_is_kept_as_long_as_they_are() -> None:
    keep = LogRetention(readings=DAY, others=9 * DAY)
    assert [keep.of(topic) for topic in (READINGS, BED_READINGS, ACTIONS, ALERTS)] == [DAY, DAY, 9 * DAY, None]


def test_records_older_than_the_retention_are_deleted_in_parts(tmp_path: Path) -> None:
    clock = ManualClock()
    log = SqliteLog(
        tmp_path / "log.db", partitions=1, clock=clock, retention=LogRetention(readings=DAY, others=9 * DAY)
    )
    send(log, READINGS, *(("k", b"old") for _ in range(3000)))
    send(log, ACTIONS, ("k", b"action"))
    clock.advance(1.5 * DAY)
    sizes = []
    for _ in range(10):
        send(log, READINGS, ("k", b"new"))
        sizes.append(size(log, Partition(READINGS, 0)))
    assert sizes[0] > 2000, "not all at once: a commit does not wait for a great clean-up"
    assert sizes[-1] == 10
    assert size(log, Partition(ACTIONS, 0)) == 1
    assert next(iter(log.scan(Partition(READINGS, 0)))).offsets[0] == 3000
    log.close()
    # And the ends are known after a restart, also of a topic that has nothing left.
    clock.advance(2 * DAY)
    again = SqliteLog(tmp_path / "log.db", partitions=1, clock=clock, retention=LogRetention(readings=DAY))
    send(again, ALERTS, ("a", b""))
    send(again, READINGS, ("k", b"newest"))
    (batch,) = again.scan(Partition(READINGS, 0))
    assert list(batch.offsets)[-1] == 3010
    again.close()


def test_a_compacted_topic_keeps_the_newest_record_of_each_key(tmp_path: Path) -> None:
    clock = ManualClock()
    log = SqliteLog(tmp_path / "log.db", partitions=1, clock=clock)
    for n in range(50):
        send(log, DETECTOR_STATE, ("a", b"a%d" % n), ("b", b"b%d" % n))
    assert size(log, Partition(DETECTOR_STATE, 0)) == 100, "who keeps up sees each of them"
    clock.advance(400 * DAY)
    send(log, DETECTOR_STATE, ("c", b"c"))
    assert [v for b in log.scan(Partition(DETECTOR_STATE, 0)) for v in b.values] == [b"a49", b"b49", b"c"]
    follower = log.follow([DETECTOR_STATE])
    assert values(take(follower, 3)) == [b"a49", b"b49", b"c"]
    send(log, DETECTOR_STATE, ("a", b"again"))
    log.close()
    again = SqliteLog(tmp_path / "log.db", clock=clock)
    assert [v for b in again.scan(Partition(DETECTOR_STATE, 0)) for v in b.values] == [b"b49", b"c", b"again"]
    again.close()


def test_the_number_of_partitions_of_a_file_does_not_change(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    SqliteLog(tmp_path / "log.db", partitions=3).close()
    log = SqliteLog(tmp_path / "log.db", partitions=8)
    assert len(log.partitions(READINGS)) == 3
    assert "has 3 partitions" in caplog.text
    log.close()
