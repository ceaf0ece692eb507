"""Flat lines: against runs counted by pandas."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.detectors.builders import reading, rule, ward
from tests.detectors.test_engine import Ward
from ward.finding import Edge


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.integers(70, 72), min_size=1, max_size=80), after=st.integers(1, 8))
def test_it_raises_where_a_run_of_equal_values_has_lasted_long_enough(values: list[int], after: int) -> None:
    stuck = rule("stuck", "flatline", "heart_rate", after=f"{after}s", least=2)
    here = Ward(ward(stuck, devices=1))
    told = [here.hears(reading("m1", t, heart_rate=x)) for t, x in enumerate(values)]
    series = pd.Series(values)
    place = series.groupby((series != series.shift()).cumsum()).cumcount()  # place in its run, from 0
    assert [t for t, said in enumerate(told) if said and "raised" in said[0]] == list(place[place == after].index)
    ends = [t for t, said in enumerate(told) if said and "cleared" in said[0]]
    assert ends == [t for t in range(1, len(values)) if place[t] == 0 and place[t - 1] >= after]


def test_it_says_since_when_and_at_what() -> None:
    here = Ward(ward(rule("stuck", "flatline", "temperature", after="30m"), devices=1))
    here.hears(*(reading("m1", 10 * i, temperature=36.8) for i in range(181)))
    assert [(f.edge, f.text) for f in here.found] == [(Edge.RAISED, "Temperature stays at 36.8 °C for 30 min")]


def test_a_value_at_the_end_of_its_scale_may_rest_there() -> None:
    here = Ward(ward(rule("stuck", "flatline", "humidity", after="10m"), devices=1))
    assert here.hears(*(reading("m1", 10 * i, humidity=100) for i in range(100))) == []
    assert here.hears(*(reading("m1", 1000 + 10 * i, humidity=99.9) for i in range(100))) == ["stuck m1 raised medium"]
