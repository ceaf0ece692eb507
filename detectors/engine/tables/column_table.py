"""A table of columns that grows: the rows of a bank, as arrays of one length."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from detectors.base.detector import Columns, Floats, Ints, Numbers, Ring, Rows

Slots = Ints | slice


class ColumnTable:
    """Columns by name. A row is a slot; free slots are used again.

    All columns but rings lie in one matrix (numbers, capacity): a column is contiguous, so a run of
    rows is a view, and any other choice of rows is one gather for all columns together.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._at: dict[str, int | slice] = {}
        start: list[float] = []
        for name, column in columns.items():
            if not isinstance(column, Ring):
                first, width = column
                self._at[name] = len(start) if width == 1 else slice(len(start), len(start) + width)
                start += [first] * width
        self._start: Floats = np.array(start, dtype=np.float64)
        self._rows = 0
        self.data: Floats = np.empty((len(start), 0))
        self.rings = {n: np.empty((0, c.width)) for n, c in columns.items() if isinstance(c, Ring)}

    def grow(self, rows: int) -> None:
        """Room for `rows`."""
        more = rows - self._rows
        self._rows = rows
        self.data = np.concatenate((self.data, np.repeat(self._start[:, None], more, axis=1)), axis=1)
        for name, ring in self.rings.items():
            self.rings[name] = np.concatenate((ring, np.full((more, ring.shape[1]), self.columns[name][0])))

    def reset(self, slot: int) -> None:
        """The row as it was at first."""
        self.data[:, slot] = self._start
        for name, ring in self.rings.items():
            ring[slot] = self.columns[name][0]

    def fill(self, slot: int, values: Numbers) -> None:
        for name, value in values.items():
            self.data[self._at[name], slot] = value

    def vector(self, values: Numbers) -> Floats:
        """A row as numbers in their order: start values, with these in their places."""
        row = self._start.copy()
        for name, value in values.items():
            row[self._at[name]] = value
        return row

    def write(self, slot: int, row: Floats) -> None:
        """A row of `vector` in its place. Not for tables with rings."""
        self.data[:, slot] = row

    def column(self, name: str) -> Floats:
        """A whole column: (capacity,) or (width, capacity)."""
        return self.data[self._at[name]]

    def take(self, slots: Slots) -> Rows:
        """Some rows as attributes; with a slice they are views."""
        block = self.data[:, slots] if isinstance(slots, slice) else self.data.take(slots, axis=1)
        return Rows(self.rings, {name: block[at] for name, at in self._at.items()}, slots)

    def put(self, slots: Slots, rows: Rows) -> None:
        """Write back the columns that were assigned to. A view that was changed in place is where it belongs."""
        values, taken = rows.__dict__, rows.__dict__["taken"]
        for name in values["changed"]:
            if values[name] is not taken[name] or not isinstance(slots, slice):
                self.data[self._at[name], slots] = values[name]

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return len(self._start) + sum(ring.shape[1] for ring in self.rings.values())

    def dump(self, slots: Sequence[int] | Ints) -> npt.NDArray[np.float64]:
        """Rows as a matrix (rows, width): what a checkpoint keeps."""
        return np.concatenate((self.data[:, slots].T, *(ring[slots] for ring in self.rings.values())), axis=1)

    def load(self, slot: int, numbers: Floats) -> None:
        """One row of such a matrix back in its place."""
        narrow = len(self._start)
        self.data[:, slot] = numbers[:narrow]
        for ring in self.rings.values():
            ring[slot] = numbers[narrow : narrow + ring.shape[1]]
            narrow += ring.shape[1]
