"""What the risk score knows of a stay so far: statistics of hourly means, in bounded memory.

Of each quantity there are its mean and standard deviation, in which an hour counts less the longer ago it was, and the
lowest, highest, first and last value of a window: the current block of 24 hours and the one before it. In the first 48
hours that window is the whole stay.
"""

from typing import Any

import numpy as np

from detectors.base.columns import Columns, Floats

VITALS = ("heart_rate", "systolic_bp", "diastolic_bp", "spo2", "temperature", "respiratory_rate")
HEART_RATE, SYSTOLIC, DIASTOLIC = range(3)
# The vital signs; systolic less diastolic pressure; and heart rate over systolic pressure.
QUANTITIES = (*VITALS, "pulse_pressure", "shock_index")
STATISTICS = ("mean", "sd", "lowest", "highest", "last", "change")
BLOCK, MEMORY = 24.0, 48.0  # hours


def course_columns() -> Columns:
    """The columns of one stay: a weight, mean, variance and extremes of each quantity, and hours since the epoch."""
    nan = (np.nan, len(QUANTITIES))
    zero = (0.0, len(QUANTITIES))
    return Columns(
        weight=zero, mean=zero, variance=zero, last=nan, lowest=nan, highest=nan, first=nan, lowest_before=nan,
        highest_before=nan, first_before=nan, hour=np.nan, block=np.nan,
    )  # fmt: skip


def follow(state: Any, x: Floats, hour: Floats) -> None:
    """Take the means of one hour of each stay.

    Args:
        state: the columns of `course_columns`, those of quantities as (8, n), the others as (n,); they are changed.
        x: (6, n), the means of `VITALS`, NaN for one without a value in that hour.
        hour: (n,), which hour it was, counted from the epoch. One earlier than the newest, as of a device whose clock
            is slow, counts as that: else the weight of what was before would grow without a bound.

    What was before has the weight w·exp(−gap/48 h). West, D. H. D. (1979), Updating mean and variance estimates: an
    improved method, Communications of the ACM 22, 532–535.
    """
    hour = np.fmax(hour, state.hour)
    _next_block(state, hour)
    x = quantities(x)
    gap = np.where(np.isnan(state.hour), 0.0, hour - state.hour)
    weight = state.weight * np.exp(-gap / MEMORY)
    there, off = x == x, x - state.mean
    mean = state.mean + off / (weight + 1)
    variance = (state.variance * weight + off * (x - mean)) / (weight + 1)
    state.mean = np.where(there, mean, state.mean)
    state.variance = np.where(there, variance, state.variance)
    state.weight = weight + there
    state.last = np.where(there, x, state.last)
    state.first = np.where(np.isnan(state.first), x, state.first)
    state.lowest, state.highest = np.fmin(state.lowest, x), np.fmax(state.highest, x)
    state.hour = hour


def quantities(x: Floats) -> Floats:
    """The vital signs (6, n) with pulse pressure and shock index below them: (8, n).

    >>> quantities(np.array([[90.0, 120.0, 80.0, 97.0, 37.0, 15.0]]).T)[6:, 0]
    array([40.  ,  0.75])
    """
    shock_index = x[HEART_RATE] / np.maximum(x[SYSTOLIC], 1.0)
    return np.concatenate((x, [x[SYSTOLIC] - x[DIASTOLIC], shock_index]))


def statistics(state: Any) -> Floats:
    """The statistics of each quantity, (8, 6, n) in the order of `STATISTICS`, NaN for what is not known.

    A quantity without a value in the window is not known. With a single value there is no spread and no change yet.
    """
    lowest, highest = np.fmin(state.lowest_before, state.lowest), np.fmax(state.highest_before, state.highest)
    first = np.where(np.isnan(state.first_before), state.first, state.first_before)
    known, several = ~np.isnan(first), lowest < highest
    found = np.stack((
        np.where(known, state.mean, np.nan), np.where(several, np.sqrt(np.maximum(state.variance, 0)), np.nan),
        lowest, highest, np.where(known, state.last, np.nan), np.where(several, state.last - first, np.nan),
    ), axis=1)  # fmt: skip
    return np.asarray(found)


def _next_block(state: Any, hour: Floats) -> None:
    """Begin a block where the current one is full: it becomes the one before, if it is not older than that."""
    block = np.where(np.isnan(state.block), hour, state.block)
    full = hour - block >= BLOCK
    if full.any():
        follows = full & (hour - block < 2 * BLOCK)
        for name in ("lowest", "highest", "first"):
            before, now = getattr(state, f"{name}_before"), getattr(state, name)
            setattr(state, f"{name}_before", np.where(full, np.where(follows, now, np.nan), before))
            setattr(state, name, np.where(full, np.nan, now))
        block = np.where(full, block + BLOCK * np.floor((hour - block) / BLOCK), block)
    state.block = block
