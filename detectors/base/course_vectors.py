"""The course of a series as vectors of its last changes, and how far such vectors are from what is usual.

A change is the difference of two successive means of three values, (xᵢ − xᵢ₋₃)/3. A vector has the last changes, the
newest first.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats
from ward.config.model_file import ModelWindow

SMOOTHED = 3
# Two values belong to one course when no more than one between them is missing.
LONGEST_STEP = 2.5


def course_vectors(x: Floats, lags: int) -> Floats:
    """The vectors (lags, …, n − lags − 2) of successive values (…, n), one for each value from the first that has one.

    >>> course_vectors(np.array([0.0, 0, 0, 3, 9, 9]), 2).tolist()
    [[3.0, 3.0], [1.0, 3.0]]
    """
    change = (x[..., SMOOTHED:] - x[..., :-SMOOTHED]) / SMOOTHED
    count = max(change.shape[-1] - lags + 1, 0)
    return np.stack([change[..., lags - 1 - k : lags - 1 - k + count] for k in range(lags)])


@dataclass(frozen=True, slots=True)
class UsualCourses:
    """What is usual in each of several windows: centres (windows, lags), axes (windows, lags, lags) and limits
    (windows,)."""

    centres: Floats
    axes: Floats
    limits: Floats

    @classmethod
    def of(cls, windows: "tuple[ModelWindow, ...]") -> "UsualCourses":
        """That of the windows of a model."""
        return cls(
            np.array([window.centre for window in windows]), np.array([window.axes for window in windows]),
            np.array([window.limit for window in windows]),
        )  # fmt: skip

    def distances(self, vectors: Floats) -> Floats:
        """How far vectors (lags, …) are from the centre of each window: √(mean((axes · (u − centre))²)), (windows, …).

        Numbers are multiplied and added one after the other, so that a distance does not depend on how many are
        calculated at once.
        """
        ones = (1,) * (vectors.ndim - 1)
        along = np.zeros((*self.axes.shape[:2], *vectors.shape[1:]))
        for k, change in enumerate(vectors):
            off = change - self.centres[:, k].reshape(-1, *ones)
            along = along + self.axes[:, :, k].reshape(*self.axes.shape[:2], *ones) * off[:, None]
        total = np.zeros((len(self.limits), *vectors.shape[1:]))
        for j in range(along.shape[1]):
            total = total + along[:, j] * along[:, j]
        return np.asarray(np.sqrt(total / along.shape[1]))

    def unusual(self, vectors: Floats) -> npt.NDArray[np.bool_]:
        """Whether vectors (lags, …) are beyond the limits of all windows."""
        limits = self.limits.reshape(-1, *(1,) * (vectors.ndim - 1))
        return np.asarray((self.distances(vectors) > limits).all(axis=0))
