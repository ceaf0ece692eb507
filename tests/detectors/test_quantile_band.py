"""Quantile bands: the example of the P² paper, quantiles of many values, forgetting, and outliers."""

import numpy as np
import pytest

from detectors.base.p_square import observe
from detectors.quantile_band import QuantileBandParams
from tests.detectors.series import Played, play

# Jain and Chlamtac (1985), table I: the values, and the markers after some of them.
PAPER = (0.02, 0.15, 0.74, 3.39, 0.83, 22.37, 10.15, 15.43, 38.62, 15.92, 34.60, 10.28, 1.47, 0.40, 0.05, 11.39, 0.27,
         0.42, 0.09, 11.37)  # fmt: skip
MARKERS = {
    6: (0.02, 0.15, 0.74, 0.83, 22.37), 7: (0.02, 0.15, 0.74, 4.47, 22.37), 8: (0.02, 0.15, 2.18, 8.59, 22.37),
    9: (0.02, 0.87, 4.75, 15.52, 38.62), 11: (0.02, 0.87, 9.28, 21.58, 38.62), 13: (0.02, 2.14, 9.28, 21.58, 38.62),
    15: (0.02, 0.74, 6.30, 21.58, 38.62), 17: (0.02, 0.59, 6.30, 17.22, 38.62), 20: (0.02, 0.50, 4.44, 17.22, 38.62),
}  # fmt: skip


def test_the_markers_are_those_of_the_paper() -> None:
    """Given with two digits, of which the last may be off by two, as the paper rounds in between."""
    fractions = np.array([[0.0], [0.25], [0.5], [0.75], [1.0]])
    heights, positions = np.full((5, 1), np.nan), np.full((5, 1), np.nan)
    for n, x in enumerate(PAPER):
        observe(heights, positions, fractions, np.array([float(n)]), np.array([x]))
        if expected := MARKERS.get(n + 1):
            assert heights.ravel() == pytest.approx(expected, abs=0.02)
    assert positions.ravel().tolist() == [1, 6, 10, 16, 20]
    assert heights[2, 0] == pytest.approx(4.44063, abs=5e-6)


def band(played: Played) -> tuple[float, float]:
    heights = played.rows.state.column("heights")[:, 0]
    return float(heights[2]), float(heights[4])


@pytest.mark.parametrize("kind", ["normal", "exponential", "uniform"])
def test_the_band_is_between_the_quantiles_of_all_values(kind: str) -> None:
    x = getattr(np.random.default_rng(9), kind)(size=8000)
    found = band(play("quantile_band", x, low=0.05, high=0.95, memory=9000, warm_up=8000))
    assert found == pytest.approx(np.quantile(x, (0.05, 0.95)), abs=0.04)


def test_score_and_limits_are_those_of_the_band() -> None:
    x = np.random.default_rng(9).normal(80, 2, 500)
    played = play("quantile_band", x, margin=0.5)
    low, high = band(played)
    for value, score in ((high + 0.25 * (high - low), 0.5), (low - (high - low), 2.0), ((low + high) / 2, 0.0)):
        assert play("quantile_band", [*x, value], margin=0.5).scores[-1] == pytest.approx(score)


@pytest.mark.parametrize(("mean", "sd"), [(95.0, 2.0), (65.0, 2.0), (80.0, 0.5), (1e6, 30.0)])
def test_a_newer_distribution_becomes_usual_after_two_memories(mean: float, sd: float) -> None:
    rng = np.random.default_rng(10)
    x = np.concatenate((rng.normal(80, 2, 700), rng.normal(mean, sd, 900)))
    played = play("quantile_band", x, memory=400)
    assert (played.state("low"), played.state("high")) == pytest.approx(
        (mean - 2.054 * sd, mean + 2.054 * sd), abs=0.5 * sd
    )
    assert played.scores[700] >= 1 or sd < 2
    assert (played.scores[1200:] < 1).all()


def test_an_outlier_is_learned_as_a_value_on_the_limit() -> None:
    x = np.random.default_rng(11).normal(80, 2, 500)
    low, high = band(play("quantile_band", x))
    limit = high + 0.5 * (high - low)
    at_limit, far = (band(play("quantile_band", [*x, *[value] * 5, *x])) for value in (limit, 1e14))
    assert far == pytest.approx(at_limit, abs=0.5)


def test_outliers_of_the_next_block_do_not_widen_the_band() -> None:
    x = np.random.default_rng(12).normal(80, 2, 1200)
    far = x.copy()
    far[410:800:40] = 1e12
    one, other = (play("quantile_band", values, memory=400) for values in (x, far))
    assert other.state("high") == pytest.approx(one.state("high"), abs=1)


def test_a_band_of_equal_values_is_as_wide_as_a_step() -> None:
    scores = play("quantile_band", [80.0] * 300 + [80.004, 80.02], margin=1).scores
    assert scores[-2:] == pytest.approx([0.4, 2])


def test_it_says_how_much_it_has_learned() -> None:
    assert play("quantile_band", [80.0] * 12).progress(12) == "warming up, 12 of 200 values"


def test_a_memory_must_have_values_in_both_tails() -> None:
    with pytest.raises(ValueError, match="memory is at least 400"):
        QuantileBandParams.model_validate({"low": 0.01, "memory": 300})
