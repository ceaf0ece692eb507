"""Scores and alerts of `auto` on one series, as a rule with its defaults has them."""

import numpy as np
import numpy.typing as npt

from detectors.auto import Auto, AutoParams
from detectors.base.columns import Floats, Rows
from detectors.base.own_past.memory import WIDTH

CLEAR_BELOW: float = AutoParams.defaults["clear_below"]


def scores(x: Floats, t: Floats) -> Floats:
    """The scores of a series, NaN while it warms up."""
    slots, asked = np.zeros(1, dtype=np.intp), AutoParams()
    state = Rows({"memory": np.zeros((1, WIDTH))}, {"part": np.full((1, 1), -1.0), "expected": np.zeros((1, 1))}, slots)
    numbers = {"warmup": asked.warmup, "adapt_after": asked.adapt_after}
    p = Rows({}, {name: np.full((1, 1), float(number)) for name, number in numbers.items()}, slots)
    found: Floats = Auto().update_many(state, x[None], t, p)[0]
    return found


def alarms(score: Floats) -> npt.NDArray[np.bool_]:
    """The values during an alert: from a score of 1 on, until one is below what clears it.

    >>> alarms(np.array([np.nan, 0.9, 1.2, 0.7, 0.5, 0.7])).tolist()
    [False, False, True, True, False, False]
    """
    found, on = np.zeros(len(score), dtype=bool), False
    for i, one in enumerate(score.tolist()):
        found[i] = on = one >= (CLEAR_BELOW if on else 1)
    return found
