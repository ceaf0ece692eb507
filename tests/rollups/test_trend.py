"""A line through days: the limit it reaches, and whether its slope is significant."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollups.trend import Trend, trend


def test_the_line_is_the_one_of_least_squares() -> None:
    rng = np.random.default_rng(1)
    t = np.arange(20.0)
    x = 36.8 + 0.02 * t + rng.normal(0, 0.05, 20)
    line = trend(t.tolist(), x.tolist())
    assert line is not None
    slope, start = np.polyfit(t, x, 1)
    assert line.per_day == pytest.approx(slope)
    assert line.level == pytest.approx(start + slope * 19)
    covariance = np.polyfit(t, x, 1, cov="unscaled")[1] * ((x - start - slope * t) ** 2).sum() / 18
    assert line.error == pytest.approx(np.sqrt(covariance[0, 0]))


def test_devices_without_drift_rarely_have_a_significant_trend() -> None:
    rng = np.random.default_rng(2)
    lines = [trend(range(n), rng.normal(36.8, 0.04, n).tolist()) for n in (7, 14, 28) for _ in range(1000)]
    assert sum(line is not None and line.significant for line in lines) <= 15


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        (Trend(20, 37.0, 0.05, 0.001), 38.0), (Trend(20, 38.5, 0.05, 0.001), 39.0),
        (Trend(20, 37.0, -0.05, 0.001), 35.0), (Trend(20, 39.5, 0.05, 0.001), None),
        (Trend(20, 37.0, 0.05, 0.02), None), (Trend(20, 37.0, 0.001, 0.00001), None),
        (Trend(4, 37.0, 0.05, 0.001), None), (Trend(20, 37.0, 0.0, 0.0), None),
    ],
)  # fmt: skip
def test_the_nearest_limit_ahead_is_reported(line: Trend, limit: float | None) -> None:
    crossing = line.limit_crossing(([35.0, 34.0], [38.0, 39.0]))
    assert (crossing and crossing[0]) == limit


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=40))
def test_any_days_give_a_finite_line_or_none(means: list[float]) -> None:
    with np.errstate(all="ignore"):
        line = trend(range(len(means)), means)
    assert line is None or np.isfinite([line.level, line.per_day, line.error]).all()
