"""What each detector costs: series updates a second on one core, and bytes of state and parameters a series."""

import time
from collections.abc import Iterator

import numpy as np

from detectors.base.registry import discover
from quality.data import Progress
from quality.row import Row
from quality.rows_of_detector import DetectorRows

SEED = 1
PART = "Cost"
SERIES = 10_000
_SECONDS, _QUICK_SECONDS = 2.0, 0.2
_BYTES = 8


def rows(quick: bool, progress: Progress) -> Iterator[Row]:
    """One row for each detector, with its sample rule and values that come once a second."""
    for name, detector in discover().items():
        if detector.feed == "ticks":  # evaluated as time passes: it takes no values
            continue
        rate, width = measure(name, _QUICK_SECONDS if quick else _SECONDS)
        progress(f"{name}: {rate / 1e6:.1f} million/s, {width} bytes")
        what = f"`{name}`, updates a second and bytes a series"
        yield Row(PART, what, f"{rate / 1e6:.2g} million/s, {width} bytes", "", "", None)


def measure(name: str, seconds: float) -> tuple[float, int]:
    """Updates a second of one core at 10,000 series, and the bytes of one series."""
    made = DetectorRows(name, discover()[name].sample, SERIES)
    rng = np.random.default_rng(SEED)
    values = [rng.normal(80, 3, SERIES).round() for _ in range(16)]
    t, updates, spent = 1.7e9, 0, 0.0
    with np.errstate(all="ignore"):
        for x in values * 20:  # calibrations and windows are full
            made.update(x, t := t + 1)
        while spent < seconds:
            begun = time.process_time()
            for x in values:
                made.update(x, t := t + 1)
            spent += time.process_time() - begun
            updates += len(values) * SERIES
    return updates / spent, _BYTES * (made.state.width + made.parameters)
