"""Which rows were not evaluated, and where the first of each kind is."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from app.detect.reading.table import Chunk
from app.detect.row_state import RowState
from app.detect.series import States
from detectors.engine.newer_values import LARGEST
from ward.ids import printable

# The rows of a state, and what to do about them.
_WORDS = {
    RowState.MISSING: "rows without a value",
    RowState.NOT_A_NUMBER: "rows whose value is no number",
    RowState.TOO_LARGE: f"rows whose value is too large to calculate with, {LARGEST:g} or more",
    RowState.NO_TIME: "rows without a readable time, not evaluated",
    RowState.OUT_OF_ORDER: "rows earlier than a row before them, not evaluated (--sort evaluates all in order)",
    RowState.REPEATED: "rows that repeat a time, not evaluated (--time none numbers the rows)",
}


@dataclass(slots=True)
class RowProblems:
    """Counts the rows of one series by state, and keeps the place and the texts of the first one of each."""

    counts: dict[RowState, int] = field(default_factory=lambda: dict.fromkeys(RowState, 0))
    _first: dict[RowState, str] = field(default_factory=dict)

    def add(self, state: States, chunk: Chunk, value: int) -> None:
        """Take the rows of a chunk, in the order of the file. `value` is the column of the series in it."""
        for number, count in enumerate(np.bincount(state, minlength=len(RowState)).tolist()):
            found = RowState(number)
            if count and found in _WORDS and found not in self._first:
                row = int((state == number).argmax())
                column = value if found < RowState.NO_TIME else 0
                text = printable(chunk.columns[column][row], 40)
                shown = f": '{text}'" if text else ""
                self._first[found] = f"{chunk.place(row)}{shown}"
            self.counts[found] += count

    def lines(self) -> Iterator[str]:
        """A line for each kind."""
        for state, words in _WORDS.items():
            if count := self.counts[state]:
                yield f"{words}: {count:,}, the first in {self._first[state]}"
