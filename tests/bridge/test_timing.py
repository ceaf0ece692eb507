"""Whose clock is believed."""

import pytest

from bridge.decoded_reading import DecodedReading
from bridge.device_progress import DeviceProgress
from bridge.timing import settle
from ward.clock import SECOND, Micros
from ward.config.timing import Timing
from ward.reading import Flag

NOW: Micros = 1_764_000_000 * SECOND
DAY = 86_400


def draft(offset: float | None, boot: str = "k") -> DecodedReading:
    at = None if offset is None else NOW + round(offset * SECOND)
    return DecodedReading(device="m7", ward="icu", values={}, at=at, boot=boot, seq=1)


def test_without_a_time_the_bridges_is_used_and_flagged() -> None:
    assert settle(draft(None), DeviceProgress(), True, NOW, Timing()) == (NOW, None, Flag.UNTIMED)


@pytest.mark.parametrize(
    ("offset", "flag"),
    [
        (5.1, Flag.CLOCK_AHEAD),
        (365 * DAY, Flag.CLOCK_AHEAD),
        (-7 * DAY - 1, Flag.CLOCK_BEHIND),
        (-NOW / SECOND, Flag.CLOCK_BEHIND),
    ],
)
def test_a_time_that_cannot_be_true_is_kept_but_not_used(offset: float, flag: Flag) -> None:
    claim = draft(offset)
    assert settle(claim, DeviceProgress(), True, NOW, Timing()) == (NOW, claim.at, flag)


@pytest.mark.parametrize("offset", [5, 0, -1, -59, -7 * DAY])
def test_a_time_from_seven_days_back_to_five_seconds_ahead_is_used(offset: float) -> None:
    at, claimed, flags = settle(draft(offset), DeviceProgress(), True, NOW, Timing())
    assert (at, claimed) == (NOW + offset * SECOND, None)
    assert flags in (0, Flag.BACKLOG)


def test_a_clock_set_back_does_not_make_all_that_follows_late() -> None:
    track = DeviceProgress()
    settle(draft(0), track, True, NOW, Timing())
    for n in range(1, 5):
        seen = NOW + n * SECOND
        at, claimed, flags = settle(draft(n - 3600), track, True, seen, Timing())
        assert (at, flags) == (seen, Flag.CLOCK_STEPPED)
        assert claimed == seen - 3600 * SECOND


def test_an_older_reading_delivered_later_keeps_its_time() -> None:
    track = DeviceProgress()
    settle(draft(0), track, True, NOW, Timing())
    assert settle(draft(-20), track, False, NOW, Timing()) == (NOW - 20 * SECOND, None, Flag.OUT_OF_ORDER)


def test_without_numbers_one_old_reading_is_a_straggler_and_three_are_a_clock_set_back() -> None:
    track = DeviceProgress()
    settle(draft(0, boot=""), track, True, NOW, Timing())
    flags = [settle(draft(n - 3600, boot=""), track, True, NOW + n * SECOND, Timing())[2] for n in range(1, 5)]
    assert [bool(f & Flag.CLOCK_STEPPED) for f in flags] == [False, False, True, True]


def test_a_constant_offset_is_skew() -> None:
    track = DeviceProgress()
    flags = [settle(draft(n - 40), track, True, NOW + n * SECOND, Timing())[2] for n in range(1, 10)]
    assert all(f == Flag.CLOCK_SKEWED for f in flags[1:])


def test_a_backlog_being_delivered_is_no_skew() -> None:
    track = DeviceProgress()
    settle(draft(-600), track, True, NOW - 599 * SECOND, Timing())
    flags = [settle(draft(n * 2.5 - 590), track, True, NOW, Timing())[2] for n in range(200)]
    assert not any(f & Flag.CLOCK_SKEWED for f in flags)
    assert flags[0] == Flag.BACKLOG
