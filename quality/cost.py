"""What each detector costs: series updates a second on one core, and bytes of state and parameters a series."""

import time
from collections.abc import Iterator

import numpy as np

from detectors.base.columns import Floats
from detectors.base.registry import discover
from quality.data import Progress
from quality.row import Row
from quality.rows_of_detector import DetectorRows

SEED = 1
PART = "Cost"
SERIES = 10_000
# A detector with a loop for each series is measured with fewer: it costs the same for each.
_FEW_SERIES, _SLOW = 100, 0.1
_SECONDS, _QUICK_SECONDS = 2.0, 0.2
_WARM_UP = 320
_BYTES = 8


def rows(quick: bool, progress: Progress) -> Iterator[Row]:
    """One row for each detector, with its sample rule and values that come once a second."""
    for name, detector in discover().items():
        if detector.feed == "ticks":  # evaluated as time passes: it takes no values
            continue
        rate, width, series = measure(name, _QUICK_SECONDS if quick else _SECONDS)
        cost = f"{_digits(rate / 1e6)} million/s, {width} bytes"
        progress(f"{name}: {cost}")
        what = f"`{name}`, updates a second and bytes a series"
        # The comparison that makes the values of a cohort is in the engine; decision 196 has its cost.
        alone = "; without comparing the devices" if detector.params.scopes == ("cohort",) else ""
        yield Row(PART, what, cost, "", "", None, f"{series:,} series{alone}")


def measure(name: str, seconds: float) -> tuple[float, int, int]:
    """Updates a second of one core, the bytes of one series, and at how many series: 10,000, or 100 of a slow one."""
    made, series = DetectorRows(name, discover()[name].sample, SERIES), SERIES
    values = _values(series)
    with np.errstate(all="ignore"):
        if _spent(made, values[:1], 1.7e9) > _SLOW:
            series = _FEW_SERIES
            made, values = DetectorRows(name, discover()[name].sample, series), _values(series)
        t, warmed = 1.7e9, 0.0
        for i in range(_WARM_UP):  # calibrations and windows are full, or so much time has passed
            warmed += _spent(made, values[i % len(values) :][:1], t := t + 1)
            if warmed > 2 * seconds:
                break
        updates, spent = 0, 0.0
        while spent < seconds:
            spent += _spent(made, values, t)
            t, updates = t + len(values), updates + len(values) * series
    return updates / spent, _BYTES * (made.state.width + made.parameters), series


def _digits(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def _values(series: int) -> list[Floats]:
    rng = np.random.default_rng(SEED)
    return [rng.normal(80, 3, series).round() for _ in range(16)]


def _spent(made: DetectorRows, values: list[Floats], t: float) -> float:
    """The seconds of processor time for some updates, a second apart after `t`."""
    begun = time.process_time()
    for i, x in enumerate(values, 1):
        made.update(x, t + i)
    return time.process_time() - begun
