"""Several columns as one vector."""

from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from app.detect import detect
from app.detect import scorer as scorer_module
from app.detect.rule import build_rule, find_detector
from app.detect.scorer import Scorer, Scores, unknown_signal
from app.detect.vector_scorer import make_scorer
from detectors.base.columns import Columns, Floats
from detectors.base.vector_detector import VectorDetector, age
from tests.app.calling import call
from tests.app.detect.files import column, detected, write
from tests.kit.examples import examples
from ward.config.rule import DetectorParams
from ward.errors import InputError

# The tape of the example of the detector: a total of at least 5 from 2 s to 5 s.
VITALS = "time,respiratory_rate,heart_rate\n0,14,80\n1,14,80\n2,26,118\n3,26,118\n4,26,118\n5,14,80\n"
NEWS2 = ("--detector", "news2", "--warmup", "0")


class SpanParams(DetectorParams):
    """How far apart the parts may be."""

    parts: ClassVar[tuple[str, ...] | None] = ()

    limit: float = Field(10.0, gt=0)
    fresh_for: float = Field(2.5, gt=0)


class Span(VectorDetector[SpanParams]):
    """The distance of the highest part from the lowest, and half of what it was before; NaN where one is too old."""

    name = "span"
    params = SpanParams
    columns = Columns(last=0.0)

    @classmethod
    def own_columns(cls, width: int) -> Columns:
        return Columns(last=0.0, seen=(0.0, width))

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        fresh = (age(state, t) <= p.fresh_for).all(axis=0)
        state.seen = state.seen + ~np.isnan(x)
        state.last = np.where(fresh, x.max(axis=0) - x.min(axis=0) + state.last / 2, state.last)
        return np.where(fresh, state.last / p.limit, np.nan)


class SpanOfMany(Span):
    """The same without what is kept, for many values at once."""

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        fresh = (age(state, t) <= p.fresh_for).all(axis=0)
        return np.where(fresh, (x.max(axis=0) - x.min(axis=0)) / p.limit, np.nan)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return self.update(state, x, t, p)


def make(detector: type[Any], parts: int = 2, **asked: Any) -> Scorer:
    return make_scorer(detector, build_rule(detector, asked, 0), [unknown_signal(f"c{i}", 0) for i in range(parts)])


def evaluated(scorer: Scorer, x: Floats, t: Floats, cuts: list[int], first: int) -> Scores:
    parts = [scorer.evaluate(x[:, a:b], t[a:b], first - a) for a, b in pairwise([0, *sorted(cuts), len(t)])]
    return Scores(np.concatenate([part.score for part in parts]), np.concatenate([part.alert for part in parts]))


def test_a_part_has_its_newest_value_until_it_is_too_old() -> None:
    nan = np.nan
    x = np.array([[1, nan, nan, nan, 30], [nan, 5.0, 21, 31, nan]])
    found = make(SpanOfMany).evaluate(x, np.arange(5.0))
    np.testing.assert_array_equal(found.score, [nan, 0.4, 2.0, nan, 0.1])
    assert found.alert.tolist() == [False, False, True, True, False]


@pytest.mark.parametrize("detector", [Span, SpanOfMany, find_detector("news2")])
def test_blocks_of_any_size_come_to_the_scores_and_alerts_of_single_values(
    detector: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorer_module, "STEPS", 5)

    @settings(max_examples=examples(10, 300), deadline=None)
    @given(st.integers(0, 10_000), st.lists(st.integers(0, 60), max_size=4), st.integers(0, 30), st.booleans())
    def same(seed: int, cuts: list[int], first: int, windows: bool) -> None:
        rng = np.random.default_rng(seed)
        x = np.where(rng.random((2, 60)) < 0.4, np.nan, rng.normal(20, 8, (2, 60)))
        t = 1.7e9 + np.cumsum(rng.choice([1.0, 4.0], 60))
        asked = {"every": "3s"} if windows else {"for": "2s"}
        parts = detector.params.parts
        signals = [unknown_signal(name, 0) for name in (parts[:2] if parts else ("a", "b"))]
        one, many = (make_scorer(detector, build_rule(detector, asked, 0), signals) for _ in range(2))
        single = evaluated(one, x, t, list(range(1, 60)), first)
        blocks = evaluated(many, x, t, cuts, first)
        np.testing.assert_array_equal(blocks.score, single.score)
        np.testing.assert_array_equal(blocks.alert, single.alert)

    same()


def test_a_detector_of_certain_signals_takes_the_columns_of_their_names(tmp_path: Path) -> None:
    found = detected(write(tmp_path / "a.csv", VITALS), *NEWS2)
    assert list(found[0]) == ["time", "respiratory_rate", "heart_rate", "score", "state", "alert"]
    assert column(found, "alert") == ["0", "0", "1", "1", "1", "0"]
    assert column(found, "heart_rate") == ["80", "80", "118", "118", "118", "80"]
    assert call("detect", tmp_path / "a.csv", *NEWS2, "--plot", tmp_path / "a.html").exit_code == 0


def test_a_row_without_any_value_is_missing_and_one_with_some_is_evaluated(tmp_path: Path) -> None:
    rows = "time,respiratory_rate,heart_rate\n0,14,80\n1,,\n2,,high\n3,26,\n4,x,118\n"
    found = detected(write(tmp_path / "a.csv", rows), *NEWS2)
    assert column(found, "state") == ["ok", "missing", "not a number", "ok", "ok"]
    assert column(found, "alert") == ["0", "0", "0", "1", "1"]  # 3 points for a rate of 26 alone


def test_a_column_that_the_detector_does_not_read_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", VITALS.replace("heart_rate", "pulse"))
    found = call("detect", path, *NEWS2, "--value", "pulse", "--value", "respiratory_rate")
    assert found.exit_code == 1
    assert "news2 does not read a column 'pulse': it reads respiratory_rate, spo2, " in found.stderr


def test_in_python_a_table_is_a_vector(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", VITALS)
    frame = pd.read_csv(path)
    found = detect(frame[["respiratory_rate", "heart_rate"]], frame["time"], detector="news2", warmup=0)
    assert found["alert"].tolist() == [0, 0, 1, 1, 1, 0]
    assert list(found.columns) == ["time", "respiratory_rate", "heart_rate", "score", "state", "alert"]
    with pytest.raises(InputError, match="does not read a column 'time'"):
        detect(frame, detector="news2")


def test_the_order_of_the_columns_makes_no_difference(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", VITALS)
    turned = detected(path, *NEWS2, "--value", "heart_rate", "--value", "respiratory_rate")
    assert column(turned, "score") == column(detected(path, *NEWS2), "score")


def pump(tmp_path: Path) -> Path:
    """Three columns that rise and fall together; from row 700 on one of them does so no longer."""
    rng = np.random.default_rng(4)
    common = rng.normal(size=1000)
    x = common[:, None] * [3, -2, 1] + rng.normal(size=(1000, 3)) * 0.3 + [80, 97, 16]
    x[700:800, 0] = 80 - 3 * common[700:800]
    rows = (f"{i},{a:.2f},{'' if i % 50 == 7 else f'{b:.2f}'},{c:.2f}" for i, (a, b, c) in enumerate(x.tolist()))
    return write(tmp_path / "pump.csv", "\n".join(["time,flow,pressure,current", *rows]))


HOTELLING = ("--detector", "hotelling")


def test_columns_that_no_longer_move_together_are_found(tmp_path: Path) -> None:
    found = detected(pump(tmp_path), *HOTELLING)
    score = np.array([float(text or "nan") for text in column(found, "score")])
    alert = np.array(column(found, "alert")) == "1"
    assert column(found, "state")[149:151] == ["warming up", "ok"]  # it learns from the rows of --warmup
    assert np.isnan(score[:150]).all()
    assert ((score[150:] >= 0) & (score[150:] <= 1)).all()
    assert alert[704:800].mean() > 0.4 > 0.02 > alert[150:700].mean()
    assert np.median(score[704:800]) > np.quantile(score[150:700], 0.95)


def test_how_many_vectors_are_learned_may_be_given_and_is_else_that_of_the_warm_up(tmp_path: Path) -> None:
    states = {
        given: column(detected(pump(tmp_path), *HOTELLING, *given), "state").index("ok")
        for given in (("--warmup", "0.3"), ("--warmup", "0"), ("--param", "warm_up=500"))
    }
    assert states == {("--warmup", "0.3"): 300, ("--warmup", "0"): 60, ("--param", "warm_up=500"): 500}


@pytest.mark.parametrize("asked", [("--value", "flow"), ("--each",)])
def test_a_single_column_is_no_vector(tmp_path: Path, asked: tuple[str, ...]) -> None:
    found = call("detect", pump(tmp_path), *HOTELLING, *asked)
    assert found.exit_code == 1
    assert "hotelling evaluates several columns together, and one was chosen: name more with --value" in found.stderr
    assert "Traceback" not in found.stderr
