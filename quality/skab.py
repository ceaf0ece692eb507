"""Faults of a water pump: SKAB v0.9, 34 runs of eight sensors.

As on its leaderboard, each run is learned from its first 400 rows, and the rest is scored; all runs are pooled. Ours is
the detector `hotelling` in the engine, with one rule for all runs: rows of an open episode are anomalous, and each
change of its severity is a change point. What is not a default was chosen on the files of `DEVELOPMENT`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detectors.base.columns import Floats
from detectors.base.registry import detector_params
from detectors.engine.engine import Engine
from quality import data
from quality.data import Progress
from quality.row import Row
from quality.skab_scores import Flags, Marked, nab, outliers
from ward.clock import SECOND
from ward.config.config import Config
from ward.config.rule import Rule
from ward.finding import Finding, Kind, Transition
from ward.inventory import Inventory
from ward.reading import Reading
from ward.signals import Catalogue, Signal

PART = "Pump faults: SKAB v0.9"
TRAIN = 400  # rows
DEVELOPMENT = ("valve2/", "other/1.csv", "other/2.csv", "other/3.csv", "other/4.csv")
# The rule. An episode goes on for ten seconds below its limit, and its severity rises with each doubling.
RULE: Mapping[str, Any] = {
    "warm_up": TRAIN, "q_margin": 10, "clear_below": 1.0, "keep_firing_for": "10s",
    "severity": {"low": 1, "medium": 2, "high": 4},
}  # fmt: skip
# The published T²: 2 × its control limit for p = .999 (8 sensors, 400 rows), in the form of the F distribution.
PUBLISHED_LIMIT = 2 * 27.3511
row = partial(Row, PART)

# Which rows are flagged, and at which something changed, of sensors (rows, sensors) and times in seconds.
Found = tuple[Flags, Flags]
Find = Callable[[Floats, Floats], Found]


def rows(quick: bool, progress: Progress) -> Iterator[Row]:
    """Outliers and change points of the detector and of the published T²."""
    folder = data.folder("skab")
    if folder is None:
        yield from data.absent(PART, "outliers, F1", "skab", "≥ .80")
        return
    names, runs = _read(folder / "data")
    progress(f"{len(runs)} runs")
    ours = [_marked(run, by_detector) for run in runs]
    unseen = [one for name, one in zip(names, ours, strict=True) if not name.startswith(DEVELOPMENT)]
    found, of_unseen = outliers(ours), outliers(unseen)
    others = "Conv-AE .78 at 13.55 %, T²+Q .76 at 26.62 %, every row flagged .698"
    apart = f"the {len(unseen)} files not used to choose: F1 {of_unseen.f1:.3f}, FAR {of_unseen.far:.1f} %"
    note = f"`hotelling`; MAR {found.mar:.1f} %; {apart}"
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


def by_detector(x: Floats, t: Floats) -> Found:
    """Rows of an open episode, and the rows at which its severity changes: as the engine finds them."""
    level = np.zeros(len(t), dtype=np.intp)
    for found in _findings(x, t):
        at = np.searchsorted(t, found.at / SECOND)
        level[at:] = 0 if found.transition is Transition.CLEARED else found.severity.rank
    return level > 0, np.diff(level, prepend=0) != 0


def published(x: Floats, t: Floats) -> Found:
    """The leaderboard's T²: standardised, a running median of five rows, twice the control limit; changes where it
    switches."""
    z = (x - x[:TRAIN].mean(axis=0)) / x[:TRAIN].std(axis=0)
    inverse = np.linalg.inv(np.cov(z[:TRAIN].T))
    score = pd.Series(np.einsum("ij,jk,ik->i", z, inverse, z)).rolling(5).median().to_numpy()
    flagged = np.nan_to_num(score) > PUBLISHED_LIMIT
    return flagged, np.diff(flagged, prepend=False)


def _findings(x: Floats, t: Floats) -> list[Finding]:
    names = tuple(f"sensor_{i}" for i in range(x.shape[1]))
    signals = {name: Signal(name=name, label=name, unit="1", display="", precision=6) for name in names}
    rule = Rule("pump", "hotelling", names, Kind.TECHNICAL, detector_params()["hotelling"], RULE)
    engine = Engine(Config("skab", Catalogue(signals), Inventory(), (rule,)))
    readings = [
        Reading(device="pump", ward="", at=at, received_at=at, values=dict(zip(names, values, strict=True)))
        for at, values in zip(np.rint(t * SECOND).astype(np.int64).tolist(), x.tolist(), strict=True)
    ]
    return engine.evaluate(readings).findings


def _marked(run: pd.DataFrame, find: Find) -> Marked:
    t = run.index.to_numpy().astype("datetime64[s]").astype(np.float64)
    flagged, changed = find(run.iloc[:, :8].to_numpy(), t)
    anomaly, changepoint = (run[name].to_numpy() > 0 for name in ("anomaly", "changepoint"))
    return Marked(t[TRAIN:], anomaly[TRAIN:], changepoint[TRAIN:], flagged[TRAIN:], changed[TRAIN:])


def _read(folder: Path) -> tuple[list[str], list[pd.DataFrame]]:
    paths = [path for name in ("valve1", "valve2", "other") for path in sorted((folder / name).glob("*.csv"))]
    names = [path.relative_to(folder).as_posix() for path in paths]
    return names, [pd.read_csv(path, sep=";", index_col="datetime", parse_dates=True) for path in paths]
