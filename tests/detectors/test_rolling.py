"""Rolling measures against pandas on the same window, and when they say nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base.detector import Columns, Subject
from detectors.engine.tables.column_table import ColumnTable
from detectors.rolling import BUCKETS, Rolling, RollingParams
from tests.detectors.builders import CATALOGUE, reading, rule, ward
from tests.detectors.test_engine import Ward


def measured(measure: str, window: float, times: np.ndarray, values: np.ndarray, restart: int = 10**9) -> np.ndarray:
    """What the detector measures after each value, NaN while it says nothing; with a restart after each so many."""
    detector = Rolling()
    asked = {"measure": measure, "window": f"{window}s", "limit": 1, "least": 3, "filled": 0}
    row = detector.row(RollingParams.model_validate(asked), Subject(CATALOGUE["temperature"]))
    params, state = ColumnTable(Columns(**dict.fromkeys(row, np.nan))), ColumnTable(detector.columns)
    for table in (params, state):
        table.grow(1)
    params.fill(0, row)
    found = []
    with np.errstate(all="ignore"):
        for i, (t, x) in enumerate(zip(times, values, strict=True)):
            if i % restart == restart - 1:
                saved, state = state.dump([0])[0].tobytes(), ColumnTable(detector.columns)
                state.grow(1)
                state.load(0, np.frombuffer(saved))
            rows = state.take(np.array([0]))
            score = detector.update(rows, np.array([x]), np.array([t]), params.take(np.array([0])))
            state.put(np.array([0]), rows)
            found.append(rows.value[0] if np.isfinite(score[0]) else np.nan)
    return np.array(found)


def by_pandas(measure: str, window: float, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The same from all values since the beginning of the oldest bucket."""
    series, width, found = pd.Series(values, index=times), window / BUCKETS, []
    for i, t in enumerate(times):
        inside = series.iloc[: i + 1]
        inside = inside[inside.index >= (np.floor(t / width) - BUCKETS + 1) * width]
        found.append(_by_pandas(measure, inside) if len(inside) >= 3 else np.nan)
    return np.array(found)


def _by_pandas(measure: str, inside: pd.Series) -> float:
    past = inside.iloc[:-1]
    if measure == "zscore":
        return float((inside.iloc[-1] - past.mean()) / max(past.std(), 0.05))
    slope, noise = line(inside)
    return {"mean": float(inside.mean()), "sd": float(inside.std()), "noise": noise, "slope": 60 * slope}[measure]


def line(window: pd.Series) -> tuple[float, float]:
    """The slope of a fitted line, and the standard deviation around it."""
    t, x = window.index.to_numpy(float) - float(window.index[0]), window.to_numpy(float)
    slope, start = np.polyfit(t, x, 1)
    off = x - start - slope * t
    return float(slope), float(np.sqrt((off**2).sum() / (len(off) - 2)))


@pytest.mark.parametrize("measure", ["mean", "sd", "noise", "zscore", "slope"])
@pytest.mark.parametrize(("window", "pace"), [(15, 2.5), (120, 2.5), (3600, 40), (86_400, 900)])
def test_measures_are_those_of_pandas(measure: str, window: float, pace: float) -> None:
    rng = np.random.default_rng(7)
    times = 1.7e9 + np.cumsum(rng.exponential(pace, 160))
    times[80:] += 3 * window  # a gap
    times[120:] += 0.4 * window  # and a smaller one
    values = 36.8 + 0.1 * rng.normal(size=160).cumsum()
    mine, theirs = (f(measure, window, times, values) for f in (measured, by_pandas))
    np.testing.assert_allclose(mine, theirs, rtol=1e-7, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    gaps=st.lists(st.floats(0.01, 40), min_size=3, max_size=40),
    values=st.lists(st.floats(-1e4, 1e4), min_size=40, max_size=40),
)
def test_whatever_the_gaps_the_mean_is_that_of_the_window(gaps: list[float], values: list[float]) -> None:
    times = np.cumsum(gaps)
    x = np.array(values[: len(gaps)])
    np.testing.assert_allclose(measured("mean", 12, times, x), by_pandas("mean", 12, times, x), rtol=1e-9, atol=1e-6)


def test_a_day_over_a_restart_is_the_day_without_one() -> None:
    """The window of a day, saved and restored each hour (reliability: difference below 1e-9)."""
    times = np.arange(0, 1.5 * 86_400, 120.0)
    values = 36.8 + np.sin(times / 7000)
    mine = measured("mean", 86_400, times, values, restart=30)
    theirs = by_pandas("mean", 86_400, times[-800:], values[-800:])
    np.testing.assert_allclose(mine[-1], theirs[-1], rtol=0, atol=1e-9)


def test_nothing_is_said_before_the_window_is_full_enough() -> None:
    noise = rule("noise", "rolling", "heart_rate", measure="sd", window="60s", limit=1, least=5, filled=0.5)
    here = Ward(ward(noise, devices=1))
    told = [here.hears(reading("m1", t, heart_rate=100.0 * (t % 2))) for t in range(40)]
    assert [t for t, said in enumerate(told) if said] == [30]


@pytest.mark.parametrize("measure", ["mean", "sd", "noise"])
def test_a_measure_without_a_middle_has_one_side(measure: str) -> None:
    with pytest.raises(ValueError, match="write two rules"):
        RollingParams.model_validate({"measure": measure, "window": "1m", "limit": 3, "side": "both"})
