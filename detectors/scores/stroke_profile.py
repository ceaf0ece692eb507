"""The stroke risk profile of the Framingham study: points for what is known of a man of 54 to 85 years.

D'Agostino, R. B., Wolf, P. A., Belanger, A. J. and Kannel, W. B. (1994), Stroke risk profile: adjustment for
antihypertensive medication, Stroke 25, 40–43. Women have another table, which could not be compared with its source:
they have no profile here. A systolic pressure beyond the table counts as the nearest in it, which is our decision.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats

SYSTOLIC, AGE, SEX, TREATED = 0, 1, 2, 3
# The parts in the order of all arrays here. Sex and treatment have no points of their own: they choose a table.
PARTS = (
    "systolic_bp", "age", "sex", "hypertension_treated", "diabetes", "smoking", "cardiovascular_disease",
    "atrial_fibrillation", "left_ventricular_hypertrophy",
)  # fmt: skip
MALE = 1
YOUNGEST, OLDEST = 54, 85
# The lowest value with 1 point, 2 points … 10 points.
_AGE = (57, 60, 63, 66, 69, 73, 76, 79, 82, 85)
_UNTREATED = (106, 116, 126, 136, 146, 156, 166, 176, 186, 196)
_TREATED = (106, 113, 118, 124, 130, 136, 143, 151, 162, 177)
# Of diabetes, smoking, cardiovascular disease, atrial fibrillation and left ventricular hypertrophy.
_FINDINGS = np.array([2.0, 3.0, 4.0, 4.0, 5.0])
HIGHEST = 10 + 10 + float(_FINDINGS.sum())
# Strokes within ten years in a hundred men with 1 point, 2 points … 30 points.
CHANCES = (
    3, 3, 4, 4, 5, 5, 6, 7, 8, 10, 11, 13, 15, 17, 20, 22, 26, 29, 33, 37, 42, 47, 52, 57, 63, 68, 74, 79, 84, 88,
)  # fmt: skip


class Profile(NamedTuple):
    """The points of each part, (9, n), 0 for one that is not known; `known`, whether it is; and `applies`, False for
    one whose sex or age is known not to be in the tables, (n,)."""

    points: Floats
    known: npt.NDArray[np.bool_]
    applies: npt.NDArray[np.bool_]

    @property
    def at_least(self) -> Floats:
        """The points of what is known; 0 without knowing the sex, as the table is not known then."""
        return np.where(self.applies & self.known[SEX], self.points.sum(axis=0), 0.0)

    @property
    def whole(self) -> npt.NDArray[np.bool_]:
        """Whether all parts are known, and there is a table."""
        return np.asarray(self.applies & self.known.all(axis=0))


def profile(value: Floats, known: npt.NDArray[np.bool_]) -> Profile:
    """The profile of some patients.

    Args:
        value: (9, n), in the order of `PARTS`: mmHg, years, 1 for male and 2 for female, and 1 for yes or 0 for no.
        known: (9, n), whether each value is there and not too old.

    Without knowing whether a pressure is treated, its points are those of an untreated one, which has no more.

    >>> found = profile(np.array([[142.0, 71, 1, 1, 0, 1, 0, 0, 0]]).T, np.ones((9, 1), dtype=bool))
    >>> found.points[:, 0], found.at_least, chance(14.0)
    (array([6., 5., 0., 0., 0., 3., 0., 0., 0.]), array([14.]), 17)
    """
    pressure, age = np.rint(np.nan_to_num(value[SYSTOLIC])), np.floor(np.nan_to_num(value[AGE]))
    treated = known[TREATED] & (value[TREATED] > 0)
    points = np.zeros(value.shape)
    points[SYSTOLIC] = np.where(treated, _points(_TREATED, pressure), _points(_UNTREATED, pressure))
    points[AGE] = _points(_AGE, age)
    points[TREATED + 1 :] = (value[TREATED + 1 :] > 0) * _FINDINGS[:, None]
    other_sex, other_age = value[SEX] != MALE, (age < YOUNGEST) | (age > OLDEST)
    applies = ~(known[SEX] & other_sex) & ~(known[AGE] & other_age)
    return Profile(np.where(known, points, 0.0), known, np.asarray(applies))


def chance(points: float) -> int | None:
    """Strokes within ten years in a hundred men with so many points; None beyond the table, which has 1 to 30.

    >>> chance(1), chance(30), chance(0), chance(31)
    (3, 88, None, None)
    """
    return CHANCES[int(points) - 1] if 1 <= points <= len(CHANCES) else None


def _points(lowest: tuple[int, ...], x: Floats) -> Floats:
    return np.searchsorted(lowest, x, side="right").astype(np.float64)
