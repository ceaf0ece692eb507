"""The text-book example of piston rings: 40 samples of 5, of which the first 25 say what is normal."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from detectors.base.columns import Floats
from quality.data import Progress
from quality.row import Row
from quality.rows_of_detector import DetectorRows

PART = "Piston rings"
# The expected range of five standard normal values.
_RANGE_OF_FIVE = 2.325929
_CENTRE, _SD = 74.00118, 0.009785039
_CHARTS: dict[str, tuple[dict[str, Any], list[int]]] = {
    "shewhart": ({"rule_2": False, "rule_3": False, "rule_4": False}, [37, 38, 39]),
    "cusum": ({"slack": 0.5, "limit": 5}, [37, 38, 39, 40]),
    "ewma": ({"weight": 0.2, "width": 3, "exact": True}, [37, 38, 39, 40]),
}


def rows(data: Path, progress: Progress) -> Iterator[Row]:
    """The centre, the standard deviation, and the samples at which each chart signals. `data` is the folder."""
    table = np.genfromtxt(data / "pistonrings.txt", dtype=str, skip_header=1)
    samples = table[:, 0].astype(np.float64).reshape(-1, 5)
    normal = (table[:, 2] == "TRUE").reshape(-1, 5).all(axis=1)
    centre = float(samples[normal].mean())
    sd = float(np.ptp(samples[normal], axis=1).mean()) / _RANGE_OF_FIVE
    close = abs(centre - _CENTRE) < 5e-6 and abs(sd / _SD - 1) < 1e-4
    yield Row(PART, "centre and standard deviation", f"{centre:.5f}, {sd:.7f}", "", f"{_CENTRE}, {_SD:.7f}", close)
    for name, (settings, expected) in _CHARTS.items():
        found = signals(name, samples.mean(axis=1), {**settings, "target": centre, "sd": sd / math.sqrt(5)})
        progress(f"{name}: samples {found}")
        what = f"samples at which `{name}` signals"
        yield Row(PART, what, _listed(found), "exactly", _listed(expected), found == expected)


def signals(name: str, means: Floats, settings: dict[str, Any]) -> list[int]:
    """The numbers of the samples, from 1 on, at which a detector scores 1 or more."""
    rows = DetectorRows(name, settings)
    scores = [float(rows.update(np.array([mean]), float(i))[0]) for i, mean in enumerate(means)]
    return [i for i, score in enumerate(scores, 1) if score >= 1]


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"
