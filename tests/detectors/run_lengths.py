"""Average run lengths by simulation, with nothing but the formula of a detector."""

from typing import Any

import numpy as np

from detectors.base.columns import Columns
from detectors.base.detector import Detector
from detectors.base.evidence import SeriesInfo
from detectors.base.registry import discover
from detectors.engine.tables.column_table import ColumnTable
from ward.signals import Signal

SUBJECT = SeriesInfo(Signal(name="x", label="X", unit="1", display=""))


def average(name: str, shift: float, series: int = 20_000, seed: int = 1, **settings: Any) -> float:
    """The mean number of values until the score is 1, with unit normal noise around `shift`.

    With 20,000 series the standard error is at most 0.7 %.
    """
    detector: Detector[Any] = discover()[name]()
    values = detector.row(detector.params.model_validate({"target": 0, "sd": 1, **settings}), SUBJECT)
    params = ColumnTable(Columns(**dict.fromkeys(values, np.nan)))
    state = ColumnTable(detector.columns)
    for table in (params, state):
        table.grow(series)
    for name, value in values.items():
        params.column(name)[:] = value
    rng, alive, total, n = np.random.default_rng(seed), series, 0, 0
    while alive:
        n += 1
        rows = state.take(run := slice(0, alive))
        score = detector.update(rows, rng.normal(shift, 1, alive), np.full(alive, float(n)), params.take(run))
        state.put(run, rows)
        going = np.flatnonzero(~(score >= 1))
        total += n * (alive - len(going))
        if len(going) < alive:  # those that go on move together
            state.data[:, : len(going)] = state.data[:, going]
            alive = len(going)
    return total / series
