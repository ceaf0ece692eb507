"""What is learned of the past of a series, compared with independent calculations."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base.own_past.autoregression import ORDER, coefficients, forecasts, gain, scatter
from detectors.base.own_past.block_maxima import FEWEST_BLOCKS, middles, return_distances
from detectors.base.own_past.memory import KEPT, WIDTH, Memory
from detectors.base.own_past.nearest import nearest_distance
from detectors.base.own_past.parts import ERROR, NEEDED, PAIRS, PARTS, RECENT, along, powers
from detectors.base.own_past.scoring import _measure
from detectors.base.own_past.season import find_season
from tests.kit.examples import examples

Floats = npt.NDArray[np.float64]


def noise(seed: int, n: int) -> Floats:
    return np.random.default_rng(seed).normal(size=n)


def walk_of(x: Floats, phi: float) -> Floats:
    out = np.zeros(len(x))
    for i in range(1, len(x)):
        out[i] = phi * out[i - 1] + x[i]
    return out


# The nearest window


@settings(max_examples=examples(25, 500))
@given(
    st.lists(st.integers(-50, 50).map(float), min_size=30, max_size=120), st.integers(2, 8), st.integers(1, 3),
    st.sampled_from(["", "centred", "scaled"]),
)  # fmt: skip
def test_the_nearest_distance_is_that_of_comparing_with_every_window(
    values: list[float], length: int, stride: int, how: str
) -> None:
    x = np.array(values)
    newest = prepared(x[len(x) - 1 - (length - 1) * stride :: stride], how)
    end, distances = len(x) - 1 - length * stride, []
    while end - (length - 1) * stride >= 0:
        window = prepared(x[end - (length - 1) * stride : end + 1 : stride], how)
        distances.append(math.sqrt(float(np.mean((window - newest) ** 2))))
        end -= stride
    found = nearest_distance(x, length, stride, centred=how == "centred", scaled=how == "scaled")
    if how == "scaled" and (not newest.any() or not distances):
        return  # a flat window has a distance by definition: the next test
    assert found == pytest.approx(min(distances), abs=1e-5) if distances else math.isnan(found)


def prepared(window: Floats, how: str) -> Floats:
    if not how:
        return window
    window = window - window.mean()
    return window / window.std() if how == "scaled" and window.std() > 1e-9 else window


def test_a_flat_window_is_at_no_distance_from_a_flat_one_and_at_one_from_others() -> None:
    assert nearest_distance(np.array([1.0, 5, 2, 8, 3, 3, 3, 3]), 4, scaled=True) == 1
    assert nearest_distance(np.array([7.0, 7, 7, 7, 3, 3, 3, 3]), 4, scaled=True) == 0
    assert nearest_distance(np.array([7.0, 7, 7, 7, 1, 5, 2, 8]), 4, scaled=True) == 1


# Limits


@pytest.mark.parametrize(("power", "draw", "wanted"), [
    (2.0, lambda rng: rng.normal(size=(64, 64)), 4.75),
    (1.0, lambda rng: rng.exponential(size=(64, 64)), math.log(1e6)),
])  # fmt: skip
def test_the_limit_is_where_a_value_is_once_in_a_million(power: float, draw: object, wanted: float) -> None:
    found = [
        float(return_distances(draw(np.random.default_rng(seed)).max(axis=1)[:, None], np.zeros(1), np.full(1, power),  # type: ignore[operator]
                               1e6 / 64, np.ones(1))[0])
        for seed in range(60)
    ]  # fmt: skip
    # 64 blocks are few: the limit is wider by 4/64, and by the larger of two estimates of the scale.
    assert wanted * (1 + 4 / 64) < np.mean(found) < wanted * 1.25


def test_a_few_strange_blocks_change_no_limit_and_many_do() -> None:
    maxima = noise(1, 64 * 64).reshape(64, 64).max(axis=1)[:, None]
    args = (np.zeros(1), np.full(1, 2.0), 1e4, np.ones(1))
    clean = return_distances(maxima, *args)[0]
    two, five = maxima.copy(), maxima.copy()
    two[[3, 40]], five[[3, 11, 20, 40, 50]] = 50.0, 50.0
    assert return_distances(two, *args)[0] == pytest.approx(clean, rel=0.05)
    assert return_distances(five, *args)[0] > 50


def test_overlapping_or_few_blocks_have_no_limit() -> None:
    maxima = noise(1, 64)[:, None]
    assert not np.isnan(return_distances(maxima, np.zeros(1), np.ones(1), 1e4, np.full(1, 64 / FEWEST_BLOCKS)))[0]
    assert np.isnan(return_distances(maxima, np.zeros(1), np.ones(1), 1e4, np.full(1, 64 / FEWEST_BLOCKS + 1)))[0]
    assert np.isnan(return_distances(maxima[: int(FEWEST_BLOCKS) - 1], np.zeros(1), np.ones(1), 1e4, np.ones(1)))[0]


def test_the_middle_is_where_both_directions_are_equally_far() -> None:
    x = 7 + noise(2, 6400).reshape(64, 100)
    both = np.stack((x.max(axis=1), (-x).max(axis=1)), axis=1)
    assert middles(both, 1) == pytest.approx([7, -7], abs=0.15)


# Forecast and season


def test_the_weights_solve_the_equations_of_yule_and_walker() -> None:
    x = walk_of(noise(3, 500), 0.7)
    products = [float(x[lag:] @ x[: len(x) - lag]) for lag in range(ORDER + 1)]
    matrix = np.array([[products[abs(i - j)] for j in range(ORDER)] for i in range(ORDER)])
    assert coefficients(x) == pytest.approx(np.linalg.solve(matrix, products[1:]), rel=1e-3, abs=1e-4)


def test_the_gain_is_the_scatter_of_means_that_errors_make() -> None:
    x = walk_of(noise(33, 60_000), 0.8)[200:]
    for width in (4, 16, 64):
        means = np.convolve(x, np.full(width, 1 / width), "valid")
        assert gain([0.8, 0.0, 0.0, 0.0], width) == pytest.approx(means.std(), rel=0.05)


def test_where_only_rounding_is_left_nothing_is_forecast_from_it() -> None:
    x = 1e-9 * walk_of(noise(4, 500), 0.9)
    assert max(map(abs, coefficients(x, 0.1))) < 1e-6 < 0.5 < max(coefficients(x))


def test_a_forecast_is_the_weighted_sum_of_the_values_before() -> None:
    x, weights = noise(5, 30), [0.5, -0.2, 0.1, 0.05]
    for i in range(ORDER, 30):
        assert forecasts(x, weights)[i] == pytest.approx(sum(w * x[i - 1 - k] for k, w in enumerate(weights)))


def test_the_scatter_of_normal_noise_is_its_standard_deviation() -> None:
    assert scatter(3 * noise(6, 20_000)) == pytest.approx(3, rel=0.03)


@pytest.mark.parametrize("period", [7, 24, 96, 288])
def test_a_season_is_found_with_its_course(period: int) -> None:
    t = np.arange(max(4 * period, 80))
    course = np.sin(2 * np.pi * t / period) + (t % period == 2) * 3.0
    season = find_season(0.02 * t + course + 0.3 * noise(period, len(t)))
    assert season.period == period
    wanted = course[:period] - course[:period].mean()
    assert np.abs(season.profile - wanted).mean() < 0.25
    assert season.excess >= 1


@pytest.mark.parametrize("x", [noise(7, 600), walk_of(noise(8, 600), 0.9), np.cumsum(noise(9, 600)), np.ones(600),
                               np.arange(600.0), noise(1, 20)], ids=range(6))  # fmt: skip
def test_no_season_is_found_where_there_is_none(x: Floats) -> None:
    assert find_season(x).period == 0


def test_a_longer_season_must_leave_clearly_less() -> None:
    hours = np.arange(24 * 7 * 5)
    day = np.sin(2 * np.pi * hours / 24)
    assert find_season(day + 0.2 * noise(10, len(hours))).period == 24
    week = np.where(hours // 24 % 7 >= 5, 0.2, 1.0) * day
    assert find_season(week + 0.1 * noise(11, len(hours))).period == 168


# The parts and the memory


def test_parts_measured_along_the_past_are_those_measured_one_by_one() -> None:
    x, errors = noise(12, 300), noise(13, 300)
    memory = Memory(np.zeros(WIDTH))
    memory.smallest, memory.level = 0.1, 0.0
    every = along(x, errors, np.abs(errors), 0.1, steady=True)
    for i in range(300):
        memory.count += 1
        memory.keep(float(x[i]), float(x[i]), abs(float(errors[i])))
        one = _measure(memory, float(errors[i]))
        known = ~np.isnan(every[i, : 2 * PAIRS] + one[: 2 * PAIRS])
        assert known.sum() == 2 * np.count_nonzero(NEEDED[:PAIRS] <= i + 1)
        assert one[: 2 * PAIRS][known] == pytest.approx(every[i, : 2 * PAIRS][known], abs=1e-9)
    assert NEEDED.max() <= RECENT + 1


def test_a_mean_of_many_values_has_the_tails_of_a_normal_distribution_rather_than_those_of_one() -> None:
    found = powers(0.5)
    assert found.shape == (PARTS,)
    assert found[ERROR] == 0.5
    assert (np.diff(found[1:4]) > 0).all()
    assert (powers(2.0)[: 2 * PAIRS] == 2.0).all()


def test_the_memory_keeps_the_last_values_whatever_came_before() -> None:
    memory = Memory(np.zeros(WIDTH))
    for i in range(5000):
        memory.keep(float(i), -float(i), 0.5)
        if i in (10, 1023, 1024, 1279, 1280, 1281, 4999):
            assert memory.past().tolist() == list(range(max(i - KEPT + 1, 0), i + 1))
            end = int(memory.recent_end)
            assert memory.recent[end - min(i + 1, RECENT) : end].tolist() == [
                -float(j) for j in range(max(i - RECENT + 1, 0), i + 1)
            ]
