"""Scores with parts that may not be known: what is known is a lower bound of the score."""

from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats
from detectors.base.vector_detector import age

# A ratio that neither raises nor ends: below 1, and above the share at which a severity ends.
HOLDS = 0.995

Known = npt.NDArray[np.bool_]


def fresh(state: Any, x: Floats, t: Floats, fresh_for: Floats) -> Known:
    """Whether each part is there and not older than `fresh_for` seconds, as (parts, n)."""
    return np.asarray((x == x) & (age(state, t) <= fresh_for))  # False for NaN


def held_ratios(now: Floats, last: Floats, limits: Floats) -> Floats:
    """What is known `now` as a share of each limit; `HOLDS` where it is too little only because parts are not known any
    more, which with their `last` values were enough. So no alert ends by what nobody measures.

    >>> held_ratios(np.array([5.0, 2.0, 2.0]), np.array([5.0, 5.0, 3.0]), np.array(5.0))
    array([1.   , 0.995, 0.4  ])
    """
    ratios = now / limits
    return np.where((ratios < 1) & (last / limits >= 1), HOLDS, ratios)
