"""Minutes and hours equal the summaries of the readings, with late readings and after crashes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge import archive
from rollups import worker
from tests.kit.examples import examples
from tests.kit.rollup_harness import HOUR, MINUTE, RollupHarness, T, devices, same
from ward.clock import SECOND
from ward.ports import Point, Series
from ward.retention_policy import RetentionPolicy
from ward.topics import READINGS


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[RollupHarness]:
    made = RollupHarness(tmp_path)
    yield made
    made.close()


def readings_every(harness: RollupHarness, count: int, every: int = 2) -> Callable[[int], None]:
    """Sends a reading of each of `count` devices every so many seconds."""
    chance = np.random.default_rng(1)

    def send(second: int) -> None:
        if second % every == 0:
            for device in devices(count):
                harness.send(device, harness.clock.now(), heart_rate=float(chance.integers(50, 150)), humidity=40.5)

    return send


def test_the_roll_ups_wait_for_the_consumer_group_of_the_archive() -> None:
    assert worker.ARCHIVE == archive.GROUP


@pytest.mark.parametrize("count", [2, 12])
def test_minutes_and_hours_equal_the_summaries_of_the_readings(harness: RollupHarness, count: int) -> None:
    harness.run(2 * 3600 + 90, readings_every(harness, count, every=20), every=5)
    assert same(
        harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE, until=harness.clock.now() - 15 * SECOND)
    )
    assert same(harness.rolled(RetentionPolicy.HOURS), harness.expected(HOUR, until=harness.clock.now()))


def test_a_minute_is_rolled_up_soon_after_its_end_and_not_before(harness: RollupHarness) -> None:
    harness.run(59, readings_every(harness, 1))
    assert harness.rolled(RetentionPolicy.MINUTES) == {}
    harness.run(15, readings_every(harness, 1))
    assert same(harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE, until=T + MINUTE))


def test_no_minute_is_rolled_up_before_the_archive_has_stored_its_readings(harness: RollupHarness) -> None:
    harness.archiving = False
    harness.run(300, readings_every(harness, 3))
    assert harness.rolled(RetentionPolicy.MINUTES) == {}
    assert harness.log.committed(worker.GROUP, harness.log.partition(READINGS, "mon-0")) is None
    harness.archiving = True
    harness.run(10)
    assert same(harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE))


def test_a_minute_waits_for_the_archive_to_the_last_of_its_records(harness: RollupHarness) -> None:
    harness.archiving = False
    for n in range(3):
        harness.send("mon-1", T + n, heart_rate=60.0 + n)
    for taken in (1, 2):
        assert harness.archive.step(0, 1) == 1
        harness.run(90)
        assert harness.rolled(RetentionPolicy.MINUTES) == {}, f"{taken} of 3 are stored"
    assert harness.archive.step(0, 1) == 1
    harness.run(10)
    assert same(harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE))


def test_a_reading_days_late_writes_its_own_minute_and_hour_again_and_no_other(harness: RollupHarness) -> None:
    harness.run(2 * 3600, readings_every(harness, 3, every=30), every=5)
    harness.clock.advance(3 * 86_400)
    harness.run(120)
    before = {policy: harness.rolled(policy) for policy in (RetentionPolicy.MINUTES, RetentionPolicy.HOURS)}
    harness.send("mon-1", T + 17 * MINUTE + 1, heart_rate=200.0)
    harness.run(20)
    assert same(harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE))
    assert same(harness.rolled(RetentionPolicy.HOURS), harness.expected(HOUR))
    changed = {key for p, old in before.items() for key, value in harness.rolled(p).items() if old.get(key) != value}
    assert {(device, at) for _, device, at, _ in changed} == {("mon-1", T + 17 * MINUTE), ("mon-1", T)}
    assert harness.metrics.samples()["wardwatch_rollups_minutes_recomputed_total"] == 1


def test_a_minute_without_new_readings_between_two_with_some_is_not_written(harness: RollupHarness) -> None:
    for minute in (17, 19, 21):
        harness.send("mon-1", T + minute * MINUTE + 1, heart_rate=60.0 + minute)
    harness.clock.advance(86_400)
    harness.run(120)
    at = T + 19 * MINUTE
    (made,) = harness.store.rows("vitals", {}, at, at + 1, 9, RetentionPolicy.MINUTES)
    between = Point(Series.of("vitals", **made.tags), at, {"heart_rate": 1.0})
    harness.store.write([between], RetentionPolicy.MINUTES)
    for minute in (17, 21):
        harness.send("mon-1", T + minute * MINUTE + 2, heart_rate=100.0)
    harness.run(20)
    found = harness.rolled(RetentionPolicy.MINUTES)
    means = {minute: found["vitals", "mon-1", T + minute * MINUTE, "heart_rate"] for minute in (17, 19, 21)}
    assert means == {17: 88.5, 19: 1.0, 21: 90.5}


def test_a_backlog_of_one_device_is_rolled_up_wherever_it_lies(harness: RollupHarness) -> None:
    harness.clock.advance(2 * 86_400)
    for at in (*range(T, T + 9 * HOUR, 7 * MINUTE), *range(T + 20 * HOUR, T + 21 * HOUR, 20 * MINUTE)):
        harness.send("mon-5", at, heart_rate=float(at // MINUTE % 100))
    harness.run(120)
    assert same(harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE))
    assert same(harness.rolled(RetentionPolicy.HOURS), harness.expected(HOUR))


def test_a_minute_with_readings_all_the_time_is_rolled_up_too(harness: RollupHarness) -> None:
    harness.clock.advance(86_400)
    harness.run(100, lambda s: harness.send("mon-1", T + s * 100_000, heart_rate=60.0 + s))
    assert harness.rolled(RetentionPolicy.MINUTES) != {}


def test_a_store_that_does_not_answer_is_a_problem_and_all_is_written_afterwards(harness: RollupHarness) -> None:
    harness.killable.unavailable = True
    harness.run(600, readings_every(harness, 2, every=10))
    assert "away" in harness.members[0].problem()
    assert harness.metrics.samples()["wardwatch_rollups_oldest_pending_age_seconds"] > 500
    harness.killable.unavailable = False
    harness.run(90)
    assert harness.members[0].problem() == ""
    assert same(harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE))
    assert harness.metrics.samples()["wardwatch_rollups_oldest_pending_age_seconds"] == 0


def test_an_unreadable_record_is_counted_and_affects_no_other(harness: RollupHarness) -> None:
    harness.log.send(READINGS, [("mon-0", b'{"v":99}'), ("mon-0", b"\xff"), ("mon-0", b'{"v":3}')])
    harness.send("mon-0", T + 1, heart_rate=60.0)
    harness.run(120)
    assert same(harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE))
    assert harness.metrics.samples()["wardwatch_rollups_records_unreadable_total"] == 3


def test_a_refused_point_is_counted_and_affects_no_other(harness: RollupHarness) -> None:
    harness.killable.refused = {66.0}
    for n in range(11):
        harness.send(f"mon-{n}", T + 1, heart_rate=60.0 + n)
    harness.run(120)
    wanted = {key: value for key, value in harness.expected(MINUTE).items() if key[1] != "mon-6"}
    assert same(harness.rolled(RetentionPolicy.MINUTES), wanted)
    numbers = harness.metrics.samples()
    assert numbers["wardwatch_rollups_points_refused_total"] == 1
    assert harness.members[0].problem() == ""


def test_a_signal_with_the_name_of_a_part_is_left_out(harness: RollupHarness) -> None:
    harness.send("mon-0", T + 1, humidity=40.0, humidity_count=7.0, humidity_max=1e9)
    harness.run(90)
    found = harness.rolled(RetentionPolicy.MINUTES)
    assert found["telemetry", "mon-0", T, "humidity_count"] == 1.0
    assert found["telemetry", "mon-0", T, "humidity_max"] == 40.0
    assert ("telemetry", "mon-0", T, "humidity_count_count") not in found


def test_two_processes_share_the_devices_and_one_takes_over_when_the_other_leaves(harness: RollupHarness) -> None:
    harness.members.append(harness.start())
    harness.run(600, readings_every(harness, 12, every=10))
    harness.members.pop(0).close()
    harness.run(3600, readings_every(harness, 12, every=30), every=5)
    harness.run(120)
    assert same(harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE))
    assert same(harness.rolled(RetentionPolicy.HOURS), harness.expected(HOUR, until=harness.clock.now()))


def day(harness: RollupHarness) -> None:
    """An hour and a half of three devices, one of them late by half an hour, every two minutes."""
    harness.clock.advance(45 * 60)
    for _ in range(45):
        harness.clock.advance(100)
        now = harness.clock.now()
        harness.send("mon-1", now - 1, heart_rate=float(now // SECOND % 100))
        harness.send("mon-2", now - HOUR // 2, spo2=float(now // SECOND % 10))
        for _ in range(3):
            harness.clock.advance(7)
            harness.step()
    harness.clock.advance(HOUR / SECOND)
    for _ in range(30):
        harness.clock.advance(7)
        harness.step()


def test_a_crash_between_any_two_operations_changes_no_roll_up(tmp_path: Path) -> None:
    calm = RollupHarness(tmp_path / "calm")
    day(calm)
    assert same(calm.rolled(RetentionPolicy.MINUTES), calm.expected(MINUTE))
    assert same(calm.rolled(RetentionPolicy.HOURS), calm.expected(HOUR))
    wanted = [calm.rolled(policy) for policy in (RetentionPolicy.MINUTES, RetentionPolicy.HOURS)]
    chosen = np.random.default_rng(2).choice(calm.switch.count, examples(10, 60), replace=False)
    for n in sorted({*range(12), *map(int, chosen)}):
        harness = RollupHarness(tmp_path / f"death{n}")
        harness.switch.at = n + 1
        day(harness)
        assert harness.deaths == 1
        assert [harness.rolled(policy) for policy in (RetentionPolicy.MINUTES, RetentionPolicy.HOURS)] == wanted, (
            f"death at {n}"
        )
        harness.store.close()
    calm.store.close()


def test_hours_that_ended_while_no_process_ran_are_written(harness: RollupHarness) -> None:
    harness.run(600, readings_every(harness, 2, every=30))
    harness.run(90)
    harness.members.pop().close()
    harness.clock.advance(5 * 3600)
    harness.members.append(harness.start())
    harness.run(5)
    assert same(harness.rolled(RetentionPolicy.HOURS), harness.expected(HOUR))


@given(
    readings=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 4 * 3600), st.integers(30, 200)),
        min_size=1, max_size=40, unique_by=lambda r: r[:2],
    ),
    crash_after=st.integers(0, 60),
)  # fmt: skip
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_whatever_order_readings_come(tmp_path_factory: pytest.TempPathFactory, readings: list[tuple[int, int, int]],
                                         crash_after: int) -> None:  # fmt: skip
    harness = RollupHarness(tmp_path_factory.mktemp("harness"))
    harness.clock.advance(5 * 3600)
    harness.switch.at = crash_after + 1
    for n, (device, second, value) in enumerate(readings):
        harness.send(f"mon-{device}", T + second * SECOND, heart_rate=float(value))
        if n % 3 == 0:
            harness.run(4)
    harness.run(70)
    assert same(harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE))
    assert same(harness.rolled(RetentionPolicy.HOURS), harness.expected(HOUR))
    harness.store.close()
