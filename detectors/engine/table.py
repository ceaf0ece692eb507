"""A table of columns that grows: the rows of a bank, as arrays of one length."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from detectors.engine.base import Columns, Rows

Slots = npt.NDArray[np.intp] | slice


class Table:
    """Columns by name, each (capacity,) or (capacity, width). A row is a slot; free slots are used again."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.arrays = {name: self._new(name, 0) for name in columns}

    def _new(self, name: str, rows: int) -> npt.NDArray[np.float64]:
        start, width = self.columns[name]
        return np.full(rows if width == 1 else (rows, width), start)

    def grow(self, rows: int) -> None:
        """Room for at least `rows`."""
        for name, array in self.arrays.items():
            if len(array) < rows:
                self.arrays[name] = np.concatenate((array, self._new(name, max(rows, 2 * len(array)) - len(array))))

    def reset(self, slot: int) -> None:
        """The row as it was at first."""
        for name, (start, _) in self.columns.items():
            self.arrays[name][slot] = start

    def fill(self, slot: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.arrays[name][slot] = value

    def take(self, slots: Slots) -> Rows:
        """Some rows as attributes; with a slice they are views."""
        return Rows(**{name: array[slots] for name, array in self.arrays.items()})

    def put(self, slots: Slots, rows: Rows) -> None:
        """Write rows back."""
        for name, array in self.arrays.items():
            array[slots] = getattr(rows, name)

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return sum(width for _, width in self.columns.values())

    def dump(self, slots: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """Rows as a matrix (rows, width): what a checkpoint keeps."""
        parts = [array[slots].reshape(len(slots), -1) for array in self.arrays.values()]
        return np.concatenate(parts, axis=1) if parts else np.empty((len(slots), 0))

    def load(self, slot: int, numbers: npt.NDArray[np.float64]) -> None:
        """One row of such a matrix back in its place. Raises `ValueError` when it is of another width."""
        if len(numbers) != self.width:
            raise ValueError(f"{len(numbers)} numbers for a row of {self.width}")
        at = 0
        for name, (_, width) in self.columns.items():
            self.arrays[name][slot] = numbers[at] if width == 1 else numbers[at : at + width]
            at += width
