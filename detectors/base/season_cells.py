"""What is usual in each part of a season: 24 parts of a day, and these on each of the 7 days of a week.

A cell has how often its part of the season was visited, and mean and variance of its values, in which each visit
counts alike, however many values it had. Cells of a row are one wide column: (count, mean, variance) of the 24 cells
of the day, then of the 168 of the week.
"""

import numpy as np

from detectors.base.columns import Floats, Ints

PARTS, DAYS = 24, 7
CELLS = PARTS + PARTS * DAYS
NUMBERS = 3
# So many visits of a cell of the week weigh as much as all that is known of its part of the day.
SHRINKAGE = 4.0


def add_visit(cells: Floats, rows: Ints, cell: Ints, mean: Floats, variance: Floats, memory: Floats) -> None:
    """Add a visit with mean and variance of its values to a cell of each of some rows, in place.

    With w = 1/min(n, memory): m ← m + w·(x − m), v ← (1 − w)·v + w·variance + w·(1 − w)·(x − m)², the mean and the
    variance of a mixture of the visits before and this one.

    Args:
        cells: of all rows, (rows, CELLS, NUMBERS).
        rows: which rows; cell: the number of the cell of each; the others are of the length of `rows`.

    >>> cells = np.zeros((1, CELLS, NUMBERS))
    >>> for mean in (10.0, 14.0):
    ...     add_visit(cells, np.array([0]), np.array([5]), np.array([mean]), np.array([1.0]), np.array([np.inf]))
    >>> cells[0, 5].tolist()
    [2.0, 12.0, 5.0]
    """
    count, before, spread = (cells[rows, cell, i] for i in range(NUMBERS))
    count = count + 1
    weight = 1 / np.minimum(count, memory)
    off = mean - before
    cells[rows, cell, 0], cells[rows, cell, 1] = count, before + weight * off
    cells[rows, cell, 2] = (1 - weight) * spread + weight * variance + weight * (1 - weight) * off * off


def usual(cells: Floats, rows: Ints, part: Ints, weekly: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The visits of a part of the day and of the part of the week, and the mean and the standard deviation that are
    usual in the latter.

    Both are between those of the part of the week, with weight n/(n + 4) after n visits, and those of that part on any
    day. A variance of n visits is n/(n − 1) times what it was in them.

    Args:
        part: the number of the part of the week, 0 to 167; weekly: 0 where days of the week do not differ.

    >>> cells = np.zeros((1, CELLS, NUMBERS))
    >>> cells[0, 5], cells[0, PARTS + 29] = (8, 80.0, 7.0), (4, 90.0, 3.0)
    >>> [x.round(3).tolist() for x in usual(cells, np.array([0]), np.array([29]), np.array([1.0]))]
    [[8.0], [4.0], [85.0], [2.449]]
    """
    days, mean, variance = (cells[rows, part % PARTS, i] for i in range(NUMBERS))
    weeks, week_mean, week_variance = (cells[rows, PARTS + part, i] for i in range(NUMBERS))
    weight = weeks / (weeks + SHRINKAGE) * (weekly > 0)
    shrunk = (1 - weight) * _corrected(variance, days) + weight * _corrected(week_variance, weeks)
    return days, weeks, mean + weight * (week_mean - mean), np.sqrt(shrunk)


def _corrected(variance: Floats, count: Floats) -> Floats:
    return variance * count / np.maximum(count - 1, 1.0)
