"""The risk score in the engine's hands: the hourly means, what it says, and when it says nothing."""

from types import SimpleNamespace

import numpy as np
import pytest

from detectors.base.columns import Floats, Rows
from detectors.risk import Risk, RiskParams, _largest, _parts, _trend
from detectors.scores import risk_points
from detectors.scores.risk_course import course_columns, follow, statistics
from quality.rows_of_detector import fresh_rows

P = SimpleNamespace(limit=np.full(3, 70.0), least=np.full(3, 6.0))
HOUR = 3600.0


def fresh(count: int = 3) -> Rows:
    return fresh_rows(Risk.columns_of(7), count)


def step(state: Rows, x: Floats, t: Floats, p: SimpleNamespace) -> Floats:
    """One hour as the engine gives it: a part without a value in it keeps the one before, and its time."""
    there = x == x
    state.value, state.measured_at = np.where(there, x, state.value), np.where(there, t, state.measured_at)
    return Risk().update(state, state.value, t, p)


def hours(count: int, seed: int = 1) -> Floats:
    """Hourly means of the vital signs of three patients, and their age in the first hour alone: (hours, 7, 3)."""
    rng = np.random.default_rng(seed)
    x = np.array([85.0, 115, 60, 95, 37.2, 19, 0])[:, None] * (1 + 0.1 * rng.standard_normal((count, 7, 3)))
    x[rng.random(x.shape) < 0.2] = np.nan
    x[:, 6] = np.nan
    x[0, 6] = [30.0, 60.0, 88.0]
    return x


def test_the_score_is_that_of_the_course_and_of_an_age_that_was_given_once() -> None:
    x, state, course = hours(40), fresh(), fresh_rows(course_columns(), 3)
    for hour, row in enumerate(x):
        score = step(state, row, np.full(3, HOUR * (500 + hour)), P)
        follow(course, row[:6], np.full(3, 500.0 + hour))
    wanted = risk_points.load().of_parts(statistics(course), np.array([30.0, 60.0, 88.0]))
    np.testing.assert_allclose(score * 70, np.clip(50 + wanted.sum(axis=0), 0, 100))
    assert Risk().measured(state, x[-1], score, P)[0] == pytest.approx(score * 70)


def test_the_score_is_the_share_of_the_limit_of_the_rule() -> None:
    of_70, of_50 = (SimpleNamespace(limit=np.full(3, limit), least=np.full(3, 6.0)) for limit in (70.0, 50.0))
    states = fresh(), fresh()
    for hour, row in enumerate(hours(8)):
        first, second = (
            step(state, row, np.full(3, HOUR * hour), p) for state, p in zip(states, (of_70, of_50), strict=True)
        )
    np.testing.assert_allclose(first * 70, second * 50)


def test_there_is_no_score_before_enough_hours_are_known_and_it_says_how_many() -> None:
    state, x = fresh(), hours(6)
    x[2, :6] = np.nan  # an hour without any vital sign does not count
    for hour in range(6):
        assert np.isnan(step(state, x[hour], np.full(3, HOUR * hour), P)).all()
    assert Risk().progress(state, np.zeros(3), P).text(0) == "warming up, 5 of 6 values"
    assert np.isfinite(step(state, x[5], np.full(3, 6 * HOUR), P)).all()


def test_what_is_missing_is_no_number_and_changes_the_score_by_its_own_band() -> None:
    known, unknown, x = fresh(), fresh(), hours(12)
    for hour, row in enumerate(x):
        without = row.copy()
        without[3] = np.nan
        known_score = step(known, row, np.full(3, HOUR * hour), P)
        unknown_score = step(unknown, without, np.full(3, HOUR * hour), P)
    assert np.isfinite(unknown_score).all()
    model = risk_points.load()
    band = sum(points[0] for name, points in zip(risk_points.FEATURES, model.points, strict=True) if "spo2" in name)
    np.testing.assert_allclose(_parts(unknown)[3], band)
    assert (known_score != unknown_score).all()


def test_the_parts_are_said_in_the_order_of_their_points_with_value_and_trend() -> None:
    state = fresh(1)
    for hour in range(12):
        x = np.array([[80 + 5 * hour, 120 - 3 * hour, 70 - 2 * hour, np.nan, 37.0, 16 + hour, 84]]).T
        step(state, x, np.array([HOUR * hour]), SimpleNamespace(limit=np.array([70.0]), least=np.array([6.0])))
    parts = _parts(state)[:, 0]
    said = list(_largest(state, parts))
    assert len(said) == 3
    points = sorted(parts, reverse=True)
    assert [one.rpartition(": ")[2] for one in said] == [f"{p:+.0f}" for p in points[:3]]
    everything = list(_largest(state, np.where(np.arange(9) == 5, 99.0, parts)))
    assert everything[0] == "respiratory rate 27, rising: +99"
    assert next(iter(_largest(state, np.where(np.arange(9) == 3, 99.0, parts)))) == "SpO2 not known: +99"
    assert next(iter(_largest(state, np.where(np.arange(9) == 1, 99.0, parts)))) == "systolic pressure 87, falling: +99"
    assert next(iter(_largest(state, np.where(np.arange(9) == 8, 99.0, parts)))) == "age 84: +99"


def test_screens_get_the_score_with_all_its_parts_once_there_is_one() -> None:
    state, x, one = fresh(1), hours(8)[..., :1], SimpleNamespace(limit=np.array([70.0]), least=np.array([6.0]))
    for hour, row in enumerate(x):
        score = step(state, row, np.array([HOUR * hour]), one)
        report = Risk().report(state, one, RiskParams(), HOUR * hour)
        assert (report is None) == np.isnan(score[0])
    assert report is not None
    assert report.value == pytest.approx(score[0] * 70)
    assert report.value == pytest.approx(50 + sum(part.points or 0 for part in report.parts))
    assert [part.signal for part in report.parts] == list(risk_points.PARTS)
    assert report.parts[-1][1:3] == (30.0, 0.0), "an age holds, and says when it was entered"
    assert max(part.measured_at for part in report.parts) == 7 * HOUR
    later = Risk().report(state, one, RiskParams(), 10 * HOUR)
    assert later is not None
    assert Risk().report(state, one, RiskParams(), 10 * HOUR + 1) is None, "no vital sign for three hours"
    assert report.text.startswith(f"Risk score {report.value:.0f} of 100 (experimental): ")


@pytest.mark.parametrize(("change", "wanted"), [(3.0, ", rising"), (-3.0, ", falling"), (2.9, ""), (float("nan"), "")])
def test_a_trend_is_a_change_that_is_large_enough(change: float, wanted: str) -> None:
    assert _trend(change, 3.0) == wanted


def test_a_limit_above_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="limit"):
        RiskParams(limit=101)
