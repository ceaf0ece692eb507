"""The risk score on stays in intensive care: PhysioNet/CinC Challenge 2012, set a, death in hospital.

Five folds with a fixed seed. The score is trained on four of them, with its penalty and its calibration chosen within
these, and given to the fifth; each stay is scored once, by what was known after 48 hours and by earlier hours. It gets
the six vital signs and age alone. Beside it stand other scores on the same stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from detectors.base.columns import Floats
from detectors.scores import news2_chart, risk_points
from detectors.scores.risk_course import QUANTITIES, STATISTICS, VITALS
from detectors.scores.risk_points import RiskPoints
from quality import data
from quality.additive_logistic import Penalty
from quality.calibration import auroc, brier, event_1, recalibration, reliability
from quality.data import Progress
from quality.physionet_stays import HOURS, Stays, read_stays
from quality.risk_training import FOLDS, LANDMARKS, PENALTIES, folds, known_at, learn, some_stays, train
from quality.row import Row

PART = "Risk score: PhysioNet/CinC 2012 set a, death in hospital"
SEED = 48
WANTED = 0.75
QUICK_EACH = 3  # of so many stays one, where it must be quick
row = partial(Row, PART)


def rows(quick: bool, progress: Progress) -> Iterator[Row]:
    """Discrimination by hour, calibration, other scores on the same stays, and whether the shipped points are these."""
    folder = data.folder("physionet2012")
    if folder is None:
        yield from data.absent(PART, "AUROC after 48 h", "physionet2012", f"≥ {WANTED}")
        return
    stays = read_stays(folder)
    if quick:
        stays = some_stays(stays, np.arange(0, len(stays), QUICK_EACH))
    progress(f"{len(stays)} stays, {stays.died.sum()} deaths; folds with seed {SEED}")
    among = PENALTIES[1:2] if quick else PENALTIES
    score, chance, by_fold = scored(stays, among, progress)
    yield _main(score[48], stays, by_fold, quick)
    for hours in LANDMARKS[:-1]:
        area = auroc(score[hours], stays.died)
        yield row(f"AUROC after {hours} h", f"{area:.3f}", "", "", None, "the same points")
    yield from _calibration(chance, stays)
    yield from _beside(score[48], stays)
    if not quick:
        yield _shipped(stays)


def scored(
    stays: Stays, among: Sequence[Penalty], progress: Progress
) -> tuple[Mapping[int, Floats], Floats, Sequence[float]]:
    """By hour the score of each stay by points that it was no part of; the chance after 48 hours; and the AUROC then of
    each fold."""
    known = known_at(stays)
    score: dict[int, Floats] = {hours: np.empty(len(stays)) for hours in LANDMARKS}
    chance, by_fold = np.empty(len(stays)), []
    for number, (trained, held_out) in enumerate(folds(stays, FOLDS, SEED), start=1):
        learned = learn(known, stays, trained, SEED, among)
        for hours in LANDMARKS:
            score[hours][held_out] = score_of(learned.points, known[hours][held_out])
        chance[held_out] = learned.points.chance(score[48][held_out])
        by_fold.append(auroc(score[48][held_out], stays.died[held_out]))
        progress(f"fold {number} of {FOLDS}: AUROC {by_fold[-1]:.3f}, penalty {learned.penalty.smooth:g}")
    return score, chance, by_fold


def score_of(points: RiskPoints, x: Floats) -> Floats:
    """The score of stays by their features (n, features)."""
    return risk_points.score(_parts(points, x))


def _parts(points: RiskPoints, x: Floats) -> Floats:
    return points.of_parts(x[:, :-1].T.reshape(len(QUANTITIES), len(STATISTICS), len(x)), x[:, -1])


def _main(score: Floats, stays: Stays, by_fold: Sequence[float], quick: bool) -> Row:
    area, others = auroc(score, stays.died), "boosting on these signals .762, logistic .686"
    spread = standard_error(area, int(stays.died.sum()), int((~stays.died).sum()))
    by_folds = f"folds {min(by_fold):.3f} to {max(by_fold):.3f}, standard error {spread:.3f}"
    penalty = f"penalty fixed, one stay of {QUICK_EACH}" if quick else "penalty chosen within the training folds"
    note = f"vital signs and age alone; {by_folds}; {penalty}"
    met = None if quick else area >= WANTED  # a third of the stays is too few to learn from
    return row("`risk`: AUROC after 48 h", f"{area:.3f}", f"≥ {WANTED}", others, met, note)


def standard_error(area: float, ill: int, well: int) -> float:
    """That of an AUROC. Hanley, J. A. and McNeil, B. J. (1982), Radiology 143, 29–36.

    >>> round(standard_error(0.9, 50, 50), 4)
    0.0321
    """
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (ill - 1) * (q1 - area**2) + (well - 1) * (q2 - area**2)
    return float(np.sqrt(variance / (ill * well)))


def _calibration(chance: Floats, stays: Stays) -> Iterator[Row]:
    intercept, slope = recalibration(np.log(chance / (1 - chance)), stays.died)
    yield row("`risk`: calibration slope", f"{slope:.2f}", "0.8 to 1.2", "", 0.8 <= slope <= 1.2, "1 is right")
    yield row(
        "`risk`: calibration intercept", f"{intercept:.2f}", "−0.2 to 0.2", "", abs(intercept) <= 0.2, "0 is right"
    )
    share = float(stays.died.mean())
    by_share = f"{share * (1 - share):.4f} by the share of deaths alone"
    yield row("Brier score", f"{brier(chance, stays.died):.4f}", "", "", None, by_share)
    tenths = list(reliability(chance, stays.died))
    shown = ", ".join(f"{100 * tenth.expected:.0f}→{100 * tenth.observed:.0f}" for tenth in tenths)
    yield row("chance in % → deaths in %, by tenths of the stays", shown, "", "", None)
    highest = tenths[-1].observed
    of_all = highest * tenths[-1].count / stays.died.sum()
    note = f"{100 * share:.0f} % of all stays die; {100 * of_all:.0f} % of the deaths are in this tenth"
    yield row("deaths in the highest tenth", f"{100 * highest:.0f} %", "", "", None, note)


def _beside(score: Floats, stays: Stays) -> Iterator[Row]:
    known = ~np.isnan(stays.saps)
    saps, died = stays.saps[known], stays.died[known]
    yield row("SAPS-I, AUROC", f"{auroc(saps, died):.3f}", "", ".650", None, "same stays; it has laboratory values")
    news2 = worst_news2(stays)
    note = "worst hour, without oxygen and consciousness"
    yield row("`news2` of the vital signs: AUROC", f"{auroc(news2, stays.died):.3f}", "", ".582", None, note)
    best = "on set c: best entries .535 with laboratory values, SAPS-I .310"
    beside = f"SAPS-I on the same stays {event_1(saps, died):.3f}"
    event = f"{event_1(score, stays.died):.3f}"
    yield row("event 1 (smaller of sensitivity and PPV)", event, "", best, None, beside)


def worst_news2(stays: Stays) -> Floats:
    """The highest NEWS2 of any hour, of the observations that the stays have: a lower bound of the score."""
    value = np.full((len(news2_chart.SIGNALS), HOURS, len(stays)), np.nan)
    for signal, hourly in zip(VITALS, stays.hourly, strict=True):
        if signal in news2_chart.SIGNALS:
            value[news2_chart.SIGNALS.index(signal)] = hourly
    return np.asarray(news2_chart.points(value, ~np.isnan(value)).at_least.max(axis=0))


def _shipped(stays: Stays) -> Row:
    """Whether the shipped points are what training on all stays gives."""
    shipped = risk_points.load()
    every = np.arange(len(stays))
    known = known_at(stays)
    fits = [train(known, stays, every, penalty) for penalty in PENALTIES]
    off = min(_distance(shipped, fit.log_odds(known[48]), known[48]) for fit in fits)
    note = "the largest difference of any stay; points are rounded to hundredths"
    return row("shipped points beside those trained now", f"{off:.2f} points apart", "≤ 0.5", "", off <= 0.5, note)


def _distance(shipped: RiskPoints, log_odds: Floats, x: Floats) -> float:
    points = _parts(shipped, x).sum(axis=0)
    trained = risk_points.PER_DOUBLING * log_odds / np.log(2)
    return float(np.abs((points - points.mean()) - (trained - trained.mean())).max())
