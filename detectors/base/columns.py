"""Numbers of many rows as arrays, by name: the state of a detector, and the parameters of its rules."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Slots = Ints | slice
# The numbers of one row by the names of their columns.
RowValues = Mapping[str, float | Sequence[float]]


class WideColumn(NamedTuple):
    """A wide column, of which an update changes few numbers: it gets the array of all rows and changes it in place."""

    start: float
    width: int


class Columns(dict[str, tuple[float, int] | WideColumn]):
    """The numbers of one row by name, each with its start value and its width, which is 1 unless given.

    >>> Columns(high=0.0, limits=(0.0, 3), sums=WideColumn(0.0, 60))
    {'high': (0.0, 1), 'limits': (0.0, 3), 'sums': WideColumn(start=0.0, width=60)}
    """

    def __init__(self, **columns: float | tuple[float, int] | WideColumn) -> None:
        super().__init__({name: c if isinstance(c, tuple) else (c, 1) for name, c in columns.items()})


class Rows:
    """Columns of some rows, as attributes: arrays of shape (rows,), or (width, rows) for several numbers a row.

    What is assigned to an attribute is written back, so assign also an array that was changed in place. A `WideColumn`
    is the array of all rows, (all rows, width): `slots` are the places of these rows in it.

    Raises:
        AttributeError: for a name that is no column.
    """

    slots: Slots

    def __init__(self, wide: Mapping[str, Any], columns: dict[str, Any], slots: Slots) -> None:
        self.__dict__.update(wide)
        self.__dict__.update(columns)
        self.__dict__.update(slots=slots, changed=set(), taken=columns, wide_columns=wide)

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value
        self.__dict__["changed"].add(name)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no column {name!r}; there are {sorted(self.taken)}")


def row_after(rows: Rows, row: int, steps: Ints) -> Rows:
    """One row of columns with an axis of time, as it was after some of the values: arrays of the length of `steps`. A
    wide column has no history.

    >>> rows = Rows({}, {"level": np.array([[1.0, 2, 3], [4, 5, 6]])}, np.array([7, 8]))
    >>> row_after(rows, 1, np.array([0, 2])).level
    array([4., 6.])
    """
    values = {name: getattr(rows, name) for name in rows.taken}
    found = {n: v[..., row, steps if v.shape[-1] > 1 else np.zeros_like(steps)] for n, v in values.items()}
    return Rows(rows.wide_columns, found, np.full(len(steps), np.asarray(rows.slots)[row]))


def without_time(rows: Rows) -> Rows:
    """Columns with an axis of time of one step, without that axis: as `update` of a detector takes them.

    >>> without_time(Rows({}, {"level": np.array([[1.0], [4]])}, np.array([7, 8]))).level
    array([1., 4.])
    """
    return Rows(rows.wide_columns, {name: getattr(rows, name)[..., 0] for name in rows.taken}, rows.slots)


def as_slice(numbers: Ints) -> Slots:
    """Consecutive rising numbers as a slice, so that columns are views and not copies; others as they are.

    >>> as_slice(np.array([4, 5, 6])), as_slice(np.array([4, 6, 5]))
    (slice(4, 7, None), array([4, 6, 5]))
    """
    n = len(numbers)
    if n > 1 and numbers[-1] - numbers[0] == n - 1 and (numbers[1:] > numbers[:-1]).all():
        return slice(int(numbers[0]), int(numbers[-1]) + 1)
    return numbers
