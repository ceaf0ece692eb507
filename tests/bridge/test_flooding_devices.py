"""A device that sends more than it can measure is reported by name; a backlog, however fast, is not."""

import json

import pytest

from bridge import flooding_devices
from bridge.flooding_devices import EVERY, MOST, MOST_REPORTED, UNTIMED_IN_A_ROW, FloodingDevices
from bridge.store_points.health import health_points
from tests.bridge.test_intake import CONFIG
from tests.kit.intake_harness import IntakeHarness
from ward.clock import SECOND, ManualClock, format_instant
from ward.metrics import Metrics
from ward.wire import Heartbeat

NAME = "wardwatch_bridge_flooding_device_readings_per_second"


class Counting:
    """Counts readings in virtual time."""

    def __init__(self) -> None:
        self.clock, self.metrics = ManualClock(), Metrics()
        self.devices = FloodingDevices(self.clock, self.metrics)

    def minute(self, device: str, number: int, spacing: float = 0.0) -> None:
        """A device delivers so many readings, `spacing` seconds apart by its own clock, the last one of now."""
        for i in range(number):
            self.devices.count(device, self.clock.now() - round((number - i) * spacing * SECOND))

    def minute_without_times(self, device: str, number: int) -> None:
        """A device delivers so many readings that have no time."""
        for _ in range(number):
            self.devices.count(device, None)

    def reported(self) -> dict[str, float]:
        self.clock.advance(EVERY)
        self.devices.report()
        samples = self.metrics.samples()
        return {name.split('"')[1]: value for name, value in samples.items() if name.startswith(NAME)}


def test_a_device_that_sends_more_than_it_can_measure_is_reported_until_it_stops() -> None:
    counting = Counting()
    counting.minute("m9", 6000)
    counting.minute("m1", 120)
    assert counting.reported() == {"m9": 100}
    counting.minute("m9", 60)
    assert counting.reported() == {}


def test_a_backlog_of_three_days_is_not_reported() -> None:
    counting = Counting()
    counting.minute("m9", 103_680, spacing=2.5)
    assert counting.reported() == {}


def test_what_the_broker_kept_of_a_device_without_a_clock_is_not_reported() -> None:
    """An hour's readings, one a second, come within a minute, when the bridge is there again."""
    counting = Counting()
    counting.minute_without_times("m9", 1800)
    assert counting.reported() == {}
    counting.minute_without_times("m9", 1800)
    assert counting.reported() == {}
    counting.minute_without_times("m9", 60)
    assert counting.reported() == {}
    for _ in range(UNTIMED_IN_A_ROW - 1):
        counting.minute_without_times("m9", 1800)
        assert counting.reported() == {}
    counting.minute_without_times("m9", 1800)
    assert counting.reported() == {"m9": 30}


def test_a_wrong_clock_hides_no_flood_of_refused_readings() -> None:
    counting = Counting()
    for _ in range(UNTIMED_IN_A_ROW):
        counting.devices.count("m9", 0)
        counting.minute_without_times("m9", 6000)
        reported = counting.reported()
    assert reported == {"m9": 100}


def test_a_minute_that_is_not_over_reports_nothing() -> None:
    counting = Counting()
    counting.minute("m9", 6000)
    counting.clock.advance(EVERY / 2)
    counting.devices.report()
    assert not any(name.startswith(NAME) for name in counting.metrics.samples())


def test_of_many_the_fastest_are_reported() -> None:
    counting = Counting()
    for n in range(2 * MOST_REPORTED):
        counting.minute(f"m{n}", round(EVERY * MOST) + 60 * (n + 1))
    assert counting.reported().keys() == {f"m{n}" for n in range(MOST_REPORTED, 2 * MOST_REPORTED)}


def test_a_device_that_goes_on_is_reported_until_it_stops_however_fast_others_are() -> None:
    counting = Counting()
    counting.minute("m9", 1800)
    assert counting.reported() == {"m9": 30}
    counting.minute("m9", 1800)
    for n in range(MOST_REPORTED):
        counting.minute(f"m{n}", 6000)
    reported = counting.reported()
    assert (reported["m9"], len(reported)) == (30, MOST_REPORTED)


def test_invented_names_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flooding_devices, "_MOST_COUNTED", 3)
    counting = Counting()
    for n in range(10):
        counting.minute(f"m{n}", 6000)
    assert len(counting.reported()) == 3


def test_an_invented_name_is_no_series_of_the_store() -> None:
    numbers = {f'{NAME}{{device="m9"}}': 100.0, "wardwatch_broker_up": 1.0}
    beat = Heartbeat(program="bridge", instance="a", at=1, started=0, config="c", numbers=numbers)
    (point,) = health_points(beat)
    assert "broker_up" in point.fields


@pytest.mark.parametrize("kind", ["new", "repeated", "refused"])
def test_the_intake_counts_new_repeated_and_refused_readings(kind: str) -> None:
    bridge = IntakeHarness(CONFIG)
    for _ in range(UNTIMED_IN_A_ROW if kind == "refused" else 1):
        now = format_instant(bridge.clock.now())
        for n in range(round(EVERY * MOST) + 600):
            reading = {"v": 1, "boot": "k", "seq": n if kind == "new" else 1, "at": now, "values": {"heart_rate": 70}}
            bridge.broker.deliver("ward/icu/m7/readings", json.dumps(reading).encode() if kind != "refused" else b"{")
        bridge.step()
        bridge.clock.advance(EVERY)
        bridge.step()
    assert bridge.number(NAME.removeprefix("wardwatch_") + '{device="m7"}') == 30
