"""A change of the noise: run lengths by a Markov chain, the bound of Lorden, rounding, trends and steps."""

import math
import re
from typing import Any

import numpy as np
import pytest

from quality.average_run_length import average
from tests.detectors.builders import reading, rule, ward
from tests.detectors.engine_setup import EngineSetup
from tests.detectors.series import play

LIMIT = 3.0


def chi_square(y: np.ndarray) -> np.ndarray:
    """The distribution function of χ² with one degree of freedom."""
    return np.array([math.erf(math.sqrt(max(one, 0.0) / 2)) for one in y.ravel()]).reshape(y.shape)


def by_markov_chain(factor: float, spread: float, limit: float = LIMIT, states: int = 300) -> float:
    """The average number of pairs until the sum for a change by `factor` reaches the limit, where the noise is `spread`
    times its usual: Brook and Evans (1972), An approach to the probability distribution of CUSUM run length."""
    gain, loss, width = (1 - factor**-2) / 2, math.log(factor), limit / states
    centres = (np.arange(states) + 0.5) * width
    from_ = np.concatenate(([0.0], centres))
    edges = np.concatenate(([1e-12], (np.arange(states) + 1) * width))
    needed = (edges[None, :] - from_[:, None] + loss) / gain  # y for which the sum is just at an edge
    below = chi_square(needed / spread**2) if gain > 0 else 1 - chi_square(needed / spread**2)
    below = np.where(edges[None, :] - from_[:, None] >= 0.4 * limit, 1.0, below)  # what one pair adds at most
    chances = np.diff(below, axis=1, prepend=0.0)
    # What is at the edge of 0 is in the first state.
    return float(np.linalg.solve(np.eye(states + 1) - chances, np.ones(states + 1))[0])


# Where nothing grows the run is longest: a lower limit is tested there.
@pytest.mark.parametrize(("spread", "limit"), [(1.0, 2.0), (1.5, LIMIT), (2.0, LIMIT), (3.0, LIMIT)])
def test_run_lengths_of_growing_noise_are_those_of_a_markov_chain(spread: float, limit: float) -> None:
    pairs = average("variance", 0, known={"sd": 1}, spread=spread, rise=2, fall=None, limit=limit) / 2
    assert pairs == pytest.approx(by_markov_chain(2, spread, limit), rel=0.03)


@pytest.mark.parametrize("spread", [1.0, 0.7, 0.5, 0.25])
def test_run_lengths_of_shrinking_noise_are_those_of_a_markov_chain(spread: float) -> None:
    pairs = average("variance", 0, known={"sd": 1}, spread=spread, rise=None, fall=0.5, limit=LIMIT) / 2
    assert pairs == pytest.approx(by_markov_chain(0.5, spread), rel=0.03)


@pytest.mark.parametrize("sides", [{"rise": None}, {"fall": None}])
def test_false_alarms_are_rarer_than_the_bound_says(sides: dict[str, Any]) -> None:
    assert average("variance", 0, known={"sd": 1}, series=1000, limit=LIMIT, **sides) / 2 > math.exp(LIMIT)


def test_the_usual_noise_is_learned_from_differences() -> None:
    rng = np.random.default_rng(3)
    x = 0.05 * np.arange(400) + rng.normal(80, 2, 400)
    pairs = np.diff(x)[::2]
    assert play("variance", x, calibrate_values=400).state("sd") == pytest.approx(np.sqrt(np.mean(pairs**2) / 2))


@pytest.mark.parametrize("steps", [0.2, 0.3, 0.5, 1.0])
def test_a_rounded_healthy_signal_is_not_too_smooth(steps: float) -> None:
    """Noise of so many steps of the last digit."""
    x = np.random.default_rng(4).normal(80.2, steps, 6000).round()
    assert np.nanmax(play("variance", x, rise=None).scores) < 1


def test_what_rounding_hides_counts_for_the_falling_side_alone() -> None:
    """Pairs of equal values, rounded to steps of 2: each has (q²/12)/σ² instead of 0, with σ = 4."""
    x = [80.0, 84.0, 86.0, 82.0, *[82.0] * 12]  # two pairs, in which the smallest change is 2
    found = play("variance", x, sd=4, fall=0.5, limit=100)
    each = (1 - 0.5**-2) / 2 * (2**2 / 12) / 4**2 - math.log(0.5)
    assert found.state("fall") == pytest.approx(6 * each + max(each + (1 - 0.5**-2) / 2 * (16 / 2) / 4**2, 0.0))
    assert found.state("rise") == 0


def test_a_sensor_that_turns_too_smooth_is_found_though_it_is_rounded() -> None:
    rng = np.random.default_rng(5)
    x = np.concatenate((rng.normal(80, 1.5, 400), rng.normal(80, 0.3, 100))).round()
    scores = play("variance", x).scores
    assert np.nanmax(scores[:400]) < 1
    assert scores[440:].max() >= 1


def test_a_slow_trend_a_step_and_a_spike_are_no_noise() -> None:
    x = np.random.default_rng(6).normal(80, 2, 1600)
    x[400:800] += 0.2 * np.arange(400)
    x[800:] += 200
    x[1201] += 500
    assert np.nanmax(play("variance", x).scores) < 1


def test_values_that_are_long_apart_are_no_pair() -> None:
    """Two values a second apart in each minute, and before them a single one."""
    times = np.concatenate(([-60.0], np.ravel(60.0 * np.arange(100)[:, None] + [0.0, 1.0])))
    x = np.concatenate(([70.0], np.ravel(80 + 5.0 * np.arange(100)[:, None] + [0.0, 1.0])))
    apart = play("variance", x, times, within="10s", calibrate_values=200)
    assert apart.state("pairs") == 100
    assert apart.state("sd") == pytest.approx(np.sqrt(1 / 2))
    assert play("variance", x, times, calibrate_values=200).state("sd") > 2


def test_the_text_has_both_standard_deviations() -> None:
    rng = np.random.default_rng(7)
    parts = (rng.normal(80, 2, 400), rng.normal(80, 6, 60), rng.normal(80, 2, 300), np.full(120, 80.0))
    x = np.concatenate(parts).round()
    setup = EngineSetup(ward(rule("noise", "variance", "heart_rate", sd=2, limit=7), devices=1))
    setup.receive(*(reading("m1", t, heart_rate=float(one)) for t, one in enumerate(x)))
    texts = [found.text for found in setup.found]
    noisy = re.fullmatch(r"Heart rate noise is ([\d.]+) times its usual \(SD ([\d.]+) /min, usual 2.0 /min\): "
                         r"check leads, rhythm", texts[0])  # fmt: skip
    assert noisy is not None
    assert 2 < float(noisy[1]) < 5
    assert float(noisy[2]) / 2 == pytest.approx(float(noisy[1]), abs=0.06)
    assert "Heart rate varies less than usual (SD 0.0 /min, usual 2.0 /min): check leads" in texts
    assert "Heart rate noise back at its usual (SD 2.0 /min)" in texts


def test_it_says_how_much_it_has_learned() -> None:
    assert play("variance", [80, 82] * 6).progress(12) == "warming up, 12 of 200 values"
    assert play("variance", [80.0] * 300).progress(300) == "warming up, all 300 values are alike"
    assert play("variance", [80, 82] * 100).progress(200) == ""
