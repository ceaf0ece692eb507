"""The self-starting CUSUM: Hawkins's statistic by another way, the run lengths, and what it learns."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from detectors.base.normal_scores import normal_score
from quality.average_run_length import average
from quality.rows_of_detector import DetectorRows
from tests.detectors.series import play


def student(t: float, freedom: int) -> float:
    """Student's distribution function, by Simpson's rule over its density."""
    steps = 4000
    x = np.linspace(0.0, abs(t), steps + 1)
    logarithm = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - math.log(freedom * math.pi) / 2
    density = np.exp(logarithm - (freedom + 1) / 2 * np.log1p(x * x / freedom))
    half = (density[0] + 4 * density[1:-1:2].sum() + 2 * density[2:-1:2].sum() + density[-1]) * abs(t) / steps / 3
    return 0.5 + math.copysign(float(half), t)


def by_hawkins(x: np.ndarray, slack: float, limit: float, warm_up: int) -> list[float]:
    """The score after each value, from its definition."""
    high = low = 0.0
    found = []
    for n in range(len(x)):
        if n < warm_up:
            found.append(math.nan)
            continue
        before = x[:n]
        t = math.sqrt(n / (n + 1)) * (x[n] - before.mean()) / before.std(ddof=1)
        u = NormalDist().inv_cdf(student(t, n - 1))
        high, low = max(0.0, high + u - slack), max(0.0, low - u - slack)
        found.append(max(high, low) / limit)
    return found


def test_the_score_is_that_of_the_definition() -> None:
    x = np.random.default_rng(2).normal(80, 4, 60)
    ours = play("cusum_self_starting", x, slack=0.5, limit=1000, warm_up=3).scores
    assert ours == pytest.approx(by_hawkins(x, 0.5, 1000, 3), abs=2e-4, nan_ok=True)  # a fifth of a standard deviation


@pytest.mark.parametrize(("freedom", "most"), [(3, 0.019), (10, 0.005), (30, 0.001), (100, 1e-4)])
def test_a_normal_score_has_the_tail_probability_of_t(freedom: int, most: float) -> None:
    t = np.linspace(-4, 4, 41)
    exact = [NormalDist().inv_cdf(student(float(one), freedom)) for one in t]
    assert normal_score(t, np.array([float(freedom)])) == pytest.approx(exact, abs=most)


def test_without_a_shift_the_run_length_is_that_of_known_parameters() -> None:
    """Lucas and Crosier (1982): 168; the values that it learns from before the first score come on top."""
    found = average("cusum_self_starting", 0, series=10_000, known={}, slack=0.5, limit=4, warm_up=4)
    assert found - 4 == pytest.approx(168, rel=0.03)


def test_after_many_values_a_shift_is_found_as_with_known_parameters() -> None:
    """Lucas and Crosier (1982): 8.38 values for a shift of 1."""
    rng, series = np.random.default_rng(4), 3000
    rows = DetectorRows("cusum_self_starting", {"limit": 4, "warm_up": 500}, series)
    for t in range(500):
        rows.update(rng.normal(0, 1, series), float(t))
    total = n = 0
    while rows.series:
        n += 1
        going = np.flatnonzero(rows.update(rng.normal(1, 1, rows.series), 500.0 + n) < 1)
        total += n * (rows.series - len(going))
        rows.keep(going)
    assert total / series == pytest.approx(8.38, rel=0.03)


def test_what_is_beyond_the_limit_is_not_learned() -> None:
    normal = np.random.default_rng(3).normal(80, 2, 200)
    before = play("cusum_self_starting", normal)
    after = play("cusum_self_starting", np.concatenate((normal, [1e9], np.full(500, 95.0))))
    assert after.scores[-1] >= 1
    assert after.state("mean") == before.state("mean")
    small = play("cusum_self_starting", np.concatenate((normal, np.full(500, 84.0))))
    assert small.scores[-1] >= 1
    assert small.state("mean") == pytest.approx(before.state("mean"), abs=0.2)
    assert after.state("squares") == before.state("squares")


def test_a_quiet_start_has_the_smallest_standard_deviation() -> None:
    found = play("cusum_self_starting", [*[80.0, 80.01] * 10, 83.0], sd_floor=1, slack=0.5, limit=1000)
    u = NormalDist().inv_cdf(student(math.sqrt(20 / 21) * (83 - 80.005) / 1, 19))
    assert found.state("high") == pytest.approx(u - 0.5, abs=0.005)


def test_a_single_outlier_is_not_learned_though_its_score_is_below_the_limit() -> None:
    """Six standard deviations away the normal score is beyond 4; three away it is not."""
    normal = np.random.default_rng(3).normal(80, 2, 200)
    before, outlier, far = (
        play("cusum_self_starting", [*normal, *more], limit=1000) for more in ([], [92.0], [86.0])
    )  # fmt: skip
    assert outlier.scores[-1] < 1
    assert outlier.state("count") == before.state("count") == far.state("count") - 1
    assert outlier.state("mean") == before.state("mean") != far.state("mean")


def test_it_says_how_much_it_has_learned() -> None:
    assert play("cusum_self_starting", [80, 81, 82]).progress(3) == "warming up, 3 of 10 values"
    assert play("cusum_self_starting", [80] * 30).progress(30) == "warming up, all 30 values are alike"
    assert play("cusum_self_starting", [80, 81] * 6).progress(12) == ""
