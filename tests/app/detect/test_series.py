"""Rows of a series: what each of them is, and what it has."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.detect.row_state import RowState
from app.detect.rule import build_rule, find_detector
from app.detect.scorer import unknown_signal
from app.detect.series import Evaluated, Series, Values, unit_score
from app.detect.vector_scorer import make_scorer
from tests.kit.examples import examples

NAN = float("nan")


def limit(warm_rows: int = 0, **settings_: object) -> Series:
    """A series in which a value above 50 is an alert, until one is at most 40."""
    detector = find_detector("limits")
    asked = {"side": "high", "medium": 50, "hysteresis": 10, **settings_}
    return Series(make_scorer(detector, build_rule(detector, asked, warm_rows), [unknown_signal("x", 2)]), warm_rows)


def evaluate(series: Series, x: list[float], t: list[float], missing: list[int] | None = None) -> Evaluated:
    return series.evaluate(Values(np.array([x]), np.isin([range(len(x))], missing or []), np.array(t)))


def words(found: Evaluated) -> list[str]:
    return [RowState(state).words for state in found.state.tolist()]


def test_each_row_has_its_state() -> None:
    found = evaluate(
        limit(2), [1, NAN, 3, NAN, NAN, 6, 7, 8, 9, 1e15], [0, 1, 2, 3, 4, 1, 2, NAN, 5, 6], missing=[1, 3]
    )
    assert words(found) == [
        "warming up", "missing", "ok", "missing", "not a number", "out of order", "repeated", "no time", "ok",
        "too large",
    ]  # fmt: skip
    assert np.isfinite(found.score).tolist() == [state == "ok" for state in words(found)]


def test_a_row_before_an_earlier_one_teaches_the_detector_nothing() -> None:
    series = limit()
    assert evaluate(series, [60, 10, 60], [10, 5, 11]).alert.tolist() == [True, True, True]
    assert words(evaluate(series, [10], [11])) == ["repeated"]
    assert words(evaluate(series, [10], [3])) == ["out of order"]


def test_missing_values_neither_begin_nor_end_an_alert() -> None:
    found = evaluate(limit(), [NAN, 60, NAN, NAN, 30, NAN], [0, 1, 2, 3, 4, 5], missing=[0, 2, 5])
    assert found.alert.tolist() == [False, True, True, True, False, False]


def test_rows_that_warm_up_have_no_score_and_no_alert_and_no_alert_begins_in_them() -> None:
    found = evaluate(limit(3), [60, 60, 60, 45, 60], [0, 1, 2, 3, 4])
    assert words(found) == ["warming up"] * 3 + ["ok"] * 2
    assert np.isnan(found.score[:3]).all()
    assert found.alert.tolist() == [False] * 4 + [True]  # 45 would have kept an alert, and begins none


def test_without_enough_values_a_row_says_so() -> None:
    detector = find_detector("cusum")
    series = Series(
        make_scorer(detector, build_rule(detector, {"calibrate_values": 3}, 0), [unknown_signal("x", 2)]), 0
    )
    assert words(evaluate(series, [1, 2, 3, 2], [0, 1, 2, 3])) == ["not enough data"] * 3 + ["ok"]


ROWS = st.lists(
    st.tuples(
        st.sampled_from([10.0, 45.0, 60.0, NAN, 1e300, -1e300]), st.sampled_from([NAN, 0.0, 1.0, 2.0, 3.0, 4.0, 1e9]),
        st.booleans(),
    ), max_size=30,
)  # fmt: skip


@settings(max_examples=examples(60, 1000))
@given(ROWS, st.integers(0, 30), st.integers(0, 10))
def test_rows_in_two_parts_come_to_what_they_come_to_at_once(
    rows: list[tuple[float, float, bool]], cut: int, warm: int
) -> None:
    x, t, missing = (np.array(column, dtype=kind) for column, kind in zip(
        list(zip(*rows, strict=True)) or ((), (), ()), (float, float, bool), strict=True,
    ))  # fmt: skip
    x = np.where(missing, np.nan, x)
    once, twice = limit(warm), limit(warm)
    whole = once.evaluate(Values(x[None], missing[None], t))
    parts = [
        twice.evaluate(Values(x[None, part], missing[None, part], t[part]))
        for part in (slice(0, cut), slice(cut, None))
    ]
    for name in ("score", "state", "alert"):
        np.testing.assert_array_equal(getattr(whole, name), np.concatenate([getattr(part, name) for part in parts]))
    assert not whole.alert[:warm].any()
    scored = whole.score[~np.isnan(whole.score)]
    assert ((scored >= 0) & (scored <= 1)).all()
    assert (np.isnan(whole.score) == (whole.state != RowState.OK)).all()


@given(st.floats(0, 1e300), st.floats(0, 1e300))
def test_a_score_rises_with_that_of_the_engine(a: float, b: float) -> None:
    low, high = unit_score(np.array(sorted((a, b))))
    assert 0 <= low <= high <= 1
    assert high > low or high - low == 0
    assert unit_score(np.array([1.0]))[0] == 0.5


@pytest.mark.parametrize("x", [[], [5.0]])
def test_no_row_and_one_row_are_no_special_case(x: list[float]) -> None:
    assert words(evaluate(limit(), x, [0.0] * len(x))) == ["ok"] * len(x)
