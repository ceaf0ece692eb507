"""Minutes and hours are what arithmetic makes of the readings, whatever comes late and whoever dies."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge import archive
from rollups import rollups
from tests.rollups.house import HOUR, MINUTE, House, T, devices, same
from ward.clock import SECOND
from ward.policy import Policy
from ward.ports import Point, Series
from ward.topics import READINGS


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    for member in made.members:
        member.close()
    made.archive.close()
    made.store.close()


def chatter(house: House, count: int, every: int = 2) -> Callable[[int], None]:
    """Devices that speak every so often."""
    chance = np.random.default_rng(1)

    def speak(second: int) -> None:
        if second % every == 0:
            for device in devices(count):
                house.send(device, house.clock.now(), heart_rate=float(chance.integers(50, 150)), humidity=40.5)

    return speak


def test_the_archive_s_group_is_the_one_that_is_waited_for() -> None:
    assert rollups.ARCHIVE == archive.GROUP


@pytest.mark.parametrize("count", [2, 12])
def test_minutes_and_hours_are_those_of_the_readings(house: House, count: int) -> None:
    house.live(2 * 3600 + 90, chatter(house, count, every=20), every=5)
    assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE, until=house.clock.now() - 15 * SECOND))
    assert same(house.rolled(Policy.HOURS), house.truth(HOUR, until=house.clock.now()))


def test_a_minute_that_goes_on_is_not_rolled_and_one_that_is_over_soon_is(house: House) -> None:
    house.live(59, chatter(house, 1))
    assert house.rolled(Policy.MINUTES) == {}
    house.live(15, chatter(house, 1))
    assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE, until=T + MINUTE))


def test_nothing_is_rolled_before_the_archive_has_stored_it(house: House) -> None:
    house.archiving = False
    house.live(300, chatter(house, 3))
    assert house.rolled(Policy.MINUTES) == {}
    assert house.log.committed(rollups.GROUP, house.log.partition(READINGS, "mon-0")) is None
    house.archiving = True
    house.live(10)
    assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE))


def test_a_minute_waits_for_the_archive_to_the_last_of_its_records(house: House) -> None:
    house.archiving = False
    for n in range(3):
        house.send("mon-1", T + n, heart_rate=60.0 + n)
    for taken in (1, 2):
        assert house.archive.step(0, 1) == 1
        house.live(90)
        assert house.rolled(Policy.MINUTES) == {}, f"{taken} of 3 are stored"
    assert house.archive.step(0, 1) == 1
    house.live(10)
    assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE))


def test_a_reading_days_late_rolls_its_own_minute_and_hour_again_and_no_other(house: House) -> None:
    house.live(2 * 3600, chatter(house, 3, every=30), every=5)
    house.clock.advance(3 * 86_400)
    house.live(120)
    before = {policy: house.rolled(policy) for policy in (Policy.MINUTES, Policy.HOURS)}
    house.send("mon-1", T + 17 * MINUTE + 1, heart_rate=200.0)
    house.live(20)
    assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE))
    assert same(house.rolled(Policy.HOURS), house.truth(HOUR))
    changed = {key for p, old in before.items() for key, value in house.rolled(p).items() if old.get(key) != value}
    assert {(device, at) for _, device, at, _ in changed} == {("mon-1", T + 17 * MINUTE), ("mon-1", T)}
    assert house.metrics.numbers()["wardwatch_rollups_minutes_recomputed_total"] == 1


def test_a_minute_between_two_that_were_touched_is_left_alone(house: House) -> None:
    for minute in (17, 19, 21):
        house.send("mon-1", T + minute * MINUTE + 1, heart_rate=60.0 + minute)
    house.clock.advance(86_400)
    house.live(120)
    at = T + 19 * MINUTE
    (made,) = house.store.events("vitals", {}, at, at + 1, 9, Policy.MINUTES)
    between = Point(Series.of("vitals", **made.tags), at, {"heart_rate": 1.0})
    house.store.write([between], Policy.MINUTES)
    for minute in (17, 21):
        house.send("mon-1", T + minute * MINUTE + 2, heart_rate=100.0)
    house.live(20)
    found = house.rolled(Policy.MINUTES)
    means = {minute: found["vitals", "mon-1", T + minute * MINUTE, "heart_rate"] for minute in (17, 19, 21)}
    assert means == {17: 88.5, 19: 1.0, 21: 90.5}


def test_a_backlog_of_one_device_is_rolled_wherever_it_lies(house: House) -> None:
    house.clock.advance(2 * 86_400)
    for at in (*range(T, T + 9 * HOUR, 7 * MINUTE), *range(T + 20 * HOUR, T + 21 * HOUR, 20 * MINUTE)):
        house.send("mon-5", at, heart_rate=float(at // MINUTE % 100))
    house.live(120)
    assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE))
    assert same(house.rolled(Policy.HOURS), house.truth(HOUR))


def test_a_device_that_never_is_quiet_is_rolled_all_the_same(house: House) -> None:
    house.clock.advance(86_400)
    house.live(100, lambda s: house.send("mon-1", T + s * 100_000, heart_rate=60.0 + s))
    assert house.rolled(Policy.MINUTES) != {}


def test_a_store_that_is_away_is_said_so_and_everything_is_made_up_for(house: House) -> None:
    house.mortal.away = True
    house.live(600, chatter(house, 2, every=10))
    assert "away" in house.members[0].problem()
    assert house.metrics.numbers()["wardwatch_rollups_oldest_pending_age_seconds"] > 500
    house.mortal.away = False
    house.live(90)
    assert house.members[0].problem() == ""
    assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE))
    assert house.metrics.numbers()["wardwatch_rollups_oldest_pending_age_seconds"] == 0


def test_a_record_nobody_can_read_is_counted_and_costs_no_other_anything(house: House) -> None:
    house.log.send(READINGS, [("mon-0", b'{"v":99}'), ("mon-0", b"\xff"), ("mon-0", b'{"v":2}')])
    house.send("mon-0", T + 1, heart_rate=60.0)
    house.live(120)
    assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE))
    assert house.metrics.numbers()["wardwatch_rollups_records_unreadable_total"] == 3


def test_a_point_the_store_will_never_take_is_counted_and_costs_no_other_anything(house: House) -> None:
    house.mortal.never = {66.0}
    for n in range(11):
        house.send(f"mon-{n}", T + 1, heart_rate=60.0 + n)
    house.live(120)
    wanted = {key: value for key, value in house.truth(MINUTE).items() if key[1] != "mon-6"}
    assert same(house.rolled(Policy.MINUTES), wanted)
    numbers = house.metrics.numbers()
    assert numbers["wardwatch_rollups_points_refused_total"] == 1
    assert house.members[0].problem() == ""


def test_a_signal_called_like_a_part_stands_in_nobody_s_way(house: House) -> None:
    house.send("mon-0", T + 1, humidity=40.0, humidity_count=7.0, humidity_max=1e9)
    house.live(90)
    found = house.rolled(Policy.MINUTES)
    assert found["telemetry", "mon-0", T, "humidity_count"] == 1.0
    assert found["telemetry", "mon-0", T, "humidity_max"] == 40.0
    assert ("telemetry", "mon-0", T, "humidity_count_count") not in found


def test_two_processes_share_the_devices_and_one_takes_over_when_the_other_leaves(house: House) -> None:
    house.members.append(house.start())
    house.live(600, chatter(house, 12, every=10))
    house.members.pop(0).close()
    house.live(3600, chatter(house, 12, every=30), every=5)
    house.live(120)
    assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE))
    assert same(house.rolled(Policy.HOURS), house.truth(HOUR, until=house.clock.now()))


def day(house: House) -> None:
    """An hour and a half of three devices, one of them late by half an hour, every two minutes."""
    house.clock.advance(45 * 60)
    for _ in range(45):
        house.clock.advance(100)
        now = house.clock.now()
        house.send("mon-1", now - 1, heart_rate=float(now // SECOND % 100))
        house.send("mon-2", now - HOUR // 2, spo2=float(now // SECOND % 10))
        for _ in range(3):
            house.clock.advance(7)
            house.step()
    house.clock.advance(HOUR / SECOND)
    for _ in range(30):
        house.clock.advance(7)
        house.step()


def test_a_death_between_any_two_operations_changes_no_roll_up(tmp_path: Path) -> None:
    calm = House(tmp_path / "calm")
    day(calm)
    assert same(calm.rolled(Policy.MINUTES), calm.truth(MINUTE))
    assert same(calm.rolled(Policy.HOURS), calm.truth(HOUR))
    wanted = [calm.rolled(policy) for policy in (Policy.MINUTES, Policy.HOURS)]
    chosen = np.random.default_rng(2).choice(calm.fate.operations, 25, replace=False)
    for n in sorted({*range(12), *map(int, chosen)}):
        house = House(tmp_path / f"death{n}")
        house.fate.left = n
        day(house)
        assert house.deaths == 1
        assert [house.rolled(policy) for policy in (Policy.MINUTES, Policy.HOURS)] == wanted, f"death at {n}"
        house.store.close()
    calm.store.close()


def test_hours_that_ended_while_nobody_was_there_are_made(house: House) -> None:
    house.live(600, chatter(house, 2, every=30))
    house.live(90)
    house.members.pop().close()
    house.clock.advance(5 * 3600)
    house.members.append(house.start())
    house.live(5)
    assert same(house.rolled(Policy.HOURS), house.truth(HOUR))


@given(
    readings=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 4 * 3600), st.integers(30, 200)),
        min_size=1, max_size=40, unique_by=lambda r: r[:2],
    ),
    dies=st.integers(0, 60),
)  # fmt: skip
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_whatever_order_readings_come(tmp_path_factory: pytest.TempPathFactory, readings: list[tuple[int, int, int]],
                                         dies: int) -> None:  # fmt: skip
    house = House(tmp_path_factory.mktemp("house"))
    house.clock.advance(5 * 3600)
    house.fate.left = dies
    for n, (device, second, value) in enumerate(readings):
        house.send(f"mon-{device}", T + second * SECOND, heart_rate=float(value))
        if n % 3 == 0:
            house.live(4)
    house.live(70)
    assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE))
    assert same(house.rolled(Policy.HOURS), house.truth(HOUR))
    house.store.close()
