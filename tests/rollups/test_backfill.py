"""Roll-ups of the past: complete, also after a crash in between."""

import json
from pathlib import Path

import pytest

from rollups import backfill
from rollups.backfill import Backfill
from rollups.points import HOURS
from rollups.writer import Devices, RollupWriter
from tests.kit.rollup_harness import HOUR, MINUTE, RollupHarness, T, devices, same
from ward.clock import SECOND
from ward.errors import SettingsError, StoreUnavailable
from ward.metrics import Metrics
from ward.retention_policy import RetentionPolicy


def filled(folder: Path) -> RollupHarness:
    """Ten hours without roll-ups."""
    harness = RollupHarness(folder)
    harness.members.pop().close()
    for at in range(T, T + 10 * HOUR, 5 * MINUTE):
        for device in devices(3):
            harness.send(device, at + 7 * SECOND, heart_rate=float(at // MINUTE % 90))
    harness.clock.advance(12 * 3600)
    harness.step()
    return harness


def job(harness: RollupHarness, file: Path, start: int = T, end: int = T + 10 * HOUR) -> Backfill:
    return Backfill(RollupWriter(harness.killable, Metrics()), start, end, file)  # type: ignore[arg-type]


def test_a_second_run_over_the_same_range_changes_nothing(tmp_path: Path) -> None:
    harness, file = filled(tmp_path), tmp_path / "backfill.json"
    for _ in range(2):
        done = list(job(harness, file).run(harness.clock.now()))
        assert done == list(range(T + HOURS, T + 10 * HOUR + 1, HOURS))
        assert same(harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE))
        assert same(harness.rolled(RetentionPolicy.HOURS), harness.expected(HOUR))
        assert not file.exists()
    harness.store.close()


def test_hours_from_readings_equal_hours_from_minutes(tmp_path: Path) -> None:
    harness = filled(tmp_path)
    writer = RollupWriter(harness.store, Metrics())
    written = writer.write_hours_from_readings(T, T + 10 * HOUR)
    assert written == 10 * 3
    assert same(harness.rolled(RetentionPolicy.HOURS), harness.expected(HOUR))
    assert not harness.rolled(RetentionPolicy.MINUTES)
    harness.store.close()


def test_only_hours_with_a_part_of_the_range_are_rolled_up(tmp_path: Path) -> None:
    harness = filled(tmp_path)
    list(job(harness, tmp_path / "b", T + HOUR + 1, T + 3 * HOUR - 1).run(harness.clock.now()))
    assert {at - at % HOUR for _, _, at, _ in harness.rolled(RetentionPolicy.MINUTES)} == {T + HOUR, T + 2 * HOUR}
    harness.store.close()


def test_an_hour_that_is_not_over_gets_minutes_only(tmp_path: Path) -> None:
    harness = filled(tmp_path)
    list(job(harness, tmp_path / "b").run(T + 9 * HOUR + HOUR // 2))
    assert max(at for _, _, at, _ in harness.rolled(RetentionPolicy.HOURS)) == T + 8 * HOUR
    assert max(at for _, _, at, _ in harness.rolled(RetentionPolicy.MINUTES)) == T + 9 * HOUR + 55 * MINUTE
    harness.store.close()


def test_after_a_crash_the_same_range_continues_and_another_range_starts_at_its_beginning(tmp_path: Path) -> None:
    harness, file = filled(tmp_path), tmp_path / "data" / "backfill.json"
    running = job(harness, file).run(harness.clock.now())
    for _ in range(4):
        next(running)
    del running  # killed
    assert job(harness, file).done == T + 4 * HOUR
    assert job(harness, file, T, T + 9 * HOUR).done == T
    assert job(harness, file, T - HOUR, T + 10 * HOUR).done == T - HOUR
    assert [left.name for left in file.parent.iterdir()] == [file.name], "put in place whole"
    harness.killable.unavailable = True
    with pytest.raises(StoreUnavailable):
        list(job(harness, file).run(harness.clock.now()))
    harness.killable.unavailable = False
    assert len(list(job(harness, file).run(harness.clock.now()))) == 6
    assert same(harness.rolled(RetentionPolicy.HOURS), harness.expected(HOUR))
    harness.store.close()


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"from": 3}', '{"from": null, "to": null, "done": "x"}'])
def test_a_damaged_progress_file_starts_at_the_beginning(tmp_path: Path, text: str) -> None:
    harness, file = filled(tmp_path), tmp_path / "b"
    file.write_text(text)
    assert job(harness, file).done == T
    next(job(harness, file).run(harness.clock.now()))
    good = json.loads(file.read_text())
    file.write_text(json.dumps(good | {"done": "1970-01-01T00:00:00Z"}))
    assert job(harness, file).done == T
    file.write_text(json.dumps(good | {"done": "2099-01-01T00:00:00Z"}))
    assert job(harness, file).done == T + 10 * HOUR
    harness.store.close()


def test_a_progress_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    harness = filled(tmp_path)
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(SettingsError, match=r"backfill\.json: cannot be written"):
        list(job(harness, tmp_path / "data" / "backfill.json").run(harness.clock.now()))
    harness.store.close()


def test_an_hour_with_many_points_is_queried_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "_POINTS_PER_QUERY", 6)
    harness, asked = filled(tmp_path), list[int]()
    whole = RollupWriter.write_minutes

    def noting(writer: RollupWriter, start: int, end: int, devices: Devices = None) -> int:
        asked.append(end - start)
        return whole(writer, start, end, devices)

    monkeypatch.setattr(RollupWriter, "write_minutes", noting)
    list(job(harness, tmp_path / "b").run(harness.clock.now()))
    assert asked[4:] == [HOUR // 6] * 6 * 9, "36 points an hour, six in each query"
    assert same(harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE))
    harness.store.close()
