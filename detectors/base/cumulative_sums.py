"""Two cumulative sums of one series, one for each direction of a shift, for many series at once."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from detectors.base.columns import Floats, Ints

# The parameter that caps the sums of a rule.
Ceiling = Annotated[
    float, Field(ge=1, description="the cap of the sums, in multiples of `limit`, so that an alert can end soon")
]

# Both sums, and for how many values each has been above 0.
CUMULATIVE = {"high": 0.0, "low": 0.0, "high_count": 0.0, "low_count": 0.0}


def add(state: Any, z: Floats, slack: Floats, top: Floats) -> Floats:
    """Add one value to both sums of each row, and return the higher sum.

    S⁺ ← max(0, S⁺ + z − k), S⁻ ← max(0, S⁻ − z − k), each at most `top`. In place, and without comparing arrays to
    single numbers, where NumPy is slow: this runs for every value.

    Args:
        state: columns with the names of `CUMULATIVE`; they are changed.
        z, slack, top: distances from the mean, k and the cap, in one unit, one of each row.

    >>> from types import SimpleNamespace
    >>> state = SimpleNamespace(**{name: np.zeros(1) for name in CUMULATIVE})
    >>> for z in (0.0, 2.0, 2.0, 9.0):
    ...     higher = add(state, np.array([z]), np.array([0.5]), np.array([8.0]))
    ...     print(higher, state.high_count)
    [0.] [0.]
    [1.5] [1.]
    [3.] [2.]
    [8.] [2.]
    """
    high, low, zeros = state.high, state.low, np.zeros(len(z))
    high += z
    low -= z
    for sums, counts in ((high, state.high_count), (low, state.low_count)):
        sums -= slack
        np.maximum(sums, zeros, out=sums)
        counts += 1
        counts *= sums > 0
        capped = sums > top
        if capped.any():  # a capped sum does not increase its count
            sums[capped] = top[capped]
            counts[capped] -= 1
    state.high, state.low, state.high_count, state.low_count = high, low, state.high_count, state.low_count
    return np.asarray(np.maximum(high, low))


def add_many(state: Any, z: Floats, slack: Floats, top: Floats) -> Floats:
    """`add` for many values of each row: `z` is (rows, n), `slack` and `top` are (rows, 1).

    >>> from types import SimpleNamespace
    >>> state = SimpleNamespace(**{name: np.zeros((1, 1)) for name in CUMULATIVE})
    >>> add_many(state, np.array([[0.0, 2.0, 2.0, 9.0]]), np.array([[0.5]]), np.array([[8.0]]))
    array([[0. , 1.5, 3. , 8. ]])
    """
    slacks, tops = slack[:, 0].tolist(), top[:, 0].tolist()
    for name, steps in (("high", z), ("low", -z)):
        count = f"{name}_count"
        starts = (getattr(state, column)[:, 0].tolist() for column in (name, count))
        sums = np.array([_sums(*row) for row in zip(*starts, steps.tolist(), slacks, tops, strict=True)])
        setattr(state, name, sums[:, 0])
        setattr(state, count, sums[:, 1])
    return np.asarray(np.maximum(state.high, state.low))


def next_sum(total: float, count: float, z: float, slack: float, top: float) -> tuple[float, float]:
    """The sum of one direction after one value, and for how many values it has been above 0: `add` for one row.

    >>> next_sum(3.0, 2.0, 1.5, 0.5, 8.0), next_sum(3.0, 2.0, 9.0, 0.5, 8.0), next_sum(3.0, 2.0, -9.0, 0.5, 8.0)
    ((4.0, 3.0), (8.0, 2.0), (0.0, 0.0))
    """
    total = total + z - slack
    if total > top:
        return top, count
    return (total, count + 1) if total > 0 else (0.0, 0.0)


def start(state: Any, rows: Ints, at: Floats) -> None:
    """Set both sums of some rows to where they start.

    >>> from types import SimpleNamespace
    >>> state = SimpleNamespace(high=np.zeros(2), low=np.zeros(2))
    >>> start(state, np.array([1]), np.array([2.0, 2.0]))
    >>> state.high
    array([0., 2.])
    """
    for sums in (state.high, state.low):
        sums[rows] = at[rows]
    state.high, state.low = state.high, state.low


def estimated_shift(state: Any, slack: Any) -> Floats:
    """The estimated distance of the mean from its target, in the unit of the sums: ±(k + S/N), N values after the sum
    was last 0.

    >>> from types import SimpleNamespace
    >>> state = SimpleNamespace(**{name: np.array([x]) for name, x in zip(CUMULATIVE, (3.0, 0.0, 2.0, 0.0))})
    >>> estimated_shift(state, 0.5)
    array([2.])

    Montgomery, D. C., Introduction to Statistical Quality Control, 9.1.
    """
    up = slack + state.high / np.maximum(state.high_count, 1)
    down = slack + state.low / np.maximum(state.low_count, 1)
    shift: Floats = np.where(state.high >= state.low, np.where(state.high > 0, up, 0.0), -down)
    return shift


def longest(state: Any) -> float:
    """For how many values the higher sum of one row has been above 0.

    >>> from types import SimpleNamespace
    >>> longest(SimpleNamespace(**{name: np.array([x]) for name, x in zip(CUMULATIVE, (3.0, 1.0, 2.0, 7.0))}))
    2.0
    """
    return float((state.high_count if state.high[0] >= state.low[0] else state.low_count)[0])


def _sums(
    total: float, count: float, steps: Sequence[float], slack: float, top: float
) -> tuple[list[float], list[float]]:
    """The sum of one direction after each step, and for how many steps it has been above 0: `add` along time."""
    sums, counts = [], []
    for z in steps:
        total = total + z - slack
        if total > top:
            total = top
        elif total > 0:
            count += 1
        else:
            total, count = 0.0, 0.0
        sums.append(total)
        counts.append(count)
    return sums, counts
