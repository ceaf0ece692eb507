"""A table of columns that grows: the numbers of many rows, as arrays of one length."""

from collections.abc import Sequence

import numpy as np

from detectors.base.columns import Columns, Floats, Ints, Rows, RowValues, Slots, WideColumn


class ColumnTable:
    """Columns by name. The place of a row is a slot; free slots are used again.

    All columns but wide ones are one matrix (numbers, capacity), in which a column is contiguous: consecutive slots
    are a view, and any other choice of slots is one gather for all columns together.

    >>> table = ColumnTable(Columns(level=0.0, limits=(9.0, 2)))
    >>> table.grow(3)
    >>> rows = table.take(slice(0, 2))
    >>> rows.level = rows.level + [1, 2]
    >>> table.put(slice(0, 2), rows)
    >>> table.column("level").tolist(), table.dump([1]).tolist()
    ([1.0, 2.0, 0.0], [[2.0, 9.0, 9.0]])
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._at: dict[str, int | slice] = {}
        start: list[float] = []
        for name, column in columns.items():
            if not isinstance(column, WideColumn):
                first, width = column
                self._at[name] = len(start) if width == 1 else slice(len(start), len(start) + width)
                start += [first] * width
        self._start: Floats = np.array(start, dtype=np.float64)
        self._capacity = 0
        self.data: Floats = np.empty((len(start), 0))
        self.wide = {n: np.empty((0, c.width)) for n, c in columns.items() if isinstance(c, WideColumn)}

    def grow(self, capacity: int) -> None:
        """Make room for `capacity` rows; the new ones have their start values."""
        more = capacity - self._capacity
        self._capacity = capacity
        self.data = np.concatenate((self.data, np.repeat(self._start[:, None], more, axis=1)), axis=1)
        for name, column in self.wide.items():
            self.wide[name] = np.concatenate((column, np.full((more, column.shape[1]), self.columns[name][0])))

    def reset(self, slot: int) -> None:
        """Set a row to its start values."""
        self.data[:, slot] = self._start
        for name, column in self.wide.items():
            column[slot] = self.columns[name][0]

    def set_row(self, slot: int, values: RowValues) -> None:
        """Set some columns of a row."""
        for name, value in values.items():
            self.data[self._at[name], slot] = value

    def vector(self, values: RowValues) -> Floats:
        """A row as one array: the start values, with these in their places."""
        row = self._start.copy()
        for name, value in values.items():
            row[self._at[name]] = value
        return row

    def set_vector(self, slot: int, row: Floats) -> None:
        """Set a row to an array of `vector`. Not for tables with wide columns."""
        self.data[:, slot] = row

    def column(self, name: str) -> Floats:
        """A whole column: (capacity,) or (width, capacity)."""
        return self.data[self._at[name]]

    def take(self, slots: Slots) -> Rows:
        """Some rows with their columns as attributes; for a slice these are views."""
        block = self.data[:, slots] if isinstance(slots, slice) else self.data.take(slots, axis=1)
        return Rows(self.wide, {name: block[at] for name, at in self._at.items()}, slots)

    def put(self, slots: Slots, rows: Rows) -> None:
        """Write back the columns that were assigned to. A view that was changed in place needs no copy."""
        values, taken = rows.__dict__, rows.__dict__["taken"]
        for name in values["changed"]:
            if values[name] is not taken[name] or not isinstance(slots, slice):
                self.data[self._at[name], slots] = values[name]

    def take_along(self, slots: Ints) -> Rows:
        """Some rows with an axis of time at the end: columns are (rows, 1), or (width, rows, 1)."""
        block = self.data.take(slots, axis=1)[..., None]
        return Rows(self.wide, {name: block[at] for name, at in self._at.items()}, slots)

    def put_last(self, slots: Ints, rows: Rows) -> None:
        """Write back the columns of `take_along` that were assigned to: of each the last of the time axis."""
        for name in rows.__dict__["changed"]:
            self.data[self._at[name], slots] = rows.__dict__[name][..., -1]

    @property
    def width(self) -> int:
        """The number of floats in a row."""
        return len(self._start) + sum(column.shape[1] for column in self.wide.values())

    def dump(self, slots: Sequence[int] | Ints) -> Floats:
        """Rows as a matrix (rows, width), for a checkpoint."""
        return np.concatenate((self.data[:, slots].T, *(column[slots] for column in self.wide.values())), axis=1)

    def load(self, slot: int, numbers: Floats) -> None:
        """Set a row to one of such a matrix."""
        at = len(self._start)
        self.data[:, slot] = numbers[:at]
        for column in self.wide.values():
            column[slot] = numbers[at : at + column.shape[1]]
            at += column.shape[1]
