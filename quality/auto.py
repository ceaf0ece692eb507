"""The detector `auto` on series that it knows nothing about: made ones with faults of many kinds, and recorded ones."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from detectors.base.columns import Floats
from quality import data
from quality.data import Progress
from quality.row import Row
from quality.unknown.bases import DEVELOPMENT, Base
from quality.unknown.corpus import LabelledSeries, labelled, normal
from quality.unknown.held_out import HELD_OUT
from quality.unknown.judging import PROFILES, episodes, nab_points, nab_score, volume
from quality.unknown.scoring import alarms, scores

PART = "Series nobody described: `auto`"
SEED = 20_261_130
# As in NAB, the first 15 % are not judged, and windows around the faults have a tenth of all values together.
UNJUDGED, WINDOWS = 0.15, 0.1
QUIET = 10_000


class _Result(NamedTuple):
    """Of one series: the area under precision and recall, the points of NAB by profile, how many faults there are, how
    many were found, and the alerts away from all faults."""

    area: float
    nab: Mapping[str, float]
    faults: int
    found: int
    false: int


def rows(quick: bool, progress: Progress) -> Iterator[Row]:
    """Quality on both halves of the families, alerts of series without a fault, and speed."""
    for families, name, note in (
        (DEVELOPMENT, "development", "families that the parameters were chosen on"),
        (HELD_OUT, "held out", "families that were scored only when all was chosen"),
    ):
        yield from _labelled_rows(families, name, note, quick, progress)
        yield _quiet_row(families, name, quick, progress)
    yield from _recorded_rows(progress)
    yield _speed_row(quick)


def _labelled_rows(
    families: Mapping[str, Base], name: str, note: str, quick: bool, progress: Progress
) -> Iterator[Row]:
    results = []
    for series in labelled(families, SEED, 1 if quick else 4):
        results.append(_judged(series))
        progress(f"{name}: {series.name}")
    faults, found = sum(r.faults for r in results), sum(r.found for r in results)
    what, made = f"`auto`, {name} families, {len(results)} series", f"{note}; {faults} faults"
    area = np.mean([r.area for r in results if r.faults])
    yield Row(
        PART, f"{what}: area under precision and recall (VUS-PR with buffers 0–32)", f"{area:.3f}", "", "", None, made
    )
    points = {profile: sum(r.nab[profile] for r in results) for profile in PROFILES}
    shown = " / ".join(f"{nab_score(points[key], faults, profile):.1f}" for key, profile in PROFILES.items())
    yield Row(PART, f"{what}: NAB {' / '.join(PROFILES)} at the default limit", shown, "", "", None, made)
    false = sum(r.false for r in results) / len(results)
    yield Row(
        PART, f"{what}: faults found; false alerts a series", f"{100 * found / faults:.0f} %; {false:.2f}", "", "", None
    )


def _judged(series: LabelledSeries) -> _Result:
    score = np.nan_to_num(scores(series.x, series.t))
    on, n = alarms(score), len(score)
    room = round(WINDOWS * n / 2 / max(len(series.windows), 1))
    windows = tuple((max(a - room, 0), min(b + room, n)) for a, b in series.windows)
    nab = {name: nab_points(windows, score >= 1, round(UNJUDGED * n), profile) for name, profile in PROFILES.items()}
    found = sum(bool(on[a : b + 10].any()) for a, b in series.windows)
    # What follows a fault for as long as the longest part remembers belongs to it.
    false = sum(not any(a <= start < b + 128 for a, b in series.windows) for start in episodes(on).tolist())
    return _Result(volume(series.windows, score), nab, len(series.windows), found, false)


def _quiet_row(families: Mapping[str, Base], name: str, quick: bool, progress: Progress) -> Row:
    """Alerts of series without a fault."""
    counts = []
    for series in normal(families, SEED, QUIET, 1 if quick else 3):
        counts.append(len(episodes(alarms(scores(series.x, series.t)))))
        progress(f"{name}, no fault: {series.name}, {counts[-1]} alerts")
    mean, median = float(np.mean(counts)), float(np.median(counts))
    what = f"`auto`, {name} families, no fault: alerts in {QUIET:,} values, mean (median)"
    return Row(PART, what, f"{mean:.2f} ({median:.0f})", "≤ 2", "", mean <= 2, f"{len(counts)} series")


def _recorded_rows(progress: Progress) -> Iterator[Row]:
    """Recordings without labels of faults: how many alerts there are to look at."""
    for name, file, columns, separator in (
        ("skab", "data/anomaly-free/anomaly-free.csv", range(1, 9), ";"),
        ("mimic_numerics", "s00001-2896-10-10-00-31n.csv", (2, 6, 7, 8), ","),
    ):
        folder = data.folder(name)
        what = f"`auto`, {name}, recorded and without a known fault: alerts in 10,000 values"
        if folder is None:
            yield from data.absent(PART, what, name)
            continue
        found = [_recorded(column) for column in _columns(folder / file, columns, separator)]
        progress(f"{name}: {found}")
        alerts, values = (sum(numbers) for numbers in zip(*found, strict=True))
        note = f"{len(found)} signals, {values:,} values; changes of the machine or the patient are among the alerts"
        yield Row(PART, what, f"{10_000 * alerts / values:.1f}", "", "", None, note)


def _columns(path: Path, columns: Sequence[int], separator: str) -> list[Floats]:
    import pandas as pd

    table = pd.read_csv(path, sep=separator)
    return [table.iloc[:, i].to_numpy(dtype=np.float64) for i in columns]


def _recorded(x: Floats) -> tuple[int, int]:
    """Alerts and values; 0 and NaN stand for no value where most values are positive."""
    there = np.flatnonzero(np.isfinite(x) & ((x != 0) | (np.nanmedian(x) <= 0)))
    return len(episodes(alarms(scores(x[there], there.astype(np.float64))))), len(there)


def _speed_row(quick: bool) -> Row:
    """Values a second of one series, on the processor time of this process."""
    x = np.concatenate([series.x for series in normal(DEVELOPMENT, SEED, 1000 if quick else 4000)])
    begun = time.process_time()
    scores(x, np.arange(len(x), dtype=np.float64))
    rate = len(x) / (time.process_time() - begun)
    return Row(PART, "`auto`: values a second of one series, one core", f"{rate:,.0f}", "≥ 20,000", "", rate >= 20_000)
