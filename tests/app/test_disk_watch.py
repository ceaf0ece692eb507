"""The free space of each disk is watched, and reported days and hours before it is full."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.runtime.disk_watch import DiskWatch
from ward.clock import ManualClock
from ward.metrics import Metrics

MIB, GIB = 1 << 20, 1 << 30


def watch(
    folder: Path, free: Callable[[float], float], seconds: int, total: float = 100 * GIB, every: int = 10
) -> dict[str, float]:
    """The problems of so many seconds, each with the second in which it was reported first, without its numbers."""
    clock = ManualClock()
    disk = DiskWatch([folder], clock, Metrics(), lambda _: (round(total), round(max(0.0, free(clock.monotonic())))))
    found: dict[str, float] = {}
    for _ in range(0, seconds, every):
        disk.step(0)
        if text := disk.problem():
            found.setdefault(text.partition(" in about ")[0].partition(":")[0], clock.monotonic())
        clock.advance(every)
    return found


def test_a_disk_with_room_is_no_problem(tmp_path: Path) -> None:
    assert watch(tmp_path, lambda _: 50 * GIB, 86_400, every=60) == {}


@pytest.mark.guarantee("A disk that fills up is reported days and hours before it is full, and again when it is.")
def test_a_disk_that_fills_slowly_is_reported_days_before(tmp_path: Path) -> None:
    full = 10 * 86_400.0
    found = watch(tmp_path, lambda at: 50 * GIB * (1 - at / full), round(full), every=60)
    assert list(found) == ["the disk will be full", "the disk is full"]
    assert full - 3.1 * 86_400 < found["the disk will be full"] < full - 2.9 * 86_400
    assert full - 600 < found["the disk is full"] <= full


def test_a_disk_that_fills_within_hours_is_reported_after_a_quarter_of_an_hour(tmp_path: Path) -> None:
    found = watch(tmp_path, lambda at: 50 * GIB * (1 - at / 7200), 7300)
    assert found["the disk will be full"] <= 960
    assert found["the disk is full"] <= 7210


def test_a_burst_that_is_over_is_not_reported(tmp_path: Path) -> None:
    """The simulated past writes half a gigabyte in a minute."""
    assert watch(tmp_path, lambda at: 50 * GIB - min(at, 60) * 10 * MIB, 86_400, every=60) == {}


def test_a_disk_with_little_left_is_reported_whatever_the_trend(tmp_path: Path) -> None:
    assert list(watch(tmp_path, lambda _: 1 * GIB, 60)) == ["the disk is nearly full"]
    assert list(watch(tmp_path, lambda _: 9 * MIB, 60, total=100 * MIB)) == ["the disk is nearly full"]
    assert list(watch(tmp_path, lambda _: 40 * MIB, 60, total=100 * MIB)) == []
    assert list(watch(tmp_path, lambda _: 3 * MIB, 60)) == ["the disk is full"]


def test_each_disk_is_watched_once_and_a_missing_folder_by_its_parent(tmp_path: Path) -> None:
    asked: list[Path] = []

    def usage(folder: Path) -> tuple[int, int]:
        asked.append(folder)
        raise OSError(5, "Input/output error")

    disk = DiskWatch([tmp_path / "not" / "there", tmp_path], ManualClock(), Metrics(), usage)
    disk.step(0)
    assert asked == [tmp_path]
    assert "cannot be read: Input/output error" in disk.problem()
