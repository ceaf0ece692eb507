"""The scores of SKAB's leaderboard by hand-made runs, the detector on made-up sensors, and the real data."""

import numpy as np
import pytest

from detectors.base.columns import Floats
from quality import data, skab
from quality.skab_scores import Flags, Marked, nab, outliers

NONE = np.zeros(300, dtype=np.bool_)


def at(*rows: int) -> Flags:
    found = NONE.copy()
    found[list(rows)] = True
    return found


def run(changepoint: Flags, changed: Flags) -> Marked:
    return Marked(np.arange(300.0), NONE, changepoint, NONE, changed)


def test_rows_are_pooled_over_runs() -> None:
    t, true = np.arange(4.0), np.array([True, True, False, False])
    one = Marked(t, true, true, np.array([True, False, True, False]), true)
    two = Marked(t, ~true, true, np.array([False, False, True, True]), true)
    f1, far, mar = outliers([one, two])
    assert f1 == pytest.approx(2 * 3 / (2 * 3 + 1 + 1))
    assert (far, mar) == (25.0, 25.0)


def test_detections_at_once_are_100_and_none_at_all_is_0() -> None:
    assert nab([run(at(50, 200), at(50, 200))], "standard") == pytest.approx(100)
    assert nab([run(at(50, 200), NONE)], "low FN") == 0


def test_a_later_detection_counts_less_and_one_outside_is_false() -> None:
    halfway = nab([run(at(50), at(80))], "standard")
    assert halfway == pytest.approx(100 * ((1 - 0.11) / 2 + 1) / 2, abs=0.1)
    assert nab([run(at(50), at(110))], "standard") == pytest.approx(100 * (1 - 0.11) / 2)
    outside = nab([run(at(50), at(80, 140, 150))], "standard")
    assert halfway - outside == pytest.approx(100 * 2 * 0.11 / 2)
    assert nab([run(at(50), at(49))], "standard") == pytest.approx(-100 * 0.11 / 2)


def test_only_the_first_detection_in_a_window_counts_and_windows_share_nothing() -> None:
    once, twice = (nab([run(at(50), found)], "standard") for found in (at(60), at(60, 70)))
    assert once == twice
    # The window of 80 begins where that of 50 ends: a detection at 100 is the first one's.
    assert nab([run(at(50, 80), at(100))], "standard") < 50


def sensors(shift: float) -> Floats:
    rng = np.random.default_rng(2)
    common = rng.normal(size=(900, 1))
    x = common * [3.0, -2.0, 1.0, 0.5] + rng.normal(size=(900, 4)) * 0.3
    x[600:700] += shift * np.array([3.0, -2.0, 1.0, 0.5])
    x[407::97] += 40  # single rows that are wrong
    return x


T = 1.6e9 + np.arange(900.0)


def test_a_shift_is_flagged_while_it_lasts_and_changes_where_it_begins_and_ends() -> None:
    flagged, changed = skab.by_detector(sensors(6.0), T)
    assert flagged[605:700].all()
    assert flagged[400:600].mean() < 0.1
    assert flagged[720:].mean() < 0.1
    assert changed[598:610].any()
    assert changed[700:715].any()
    assert not skab.by_detector(sensors(0.0), T)[0][600:700].all()


def test_no_row_is_scored_by_what_comes_later() -> None:
    x = sensors(6.0)
    later = x.copy()
    later[650:] = 7.0
    for whole, changed in zip(skab.by_detector(x, T), skab.by_detector(later, T), strict=True):
        np.testing.assert_array_equal(whole[:650], changed[:650])


@pytest.mark.skipif(data.folder("skab") is None, reason=f"the data set is absent: set {data.SETTING}")
def test_the_published_t_squared_is_reproduced_and_ours_meets_what_is_wanted() -> None:
    assert [row.met for row in skab.rows(True, lambda _: None)] == [True] * 5
