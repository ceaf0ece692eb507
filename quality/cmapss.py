"""Wear of turbofan engines: NASA's simulated run-to-failure data C-MAPSS FD001, one engine at a time as it flies.

Each of the 21 sensors of an engine is followed by our `cusum`, which learns mean and spread from the first cycles of
that same engine. Wear moves many sensors, noise moves one: an engine is reported when several sensors agree. The
numbers below were chosen on engines 1 to 20, which are not scored.
"""

from collections.abc import Iterator

import numpy as np

from detectors.base.columns import Floats
from quality import data
from quality.data import Progress
from quality.row import Row
from quality.rows_of_detector import DetectorRows

PART = "Wear of engines: C-MAPSS FD001 (simulated by NASA)"
BASELINE = 30  # cycles
SLACK, LIMIT = 0.5, 8.0
AGREE = 3  # sensors
DEVELOPMENT = 20  # engines, the first ones
EARLY, LEAD = 50, 30  # cycles
FIRST_SENSOR = 5  # the column after unit, cycle and three settings


def rows(quick: bool, progress: Progress) -> Iterator[Row]:
    """Wear found in time, false alarms, and how long before the failure it was found."""
    found = data.folder("cmapss")
    if found is None:
        yield from data.absent(PART, "wear found", "cmapss", "≥ 95 %")
        return
    x = engines(np.loadtxt(found / "train_FD001.txt"))[:, DEVELOPMENT:]
    progress(f"{x.shape[1]} engines, {x.shape[2]} sensors each")
    life = (~np.isnan(x[:, :, 0])).sum(axis=0)
    first = first_alarms(x)
    lead = life - first
    in_time, early = 100 * float(np.mean(lead >= LEAD)), 100 * float(np.mean(first < EARLY))
    engines_scored = f"engines {DEVELOPMENT + 1} to {DEVELOPMENT + x.shape[1]}"
    how = f"{engines_scored}; parameters chosen on engines 1 to {DEVELOPMENT}"
    what = f"`cusum`: wear found ≥ {LEAD} cycles before failure"
    yield Row(PART, what, f"{in_time:.1f} %", "≥ 95 %", "", in_time >= 95, how)
    what = f"`cusum`: engines with an alarm in the first {EARLY} cycles"
    yield Row(PART, what, f"{early:.1f} %", "≤ 2 %", "", early <= 2, f"the first {BASELINE} are the baseline")
    quartiles = np.percentile(np.where(lead > 0, lead, 0), [0, 25, 50, 75])
    shown = f"{quartiles[2]:.0f} ({quartiles[1]:.0f}–{quartiles[3]:.0f}), least {quartiles[0]:.0f}"
    yield Row(PART, "`cusum`: cycles before failure at the first alarm: median (quartiles)", shown, "", "", None)


def engines(table: Floats) -> Floats:
    """The sensors of each engine along its cycles, (cycles, engines, sensors), NaN after its end."""
    units = np.unique(table[:, 0])
    lives = [table[table[:, 0] == unit][:, FIRST_SENSOR:] for unit in units]
    found = np.full((max(map(len, lives)), len(units), lives[0].shape[1]), np.nan)
    for i, life in enumerate(lives):
        found[: len(life), i] = life
    return found


def first_alarms(x: Floats) -> Floats:
    """The cycle, counted from 0, at which each engine is reported; infinite where it never is.

    A sensor that never moves in the baseline is left out: it has no spread to compare with.
    """
    _, count, sensors = x.shape
    settings = {"calibrate_values": BASELINE, "slack": SLACK, "limit": LIMIT}
    charts = DetectorRows("cusum", settings, count * sensors)
    with np.errstate(all="ignore"):  # after its end an engine has no values, and no scores
        score = np.array([charts.update(row.ravel(), float(t)) for t, row in enumerate(x)]).reshape(x.shape)
    moves = np.ptp(x[:BASELINE], axis=0) > 0
    reported = ((score >= 1) & moves).sum(axis=2) >= AGREE
    return np.where(reported.any(axis=0), reported.argmax(axis=0), np.inf)
