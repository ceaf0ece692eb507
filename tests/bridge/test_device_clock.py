"""Which instant a reading belongs to: when the device's clock is believed, and when the bridge's is used."""

import pytest

from bridge.device_clock import DeviceClock, ReadingTime
from ward.clock import SECOND, Micros
from ward.config.clock_limits import ClockLimits
from ward.reading import Flag

NOW: Micros = 1_764_000_000 * SECOND
DAY = 86_400


def resolve(
    offset: float | None,
    clock: DeviceClock | None = None,
    *,
    boot: str = "k",
    newer: bool = True,
    received_at: Micros = NOW,
) -> ReadingTime:
    """The time of a reading whose device says that it was measured `offset` seconds after `NOW`."""
    device_time = None if offset is None else NOW + round(offset * SECOND)
    clock = clock or DeviceClock()
    return clock.resolve(device_time, boot=boot, newer=newer, received_at=received_at, timing=ClockLimits())


def test_without_a_time_the_bridges_is_used_and_flagged() -> None:
    assert resolve(None) == (NOW, None, Flag.UNTIMED)


@pytest.mark.parametrize(
    ("offset", "flag"),
    [
        (2.1, Flag.CLOCK_AHEAD),
        (365 * DAY, Flag.CLOCK_AHEAD),
        (-7 * DAY - 1, Flag.CLOCK_BEHIND),
        (-NOW / SECOND, Flag.CLOCK_BEHIND),
    ],
)
def test_a_time_that_cannot_be_true_is_stored_but_not_used(offset: float, flag: Flag) -> None:
    assert resolve(offset) == (NOW, NOW + round(offset * SECOND), flag)


@pytest.mark.parametrize("offset", [0, -1, -59, -7 * DAY])
def test_a_time_up_to_seven_days_back_is_used(offset: float) -> None:
    time = resolve(offset)
    assert (time.at, time.device_time) == (NOW + offset * SECOND, None)
    assert time.flags in (0, Flag.BACKLOG)


@pytest.mark.parametrize("offset", [0.001, 2])
def test_a_time_a_little_ahead_is_the_time_of_receipt_without_a_flag(offset: float) -> None:
    assert resolve(offset) == (NOW, NOW + round(offset * SECOND), 0)


def test_a_clock_set_back_does_not_make_all_later_readings_late() -> None:
    clock = DeviceClock()
    resolve(0, clock)
    for n in range(1, 5):
        received_at = NOW + n * SECOND
        assert resolve(n - 3600, clock, received_at=received_at) == (
            received_at,
            received_at - 3600 * SECOND,
            Flag.CLOCK_STEPPED,
        )


def test_an_older_reading_delivered_later_keeps_its_time() -> None:
    clock = DeviceClock()
    resolve(0, clock)
    assert resolve(-20, clock, newer=False) == (NOW - 20 * SECOND, None, Flag.OUT_OF_ORDER)


def test_without_numbers_one_old_reading_is_a_late_delivery_and_three_are_a_clock_set_back() -> None:
    clock = DeviceClock()
    resolve(0, clock, boot="")
    flags = [resolve(n - 3600, clock, boot="", received_at=NOW + n * SECOND).flags for n in range(1, 5)]
    assert [bool(f & Flag.CLOCK_STEPPED) for f in flags] == [False, False, True, True]


def test_a_constant_offset_is_skew() -> None:
    clock = DeviceClock()
    flags = [resolve(n - 40, clock, received_at=NOW + n * SECOND).flags for n in range(1, 10)]
    assert all(f == Flag.CLOCK_SKEWED for f in flags[1:])


def test_a_backlog_being_delivered_is_no_skew() -> None:
    clock = DeviceClock()
    resolve(-600, clock, received_at=NOW - 599 * SECOND)
    flags = [resolve(n * 2.5 - 590, clock).flags for n in range(200)]
    assert not any(f & Flag.CLOCK_SKEWED for f in flags)
    assert flags[0] == Flag.BACKLOG
