"""Principal components of the signals of many vectors, and how far a vector is from what they describe.

Arrays have the vectors last: a value of each of k signals is (k, n), a matrix of each vector (k·k, n), row by row. With
an axis of time they are (k, n, steps).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats

Known = npt.NDArray[np.bool_]
# The smallest share of the largest variance that is taken for more than rounding.
_ROUNDING = 1e-12


class Components(NamedTuple):
    """Components of each vector, those with the most variance first.

    `axes` (k·k, n) have a component in each row of the matrix: its product with the distances from the mean, in the
    units of the signals, is that component of a vector. Of the first `kept` components the variance is 1, that of the
    others is 1 together. `freedom` are the degrees of freedom of a χ² that is distributed as the sum of squares of
    these others.
    """

    axes: Floats
    kept: Floats
    freedom: Floats


def follow(mean: Floats, covariance: Floats, off: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance with one vector more, which is `off` the mean, (k, n): m ← m + w·off and
    Σ ← (1 − w)·(Σ + w·off·offᵀ). With w = 1/i for the i-th vector it is the covariance of all of them with divisor i,
    with a constant w that of about the last 1/w.

    >>> mean, covariance = np.zeros((2, 1)), np.zeros((4, 1))
    >>> for i, x in enumerate(([1.0, 2.0], [3.0, 2.0], [5.0, 8.0]), 1):
    ...     mean, covariance = follow(mean, covariance, np.array([x]).T - mean, np.array([1 / i]))
    >>> mean.ravel().tolist(), covariance.ravel().round(3).tolist()
    ([3.0, 4.0], [2.667, 4.0, 4.0, 8.0])

    Finch, T. (2009), Incremental calculation of weighted mean and variance, University of Cambridge Computing Service.
    """
    products = (off[:, None] * off).reshape(covariance.shape)
    return mean + weight * off, (1 - weight) * (covariance + weight * products)


def components(covariance: Floats, spread: Floats, floor: Floats, share: Floats) -> Components:
    """The components with `share` of the variance, and the others.

    Args:
        covariance: (k·k, n).
        spread: (k, n), by which the signals are scaled; above 0.
        floor: (k, n), a standard deviation that is added to each signal: what rounding hides. Above 0.
        share: (n,), from 0 to 1.

    Two signals that mostly rise together: their mean is the one component that is kept.

    >>> found = components(np.array([[1.0, 0.9, 0.9, 1.0]]).T, np.ones((2, 1)), np.full((2, 1), 1e-6), np.array([0.9]))
    >>> found.kept, np.abs(found.axes.T.reshape(2, 2)[0]).round(3)
    (array([1.]), array([0.513, 0.513]))
    """
    k, n = spread.shape
    scaled = covariance.reshape(k, k, n) / (spread[:, None] * spread)
    scaled[np.arange(k), np.arange(k)] += (floor / spread) ** 2
    variance, axes = np.linalg.eigh(np.moveaxis(scaled, -1, 0))
    variance, axes = variance[:, ::-1], np.swapaxes(axes, 1, 2)[:, ::-1]
    variance = np.maximum(variance, _ROUNDING * variance[:, :1])
    total = variance.sum(axis=1)
    kept = np.minimum(1 + (np.cumsum(variance, axis=1) < (share * total)[:, None]).sum(axis=1), k)
    others = np.where(np.arange(k) < kept[:, None], 0.0, variance)
    rest = others.sum(axis=1)
    unit = np.where(others > 0, rest[:, None], variance)
    whole = np.moveaxis(axes / np.sqrt(unit)[..., None], 0, -1) / spread
    squares = np.maximum((others**2).sum(axis=1), 1e-300)
    freedom = np.where(rest > 0, rest**2 / squares, 1.0)
    return Components(whole.reshape(k * k, n), kept.astype(np.float64), freedom)


def t_squared_and_q(axes: Floats, kept: Floats, off: Floats) -> tuple[Floats, Floats]:
    """Hotelling's T² in the components that are kept, and Q, the square of what they leave, in units of its mean.

    Args:
        axes, kept: those of `Components`.
        off: (k, n), distances from the mean.

    >>> axes, kept, off = np.array([[0.5, 0.5, 2.0, -2.0]]).T, np.array([1.0]), np.array([[3.0], [1.0]])
    >>> t_squared_and_q(axes, kept, off)
    (array([4.]), array([16.]))
    """
    inside = outside = np.zeros(off.shape[1:])
    for i in range(len(off)):
        square = _component(axes, off, i) ** 2
        mine = i < kept
        inside = inside + np.where(mine, square, 0.0)
        outside = outside + np.where(mine, 0.0, square)
    return inside, outside


def contributions(axes: Floats, kept: Floats, off: Floats) -> tuple[Floats, Floats]:
    """What each signal adds to T² and to Q, (k, n) each: their sums are T² and Q. A signal that is nearer to the mean
    than the others let expect has less than 0.

    >>> axes, kept, off = np.array([[0.5, 0.5, 2.0, -2.0]]).T, np.array([1.0]), np.array([[3.0], [1.0]])
    >>> [part.ravel().tolist() for part in contributions(axes, kept, off)]
    [[3.0, 1.0], [24.0, -8.0]]

    Alcala, C. F. and Qin, S. J. (2009), Reconstruction-based contribution for process monitoring, Automatica 45,
    1593–1600: the partial decomposition.
    """
    k = len(off)
    inside, outside = np.zeros(off.shape), np.zeros(off.shape)
    for i in range(k):
        shares = _component(axes, off, i) * axes[i * k : (i + 1) * k] * off
        mine = i < kept
        inside += np.where(mine, shares, 0.0)
        outside += np.where(mine, 0.0, shares)
    return inside, outside


def expected(off: Floats, known: Known, covariance: Floats, floor: Floats) -> Floats:
    """The distances from the mean, (k, n), with those that are not known as the others let expect them: Σₘₖ Σₖₖ⁻¹ off.

    T² in all components is then that of the signals that are known by themselves.

    Args:
        off: distances from the mean, (k, n).
        known: which of them are known, (k, n).
        covariance: (k·k, n).
        floor: (k, n), as in `components`.

    >>> covariance, known = np.array([[1.0, 0.8, 0.8, 1.0]]).T, np.array([[True], [False]])
    >>> expected(np.array([[2.0], [np.nan]]), known, covariance, np.full((2, 1), 1e-6)).round(3).tolist()
    [[2.0], [1.6]]
    """
    k, n = off.shape
    whole = np.moveaxis(covariance.reshape(k, k, n), -1, 0).copy()
    sizes = np.maximum(whole[:, np.arange(k), np.arange(k)], 0.0) * (1 + 1e-9) + floor.T**2
    whole[:, np.arange(k), np.arange(k)] = sizes
    unit = np.sqrt(sizes)
    correlation = whole / (unit[:, :, None] * unit[:, None, :])
    there = known.T
    both = there[:, :, None] & there[:, None, :]
    system = np.where(both, correlation, np.eye(k) * ~there[:, :, None])
    given = np.where(there, off.T / unit, 0.0)
    solved = np.linalg.solve(system, given[..., None])
    return np.asarray(np.where(there, off.T, (correlation @ solved)[..., 0] * unit).T)


def _component(axes: Floats, off: Floats, i: int) -> Floats:
    """Component i, (n,). The terms are added in a fixed order, so that any number of vectors gives the same digits."""
    k = len(off)
    found: Floats = axes[i * k] * off[0]
    for j in range(1, k):
        found = found + axes[i * k + j] * off[j]
    return found
