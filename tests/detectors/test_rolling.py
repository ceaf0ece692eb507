"""Rolling statistics: those of pandas on the same window, when there is none, and the texts."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base.buckets import BUCKETS
from detectors.base.columns import Columns
from detectors.base.evidence import SeriesInfo
from detectors.engine.tables.column_table import ColumnTable
from detectors.rolling import Rolling, RollingParams
from tests.detectors.builders import CATALOGUE, reading, rule, ward
from tests.detectors.engine_setup import EngineSetup
from tests.kit.examples import examples
from ward.clock import SECOND
from ward.finding import Kind


def measured(measure: str, window: float, times: np.ndarray, values: np.ndarray, restart: int = 10**9) -> np.ndarray:
    """The statistic after each value, NaN while there is no score; with a restart after every so many values."""
    detector = Rolling()
    asked = {"measure": measure, "window": f"{window}s", "limit": 1, "min_values": 3, "min_fill": 0}
    row = detector.row(RollingParams.model_validate(asked), SeriesInfo(CATALOGUE["temperature"]))
    params, state = ColumnTable(Columns(**dict.fromkeys(row, np.nan))), ColumnTable(detector.columns)
    for table in (params, state):
        table.grow(1)
    params.set_row(0, row)
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
    return {"mean": float(inside.mean()), "sd": float(inside.std()), "residual_sd": noise, "slope": 60 * slope}[measure]


def line(window: pd.Series) -> tuple[float, float]:
    """The slope of a fitted line, and the standard deviation around it."""
    t, x = window.index.to_numpy(float) - float(window.index[0]), window.to_numpy(float)
    slope, start = np.polyfit(t, x, 1)
    off = x - start - slope * t
    return float(slope), float(np.sqrt((off**2).sum() / (len(off) - 2)))


@pytest.mark.parametrize("measure", ["mean", "sd", "residual_sd", "zscore", "slope"])
@pytest.mark.parametrize(("window", "pace"), [(15, 2.5), (120, 2.5), (3600, 40), (86_400, 900)])
def test_statistics_are_those_of_pandas(measure: str, window: float, pace: float) -> None:
    rng = np.random.default_rng(7)
    times = 1.7e9 + np.cumsum(rng.exponential(pace, 160))
    times[80:] += 3 * window  # a gap
    times[120:] += 0.4 * window  # and a smaller one
    values = 36.8 + 0.1 * rng.normal(size=160).cumsum()
    ours, expected = (f(measure, window, times, values) for f in (measured, by_pandas))
    np.testing.assert_allclose(ours, expected, rtol=1e-7, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    gaps=st.lists(st.floats(0.01, 40), min_size=3, max_size=40),
    values=st.lists(st.floats(-1e4, 1e4), min_size=40, max_size=40),
)
def test_with_any_gaps_the_mean_is_that_of_the_window(gaps: list[float], values: list[float]) -> None:
    times = np.cumsum(gaps)
    x = np.array(values[: len(gaps)])
    np.testing.assert_allclose(measured("mean", 12, times, x), by_pandas("mean", 12, times, x), rtol=1e-9, atol=1e-6)


def test_a_window_across_restarts_is_the_same_as_without() -> None:
    """The window of a day, saved and restored each hour (reliability: difference below 1e-9)."""
    times = np.arange(0, 1.5 * 86_400, 120.0)
    values = 36.8 + np.sin(times / 7000)
    ours = measured("mean", 86_400, times, values, restart=30)
    expected = by_pandas("mean", 86_400, times[-800:], values[-800:])
    np.testing.assert_allclose(ours[-1], expected[-1], rtol=0, atol=1e-9)


def test_nothing_is_scored_before_the_window_is_full_enough() -> None:
    noise = rule("noise", "rolling", "heart_rate", measure="sd", window="60s", limit=1, min_values=5, min_fill=0.5)
    setup = EngineSetup(ward(noise, devices=1))
    found = [setup.receive(reading("m1", t, heart_rate=100.0 * (t % 2))) for t in range(40)]
    assert [t for t, new in enumerate(found) if new] == [30]


@pytest.mark.parametrize("measure", ["mean", "sd", "residual_sd"])
def test_a_statistic_without_direction_has_one_side(measure: str) -> None:
    with pytest.raises(ValueError, match="write two rules"):
        RollingParams.model_validate({"measure": measure, "window": "1m", "limit": 3, "side": "both"})


@pytest.mark.parametrize(
    ("start", "end", "kind", "text"),
    [
        (98, 77, Kind.PHYSIOLOGICAL, "SpO2 fell from 98 to 77 % in 106 s"),
        (77, 98, Kind.TECHNICAL, "SpO2 rose from 77 to 98 % in 106 s: check probe"),
    ],
)
def test_a_change_is_shown_from_the_first_to_the_last_bucket(start: float, end: float, kind: Kind, text: str) -> None:
    fast = rule("fast", "rolling", "spo2", kind=kind, measure="slope", window="2m", per="2m", limit=30, side="both")
    setup = EngineSetup(ward(fast, devices=1))
    values = [start] * 60 + [round(start + (end - start) * i / 60) for i in range(60)] + [end] * 60
    setup.receive(*(reading("m1", t, spo2=x) for t, x in enumerate(values)))
    assert [f.text for f in setup.found] == [text, f"SpO2 no longer changing fast, {end} % now"]
    assert abs(setup.found[0].value or 0) > 21  # the fitted line, which goes on beyond what was measured


@pytest.mark.guarantee("A change is said as measured: the mean before, the mean now, and the time between the two.")
@settings(max_examples=examples(60, 600), deadline=None)
@given(
    gaps=st.lists(st.sampled_from([0.5, 1.0, 1.0, 2.0, 7.0, 31.0]), min_size=60, max_size=90),
    steps=st.lists(st.integers(-2, 2), min_size=90, max_size=90),
    at_once=st.booleans(),
)
def test_the_first_value_the_last_one_and_the_time_of_a_change_are_those_of_the_readings(
    gaps: list[float], steps: list[int], at_once: bool
) -> None:
    """In a window of 24 s with buckets of 2 s, whatever times the readings have."""
    fast = rule("fast", "rolling", "spo2", measure="slope", window="24s", per="24s", limit=4, side="both", min_values=5)
    setup = EngineSetup(ward(fast, devices=1))
    times, values = np.cumsum(gaps).tolist(), (80 + np.cumsum(steps[: len(gaps)])).clip(40, 100).tolist()
    readings = [reading("m1", t, spo2=float(x)) for t, x in zip(times, values, strict=True)]
    for part in [readings] if at_once else [[one] for one in readings]:
        setup.receive(*part)
    for finding in setup.found:
        said = re.fullmatch(r"SpO2 (fell|rose) from (\d+) to (\d+) % in (\d+) s: check probe", finding.text)
        if said is not None:
            own = [(one.at / SECOND, one.values["spo2"]) for one in readings if one.at <= finding.at]
            newest = finding.at / SECOND // 2
            buckets = [[one for one in own if one[0] // 2 == newest - back] for back in range(11, -1, -1)]
            (first_at, first), (last_at, last) = (
                np.mean(one, axis=0) for one in (next(b for b in buckets if b), buckets[-1])
            )
            assert (said[2], said[3]) == (f"{first:.0f}", f"{last:.0f}")
            assert abs(int(said[4]) - (last_at - first_at)) <= 0.5 + 1e-3
            assert (said[1] == "rose") == (last > first)


def test_a_change_in_either_direction_has_no_worst_value() -> None:
    """The value at the steepest moment of a fall is not the lowest one."""
    fast = rule("fast", "rolling", "spo2", measure="slope", window="24s", per="24s", limit=8, side="both", min_values=5)
    setup = EngineSetup(ward(fast, devices=1))
    values = [90.0] * 24 + [90.0 - i for i in range(30)] + [60.0] * 30
    for i, x in enumerate(values):
        setup.receive(reading("m1", i, spo2=x))
    assert len(setup.found) > 1
    assert {(found.worst, found.worst_at) for found in setup.found} == {(None, None)}


def test_a_slope_that_the_ends_of_the_window_do_not_show_is_shown_as_a_slope() -> None:
    values = [90, 70, 70, 70, 70, 80, 80, 80, 80, 90, 90, 90]
    rising = rule("rising", "rolling", "spo2", measure="slope", window="12s", per="12s", limit=10, min_values=5)
    setup = EngineSetup(ward(rising, devices=1))
    setup.receive(*(reading("m1", t, spo2=x) for t, x in enumerate(values)))
    assert [f.text for f in setup.found] == ["SpO2 rising at 15.3 % per 12 s, 90 % now: check probe"]


@pytest.mark.parametrize(
    ("settings", "values", "texts"),
    [
        (
            {"measure": "residual_sd", "window": "12s", "limit": 8}, [80, 100] * 10 + [80] * 15,
            ["Heart rate unsteady (SD 11.0 /min, limit 8): check leads, rhythm",
             "Heart rate steady again (SD 5.6 /min)"],
        ),
        (
            {"measure": "sd", "window": "12s", "limit": 2, "side": "low"}, [80] * 11 + [70, 90] * 3,
            ["Heart rate varies too little (SD 0.0 /min, at least 2): check leads",
             "Heart rate varies again (SD 2.9 /min)"],
        ),
        (
            {"measure": "zscore", "window": "30s", "limit": 5, "side": "both"}, [79, 81] * 15 + [90, 80],
            ["Heart rate 90 /min, 9.8 SD above its mean of the last 30 s: check leads",
             "Heart rate 80 /min, back near its mean of the last 30 s"],
        ),
        (
            {"measure": "mean", "window": "12s", "limit": 120, "hysteresis": 5, "clear_below": 0},
            [130] * 12 + [80] * 12,
            ["Heart rate (mean of 12 s) 130.0 /min > 120: check leads", "Heart rate (mean of 12 s) back at 113.3 /min"],
        ),
    ],
)  # fmt: skip
def test_each_statistic_has_its_text(settings: dict[str, Any], values: list[float], texts: list[str]) -> None:
    setup = EngineSetup(ward(rule("own", "rolling", "heart_rate", **settings), devices=1))
    setup.receive(*(reading("m1", t, heart_rate=x) for t, x in enumerate(values)))
    assert [f.text for f in setup.found] == texts
