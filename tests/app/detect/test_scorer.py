"""A detector on one series: many values at once come to what the engine finds one after the other."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.detect import scorer as scorer_module
from app.detect.rule import build_rule, find_detector, unfit
from app.detect.scorer import Scorer, Scores, unknown_signal
from app.detect.vector_scorer import make_scorer
from detectors.base.registry import discover
from detectors.engine.engine import Engine
from tests.detectors.builders import CATALOGUE, at, reading, rule, ward
from tests.detectors.test_blocks import SETTINGS
from tests.kit.examples import examples

NAMES = sorted(name for name, found in discover().items() if found.feed == "values" and not unfit(found))
DECISIONS: list[dict[str, Any]] = [{}, {"for": "3s", "keep_firing_for": "4s"}]


def rules(name: str) -> list[dict[str, Any]]:
    """Settings of a detector's rule, each with several decisions."""
    found = SETTINGS.get(name, [discover()[name].sample])
    return [{**decision, **settings_} for settings_ in found for decision in DECISIONS]


def series(seed: int, length: int = 300, gap: float = 3600.0) -> tuple[Any, Any]:
    """Values with a shift, a flat part and a jump, at times with gaps."""
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(80, 2, length))
    x[100:140] += rng.integers(-15, 16)
    x[200:230] = 80
    x[int(rng.integers(length))] = 130
    gaps = np.where(rng.random(length) < 0.02, gap, 1.0)
    return x, 1.7e9 + np.cumsum(gaps)


def evaluated(scorer: Scorer, x: Any, t: Any, cuts: list[int], first: int) -> Scores:
    parts = [scorer.evaluate(x[None, a:b], t[a:b], first - a) for a, b in pairwise([0, *sorted(cuts), len(x)])]
    return Scores(np.concatenate([part.score for part in parts]), np.concatenate([part.alert for part in parts]))


def make(name: str, settings_: dict[str, Any]) -> Scorer:
    detector = find_detector(name)
    return make_scorer(detector, build_rule(detector, settings_, 0), [CATALOGUE["heart_rate"]])


@pytest.mark.parametrize("name", NAMES)
def test_blocks_of_any_size_come_to_the_scores_and_alerts_of_single_values(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorer_module, "STEPS", 5)

    @settings(max_examples=examples(4, 200), deadline=None)
    @given(st.integers(0, 10_000), st.lists(st.integers(0, 300), max_size=4), st.integers(0, 150), st.data())
    def same(seed: int, cuts: list[int], first: int, data: st.DataObject) -> None:
        settings_ = data.draw(st.sampled_from(rules(name)))
        x, t = series(seed)
        single = evaluated(make(name, settings_), x, t, list(range(1, len(x))), first)
        blocks = evaluated(make(name, settings_), x, t, cuts, first)
        np.testing.assert_array_equal(blocks.score, single.score)
        np.testing.assert_array_equal(blocks.alert, single.alert)
        assert not blocks.alert[:first].any()

    same()


@pytest.mark.parametrize("name", NAMES)
def test_alerts_begin_and_end_where_the_engine_raises_and_clears(name: str) -> None:
    raised = 0
    for settings_ in rules(name):
        engine = Engine(ward(rule("mine", name, "heart_rate", **settings_), devices=1))
        x, t = series(3, gap=2.0)  # after a long gap the engine ends an alert as one whose signal was lost
        t = t - 1.7e9
        levels, expected = 0, []
        for one, when in zip(x.tolist(), t.tolist(), strict=True):
            for found in engine.evaluate([reading("m1", when, heart_rate=one)]).findings:
                levels = 0 if found.ended else 1
            expected.append(levels > 0)
        at_zero = at(0) / 1e6
        alert = make(name, settings_).evaluate(x[None], at_zero + t).alert.tolist()
        assert alert == expected, settings_
        raised += any(expected)
    assert raised or name not in SETTINGS


def test_while_a_detector_learns_values_are_given_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorer_module, "STEPS", 16)
    x, t = series(1)
    found = make("cusum", {"calibrate_values": 50}).evaluate(x[None], t)
    assert np.isnan(found.score).sum() == 50


def test_with_every_a_value_has_the_score_of_the_last_window() -> None:
    x, t = np.array([10.0, 10, 30, 30, 20, 20, 20]), 1e9 + np.arange(7.0)
    found = make("limits", {"every": "2s", "side": "high", "medium": 25, "hysteresis": 10}).evaluate(x[None], t)
    # The window of 30 and 30 ends with the first 20, that of 20 and 20 two values later.
    assert found.score[4:].tolist() == [1.5, 1.5, 0.5]
    assert np.isnan(found.score[:2]).all()
    assert found.alert.tolist() == [False] * 4 + [True, True, True]


def test_a_detector_gets_the_column_as_its_signal() -> None:
    rule_ = build_rule(find_detector("flatline"), {"after": "5s"}, 0)
    scorer = make_scorer(find_detector("flatline"), rule_, [unknown_signal("x", 0)])
    assert scorer.evaluate(np.full((1, 20), 1e6), np.arange(20.0)).alert[-1]
