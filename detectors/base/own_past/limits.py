"""The limits of the parts of a score, from blocks of the past."""

import math

import numpy as np

from detectors.base.columns import Floats
from detectors.base.own_past.block_maxima import Blocks, middles, return_distances, stored
from detectors.base.own_past.memory import Memory
from detectors.base.own_past.parts import ERROR, FIRST_LEVEL, LEVELS, PAIRS, WIDTHS, powers

# One part of a normal series reaches its limit once in so many values.
RARITY = 500_000.0
# A slow drift widens the limits of a level: they are at most so many times what the forecast's errors can do to it.
_BEYOND = 1.2
_UP = np.arange(len(LEVELS))
_LEVELS = np.concatenate((FIRST_LEVEL + _UP, PAIRS + FIRST_LEVEL + _UP))


def take_parts(memory: Memory, measured: Floats) -> None:
    """Take the parts of the newest value into the present block; when that is full, learn the limits anew."""
    m = memory
    np.fmax(m.highest_parts, measured, out=m.highest_parts)
    m.in_block += 1
    if m.in_block < m.block:
        return
    m.in_block = 0.0
    highest = np.where(np.isfinite(m.highest_parts), m.highest_parts, np.nan)
    blocks = stored(m.maxima, highest, Blocks(int(m.block), int(m.filled), int(m.place)))
    m.block, m.filled, m.place = map(float, blocks)
    m.highest_parts[:] = -math.inf
    set_limits(m)


def set_limits(memory: Memory) -> None:
    """The middle of each part and the distance from it that is the limit, NaN where that is not known; and between
    which errors a value is taken as it is."""
    m = memory
    if m.filled:
        maxima = m.maxima[: int(m.filled)]
        middle = middles(maxima, PAIRS)
        overlap = (WIDTHS + m.overlap) / m.block
        distance = return_distances(maxima, middle, powers(m.power), RARITY / m.block, overlap)
        m.middle[:] = middle
        # NaN, for not known, stays.
        distance[_LEVELS] = np.minimum(distance[_LEVELS], np.tile(_BEYOND * distance[ERROR] * m.level_gains, 2))
        m.distance[:] = np.maximum(distance, m.floor)
    error, up, down = (float(v) for v in (m.middle[ERROR], m.distance[ERROR], m.distance[PAIRS]))
    most = max(m.extreme, float(m.floor[ERROR])) if m.extreme > 0 else math.inf
    m.low_error, m.high_error = error - min(most, _or_inf(down)), error + min(most, _or_inf(up))


def _or_inf(x: float) -> float:
    return math.inf if math.isnan(x) else x
