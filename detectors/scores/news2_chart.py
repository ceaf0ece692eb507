"""The chart of NEWS2: how many points each observation has.

Royal College of Physicians (2017), National Early Warning Score (NEWS) 2, chart 1. An observation is rounded to the
resolution of the chart first; one exactly between two steps counts as the more abnormal of them, which is our decision
and not the chart's.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats

# In the order of the chart; the last one says which scale holds for SpO2, and has no points itself.
RESPIRATION, SPO2, OXYGEN, SYSTOLIC, PULSE, CONSCIOUSNESS, TEMPERATURE, SCALE = range(8)
SIGNALS = (
    "respiratory_rate", "spo2", "oxygen", "systolic_bp", "heart_rate", "consciousness", "temperature", "spo2_scale",
)  # fmt: skip
SCORED = 7
HIGHEST = 20.0
# The totals that ask for an urgent and for an emergency assessment (chart 4).
URGENT_FROM, EMERGENCY_FROM = 5, 7
_HOUR = 3600.0

Known = npt.NDArray[np.bool_]


class Points(NamedTuple):
    """The points of each observation, (7, …), 0 for one that is not known; and `known`, whether it is."""

    points: Floats
    known: Known

    @property
    def at_least(self) -> Floats:
        """The total of what is known: the whole score is no less."""
        return np.asarray(self.points.sum(axis=0))

    @property
    def whole(self) -> Known:
        """Whether all seven observations are known."""
        return np.asarray(self.known.all(axis=0))

    @property
    def single_three(self) -> Known:
        """Whether any single observation has 3 points. Oxygen has 2 at most."""
        return np.asarray((self.points >= 3).any(axis=0))


def _table(bounds: Sequence[int], points: Sequence[int], size: int) -> Floats:
    """The points of each whole number up to `size`: `points[i]` up to and with `bounds[i]`, the last one above all."""
    return np.asarray(points, dtype=np.float64)[np.searchsorted(bounds, np.arange(size + 1))]


_RESPIRATION = _table([8, 11, 20, 24], [3, 1, 0, 2, 3], 150)
_SPO2_1 = _table([91, 93, 95], [3, 2, 1, 0], 100)
_SPO2_2_AIR = _table([83, 85, 87], [3, 2, 1, 0], 100)
_SPO2_2_OXYGEN = _table([83, 85, 87, 92, 94, 96], [3, 2, 1, 0, 1, 2, 3], 100)
_SYSTOLIC = _table([90, 100, 110, 219], [3, 2, 1, 0, 3], 400)
_PULSE = _table([40, 50, 90, 110, 130], [3, 1, 0, 1, 2, 3], 400)
_TEMPERATURE = _table([350, 360, 380, 390], [3, 1, 0, 1, 2], 500)  # in tenths of a degree


def points(value: Floats, fresh: Known) -> Points:
    """The points of some patients.

    Args:
        value: (8, …), in the order of `SIGNALS`: /min, %, L/min of oxygen (0 is air), mmHg, /min, 0 for alert and more
            for new confusion, voice, pain or unresponsive, °C, and 2 where a clinician has documented scale 2.
        fresh: (8, …), whether each value is there and not too old.

    On air without knowing it, SpO2 of 94 % on scale 2 has 0 or 1 point: it is not known.

    >>> value = np.array([[26.0, 94, 0, 108, 112, 0, 38.2, np.nan], [26, 94, np.nan, 108, 112, 0, 38.2, 2]]).T
    >>> found = points(value, ~np.isnan(value))
    >>> found.points[:, 0], found.at_least, found.known[:, 1]
    (array([3., 1., 0., 1., 2., 0., 1.]), array([8., 7.]), array([ True, False, False,  True,  True,  True,  True]))
    """
    found = np.zeros((SCORED, *value.shape[1:]))
    for part, table, scale in (
        (RESPIRATION, _RESPIRATION, 1), (SYSTOLIC, _SYSTOLIC, 1), (PULSE, _PULSE, 1), (TEMPERATURE, _TEMPERATURE, 10),
    ):  # fmt: skip
        found[part] = _look_up(table, value[part] * scale)
    found[OXYGEN] = 2.0 * (value[OXYGEN] > 0)
    found[CONSCIOUSNESS] = 3.0 * (value[CONSCIOUSNESS] > 0)
    known = fresh[:SCORED].copy()
    found[SPO2], known[SPO2] = _spo2(value, fresh)
    found[~known] = 0.0
    return Points(found, known)


def interval(found: Points) -> float:
    """The longest time between two observations of one patient in seconds, by chart 4: 12 h with 0 points, 4 h with 1
    to 4 (the chart has 4 to 6), 1 h from 5 on or with 3 in a single observation, 0 from 7 on: without a break."""
    total = float(found.at_least[0])
    if total >= EMERGENCY_FROM:
        return 0.0
    if total >= URGENT_FROM or found.single_three[0]:
        return _HOUR
    return 4 * _HOUR if total else 12 * _HOUR


def _spo2(value: Floats, fresh: Known) -> tuple[Floats, Known]:
    """The points of SpO2, and whether they are known: on scale 2 those above 92 % depend on oxygen."""
    spo2, known = value[SPO2], fresh[SPO2]
    first = _look_up(_SPO2_1, spo2)
    second = fresh[SCALE] & (value[SCALE] == 2)
    if not second.any():
        return first, known
    on_air, on_oxygen = _look_up(_SPO2_2_AIR, spo2), _look_up(_SPO2_2_OXYGEN, spo2)
    points = np.where(second, np.where(value[OXYGEN] > 0, on_oxygen, on_air), first)
    return points, known & (~second | fresh[OXYGEN] | (on_air == on_oxygen))


def _look_up(table: Floats, x: Floats) -> Floats:
    """The points of numbers in steps of the chart; of one exactly between two steps the more. 0 for NaN."""
    exact = np.rint(np.nan_to_num(x, nan=-1.0) * 1e6) / 1e6  # 36.05 °C are 360.49999… tenths
    top = len(table) - 1
    down = np.clip(np.ceil(exact - 0.5), 0, top).astype(np.intp)
    up = np.clip(np.floor(exact + 0.5), 0, top).astype(np.intp)
    found: Floats = np.maximum(table[down], table[up])
    return found
