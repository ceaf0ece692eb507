"""The shock index against a plain calculation."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.shock_index import ShockIndexParams
from detectors.worker.bed_scores import TURNS
from quality.rows_of_detector import DetectorRows
from tests.detectors.bed_rules import bed_rule
from tests.detectors.builders import at, reading
from tests.detectors.test_beds import BedSetup, beds
from tests.detectors.test_news2 import published
from tests.kit.examples import examples
from ward.score import ScorePart

HOUR = 3600.0
Course = list[tuple[float, float, float]]


@settings(max_examples=examples(30, 500))
@given(st.lists(st.tuples(st.floats(5, 900), st.floats(30, 200), st.floats(50, 200)), max_size=60))
def test_index_and_rise_are_those_of_a_plain_calculation(steps: Course) -> None:
    """Times as distances, heart rates and pressures."""
    rows, t = DetectorRows("shock_index", {"low": 0.9, "rise": 0.3, "within": "1h"}), 0.0
    before: list[tuple[float, float]] = []
    for gap, rate, pressure in steps:
        t += gap
        score = rows.update(np.array([[rate], [pressure]]), t)[0]
        assert score == pytest.approx(plain(before, t, rate / pressure), rel=1e-9)
        before.append((t, rate / pressure))


def plain(before: list[tuple[float, float]], t: float, index: float) -> float:
    """The share of 0.9, and of a rise of 0.3 from the lowest mean of five minutes in the hour before."""
    now, means = int(t // 300), []
    for number in range(now - 12, now):
        own = [x for at_, x in before if int(at_ // 300) == number]
        means += [sum(own) / len(own)] if own else []
    return max(index / 0.9, (index - min(means)) / 0.3 if means else -np.inf)


def test_each_severity_has_its_limit_and_a_rise_is_low() -> None:
    rows = DetectorRows("shock_index", {"low": 0.9, "medium": 1.0, "high": 1.4, "rise": 0.3})
    for t, rate in ((0.0, 50.0), (300.0, 85.0)):
        score = rows.update(np.array([[rate], [100.0]]), t)
    state, p = rows.rows()
    x, instant = state.value, np.array([300.0])
    ratios = rows.detector.threshold_ratios(score, state, x, instant, p, np.ones((3, 1)))
    np.testing.assert_allclose(ratios[:, 0], [0.35 / 0.3, 0.85 / 0.9, 0.85 / 1.4])
    score = rows.update(np.array([[95.0], [100.0]]), 310.0)
    ratios = rows.detector.threshold_ratios(score, state, x, instant, p, np.ones((3, 1)))
    np.testing.assert_allclose(ratios[1, 0], 0.95 / 0.9, err_msg="0.9, and risen by 0.3: MEDIUM")
    unused = DetectorRows("shock_index", {"low": None, "medium": 1.0})
    score = unused.update(x, 300.0)
    used = unused.detector.threshold_ratios(score, *unused.rows()[:1], x, instant, unused.rows()[1], np.ones((3, 1)))
    assert np.isnan(used[2, 0])
    assert not used[0, 0] >= 1, "without a past there is no rise"


def test_limits_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="higher with severity"):
        ShockIndexParams(low=1.0, medium=0.9)


def test_an_index_is_shown_with_both_values_and_their_times() -> None:
    setup = BedSetup(beds(bed_rule("shock_index")))
    setup.send(reading("m1", 1, heart_rate=104.0), reading("m2", 3, systolic_bp=108.0))
    setup.run(TURNS + 2)
    newest = published(setup)[-1]
    assert newest.value == pytest.approx(104 / 108)
    assert (newest.severity, newest.text) == (
        "low", "Shock index 0.96: heart rate 104 /min, systolic pressure 108 mmHg"
    )  # fmt: skip
    assert newest.parts == [
        ScorePart(signal="heart_rate", value=104.0, at=at(1)), ScorePart(signal="systolic_bp", value=108.0, at=at(3)),
    ]  # fmt: skip
    assert setup.found[-1].text == (
        "Shock index 0.96 (heart rate 104 /min, systolic pressure 108 mmHg), limit 0.90. Assess for blood or fluid "
        "loss and sepsis"
    )


def test_a_pressure_that_is_too_old_is_refused_and_ends_no_alert() -> None:
    setup = BedSetup(beds(bed_rule("shock_index", pressure_for="30s", keep_firing_for="1s")))
    setup.send(reading("m1", 1, heart_rate=104.0, systolic_bp=108.0))
    setup.send(*(reading("m1", t, heart_rate=60.0) for t in range(40, 80, 10)))
    found = setup.run(95)
    assert found[0] == "b1  raised low"
    assert not [one for one in found if "cleared" in one]
    newest = published(setup)[-1]
    assert (newest.value, newest.text) == (None, "Shock index not known, without a new value of systolic pressure")
    assert newest.severity == "low"
    assert [part.too_old for part in newest.parts] == [False, True]


def test_a_slow_change_over_many_hours_is_no_rise() -> None:
    rows = DetectorRows("shock_index", {"low": 9.0, "medium": None, "rise": 0.3, "within": "1h"})
    scores = [float(rows.update(np.array([[60 + t / 900], [100.0]]), t)[0]) for t in np.arange(0, 12 * HOUR, 60.0)]
    assert max(scores) < 0.2
    assert all(b > a - 0.05 for a, b in pairwise(scores[60:]))
