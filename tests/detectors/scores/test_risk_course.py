"""What the risk score knows of a stay, beside a calculation from the list of all hourly means."""

import numpy as np
import pytest

from detectors.base.columns import Floats, Rows
from detectors.scores.risk_course import BLOCK, MEMORY, QUANTITIES, STATISTICS, course_columns, follow, statistics
from quality.rows_of_detector import fresh_rows

STAYS = 20


def fresh(count: int) -> Rows:
    return fresh_rows(course_columns(), count)


def hourly_means(hours: int, missing: float, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    mean = np.array([80.0, 120, 70, 96, 37, 16])[:, None, None]
    x = mean * (1 + 0.1 * rng.standard_normal((6, hours, STAYS)))
    return np.where(rng.random(x.shape) < missing, np.nan, x)


def from_the_list(x: Floats, now: int) -> Floats:
    """The statistics of one quantity of one stay after the hours 0 to `now`, from all its hourly means."""
    hours = np.flatnonzero(~np.isnan(x[: now + 1]))
    window = hours[hours >= (now // BLOCK) * BLOCK - BLOCK]
    if not len(window):
        return np.full(len(STATISTICS), np.nan)
    weight = np.exp(-(now - hours) / MEMORY)
    mean = np.average(x[hours], weights=weight)
    sd = np.sqrt(np.average((x[hours] - mean) ** 2, weights=weight))
    low, high, last = x[window].min(), x[window].max(), x[hours[-1]]
    several = low < high
    return np.array([mean, sd if several else np.nan, low, high, last, last - x[window[0]] if several else np.nan])


@pytest.mark.parametrize(("hours", "missing"), [(6, 0.5), (48, 0.2), (48, 0.97), (130, 0.6), (200, 0.99)])
def test_it_is_what_the_list_of_all_hours_gives(hours: int, missing: float) -> None:
    x = hourly_means(hours, missing, seed=hours)
    state = fresh(STAYS)
    for hour in range(hours):
        follow(state, x[:, hour], np.full(STAYS, float(hour)))
    found = statistics(state)
    both = np.concatenate([x, [x[1] - x[2]], [x[0] / x[1]]])
    for quantity in range(len(QUANTITIES)):
        for stay in range(STAYS):
            wanted = from_the_list(both[quantity, :, stay], hours - 1)
            np.testing.assert_allclose(found[quantity, :, stay], wanted, rtol=1e-9, atol=1e-9)


def test_hours_without_any_value_may_be_left_out() -> None:
    x = hourly_means(100, 0.3, seed=1)
    x[:, 20:75] = np.nan
    one, other = fresh(STAYS), fresh(STAYS)
    for hour in range(100):
        follow(one, x[:, hour], np.full(STAYS, 1000.0 + hour))
        if not 20 <= hour < 75:
            follow(other, x[:, hour], np.full(STAYS, 1000.0 + hour))
    np.testing.assert_allclose(statistics(one), statistics(other), rtol=1e-9)


def test_what_is_older_than_its_window_is_not_known() -> None:
    state = fresh(1)
    follow(state, np.full((6, 1), 50.0), np.array([0.0]))
    for hour in range(1, 49):
        follow(state, np.array([[90.0, np.nan, np.nan, np.nan, np.nan, np.nan]]).T, np.array([float(hour)]))
    found = statistics(state)
    assert np.isnan(found[1:]).all()
    assert found[0, 4, 0] == 90


def test_a_single_value_has_no_spread_and_no_change() -> None:
    state = fresh(1)
    follow(state, np.full((6, 1), 50.0), np.array([7.0]))
    assert np.isnan(statistics(state)[:, [1, 5]]).all()
    assert not np.isnan(statistics(state)[:, [0, 2, 3, 4]]).any()


def test_a_stay_has_less_than_a_kibibyte() -> None:
    assert 8 * sum(width for _, width in course_columns().values()) < 1024


def test_after_days_without_any_value_what_was_before_is_not_in_the_window() -> None:
    state = fresh(1)
    for hour, value in ((0.0, 50.0), (60.0, 90.0), (61.0, 92.0)):
        follow(state, np.full((6, 1), value), np.array([hour]))
    assert statistics(state)[0, 2:, 0].tolist() == [90, 92, 92, 2]


@pytest.mark.parametrize("earlier", [59.0, 0.0, -500_000.0])
def test_an_hour_of_a_slow_clock_counts_as_the_newest_one(earlier: float) -> None:
    x = hourly_means(80, 0.2, seed=5)
    one, other = fresh(STAYS), fresh(STAYS)
    for hour in range(80):
        follow(one, x[:, hour], np.full(STAYS, earlier if hour == 60 else float(hour)))
        follow(other, x[:, hour], np.full(STAYS, 59.0 if hour == 60 else float(hour)))
    np.testing.assert_array_equal(statistics(one), statistics(other))
    assert np.isfinite(one.weight).all()
