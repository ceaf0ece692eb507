"""How far a number goes once in very many values, from the largest ones of blocks of its own past.

Blocks have `FIRST_BLOCK` values at first; when all `BLOCKS` are full, two neighbours become one, until blocks have
`LAST_BLOCK` values and the oldest is overwritten. So a short past is used whole, and a long one in bounded memory.
"""

import math
from typing import NamedTuple

import numpy as np

from detectors.base.columns import Floats

BLOCKS, FIRST_BLOCK, LAST_BLOCK = 64, 4, 64
# Fewer blocks that are independent of each other say nothing about a tail.
FEWEST_BLOCKS = 6.0
# A number that goes far again and again is usual: the limit is above the third largest block by this factor.
_ABOVE_THIRD = 1.1
# The limit is wider by this over the number of blocks, as their quartiles are uncertain.
_UNCERTAIN = 4.0
_SHARES = (0.25, 0.5, 0.75, 0.9)
# The quantiles of Gumbel's distribution for these shares.
_LOW, _MEDIAN, _HIGH, _TOP = (-math.log(-math.log(share)) for share in _SHARES)


def merged(maxima: Floats) -> int:
    """Two neighbouring blocks become one, in place; returns how many blocks there are now.

    >>> maxima = np.array([[1.0], [3], [2], [np.nan]])
    >>> merged(maxima), maxima.ravel().tolist()
    (2, [3.0, 2.0, nan, nan])
    """
    half = len(maxima) // 2
    maxima[:half] = np.fmax(maxima[0::2], maxima[1::2])
    maxima[half:] = np.nan
    return half


class Blocks(NamedTuple):
    """Blocks of one length: how long one is, how many are filled, and where the last one is once all are."""

    length: int = FIRST_BLOCK
    filled: int = 0
    place: int = -1


def stored(maxima: Floats, highest: Floats, blocks: Blocks) -> Blocks:
    """Store the largest numbers of the block that ended; (blocks, numbers) and (numbers,), NaN for none.

    >>> maxima, blocks = np.full((BLOCKS, 1), np.nan), Blocks()
    >>> for i in range(65):
    ...     blocks = stored(maxima, np.array([float(i)]), blocks)
    >>> blocks, maxima[[0, 31, 32], 0].tolist()
    (Blocks(length=8, filled=33, place=-1), [1.0, 63.0, 64.0])
    """
    length, filled, place = blocks
    if filled == BLOCKS and length < LAST_BLOCK:
        filled, length = merged(maxima), 2 * length
    if filled < BLOCKS:
        maxima[filled] = highest
        return Blocks(length, filled + 1, place)
    place = (place + 1) % BLOCKS
    maxima[place] = highest
    return Blocks(length, filled, place)


def middles(maxima: Floats, pairs: int) -> Floats:
    """The middle of each number. The first `pairs` columns are numbers, the next the same with the other sign: the
    middle is where both are equally far. Further columns count from 0.

    >>> middles(np.array([[3.0, 1.0, 5.0], [4.0, 2.0, 5.0], [5.0, 3.0, 5.0]]), 1)
    array([ 1., -1.,  0.])
    """
    ordered, count = _ordered(maxima)
    median = _quantile(ordered, count, 0.5)
    up = (median[:pairs] - median[pairs : 2 * pairs]) / 2
    return np.concatenate((up, -up, np.zeros(maxima.shape[1] - 2 * pairs)))


def return_distances(maxima: Floats, middle: Floats, power: Floats, blocks: float, overlap: Floats) -> Floats:
    """The distance from the middle that the largest value of a block exceeds once in so many blocks; NaN where too
    few blocks are known.

    Gumbel's distribution is fitted to quartiles of (maximum − middle)^power: a few strange blocks do not change it.
    The power is 2 for a normal distribution, 1 for exponential tails, and less for heavier ones.

    Args:
        maxima: (blocks, numbers), NaN where not known.
        middle, power: of each number.
        blocks: the return period.
        overlap: of each number, how many blocks share the values that it is made of; 1 where none do.

    Blocks of 64 values of normal noise: once in 15,625 blocks is once in a million values, at 4.75 sd; the limit is
    wider, as 64 blocks are few.

    >>> noise = np.random.default_rng(1).normal(size=(64, 64)).max(axis=1)[:, None]
    >>> return_distances(noise, np.zeros(1), np.full(1, 2.0), 15_625, np.ones(1)).round(1)
    array([5.4])

    Coles, S. (2001), An Introduction to Statistical Modeling of Extreme Values, 3.1 and 3.3; the power: Cook, N. J. and
    Harris, R. I. (2004), Exact and general FT1 penultimate distributions of extreme wind speeds, Structural Safety 26.
    """
    ordered, count = _ordered(maxima)
    low, median, high, top = (np.maximum(_quantile(ordered, count, share) - middle, 0.0) ** power for share in _SHARES)
    scale = np.maximum((high - low) / (_HIGH - _LOW), (top - median) / (_TOP - _MEDIAN))
    distance = (median + scale * (math.log(blocks) - _MEDIAN)) ** (1 / power)
    third = ordered[np.maximum(count - 3, 0), np.arange(maxima.shape[1])] - middle
    distance = np.where(count >= 12, np.fmax(distance, _ABOVE_THIRD * third), distance)
    independent = count / np.maximum(overlap, 1.0)
    return np.where(
        independent >= FEWEST_BLOCKS, distance * (1 + _UNCERTAIN / np.maximum(independent, 1.0)), np.nan
    )  # fmt: skip


def _ordered(maxima: Floats) -> tuple[Floats, Floats]:
    ordered = np.sort(maxima, axis=0)  # NaN last
    return ordered, np.count_nonzero(~np.isnan(ordered), axis=0)


def _quantile(ordered: Floats, count: Floats, share: float) -> Floats:
    """A quantile of each column, of which `count` numbers are known, by linear interpolation."""
    last = np.maximum(count - 1, 0)
    at = share * last
    below, columns = at.astype(np.intp), np.arange(ordered.shape[1])
    first = ordered[below, columns]
    return np.asarray(first + (at - below) * (ordered[np.minimum(below + 1, last), columns] - first))
