"""Statistics of devices and wards by day, and trends: computed from the store, and equal when computed again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from detectors.limits import LimitsParams
from rollups.day_statistics import EVERY, LATE_DAYS, RAW_DAYS, DayStatistics
from rollups.day_tally import DAY
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, ManualClock, Micros
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.config.rule import Rule
from ward.errors import StoreUnavailable
from ward.finding import Kind
from ward.inventory import Assignment, Bed, Device, DeviceKind, Inventory, Period, Stay, Ward
from ward.metrics import Metrics
from ward.ports import Point, Row, Series
from ward.signals import Catalogue, Signal
from ward.simulated_past import SimulatedPast, mark

TODAY: Micros = 20_417 * DAY
NOON: Micros = TODAY + DAY // 2
HOUR: Micros = 3600 * SECOND


def config() -> Config:
    """Two beds, the second of which got the first one's monitor at noon yesterday; and a logger."""
    move = TODAY - DAY // 2
    return Config(
        "test",
        Catalogue(
            {
                "temperature": Signal(name="temperature", label="T", unit="Cel", display="°C", measurement="vitals"),
                "humidity": Signal(name="humidity", label="H", unit="%", display="%"),
            }
        ),
        Inventory(
            wards=[Ward(id="icu", name="ICU"), Ward(id="imaging", name="Imaging")],
            beds=[Bed(id="b1", ward="icu", label="1"), Bed(id="b2", ward="icu", label="2")],
            device_kinds=[
                DeviceKind(name="monitor", label="", signals={"temperature": 3600.0}),
                DeviceKind(name="logger", label="", signals={"humidity": 3600.0}),
            ],
            devices=[
                Device(
                    id="m1", device_kind="monitor",
                    assignments=(Assignment(ward="icu", bed="b1", span=Period(until=move)),
                           Assignment(ward="icu", bed="b2", span=Period(since=move))),
                ),
                Device(id="l1", device_kind="logger", assignments=(Assignment(ward="imaging"),), attached="MRI-1"),
            ],
            stays=[
                Stay(patient="P-1", bed="b1", span=Period(until=move)), Stay(patient="P-2", bed="b2"),
                Stay(patient="P-3", bed="b1", span=Period(since=TODAY - DAY // 4)),
            ],
        ),
        (Rule("fever", "limits", ("temperature",), Kind.PHYSIOLOGICAL, LimitsParams, {"side": "high", "medium": 38}),),
    )  # fmt: skip


class Bench:
    """A store, a clock and the part under test."""

    def __init__(self, path: Path) -> None:
        self.clock, self.metrics = ManualClock(NOON), Metrics()
        self.store = SqliteStore(path / "store.db", self.clock)
        self.days = DayStatistics(self.store, FixedConfig(config()), self.clock, self.metrics)

    def hours(self, first: Micros, last: Micros, bed: str = "b1", start: float = 37.0, per_day: float = 0.0) -> None:
        series = Series.of("vitals", ward="icu", bed=bed, device="m1", device_kind="monitor")
        self.store.write(
            [
                Point(series, at, {"temperature": start + per_day * (at - first) / DAY})
                for at in range(first, last, HOUR)
            ]
        )

    def run(self) -> int:
        steps = 0
        while self.days.step(0):
            steps += 1
        return steps

    def rows(self, measurement: str, day: Micros, **where: str) -> list[Row]:
        return self.store.rows(measurement, where, day, day + DAY, 100)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.store.close()


def test_a_day_has_mean_minimum_maximum_and_completeness(bench: Bench) -> None:
    bench.hours(TODAY - 2 * DAY, TODAY - 2 * DAY + 18 * HOUR, start=36.0, per_day=24.0)
    bench.run()
    (day,) = bench.rows("days", TODAY - 2 * DAY, device="m1")
    assert day.tags == {"ward": "icu", "bed": "b1", "device": "m1", "device_kind": "monitor"}
    assert (day.fields["temperature_min"], day.fields["temperature_max"], day.fields["temperature"]) == (36, 53, 44.5)
    assert (day.fields["expected"], day.fields["received"], day.fields["completeness"]) == (24, 18, 0.75)


def test_a_device_that_moved_has_a_day_at_each_place(bench: Bench) -> None:
    bench.hours(TODAY - DAY, TODAY - DAY // 2, "b1", 37)
    bench.hours(TODAY - DAY // 2, TODAY, "b2", 39)
    bench.run()
    days = {row.tags["bed"]: row.fields for row in bench.rows("days", TODAY - DAY, device="m1")}
    assert [(days[bed]["temperature"], days[bed]["completeness"]) for bed in ("b1", "b2")] == [(37, 1), (39, 1)]


def test_a_device_without_readings_has_a_day_with_nothing_received(bench: Bench) -> None:
    bench.hours(TODAY - 2 * DAY, TODAY - DAY)
    bench.run()
    (day,) = bench.rows("days", TODAY - DAY, device="l1")
    assert (day.fields["received"], day.fields["completeness"]) == (0, 0)
    assert day.tags["imaging_device"] == "MRI-1"


def test_today_expects_only_readings_up_to_now(bench: Bench) -> None:
    bench.hours(TODAY, NOON, "b2")
    bench.run()
    (day,) = bench.rows("days", TODAY, device="m1")
    assert (day.fields["expected"], day.fields["completeness"]) == (12, 1)


def test_a_ward_s_mean_is_weighted_by_readings_and_beds_and_patients_are_counted(bench: Bench) -> None:
    bench.hours(TODAY - DAY, TODAY - DAY // 2, "b1", 36)
    bench.hours(TODAY - DAY // 2, TODAY - DAY // 4, "b2", 39)
    bench.run()
    ward = next(row for row in bench.rows("ward_days", TODAY - DAY) if row.tags["ward"] == "icu")
    assert (ward.fields["temperature"], ward.fields["temperature_min"], ward.fields["temperature_max"]) == (37, 36, 39)
    assert (ward.fields["expected"], ward.fields["received"], ward.fields["completeness"]) == (24, 18, 0.75)
    assert (ward.fields["beds"], ward.fields["beds_monitored"], ward.fields["patients"]) == (2, 2, 3)
    assert (ward.fields["admitted"], ward.fields["discharged"]) == (1, 1)


def test_the_first_pass_computes_all_days_of_raw_readings_later_ones_only_days_that_may_change(bench: Bench) -> None:
    bench.hours(TODAY - RAW_DAYS * DAY, TODAY - (RAW_DAYS - 1) * DAY)
    first = bench.run()
    days = {row.at for row in bench.store.rows("days", {}, 0, NOON, 1000)}
    assert min(days) == TODAY - RAW_DAYS * DAY
    bench.clock.advance(EVERY)
    hourly = bench.run()
    bench.clock.advance(EVERY * 24)
    daily = bench.run()
    per_day = (first - 2) / (RAW_DAYS + 1)
    assert (hourly - 2, daily - 2) == (2 * per_day, (LATE_DAYS + 1) * per_day)


def test_days_before_the_first_reading_get_no_point(bench: Bench) -> None:
    bench.hours(TODAY - 3 * DAY, TODAY - 2 * DAY)
    bench.run()
    for measurement in ("days", "ward_days"):
        days = {row.at for row in bench.store.rows(measurement, {}, 0, NOON, 1000)}
        assert days == {TODAY - 3 * DAY, TODAY - 2 * DAY, TODAY - DAY, TODAY}


def test_a_reading_days_late_is_in_its_day_after_the_next_midnight(bench: Bench) -> None:
    bench.run()
    bench.hours(TODAY - 5 * DAY, TODAY - 4 * DAY)
    bench.clock.advance(86_400)
    bench.run()
    (day,) = bench.rows("days", TODAY - 5 * DAY, device="m1")
    assert day.fields["completeness"] == 1


def test_a_second_time_changes_nothing(bench: Bench) -> None:
    bench.hours(TODAY - 3 * DAY, TODAY - 2 * DAY)
    bench.run()
    before = bench.store.rows("days", {}, 0, NOON, 1000)
    bench.clock.advance(EVERY)
    bench.run()
    same = [row for row in bench.store.rows("days", {}, 0, NOON, 1000) if row.at < TODAY]
    assert same == [row for row in before if row.at < TODAY]


def test_a_drifting_device_has_a_trend_with_the_day_of_its_limit(bench: Bench) -> None:
    bench.hours(TODAY - 20 * DAY, TODAY - DAY, start=36.5, per_day=0.05)
    bench.run()
    (line,) = bench.rows("trends", TODAY, signal="temperature")
    assert line.fields["per_day"] == pytest.approx(0.05)
    assert (line.fields["significant"], line.fields["limit"]) == (1, 38)
    level = float(line.fields["level"])
    assert line.fields["days_to_limit"] == pytest.approx((38 - level) / 0.05)
    assert line.fields["limit_reached_ms"] == pytest.approx(
        (TODAY / 1000) + float(line.fields["days_to_limit"]) * 86_400_000, abs=1
    )


def test_the_day_of_a_device_s_first_reading_is_not_in_its_trend(bench: Bench) -> None:
    bench.hours(TODAY - 7 * DAY + DAY // 2, TODAY - 6 * DAY, start=37.4)
    bench.hours(TODAY - 6 * DAY, TODAY, start=36.8)
    bench.run()
    (line,) = bench.rows("trends", TODAY, signal="temperature")
    assert (line.fields["days"], line.fields["significant"]) == (6, 0)
    assert line.fields["per_day"] == pytest.approx(0, abs=1e-9)


def test_a_device_without_drift_crosses_no_limit(bench: Bench) -> None:
    for day in range(20):
        start = TODAY - (20 - day) * DAY
        bench.hours(start, start + DAY, start=37 + 0.1 * (-1) ** day)
    bench.run()
    (line,) = bench.rows("trends", TODAY, signal="temperature")
    assert line.fields["significant"] == 0
    assert "days_to_limit" not in line.fields


def test_a_store_that_does_not_answer_is_queried_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = SqliteStore.query_range

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("down")

    monkeypatch.setattr(SqliteStore, "query_range", away)
    assert bench.run() == 0
    monkeypatch.setattr(SqliteStore, "query_range", whole)
    assert bench.run() == 0
    bench.clock.advance(60)
    assert bench.run() > 0


def test_a_simulated_past_expects_its_own_sampling_periods_and_nothing_before_it(bench: Bench) -> None:
    """Readings of the past are four hours apart, live ones one hour."""
    start, end = TODAY - 3 * DAY + 12 * HOUR, TODAY - DAY + 12 * HOUR
    past = SimulatedPast(start=start, end=end, written=1.0, periods={"temperature": 4 * 3600.0})
    series = mark(Series.of("vitals", ward="icu", bed="b1", device="m1", kind="monitor"))
    bench.store.write([Point(series, at, {"temperature": 37.0}) for at in range(start, end, 4 * HOUR)])
    bench.store.write([past.point()])
    bench.hours(end, TODAY, bed="b2")
    bench.run()
    for back, expected in ((3, 3.0), (2, 6.0)):
        (day,) = bench.rows("days", TODAY - back * DAY, device="m1")
        assert (day.fields["expected"], day.fields["received"], day.fields["completeness"]) == (expected, expected, 1.0)
        assert day.fields["simulated"] == 1.0
    days = {row.tags["bed"]: row.fields for row in bench.rows("days", TODAY - DAY, device="m1")}
    assert (days["b1"]["expected"], days["b1"]["completeness"]) == (3.0, 1.0)
    assert (days["b2"]["expected"], days["b2"]["completeness"]) == (12.0, 1.0)
    assert "simulated" not in days["b2"]
    (ward,) = bench.rows("ward_days", TODAY - DAY, ward="icu")
    assert (ward.fields["completeness"], ward.fields["simulated"]) == (1.0, 1.0)
