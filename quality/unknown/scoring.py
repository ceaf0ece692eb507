"""Scores and alerts of `auto` on one series, as a rule with its defaults has them."""

import numpy as np
import numpy.typing as npt

from detectors.auto import AutoParams
from detectors.base.columns import Floats
from quality.rows_of_detector import DetectorRows

CLEAR_BELOW: float = AutoParams.defaults["clear_below"]


def scores(x: Floats, t: Floats) -> Floats:
    """The scores of a series, NaN while it warms up."""
    found, _ = DetectorRows("auto", {}).along(x[None], t)
    assert found is not None
    return np.asarray(found[0])


def alarms(score: Floats) -> npt.NDArray[np.bool_]:
    """The values during an alert: from a score of 1 on, until one is below what clears it.

    >>> alarms(np.array([np.nan, 0.9, 1.2, 0.7, 0.5, 0.7])).tolist()
    [False, False, True, True, False, False]
    """
    found, on = np.zeros(len(score), dtype=bool), False
    for i, one in enumerate(score.tolist()):
        found[i] = on = one >= (CLEAR_BELOW if on else 1)
    return found
