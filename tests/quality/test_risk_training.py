"""Training of the risk score: the regression, its measures, and the data that it reads."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from detectors.base.columns import Floats
from detectors.scores.risk_points import bands
from quality import additive_logistic, physionet
from quality.additive_logistic import Penalty, fit
from quality.calibration import Outcomes, auroc, brier, event_1, recalibration, reliability
from quality.physionet_stays import Stays, hourly_means, read_stays
from quality.risk_training import LANDMARKS, choose, folds, known_at, learn

RNG = np.random.default_rng(5)
LENIENT, STRICT = Penalty(1e-4, 1e-4), Penalty(1e5, 1e-4)


def u_shaped(count: int) -> tuple[Floats, Outcomes]:
    """Two features, of which the first matters far from 0 and where it is not known."""
    x = RNG.normal(size=(count, 2))
    missing = RNG.random(count) < 0.2
    log_odds = np.where(missing, 1.0, 2 * np.abs(x[:, 0]) - 2)
    x[missing, 0] = np.nan
    return x, RNG.random(count) < 1 / (1 + np.exp(-log_odds))


def test_without_a_penalty_it_is_logistic_regression_on_the_bands() -> None:
    x, outcome = u_shaped(3000)
    model = fit(x[:, :1], outcome, np.ones(3000), Penalty(0.0, 1e-9))
    dummies = np.eye(len(model.edges[0]) + 2)[bands(x[:, 0], model.edges[0])]
    wanted = sm.Logit(outcome, dummies).fit(disp=False, tol=1e-10).params
    np.testing.assert_allclose(model.steps[0] + model.base, wanted, atol=2e-3)


def test_a_u_shape_and_what_is_not_known_are_found_and_noise_has_no_steps() -> None:
    x, outcome = u_shaped(20_000)
    model = fit(x, outcome, np.ones(20_000), Penalty(20.0, 2.0))
    known = model.steps[0][1:]
    assert known[0] - known[5] > 1.5
    assert known[-1] - known[6] > 1.5
    assert model.steps[0][0] - known[5:7].mean() == pytest.approx(2.7, abs=0.4)
    assert np.ptp(model.steps[1]) < 0.3


def test_a_strong_penalty_makes_a_feature_a_flat_line() -> None:
    x, outcome = u_shaped(3000)
    assert np.ptp(fit(x[:, 1:], outcome, np.ones(3000), STRICT).steps[0][1:]) < 0.05
    assert np.ptp(fit(x[:, 1:], outcome, np.ones(3000), LENIENT).steps[0][1:]) > 0.05


def test_a_row_of_weight_two_is_two_rows() -> None:
    x = np.repeat(np.arange(6.0), 100)[
        :, None
    ]  # the bounds of the bands are between these, however often each is there
    outcome = RNG.random(600) < 0.2 + 0.1 * x[:, 0]
    weight = np.where(np.arange(600) % 100 < 50, 2.0, 1.0)
    twice = np.concatenate([np.flatnonzero(weight == 2), np.arange(600)])
    one = fit(x, outcome, weight, Penalty(5.0, 1.0))
    other = fit(x[twice], outcome[twice], np.ones(len(twice)), Penalty(5.0, 1.0))
    np.testing.assert_array_equal(one.edges[0], other.edges[0])
    np.testing.assert_allclose(one.steps[0], other.steps[0], atol=1e-3)
    assert one.base == pytest.approx(other.base, abs=1e-3)


def test_recalibration_is_logistic_regression_on_the_log_odds() -> None:
    log_odds = RNG.normal(size=2000)
    outcome = RNG.random(2000) < 1 / (1 + np.exp(-(0.4 + 0.7 * log_odds)))
    wanted = sm.Logit(outcome, sm.add_constant(log_odds)).fit(disp=False).params
    assert recalibration(log_odds, outcome) == pytest.approx(tuple(wanted), abs=1e-6)


def test_the_measures_of_scores_by_counting_pairs_and_thresholds() -> None:
    score, outcome = np.round(RNG.normal(size=60), 1), RNG.random(60) < 0.3
    pairs = [(a > b) + 0.5 * (a == b) for a in score[outcome] for b in score[~outcome]]
    assert auroc(score, outcome) == pytest.approx(np.mean(pairs))
    flagged = [(score >= cut, cut) for cut in np.unique(score)]
    both = [min(outcome[f].mean(), outcome[f].sum() / outcome.sum()) for f, _ in flagged]
    assert event_1(score, outcome) == pytest.approx(max(both))
    assert brier(np.full(60, 0.5), outcome) == 0.25
    tenths = list(reliability(RNG.random(60), outcome, 4))
    assert [t.count for t in tenths] == [15] * 4
    assert sum(t.observed * t.count for t in tenths) == pytest.approx(outcome.sum())


FILE = """Time,Parameter,Value
00:00,RecordID,{number}
00:00,Age,{age}
00:07,HR,80
00:37,HR,90
01:10,HR,0
01:10,NISysABP,120
01:50,SysABP,130
47:59,Temp,37.5
48:00,HR,200
00:20,GCS,15
"""


def test_a_stay_is_read_by_hours_and_without_what_is_not_plausible() -> None:
    plausible = [lambda x: x > 10] * 6
    hourly, age = hourly_means(FILE.format(number=1, age=200), plausible)
    assert age == 90
    assert hourly[0, 0] == 85
    assert hourly[1, 1] == 125
    assert hourly[4, 47] == 37.5
    assert np.isfinite(hourly).sum() == 3


def test_an_archive_is_read_in_the_order_of_numbers_with_its_outcomes(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "set-a.tar.gz", "w:gz") as tar:
        for number, age in ((7, 61), (5, 40)):
            content = FILE.format(number=number, age=age).encode()
            info = tarfile.TarInfo(f"set-a/{number}.txt")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    (tmp_path / "Outcomes-a.txt").write_text(
        "RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death\n7,-1,1,5,-1,1\n6,3,1,5,-1,1\n5,12,1,5,-1,0\n"
    )
    stays = read_stays(tmp_path)
    assert stays.record.tolist() == [5, 7]
    assert stays.age.tolist() == [40, 61]
    assert stays.died.tolist() == [False, True]
    assert stays.saps[0] == 12
    assert np.isnan(stays.saps[1])


@pytest.fixture
def few_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(additive_logistic, "BANDS", 3)


@pytest.fixture(scope="module")
def stays() -> Stays:
    """Stays in which those die whose heart is fast and gets faster, and the old."""
    rng, count = np.random.default_rng(9), 300
    age, fast = rng.uniform(20, 90, count), rng.random(count)
    hourly = np.full((6, 48, count), np.nan)
    hourly[0] = 70 + 40 * fast + 20 * fast * np.linspace(0, 1, 48)[:, None] + rng.normal(0, 3, (48, count))
    hourly[1] = 120 + rng.normal(0, 5, (48, count))
    died = rng.random(count) < 1 / (1 + np.exp(-(8 * fast + 0.05 * age - 9)))
    return Stays(np.arange(count), hourly, age, died, np.full(count, np.nan), "")


@pytest.mark.usefixtures("few_bands")
def test_the_score_of_unseen_stays_separates_and_is_calibrated(stays: Stays) -> None:
    known = known_at(stays)
    assert set(known) == set(LANDMARKS)
    train, test = next(folds(stays, 3, seed=1))
    learned = learn(known, stays, train, 1, [Penalty(50.0, 2.0)])
    score = physionet.score_of(learned.points, known[48][test])
    assert auroc(score, stays.died[test]) > 0.8
    _, slope = recalibration(np.log((c := learned.points.chance(score)) / (1 - c)), stays.died[test])
    assert 0.6 < slope < 1.6


@pytest.mark.usefixtures("few_bands")
def test_no_stay_is_scored_by_what_was_trained_on_it(stays: Stays) -> None:
    """Deaths by chance cannot be foreseen; a model that had seen them would seem to."""
    rng = np.random.default_rng(1)
    chance = Stays(stays.record, stays.hourly, stays.age, rng.random(len(stays)) < 0.3, stays.saps, "")
    known, every = known_at(stays), np.arange(len(stays))
    unseen = choose(known, chance, every, 1, [Penalty(1.0, 0.1)]).unseen
    assert auroc(unseen, chance.died) < 0.6
    parts = list(folds(chance, 5, seed=3))
    assert sorted(np.concatenate([scored for _, scored in parts]).tolist()) == every.tolist()
    assert all(not set(trained) & set(scored) for trained, scored in parts)
    assert all(abs(chance.died[scored].mean() - chance.died.mean()) < 0.02 for _, scored in parts)


def test_hours_after_a_landmark_are_not_known_at_it(stays: Stays) -> None:
    later = stays.hourly.copy()
    later[:, 12:] += 50
    changed = Stays(stays.record, later, stays.age, stays.died, stays.saps, "")
    one, other = known_at(stays), known_at(changed)
    np.testing.assert_array_equal(one[12], other[12])
    assert not np.array_equal(one[24], other[24], equal_nan=True)


def test_the_worst_hour_of_news2_counts(stays: Stays) -> None:
    hourly = np.full((6, 48, 2), np.nan)
    hourly[:, 0] = np.array([75.0, 120, 70, 98, 37, 16])[:, None]
    hourly[0, 5, 1], hourly[5, 5, 1], hourly[5, 9, 1] = 135, 26, 26
    two = Stays(stays.record[:2], hourly, stays.age[:2], stays.died[:2], stays.saps[:2], "")
    assert physionet.worst_news2(two).tolist() == [0, 6]


def test_the_penalty_on_second_differences_leaves_a_straight_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(additive_logistic, "LEVEL_SHARE", 0.0)
    x = np.random.default_rng(2).normal(size=(3000, 1))
    outcome = np.random.default_rng(3).random(3000) < 1 / (1 + np.exp(-2 * x[:, 0]))
    steps = fit(x, outcome, np.ones(3000), Penalty(1e5, 1e-6)).steps[0][1:]
    assert np.ptp(steps) > 2
    np.testing.assert_allclose(np.diff(steps, 2), 0, atol=0.01)
