"""Hampel's identifier: median and MAD by pandas, windows of time by hand, and the texts."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from detectors.base.evidence import SeriesInfo
from detectors.hampel import HampelParams
from tests.detectors.builders import CATALOGUE, reading, rule, ward
from tests.detectors.engine_setup import EngineSetup
from tests.detectors.series import play

RNG = np.random.default_rng(8)
VALUES = 36.8 + 0.2 * RNG.standard_t(3, 200)
TEMPERATURE = SeriesInfo(CATALOGUE["temperature"])
SD_OF_MAD = 1 / NormalDist().inv_cdf(0.75)


def score(x: float, window: np.ndarray, floor: float = 0.05) -> float:
    """The distance of a value from the median of a window, in robust standard deviations."""
    median = float(np.median(window))
    return abs(x - median) / max(SD_OF_MAD * float(np.median(np.abs(window - median))), floor)


@pytest.mark.parametrize("values", [5, 10, 31, 61])
def test_scores_are_those_of_pandas(values: int) -> None:
    ours = play("hampel", VALUES, None, TEMPERATURE, values=values, min_values=values, limit=3).scores
    rolling = pd.Series(VALUES).shift().rolling(values)
    mad = rolling.apply(lambda window: float(np.median(np.abs(window - np.median(window)))), raw=True)
    expected = (VALUES - rolling.median()).abs() / np.maximum(SD_OF_MAD * mad, 0.05) / 3
    np.testing.assert_allclose(ours, expected, rtol=1e-12)


def test_a_window_of_time_has_one_value_in_each_part_of_it_and_none_that_is_older() -> None:
    times = np.cumsum(RNG.choice([0.5, 1.0, 3.0, 40.0], 200, p=[0.4, 0.4, 0.18, 0.02]))
    ours = play("hampel", VALUES, times, TEMPERATURE, values=20, window="30s", min_values=3, limit=1).scores
    kept: list[int] = []
    for i, (t, x) in enumerate(zip(times, VALUES, strict=True)):
        window = np.array([VALUES[j] for j in kept[-20:] if t - times[j] <= 30])
        if len(window) < 3:
            assert np.isnan(ours[i])
        else:
            assert ours[i] == pytest.approx(score(x, window))
        if not kept or t - times[kept[-1]] >= 1.5:
            kept.append(i)


def test_a_clock_that_was_set_back_begins_a_window() -> None:
    times = [*range(1000, 1030), *range(30)]
    scores = play(
        "hampel", np.concatenate((VALUES[:30], VALUES[:30] + 9)), times, values=60, window="60s", limit=6
    ).scores
    assert np.isnan(scores[30:40]).all()
    assert scores[40:].max() < 3


def test_one_series_with_a_long_window_is_not_changed_by_others_with_short_ones() -> None:
    setup = EngineSetup(
        ward(
            rule("far", "hampel", "temperature", values=31, overrides=[{"where": {"device": "m2"}, "set": {"values": 9,
                 "min_values": 9}}]), devices=2,
        )
    )  # fmt: skip
    both = [reading(device, t, temperature=float(x)) for t, x in enumerate(VALUES) for device in ("m1", "m2")]
    setup.receive(*both)
    alone = EngineSetup(ward(rule("far", "hampel", "temperature", values=31), devices=1))
    alone.receive(*(r for r in both if r.device == "m1"))
    assert [f.text for f in setup.found if f.device == "m1"] == [f.text for f in alone.found]
    assert alone.found


def test_it_says_how_many_values_it_has_and_after_a_gap_again() -> None:
    played = play("hampel", VALUES[:7], values=60, window="60s")
    assert played.progress(7) == "not enough data, 7 of 10 values"
    assert played.progress(500) == "not enough data, 0 of 10 values"
    assert play("hampel", VALUES[:12], values=60, window="60s").progress(12) == ""


def test_the_window_has_as_many_values_as_a_score_needs() -> None:
    with pytest.raises(ValueError, match="min_values 10 is more than the window has"):
        HampelParams.model_validate({"values": 7})
