"""Hotelling's T² and Q of vectors that come one at a time, against the same calculated at once with numpy.linalg."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.robust.scale import qn_scale

from app.detect.rule import build_rule, find_detector
from app.detect.scorer import Scorer, unknown_signal
from app.detect.vector_scorer import make_scorer
from detectors.base.columns import Floats
from detectors.base.evidence import SeriesInfo
from detectors.engine.engine import Engine
from detectors.worker.state_codec import save
from quality.rows_of_detector import DetectorRows
from tests.detectors.builders import at, reading, rule, ward
from ward.finding import Finding
from ward.signals import Signal

WARM, FIRST, PARTS = 120, 90, 6
ABOUT = SeriesInfo(Signal(name="x", label="X", unit="1", display="", precision=6))
NAN = np.nan


def vectors(seed: int, count: int = 300, rows: int = 4) -> Floats:
    """Six signals in units of their own, of which some move together: (count, parts, rows)."""
    rng = np.random.default_rng(seed)
    x = np.empty((count, PARTS, rows))
    for row in range(rows):
        mix = rng.normal(size=(PARTS, PARTS)) + 2 * rng.normal(size=(1, PARTS))
        x[..., row] = (rng.normal(size=(count, PARTS)) @ mix) * [1, 20, 0.1, 5, 3, 1] + [80, 97, 36, 5, 120, 0]
    return x


def detector(rows: int = 4, **settings: Any) -> DetectorRows:
    return DetectorRows("hotelling", {"warm_up": WARM, **settings}, rows, ABOUT)


def scores(made: DetectorRows, x: Floats, start: float = 1e9) -> Floats:
    with np.errstate(all="ignore"):
        return np.array([made.update(vector, start + i) for i, vector in enumerate(x)])


def at_once(x: Floats, share: float) -> tuple[Floats, Floats, int, float]:
    """T² and Q of all vectors of one row (n, parts), from the first ones; how many components T² is of, and the degrees
    of freedom of Q."""
    learned = x[:FIRST]
    places = [[i for i in range(FIRST) if i * 40 // FIRST == place][-1] for place in range(40)]
    z = (x - learned.mean(axis=0)) / [qn_scale(part) for part in x[places].T]
    _, sizes, axes = np.linalg.svd(z[:FIRST], full_matrices=False)
    variance = sizes**2 / (FIRST - 1)
    kept = int(np.argmax(np.cumsum(variance) >= share * variance.sum() - 1e-12)) + 1
    y, rest = z @ axes.T, variance[kept:]
    t_squared = (y[:, :kept] ** 2 / variance[:kept]).sum(axis=1)
    if kept == PARTS:
        return t_squared, np.zeros(len(x)), kept, 1.0
    return t_squared, (y[:, kept:] ** 2).sum(axis=1) / rest.sum(), kept, float(rest.sum() ** 2 / (rest**2).sum())


@pytest.mark.parametrize(("share", "margin", "q_margin"), [(0.6, 1.0, 3.0), (0.8, 1.5, 1.0)])
def test_scores_are_those_that_are_calculated_at_once(share: float, margin: float, q_margin: float) -> None:
    x = vectors(1)
    x[200:, 0] += 60
    found = scores(detector(variance=share, margin=margin, q_margin=q_margin, smooth=1), x)
    assert np.isnan(found[:WARM]).all()
    for row in range(x.shape[2]):
        t_squared, q, kept, freedom = at_once(x[..., row], share)
        exact = (FIRST**2 - 1) / (FIRST * (FIRST - kept))
        limit = max(stats.chi2.ppf(0.99, kept) * exact, margin * t_squared[FIRST:WARM].max())
        q_limit = q_margin * max(stats.chi2.ppf(0.99, freedom) / freedom, margin * q[FIRST:WARM].max())
        wanted = np.maximum(t_squared / limit, q / q_limit)[WARM:]
        # The quantiles of χ² of the detector are a closed form, which is a little off.
        np.testing.assert_allclose(found[WARM:, row], wanted, rtol=0.02)
        assert wanted[-100:].mean() > 2 * wanted[:80].mean()


def test_without_a_limit_by_the_distribution_scores_are_exact() -> None:
    """The highest T² of the last quarter of the warm-up is the limit where it is far above the quantile."""
    x = vectors(2)
    x[100, 0] += 4000
    found = scores(detector(variance=1.0, smooth=1, margin=1.0), x)
    for row in range(x.shape[2]):
        t_squared, *_ = at_once(x[..., row], 1.0)
        np.testing.assert_allclose(found[WARM:, row], (t_squared / t_squared[FIRST:WARM].max())[WARM:], rtol=1e-4)


def test_the_score_is_that_of_the_median_of_the_last_five() -> None:
    x = vectors(3)
    raw, smooth = (scores(detector(variance=1.0, smooth=count), x)[WARM:] for count in (1, 5))
    ratio = smooth[4:] / np.median(np.lib.stride_tricks.sliding_window_view(raw, 5, axis=0), axis=-1)
    assert np.ptp(ratio, axis=0).max() < 1e-9  # the two have limits of their own


def test_a_single_wild_vector_is_no_alert_and_three_of_five_are() -> None:
    for wild, wanted in ((2, False), (3, True)):
        x = vectors(4)
        x[200 : 200 + wild] += 1e5
        assert (scores(detector(), x)[200:210] >= 1).any(axis=0).all() == wanted


def test_no_score_uses_what_comes_later_and_no_row_what_others_have() -> None:
    x = vectors(5)
    later = x.copy()
    later[220:], later[150:, :, 0] = 7.0, 5e3
    found, changed = scores(detector(memory=100), x), scores(detector(memory=100), later)
    np.testing.assert_array_equal(found[:220, 1:], changed[:220, 1:])
    alone = scores(detector(rows=1, memory=100), x[:, :, 2:3])
    np.testing.assert_array_equal(alone[:, 0], found[:, 2])


def test_a_signal_that_is_missing_or_stale_adds_nothing() -> None:
    x = vectors(6)
    gone = x.copy()
    gone[200:, 3] = NAN
    found, whole = scores(detector(variance=1.0, smooth=1), gone), scores(detector(variance=1.0, smooth=1), x)
    assert np.isfinite(found[200:]).all()
    assert (found[200:] <= whole[200:] + 1e-9).all()
    assert (found[200:] < 0.999 * whole[200:]).mean() > 0.9
    np.testing.assert_array_equal(found[:200], whole[:200])
    zero = gone.copy()
    zero[200:, 3] = 0.0
    assert (found[200:] != scores(detector(variance=1.0, smooth=1), zero)[200:]).all()


def test_with_fewer_than_half_of_the_signals_there_is_no_score_and_it_says_so() -> None:
    made, x = detector(), vectors(7)
    scores(made, x[:150])
    some = x[150:160].copy()
    some[:, 3:] = NAN
    assert np.isfinite(scores(made, some, 1e9 + 150)).all()
    some[:, 2] = NAN
    before = made.state.data.copy()
    assert np.isnan(scores(made, some, 1e9 + 160)).all()
    own = slice(2 * PARTS, None)  # after the values and their times, which are set by the caller
    np.testing.assert_array_equal(made.state.data[own], before[own])
    progress = made.detector.progress(made.rows()[0], np.full(4, 1e9 + 170), made.rows()[1])
    assert progress is not None
    assert progress.text(0) == "not enough data, 2 of 3 values"


def test_only_whole_vectors_are_learned_and_it_says_how_many_there_are() -> None:
    made, x = detector(), vectors(8)
    x[:60:2, 1] = NAN
    assert np.isnan(scores(made, x[:140])).all()
    progress = made.detector.progress(made.rows()[0], np.full(4, 1e9 + 140), made.rows()[1])
    assert progress is not None
    assert progress.text(0) == "warming up, 110 of 120 values"
    assert np.isfinite(scores(made, x[140:160], 1e9 + 140)[-10:]).all()


def test_a_rule_learns_at_least_ten_vectors_for_each_signal() -> None:
    hotelling, asked = find_detector("hotelling"), build_rule(find_detector("hotelling"), {"warm_up": 60}, 0)
    made: Any = hotelling()
    assert [made.row_of_parts(asked.params, (ABOUT,) * parts)["warm_up"] for parts in (6, 12)] == [60, 120]


def moved(memory: int | None, far: float, count: int) -> Floats:
    """How far the mean has moved, in standard deviations, after so many vectors that are far off."""
    made, x = detector(**({} if memory is None else {"memory": memory})), vectors(9)
    scores(made, x)
    before = made.rows()[0].mean.copy()
    scores(made, x[:count] + far * x.std(axis=0), 1e9 + 300)
    return np.asarray(np.abs(made.rows()[0].mean - before).max(axis=0) / x.std(axis=0).max(axis=0))


def test_without_a_memory_nothing_is_learned_after_the_warm_up() -> None:
    assert not moved(None, 5.0, 300).any()


def test_an_episode_moves_what_is_learned_by_little_however_far_it_is() -> None:
    """Each of ten vectors is learned as if it were on the limit: at most about five deviations away."""
    near, far = moved(1000, 20.0, 10), moved(1000, 1e6, 10)
    assert (far < 10 * 10 / 1000).all()
    np.testing.assert_allclose(far, near, rtol=0.2)


def test_with_a_memory_only_whole_vectors_are_learned() -> None:
    made, x = detector(memory=100), vectors(9)
    scores(made, x)
    before, x = made.rows()[0].mean.copy(), x.copy()
    x[:20, 1] = NAN
    scores(made, x[:20], 1e9 + 300)
    np.testing.assert_array_equal(made.rows()[0].mean, before)
    scores(made, x[20:21], 1e9 + 320)
    assert (made.rows()[0].mean != before).all()


def test_with_a_memory_a_change_that_lasts_becomes_usual_and_without_one_never() -> None:
    x = np.concatenate([vectors(10), vectors(10)[:250] + 8 * vectors(10).std(axis=0)])
    for memory, usual in ((60, True), (None, False)):
        found = scores(detector(**({} if memory is None else {"memory": memory})), x)
        assert (found[304] >= 1).all()
        assert (found[-1] < 1).all() == usual


def scorer(**asked: Any) -> Scorer:
    hotelling = find_detector("hotelling")
    asked = {"warm_up": 60, "least_steps": 1e-6, **asked}
    return make_scorer(hotelling, build_rule(hotelling, asked, 0), [unknown_signal(f"c{i}", 0) for i in range(PARTS)])


@pytest.mark.parametrize("asked", [{}, {"smooth": 3}, {"memory": 100}, {"fresh_for": "2s"}])
def test_many_vectors_at_once_have_the_scores_of_single_ones(asked: dict[str, Any]) -> None:
    x = vectors(11)[..., 0].T.copy()
    gaps = np.random.default_rng(1).random(x.shape) < 0.3
    gaps[:, :100] = False
    x, t = np.where(gaps, NAN, x), 1e9 + np.arange(300.0)
    blocks, single = scorer(**asked), scorer(**asked)
    ends = [0, 90, 100, 103, 170, 300]
    found = [blocks.evaluate(x[:, a:b], t[a:b]) for a, b in pairwise(ends)]
    wanted = [single.evaluate(x[:, i : i + 1], t[i : i + 1]) for i in range(300)]
    np.testing.assert_array_equal(
        np.concatenate([part.score for part in found]), np.concatenate([part.score for part in wanted])
    )


def findings(*changes: dict[str, float], **settings: Any) -> list[Finding]:
    """The findings of three signals that move together, and after 100 seconds have these values."""
    asked = {"warm_up": 80, **settings}
    config = ward(
        rule("together", "hotelling", "heart_rate", "respiratory_rate", "temperature", **asked), devices=1,
        signals={"heart_rate": 1.0, "respiratory_rate": 1.0, "temperature": 1.0},
    )  # fmt: skip
    engine, found, rng = Engine(config), [], np.random.default_rng(12)
    for t in range(100 + 10 * len(changes)):  # ten seconds for each change
        common, own = rng.normal(), rng.normal(size=3)
        heart, breath = round(76 + 5 * common + own[0]), round(16 + 2 * common + 0.5 * own[1])
        values: dict[str, Any] = {"heart_rate": heart, "respiratory_rate": breath, "temperature": 37 + 0.1 * own[2]}
        now = changes[(t - 100) // 10] if t >= 100 else {}
        given = {name: value for name, value in {**values, **now}.items() if value == value}
        found += engine.evaluate([reading("m1", t, **given)]).findings
        assert save(engine, {"m1": 0})
    found += engine.advance(at(200)).findings
    return found


def test_the_text_names_the_signals_that_are_unusual_together_with_what_is_usual() -> None:
    raised, ended = findings({"heart_rate": 85.0, "respiratory_rate": 12.0}, {})
    assert raised.text.startswith("Unusual together: ")
    assert sorted(raised.text.removeprefix("Unusual together: ").split(", ")) == [
        "Heart rate 85 /min (usually 76)", "Respiratory rate 12 /min (usually 16)",
    ]  # fmt: skip
    assert ended.text == "The 3 signals together are as usual again"
    assert (raised.value, raised.limit, raised.signal) == (None, None, "")


def test_a_signal_that_is_unusual_by_itself_is_named_alone() -> None:
    raised, *_ = findings({"temperature": 39.5})
    assert raised.text == "Unusual beside the other signals: Temperature 39.5 °C (usually 37.0)"


def test_of_many_signals_the_three_that_contribute_most_are_named_first_the_most() -> None:
    usual = {
        "systolic_bp": (120, 3.0), "spo2": (95, 0.5), "temperature": (37, 0.1), "respiratory_rate": (16, 1.0),
        "heart_rate": (76, 2.0),
    }  # fmt: skip
    config = ward(
        rule("together", "hotelling", *usual, warm_up=400, variance=1), devices=1, signals=dict.fromkeys(usual, 1.0)
    )
    rng, engine = np.random.default_rng(12), Engine(config)
    course: list[dict[str, Any]] = [
        {name: mean + sd * rng.normal() for name, (mean, sd) in usual.items()} for _ in range(400)
    ]
    far: dict[str, Any] = {
        "heart_rate": 100.5, "respiratory_rate": 30.3, "temperature": 38.18, "spo2": 87.6, "systolic_bp": 121.0
    }  # fmt: skip
    (raised,) = engine.evaluate([reading("m1", t, **x) for t, x in enumerate([*course, *[far] * 5])]).findings
    assert raised.text == (
        "Unusual together: Heart rate 100 /min (usually 76), Respiratory rate 30 /min (usually 16), "
        "Temperature 38.2 °C (usually 37.0)"
    )


def test_the_text_says_how_many_signals_are_not_known() -> None:
    raised, *_ = findings({"temperature": NAN}, {"heart_rate": 85.0, "respiratory_rate": 12.0, "temperature": NAN},
                          fresh_for="5s")  # fmt: skip
    assert raised.text.endswith("; 1 of 3 signals not known")
    assert "Temperature" not in raised.text
