"""Faults of a water pump: SKAB v0.9, 34 runs of eight sensors.

As on its leaderboard, each run is learned from its first 400 rows, and the rest is scored; all runs are pooled. Ours is
Hotelling's T² on the principal components with nine tenths of the variance, of sensors that are centred and scaled by
what a few rows cannot spoil: median and median deviation. It was chosen on the files of `DEVELOPMENT`; the limit is
from the rows that are learned. Each row is scored by what came until then. The residual Q was tried too: alone it has
F1 .52 here.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from detectors.base.columns import Floats
from quality import data
from quality.data import Progress
from quality.row import Row
from quality.skab_scores import Flags, Marked, nab, outliers

PART = "Pump faults: SKAB v0.9"
TRAIN = 400  # rows
DEVELOPMENT = ("valve2/", "other/1.csv", "other/2.csv", "other/3.csv", "other/4.csv")
VARIANCE = 0.9
# Rows of the running median; and how many rows on end a score must be below a limit until that limit is over.
SMOOTH, KEEP = 5, 10
# The limit is so many times the .99 quantile of the rows that are learned; those of the severities in multiples of it.
ABOVE_NORMAL, QUANTILE = 1.5, 0.99
SEVERITIES = (1.0, 2.0, 4.0)
_FIRST = 30  # rows before which the running median is not full, nor the start over
# The published T²: 2 × its control limit for p = .999 (8 sensors, 400 rows), in the form of the F distribution.
PUBLISHED_LIMIT = 2 * 27.3511
row = partial(Row, PART)

# Which rows are flagged, and at which something changed.
Found = tuple[Flags, Flags]


def rows(quick: bool, progress: Progress) -> Iterator[Row]:
    """Outliers and change points of our T² and of the published one."""
    folder = data.folder("skab")
    if folder is None:
        yield from data.absent(PART, "outliers, F1", "skab", "≥ .80")
        return
    names, runs = _read(folder / "data")
    progress(f"{len(runs)} runs")
    ours = [_marked(run, by_severities) for run in runs]
    unseen = [one for name, one in zip(names, ours, strict=True) if not name.startswith(DEVELOPMENT)]
    found, of_unseen = outliers(ours), outliers(unseen)
    others = "Conv-AE .78 at 13.55 %, T²+Q .76 at 26.62 %, every row flagged .698"
    apart = f"the {len(unseen)} files not used to choose: F1 {of_unseen.f1:.3f}, FAR {of_unseen.far:.1f} %"
    note = f"MAR {found.mar:.1f} %; {apart}"
    yield row("outliers, F1", f"{found.f1:.3f}", "≥ .80", others, found.f1 >= 0.8, note)
    yield row("outliers, FAR", f"{found.far:.1f} %", "≤ 20 %", "", found.far <= 20)
    standard, low_fp, low_fn = (nab(ours, profile) for profile in ("standard", "low FP", "low FN"))
    note = f"low FP {low_fp:.2f}, low FN {low_fn:.2f}; files not used to choose {nab(unseen, 'standard'):.2f}"
    best = "MSCRED 32.42, isolation forest 26.16, T²+Q 25.35"
    yield row("change points, NAB standard", f"{standard:.2f}", "≥ 33", best, standard >= 33, note)
    yield from _published([_marked(run, published) for run in runs])


def _published(theirs: Sequence[Marked]) -> Iterator[Row]:
    f1, far, mar = outliers(theirs)
    standard = nab(theirs, "standard")
    shown, right = f"F1 {f1:.4f}, FAR {far:.2f} %, MAR {mar:.2f} %", abs(f1 - 0.6598) < 5e-4
    yield row("T² as published, scored here", shown, "F1 .6598", "F1 .66, FAR 19.21 %, MAR 42.6 %", right)
    yield row("its change points, NAB standard", f"{standard:.2f}", "19.54", "19.54", abs(standard - 19.54) < 0.05)


def t_squared(x: Floats) -> Floats:
    """T² of each row (rows, sensors), learned from the first `TRAIN` rows, on the components with most variance."""
    z = _scaled(x)
    learned = z[:TRAIN]
    variance, axes = np.linalg.eigh(np.cov(learned.T))
    variance, axes = variance[::-1], axes[:, ::-1]
    kept = int(np.searchsorted(np.cumsum(variance) / variance.sum(), VARIANCE)) + 1
    return np.asarray((((z - learned.mean(axis=0)) @ axes[:, :kept]) ** 2 / variance[:kept]).sum(axis=1))


def by_severities(x: Floats) -> Found:
    """Rows above the limit, and the rows at which the severity changes."""
    score = pd.Series(t_squared(x)).rolling(SMOOTH, min_periods=1).median().to_numpy()
    score = score / (ABOVE_NORMAL * np.quantile(score[_FIRST:TRAIN], QUANTILE))
    severity = np.sum([held(score > limit) for limit in SEVERITIES], axis=0)
    return severity > 0, np.diff(severity, prepend=0) != 0


def held(above: Flags) -> Flags:
    """`above`, which once true remains so until it was false for `KEEP` rows on end.

    >>> int(held(np.array([True] + [False] * 11)).sum())
    10
    """
    rows = np.arange(len(above))
    last = np.maximum.accumulate(np.where(above, rows, -KEEP))
    return np.asarray(rows - last < KEEP)


def published(x: Floats) -> Found:
    """The leaderboard's T²: standardised, a running median of five rows, twice the control limit; changes where it
    switches."""
    z = (x - x[:TRAIN].mean(axis=0)) / x[:TRAIN].std(axis=0)
    inverse = np.linalg.inv(np.cov(z[:TRAIN].T))
    score = pd.Series(np.einsum("ij,jk,ik->i", z, inverse, z)).rolling(5).median().to_numpy()
    flagged = np.nan_to_num(score) > PUBLISHED_LIMIT
    return flagged, np.diff(flagged, prepend=False)


def _scaled(x: Floats) -> Floats:
    """Sensors by their median and spread in the rows that are learned. A sensor that shows few different values has a
    median deviation of 0: then its quartiles say how far it spreads, else its standard deviation."""
    learned = x[:TRAIN]
    middle = np.median(learned, axis=0)
    deviation = 1.4826 * np.median(np.abs(learned - middle), axis=0)
    quartiles = np.subtract(*np.quantile(learned, [0.75, 0.25], axis=0)) / 1.349
    spread = np.select([deviation > 1e-9, quartiles > 1e-9], [deviation, quartiles], learned.std(axis=0))
    return np.asarray((x - middle) / np.where(spread > 1e-9, spread, 1.0))


def _marked(run: pd.DataFrame, find: Callable[[Floats], Found]) -> Marked:
    flagged, changed = find(run.iloc[:, :8].to_numpy())
    t = run.index.to_numpy().astype("datetime64[s]").astype(np.float64)
    anomaly, changepoint = (run[name].to_numpy() > 0 for name in ("anomaly", "changepoint"))
    return Marked(t[TRAIN:], anomaly[TRAIN:], changepoint[TRAIN:], flagged[TRAIN:], changed[TRAIN:])


def _read(folder: Path) -> tuple[list[str], list[pd.DataFrame]]:
    paths = [path for name in ("valve1", "valve2", "other") for path in sorted((folder / name).glob("*.csv"))]
    names = [path.relative_to(folder).as_posix() for path in paths]
    return names, [pd.read_csv(path, sep=";", index_col="datetime", parse_dates=True) for path in paths]
