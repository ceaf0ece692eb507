"""A log and a store whose disk is full when they are opened."""

import errno
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.kit.guarantees import Figure
from ward import sqlite_file, sqlite_reserve, start_room
from ward.adapters.factory import open_log
from ward.adapters.sqlite import store as sqlite_store
from ward.adapters.sqlite.log import SqliteLog
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import ManualClock
from ward.errors import LogUnavailable, SettingsError, StoreUnavailable
from ward.ports import Point, Series
from ward.sqlite_file import connect
from ward.start_room import ROOM_TO_OPEN, ROOM_TO_WRITE, give_up_room, is_full, keep_room
from ward.topics import READINGS


def full(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sqlite_file, sqlite_reserve, start_room, sqlite_store):
        monkeypatch.setattr(module, "disk_usage", lambda _: SimpleNamespace(free=0))


def test_a_file_keeps_room_for_its_next_start_and_gives_it_up_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, room = tmp_path / "a.db", tmp_path / "a.db.room"
    connect(path).close()
    assert room.stat().st_size == ROOM_TO_OPEN
    full(monkeypatch)
    connect(path).close()
    assert not room.exists()
    connect(path).close()
    assert not room.exists(), "nothing is kept while the disk is full"
    monkeypatch.undo()
    connect(path).close()
    assert room.stat().st_size == ROOM_TO_OPEN


def test_a_log_on_a_full_disk_takes_the_room_for_its_write_ahead_log_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, clock = tmp_path / "log.db", ManualClock()
    log = SqliteLog(path, clock=clock)
    for _ in range(20):
        clock.advance(1)
        assert log.send("ward.readings", [("k", b"before")]).acked(10)
    log.close()
    assert (tmp_path / "log.db.room").stat().st_size == ROOM_TO_WRITE
    full(monkeypatch)
    log = SqliteLog(path, clock=clock)
    assert not (tmp_path / "log.db.room").exists()
    assert (tmp_path / "log.db-wal").stat().st_size > 4 << 20
    assert log.send("ward.readings", [("k", b"after")]).acked(10)
    log.close()


def test_a_store_leaves_what_is_left_of_a_disk_to_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore(tmp_path / "store.db", ManualClock(), durable=False)
    point = Point(Series.of("vitals", device="x"), 1, {"heart_rate": 70.0})
    with monkeypatch.context() as patch:
        full(patch)
        with pytest.raises(StoreUnavailable, match="the disk is full, and the log needs what is left"):
            store.write([point])
    store.write([point])
    store.close()


@pytest.mark.guarantee("A first start on a full disk says so and waits for space; it does not end.")
def test_a_log_that_cannot_be_made_yet_is_made_when_there_is_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, path = ManualClock(), tmp_path / "log.db"

    def no_space(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sqlite_file, "_open", no_space)
        log = open_log(f"sqlite:{path}", clock, "WARDWATCH_LOG_URL", {})
        for call in (lambda: log.follow([READINGS]), lambda: log.partitions(READINGS),
                     lambda: log.send(READINGS, [("k", b"x")])):  # fmt: skip
            with pytest.raises(LogUnavailable, match="No space left"):
                call()
            clock.advance(3)
        assert "No space left" in log.problem()
    clock.advance(3)
    assert log.send(READINGS, [("k", b"x")]).acked(10)
    partition = log.partition(READINGS, "k")
    assert [value for batch in log.scan(partition) for value in batch.values] == [b"x"]
    assert log.problem() == log.loss() == ""
    log.close()
    assert not [file.name for file in tmp_path.iterdir() if file.name.endswith(".new")]


def test_a_log_that_cannot_be_opened_for_another_reason_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(SettingsError):
        open_log(f"sqlite:{tmp_path / 'folder'}", ManualClock(), "WARDWATCH_LOG_URL", {})


def test_room_that_cannot_be_kept_or_freed_is_no_error(tmp_path: Path) -> None:
    keep_room(tmp_path / "missing" / "a.db", 100)
    assert not give_up_room(tmp_path / "a.db")


def test_the_system_says_that_a_disk_is_full_in_two_ways() -> None:
    assert is_full(OSError(errno.ENOSPC, "full"))
    assert is_full(OSError(errno.EDQUOT, "quota"))
    assert not is_full(OSError(errno.EACCES, "no"))


_ON_A_SMALL_DISK = """
import sys
from pathlib import Path
from ward.adapters.sqlite import records
from ward.adapters.sqlite.log import SqliteLog
from ward.clock import ManualClock
records.RESERVE = 8
folder, clock = Path(sys.argv[1]), ManualClock()
log = SqliteLog(folder / "log.db", clock=clock)
for _ in range(30):
    clock.advance(1)
    assert log.send("ward.readings", [("k", b"before")]).acked(10)
log.close()
try:
    with open(folder / "filler", "wb", 0) as filler:
        while True:
            filler.write(bytes(4096))
except OSError:
    pass
log = SqliteLog(folder / "log.db", clock=clock)
stored = 0
while stored < 200:
    clock.advance(1)
    assert log.send("ward.readings", [("k", b"x" * 10_000)]).acked(10), log.problem()
    stored += 1
log.close()
print("stored", stored)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux") or not shutil.which("unshare"), reason="needs Linux")
@pytest.mark.guarantee("A log that is opened on a full disk takes records: it has kept room for that.")
def test_a_log_is_opened_on_a_disk_without_a_free_byte(tmp_path: Path, figure: Figure) -> None:
    """On a disk of 64 MB in memory, which only this process sees."""
    script = tmp_path / "script.py"
    script.write_text(_ON_A_SMALL_DISK, encoding="utf-8")
    (tmp_path / "disk").mkdir()
    mounted = 'mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@"'
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mounted, str(tmp_path / "disk")]
    if subprocess.run([*alone, "true"], capture_output=True, timeout=20).returncode:
        pytest.skip("this system lets no process have a disk of its own")
    command = [*alone, sys.executable, str(script), str(tmp_path / "disk")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    figure(f"{ended.stdout.split()[1]} records of 10 kB stored after a start with 0 bytes free")
