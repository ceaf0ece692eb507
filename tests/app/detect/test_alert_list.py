"""The list of alerts: the same whatever parts the rows come in, and bounded."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detect import alert_list as alert_list_module
from app.detect.alert_list import Alert, AlertList
from app.detect.series import Evaluated

ROWS = st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.5, 0.9, float("nan")])), max_size=30)


def listed(rows: list[tuple[bool, float]], cuts: list[int]) -> AlertList:
    alert, score = np.array([a for a, _ in rows], dtype=bool), np.array([s for _, s in rows])
    t, state = np.arange(len(rows), dtype=np.float64), np.zeros(len(rows), dtype=np.int8)
    x = np.asarray(10 * t)
    found = AlertList()
    for begin, end in pairwise([0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]):
        some = slice(begin, end)
        found.add(x[some], t[some], Evaluated(score[some], state[some], alert[some]))
    found.close()
    return found


def test_an_alert_has_its_first_and_last_value_and_the_highest_score() -> None:
    rows = [(False, 0.1), (True, 0.6), (True, float("nan")), (True, 0.9), (True, 0.9), (False, 0.2), (True, 0.5)]
    assert listed(rows, []).listed == [Alert(1, 4, 3, 30, 0.9), Alert(6, 6, 6, 60, 0.5)]


@given(ROWS, st.lists(st.integers(0, 30), max_size=6))
def test_rows_in_parts_come_to_the_same_alerts(rows: list[tuple[bool, float]], cuts: list[int]) -> None:
    assert listed(rows, cuts) == listed(rows, [])


def test_the_first_alerts_are_listed_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_list_module, "MOST_LISTED", 3)
    found = listed([(i % 2 == 0, 0.5) for i in range(20)], [])
    assert (found.count, [alert.begin for alert in found.listed]) == (10, [0, 2, 4])
