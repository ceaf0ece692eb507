"""Flat lines: the runs that pandas counts, and the texts."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.detectors.builders import reading, rule, ward
from tests.detectors.engine_setup import EngineSetup
from ward.finding import Transition


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.integers(70, 72), min_size=1, max_size=80), after=st.integers(1, 8))
def test_it_raises_after_a_run_of_equal_values(values: list[int], after: int) -> None:
    stuck = rule("stuck", "flatline", "heart_rate", after=f"{after}s", min_values=2)
    setup = EngineSetup(ward(stuck, devices=1))
    found = [setup.receive(reading("m1", t, heart_rate=x)) for t, x in enumerate(values)]
    series = pd.Series(values)
    place = series.groupby((series != series.shift()).cumsum()).cumcount()  # place in its run, from 0
    assert [t for t, new in enumerate(found) if new and "raised" in new[0]] == list(place[place == after].index)
    ends = [t for t, new in enumerate(found) if new and "cleared" in new[0]]
    assert ends == [t for t in range(1, len(values)) if place[t] == 0 and place[t - 1] >= after]


def test_the_text_has_the_value_and_how_long_it_is_unchanged() -> None:
    setup = EngineSetup(ward(rule("stuck", "flatline", "temperature", after="30m"), devices=1))
    setup.receive(*(reading("m1", 10 * i, temperature=36.8) for i in range(181)))
    assert [(f.transition, f.text) for f in setup.found] == [
        (Transition.RAISED, "Temperature unchanged at 36.8 °C for 30 min: check probe")
    ]


def test_a_value_at_the_end_of_its_plausible_range_is_no_flat_line() -> None:
    setup = EngineSetup(ward(rule("stuck", "flatline", "humidity", after="10m"), devices=1))
    assert setup.receive(*(reading("m1", 10 * i, humidity=100) for i in range(100))) == []
    assert setup.receive(*(reading("m1", 1000 + 10 * i, humidity=99.9) for i in range(100))) == [
        "stuck m1 raised medium"
    ]
