"""Average run lengths by simulation: how many values there are until the score is 1."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from detectors.base.columns import Floats
from quality.rows_of_detector import DetectorRows

# So many series at a time, so that their columns stay in the cache of the processor.
_AT_ONCE = 20_000
# A chart that goes on for so many values on average never signals.
_NEVER = 20_000
KNOWN: Mapping[str, float] = {"target": 0, "sd": 1}


def average(
    name: str, shift: float, series: int = _AT_ONCE, seed: int = 1, spread: float = 1.0,
    known: Mapping[str, float] = KNOWN, of: str | None = None, **settings: Any,
) -> float:  # fmt: skip
    """The mean number of values until the score is 1, of normal noise around `shift` with standard deviation `spread`.

    The relative standard error is at most 1/√series. `known` are the settings that say what is normal, and which the
    detector gets. With `of` it is until that column of the state reaches the limit, as the sum of one side does.

    Raises:
        ValueError: where the series do not come to an end within 20,000 values on average.
    """
    rng, total = np.random.default_rng(seed), 0
    for start in range(0, series, _AT_ONCE):
        rows = DetectorRows(name, {**known, **settings}, min(_AT_ONCE, series - start))
        limit = float(settings["limit"]) if of else 1.0
        total += _total(rows, lambda n: rng.normal(shift, spread, n), of, limit)
    return total / series


def _total(rows: DetectorRows, values: Callable[[int], Floats], of: str | None, limit: float) -> int:
    """The run lengths of some series together."""
    total = n = evaluated = 0
    most = _NEVER * rows.series
    with np.errstate(all="ignore"):
        while rows.series:
            n, evaluated = n + 1, evaluated + rows.series
            if evaluated > most:
                raise ValueError(f"{rows.series:,} series have not reached the limit after {n:,} values")
            score = rows.update(values(rows.series), float(n))
            reached = (rows.state.column(of)[: rows.series] if of else score) >= limit
            going = np.flatnonzero(~reached)
            total += n * (rows.series - len(going))
            if len(going) < rows.series:
                rows.keep(going)
    return total
