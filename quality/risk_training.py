"""Trains the risk score on stays with a known end, and gives it to those that it was not trained on.

A stay is learned from at 6, 12, 24 and 48 hours, by what was known until then, because a score that is shown from the
first hours on must also be right in them. It counts the more the later.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from detectors.base.columns import Floats, Ints
from detectors.scores.risk_course import course_columns, follow, statistics
from detectors.scores.risk_points import AVERAGE, FEATURES, PER_DOUBLING, RiskPoints
from quality.additive_logistic import Fit, Penalty, fit
from quality.calibration import recalibration
from quality.physionet_stays import Stays
from quality.rows_of_detector import fresh_rows

LANDMARKS = (6, 12, 24, 48)
WEIGHTS = tuple(hours / 48 for hours in LANDMARKS)
# Chosen from by cross-validation within the stays that are trained on.
PENALTIES = tuple(Penalty(smooth, smooth / 25) for smooth in (50.0, 200.0, 800.0))
FOLDS = 5
# Log-odds of one point of the score.
POINT = np.log(2) / PER_DOUBLING


@dataclass(frozen=True)
class Chosen:
    """A penalty, and the log-odds at 48 hours of each stay by models that were not trained on it."""

    penalty: Penalty
    unseen: Floats


@dataclass(frozen=True)
class Learned:
    """Points, and the penalty that they were learned with."""

    points: RiskPoints
    penalty: Penalty


def known_at(stays: Stays, hours: Sequence[int] = LANDMARKS) -> Mapping[int, Floats]:
    """The features of all stays after so many hours, each (n, features), by the code that runs on a ward."""
    n, found = len(stays), {}
    state = fresh_rows(course_columns(), n)
    for hour in range(max(hours)):
        follow(state, stays.hourly[:, hour], np.full(n, float(hour)))
        if hour + 1 in hours:
            rows = statistics(state).reshape(len(FEATURES) - 1, n)
            found[hour + 1] = np.vstack([rows, stays.age]).T
    return found


def folds(stays: Stays, count: int, seed: int) -> Iterator[tuple[Ints, Ints]]:
    """Rows to train on and rows to score, with the same share of deaths in each part."""
    rng = np.random.default_rng(seed)
    part = np.empty(len(stays), dtype=np.intp)
    for died in (False, True):
        rows = rng.permutation(np.flatnonzero(stays.died == died))
        part[rows] = np.arange(len(rows)) % count
    for number in range(count):
        yield np.flatnonzero(part != number), np.flatnonzero(part == number)


def train(known: Mapping[int, Floats], stays: Stays, rows: Ints, penalty: Penalty) -> Fit:
    """A model of some stays, at all landmarks."""
    x = np.vstack([known[hours][rows] for hours in LANDMARKS])
    return fit(x, np.tile(stays.died[rows], len(LANDMARKS)), np.repeat(WEIGHTS, len(rows)), penalty)


def choose(known: Mapping[int, Floats], stays: Stays, rows: Ints, seed: int, among: Sequence[Penalty]) -> Chosen:
    """The penalty with the smallest cross-validated log loss at 48 hours, on some stays alone."""
    some, of_some = some_stays(stays, rows), {hours: x[rows] for hours, x in known.items()}
    found = []
    for penalty in among:
        unseen = np.empty(len(rows))
        for inner, scored in folds(some, FOLDS, seed):
            unseen[scored] = train(of_some, some, inner, penalty).log_odds(of_some[48][scored])
        loss = float(np.mean(np.logaddexp(0, np.where(some.died, -unseen, unseen))))
        found.append((loss, Chosen(penalty, unseen)))
    return min(found, key=itemgetter(0))[1]


def learn(known: Mapping[int, Floats], stays: Stays, rows: Ints, seed: int, among: Sequence[Penalty]) -> Learned:
    """Points from some stays. Their chance is calibrated on log-odds of stays that were not trained on, within them:
    a model is too sure of those that it has seen."""
    chosen = choose(known, stays, rows, seed, among)
    model = train(known, stays, rows, chosen.penalty)
    return Learned(points_of(model, *recalibration(chosen.unseen, stays.died[rows])), chosen.penalty)


def points_of(model: Fit, intercept: float, slope: float) -> RiskPoints:
    """A model as points, with the chance of death by log-odds of the model, recalibrated by `intercept` and `slope`."""
    points = [np.round(steps / POINT, 2) for steps in model.steps]
    slope_of_score = slope * POINT
    return RiskPoints(model.edges, points, intercept + slope * model.base - slope_of_score * AVERAGE, slope_of_score)


def some_stays(stays: Stays, rows: Ints) -> Stays:
    """Some of the stays."""
    return Stays(
        stays.record[rows], stays.hourly[..., rows], stays.age[rows], stays.died[rows], stays.saps[rows], stays.sha256
    )
