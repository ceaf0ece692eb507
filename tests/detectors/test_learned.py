"""The detector `learned`: its distance by another calculation, the agreement of windows, gaps, and its model's name."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.training.principal_components import fit
from detectors.base.columns import Floats
from detectors.base.course_vectors import UsualCourses, course_vectors
from detectors.engine.engine import Engine
from detectors.learned import Learned, LearnedParams, example_model
from quality.rows_of_detector import DetectorRows
from tests.detectors.builders import at, reading, rule, ward
from tests.detectors.series import play
from ward.config.model_file import with_hash
from ward.config.rule import ResolvedRule

NOISE = np.random.default_rng(7).normal(80, 2, 3000)


def model_of(*parts: Floats, lags: int = 6) -> dict[str, Any]:
    """A model with a window of each of these series, a value a second."""
    windows = [
        {"from": f"2026-11-0{i}T00:00:00Z", "until": f"2026-11-0{i}T01:00:00Z", **fit(course_vectors(x, lags), 0.99)}
        for i, x in enumerate(parts, 1)
    ]  # fmt: skip
    content = {key: value for key, value in example_model("1s").items() if key not in ("hash", "name")}
    return with_hash(content | {"lags": lags, "windows": windows})


def test_a_vector_has_the_last_changes_of_means_of_three_values() -> None:
    x = NOISE[:40]
    means = np.convolve(x, np.ones(3) / 3, "valid")
    expected = [np.diff(means[: i + 1])[::-1][:4] for i in range(4, len(means))]
    np.testing.assert_allclose(course_vectors(x, 4), np.array(expected).T, atol=1e-12)


@pytest.mark.parametrize("lags", [2, 6, 16])
def test_the_distance_is_that_of_mahalanobis_over_the_root_of_the_number_of_changes(lags: int) -> None:
    train, other = course_vectors(NOISE, lags), course_vectors(np.random.default_rng(8).normal(0, 3, 200), lags)
    content = model_of(NOISE, NOISE[::-1] * 2, lags=lags)
    found = UsualCourses.of(LearnedParams.model_validate({"model": content}).model.windows).distances(other)
    inverse = np.linalg.inv(np.cov(train))
    off = other - train.mean(axis=1, keepdims=True)
    expected = np.sqrt(np.einsum("in,ij,jn->n", off, inverse, off) / lags)
    np.testing.assert_allclose(found[0], expected, rtol=1e-5)
    assert not np.allclose(found[1], expected, rtol=0.1)


def test_the_limit_of_a_window_is_exceeded_by_one_in_a_hundred_of_its_own_vectors() -> None:
    vectors = course_vectors(NOISE, 6)
    content = model_of(NOISE, NOISE)
    usual = UsualCourses.of(LearnedParams.model_validate({"model": content}).model.windows)
    share = (usual.distances(vectors)[0] > usual.limits[0]).mean()
    assert 0.005 < share <= 0.01


def test_only_what_all_windows_call_unusual_counts() -> None:
    """The first window knows noise of 2, the second one noise of 6: of noise of 6 only the first one is surprised."""
    wide = np.random.default_rng(9).normal(80, 6, 3000)
    agreeing, disagreeing = model_of(NOISE, NOISE[::-1]), model_of(NOISE, wide)
    test = np.random.default_rng(10).normal(80, 6, 400)
    assert np.nanmax(play("learned", test, model=agreeing).scores) > 2
    assert np.nanmax(play("learned", test, model=disagreeing).scores) < 1


def test_a_planted_shape_within_the_usual_values_is_found_and_the_healthy_past_is_not() -> None:
    """A slow wave with noise is healthy; a quick one of the same size, which no limit sees, is planted."""
    rng, t = np.random.default_rng(11), np.arange(6000)
    healthy = 80 + 6 * np.sin(t / 60) + rng.normal(0, 0.5, 6000)
    model = model_of(*np.split(healthy[:5000], 5))
    planted = healthy[5000:].copy()
    planted[500:560] = 80 + 4 * np.sin(np.arange(60) * 2) + rng.normal(0, 0.5, 60)
    assert healthy.min() < planted.min() < planted.max() < healthy.max()
    assert np.nanmax(play("learned", healthy[5000:], model=model).scores) < 0.8
    scores = play("learned", planted, model=model).scores
    assert (scores[:500] < 1)[~np.isnan(scores[:500])].all()
    first = int(np.argmax(scores >= 1))
    assert 500 < first < 530


@pytest.mark.parametrize(("step", "joined"), [(1.0, True), (2.0, True), (2.6, False), (3600.0, False), (-5.0, False)])
def test_a_course_begins_anew_after_two_missing_means_or_a_clock_that_was_set_back(step: float, joined: bool) -> None:
    t = np.concatenate((np.arange(20.0), 19 + step + np.arange(10.0)))
    played = play("learned", NOISE[:30], t, model=model_of(NOISE, NOISE))
    assert np.isnan(played.scores[:8]).all()
    assert not np.isnan(played.scores[8:20]).any()
    assert np.isnan(played.scores[20:28]).all() != joined
    assert not np.isnan(played.scores[28:]).any()


def test_what_is_missing_says_so() -> None:
    played = play("learned", NOISE[:5], model=model_of(NOISE, NOISE))
    assert played.progress(5.0) == "not enough data, 5 of 9 values"
    assert play("learned", NOISE[:9], model=model_of(NOISE, NOISE)).progress(9.0) == ""


def test_rows_of_several_models_are_scored_by_their_own() -> None:
    quiet, wide = model_of(NOISE, NOISE), model_of(NOISE * 9, NOISE * 9)
    x = np.random.default_rng(12).normal(80, 7, 200)
    engine = Engine(ward(
        rule("quiet", "learned", "heart_rate", model=quiet, every="1s"),
        rule("wide", "learned", "heart_rate", model=wide, every="1s"),
    ))  # fmt: skip
    found = [f for i, v in enumerate(x) for f in engine.evaluate([reading("m1", i, heart_rate=float(v))]).findings]
    assert {finding.rule for finding in found} == {"quiet"}


def test_a_finding_names_the_model_and_after_a_reload_the_new_one() -> None:
    old, new = model_of(NOISE, NOISE) | {"name": "icu"}, model_of(NOISE[:2000], NOISE) | {"name": "icu"}
    x = np.random.default_rng(13).normal(80, 9, 200)
    engine = Engine(ward(rule("course", "learned", "heart_rate", model=old, every="1s")))
    first = [f for i in range(100) for f in engine.evaluate([reading("m1", i, heart_rate=float(x[i]))]).findings]
    engine.configure(ward(rule("course", "learned", "heart_rate", model=new, every="1s"), hash_="c2"), at(100))
    second = [
        f for i in range(100, 200) for f in engine.evaluate([reading("m1", i, heart_rate=float(x[i]))]).findings
    ]  # fmt: skip
    assert f"(model icu {old['hash'][:8]})" in first[0].text
    assert f"(model icu {new['hash'][:8]})" in second[-1].text
    assert old["hash"] != new["hash"]


def test_a_resolved_rule_with_another_model_is_another_one() -> None:
    """So an edit of the model alone is an edit of the rule, which waits while an alert about a patient is active."""
    texts = set()
    for model in (model_of(NOISE, NOISE), model_of(NOISE[:2000], NOISE)):
        one = rule("course", "learned", "heart_rate", model=model)
        texts.add(ResolvedRule(*one.build({})).text)
    assert len(texts) == 2


@settings(deadline=None, max_examples=20)
@given(
    x=st.lists(st.one_of(st.floats(allow_nan=True), st.sampled_from([80.0, 81.0, 1e300, -1e300])), max_size=60),
    steps=st.lists(st.sampled_from([1.0, 1.0, 1.0, 5.0, 0.0, -3.0]), min_size=60, max_size=60),
)
def test_any_values_and_times_give_scores_that_are_finite_or_none(x: list[float], steps: list[float]) -> None:
    scores = play("learned", x, np.cumsum(steps)[: len(x)], model=example_model("1s")).scores
    assert not np.isinf(scores).any()
    assert (scores[~np.isnan(scores)] >= 0).all()
    assert (scores[~np.isnan(scores)] <= 2.5).all()


def test_the_state_of_a_series_has_a_fixed_size() -> None:
    rows = DetectorRows("learned", Learned.sample, 10)
    before = rows.state.width
    for i in range(300):
        rows.update(np.full(10, 80.0 + i % 5), float(i))
    assert rows.state.width == before <= 150
