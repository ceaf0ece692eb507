"""Days of devices and wards, and where devices are going: made of what is stored, again and again without harm."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from detectors.limits import LimitsParams
from rollups.day import DAY
from rollups.days import EVERY, LATE, RAW, Days
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, ManualClock, Micros
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.config.rule import Rule
from ward.errors import StoreUnavailable
from ward.finding import Kind
from ward.inventory import Assignment, Bed, Device, DeviceKind, Inventory, Period, Stay, Ward
from ward.metrics import Metrics
from ward.ports import Event, Point, Series
from ward.signals import Catalogue, Signal
from ward.simulated_past import SimulatedPast, mark

TODAY: Micros = 20_417 * DAY
NOON: Micros = TODAY + DAY // 2
HOUR: Micros = 3600 * SECOND


def config() -> Config:
    """Two beds, of which the second got the first one's monitor at noon yesterday; and a logger."""
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


class Kept:
    """A store, a clock and the part under test."""

    def __init__(self, path: Path) -> None:
        self.clock, self.metrics = ManualClock(NOON), Metrics()
        self.store = SqliteStore(path / "store.db", self.clock)
        self.days = Days(self.store, FixedConfig(config()), self.clock, self.metrics)

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

    def events(self, measurement: str, day: Micros, **where: str) -> list[Event]:
        return self.store.events(measurement, where, day, day + DAY, 100)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path)
    yield made
    made.store.close()


def test_a_day_has_mean_least_most_and_how_much_of_it_came(kept: Kept) -> None:
    kept.hours(TODAY - 2 * DAY, TODAY - 2 * DAY + 18 * HOUR, start=36.0, per_day=24.0)
    kept.run()
    (day,) = kept.events("days", TODAY - 2 * DAY, device="m1")
    assert day.tags == {"ward": "icu", "bed": "b1", "device": "m1", "device_kind": "monitor"}
    assert (day.fields["temperature_min"], day.fields["temperature_max"], day.fields["temperature"]) == (36, 53, 44.5)
    assert (day.fields["expected"], day.fields["came"], day.fields["completeness"]) == (24, 18, 0.75)


def test_a_device_that_moved_has_a_day_at_each_place(kept: Kept) -> None:
    kept.hours(TODAY - DAY, TODAY - DAY // 2, "b1", 37)
    kept.hours(TODAY - DAY // 2, TODAY, "b2", 39)
    kept.run()
    days = {event.tags["bed"]: event.fields for event in kept.events("days", TODAY - DAY, device="m1")}
    assert [(days[bed]["temperature"], days[bed]["completeness"]) for bed in ("b1", "b2")] == [(37, 1), (39, 1)]


def test_a_device_that_said_nothing_has_a_day_without_anything_and_not_no_day(kept: Kept) -> None:
    kept.hours(TODAY - 2 * DAY, TODAY - DAY)
    kept.run()
    (day,) = kept.events("days", TODAY - DAY, device="l1")
    assert (day.fields["came"], day.fields["completeness"]) == (0, 0)
    assert day.tags["imaging_device"] == "MRI-1"


def test_today_expects_only_what_could_have_come_by_now(kept: Kept) -> None:
    kept.hours(TODAY, NOON, "b2")
    kept.run()
    (day,) = kept.events("days", TODAY, device="m1")
    assert (day.fields["expected"], day.fields["completeness"]) == (12, 1)


def test_a_ward_weighs_readings_and_counts_beds_and_patients(kept: Kept) -> None:
    kept.hours(TODAY - DAY, TODAY - DAY // 2, "b1", 36)
    kept.hours(TODAY - DAY // 2, TODAY - DAY // 4, "b2", 39)
    kept.run()
    ward = next(event for event in kept.events("ward_days", TODAY - DAY) if event.tags["ward"] == "icu")
    assert (ward.fields["temperature"], ward.fields["temperature_min"], ward.fields["temperature_max"]) == (37, 36, 39)
    assert (ward.fields["expected"], ward.fields["came"], ward.fields["completeness"]) == (24, 18, 0.75)
    assert (ward.fields["beds"], ward.fields["watched"], ward.fields["patients"]) == (2, 2, 3)
    assert (ward.fields["admitted"], ward.fields["discharged"]) == (1, 1)


def test_at_first_all_raw_days_are_made_then_only_what_may_have_changed(kept: Kept) -> None:
    kept.hours(TODAY - RAW * DAY, TODAY - (RAW - 1) * DAY)
    first = kept.run()
    days = {event.at for event in kept.store.events("days", {}, 0, NOON, 1000)}
    assert min(days) == TODAY - RAW * DAY
    kept.clock.advance(EVERY)
    hourly = kept.run()
    kept.clock.advance(EVERY * 24)
    daily = kept.run()
    per_day = (first - 2) / (RAW + 1)
    assert (hourly - 2, daily - 2) == (2 * per_day, (LATE + 1) * per_day)


def test_before_anything_was_stored_there_were_no_days(kept: Kept) -> None:
    kept.hours(TODAY - 3 * DAY, TODAY - 2 * DAY)
    kept.run()
    for measurement in ("days", "ward_days"):
        days = {event.at for event in kept.store.events(measurement, {}, 0, NOON, 1000)}
        assert days == {TODAY - 3 * DAY, TODAY - 2 * DAY, TODAY - DAY, TODAY}


def test_a_reading_that_comes_days_late_is_in_its_day_with_the_next_day(kept: Kept) -> None:
    kept.run()
    kept.hours(TODAY - 5 * DAY, TODAY - 4 * DAY)
    kept.clock.advance(86_400)
    kept.run()
    (day,) = kept.events("days", TODAY - 5 * DAY, device="m1")
    assert day.fields["completeness"] == 1


def test_a_second_time_changes_nothing(kept: Kept) -> None:
    kept.hours(TODAY - 3 * DAY, TODAY - 2 * DAY)
    kept.run()
    before = kept.store.events("days", {}, 0, NOON, 1000)
    kept.clock.advance(EVERY)
    kept.run()
    same = [event for event in kept.store.events("days", {}, 0, NOON, 1000) if event.at < TODAY]
    assert same == [event for event in before if event.at < TODAY]


def test_a_drifting_device_is_told_with_the_day_it_would_cross_its_limit(kept: Kept) -> None:
    kept.hours(TODAY - 20 * DAY, TODAY - DAY, start=36.5, per_day=0.05)
    kept.run()
    (line,) = kept.events("trends", TODAY, signal="temperature")
    assert line.fields["per_day"] == pytest.approx(0.05)
    assert (line.fields["sure"], line.fields["limit"]) == (1, 38)
    level = float(line.fields["level"])
    assert line.fields["crosses_in_d"] == pytest.approx((38 - level) / 0.05)
    assert line.fields["crosses_ms"] == pytest.approx(
        (TODAY / 1000) + float(line.fields["crosses_in_d"]) * 86_400_000, abs=1
    )


def test_the_day_on_which_a_device_first_spoke_is_no_whole_one(kept: Kept) -> None:
    kept.hours(TODAY - 7 * DAY + DAY // 2, TODAY - 6 * DAY, start=37.4)
    kept.hours(TODAY - 6 * DAY, TODAY, start=36.8)
    kept.run()
    (line,) = kept.events("trends", TODAY, signal="temperature")
    assert (line.fields["days"], line.fields["sure"]) == (6, 0)
    assert line.fields["per_day"] == pytest.approx(0, abs=1e-9)


def test_a_device_that_stays_where_it_is_crosses_nothing(kept: Kept) -> None:
    for day in range(20):
        start = TODAY - (20 - day) * DAY
        kept.hours(start, start + DAY, start=37 + 0.1 * (-1) ** day)
    kept.run()
    (line,) = kept.events("trends", TODAY, signal="temperature")
    assert line.fields["sure"] == 0
    assert "crosses_in_d" not in line.fields


def test_a_store_that_is_away_is_asked_again_and_harms_nobody(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = SqliteStore.curve

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("down")

    monkeypatch.setattr(SqliteStore, "curve", away)
    assert kept.run() == 0
    monkeypatch.setattr(SqliteStore, "curve", whole)
    assert kept.run() == 0
    kept.clock.advance(60)
    assert kept.run() > 0


def test_of_a_simulated_past_as_much_is_expected_as_it_has_and_nothing_before_it(kept: Kept) -> None:
    """Readings of the past are four hours apart, live ones one hour."""
    start, end = TODAY - 3 * DAY + 12 * HOUR, TODAY - DAY + 12 * HOUR
    past = SimulatedPast(start=start, end=end, written=1.0, periods={"temperature": 4 * 3600.0})
    series = mark(Series.of("vitals", ward="icu", bed="b1", device="m1", kind="monitor"))
    kept.store.write([Point(series, at, {"temperature": 37.0}) for at in range(start, end, 4 * HOUR)])
    kept.store.write([past.point()])
    kept.hours(end, TODAY, bed="b2")
    kept.run()
    for back, expected in ((3, 3.0), (2, 6.0)):
        (day,) = kept.events("days", TODAY - back * DAY, device="m1")
        assert (day.fields["expected"], day.fields["came"], day.fields["completeness"]) == (expected, expected, 1.0)
        assert day.fields["simulated"] == 1.0
    days = {event.tags["bed"]: event.fields for event in kept.events("days", TODAY - DAY, device="m1")}
    assert (days["b1"]["expected"], days["b1"]["completeness"]) == (3.0, 1.0)
    assert (days["b2"]["expected"], days["b2"]["completeness"]) == (12.0, 1.0)
    assert "simulated" not in days["b2"]
    (ward,) = kept.events("ward_days", TODAY - DAY, ward="icu")
    assert (ward.fields["completeness"], ward.fields["simulated"]) == (1.0, 1.0)
