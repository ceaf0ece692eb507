"""Evaluates the series of a table: chunk by chunk as the rows stand in the file, or all rows in the order of time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.detect.alert_list import AlertList
from app.detect.curve import Curve
from app.detect.reading.columns import ChosenColumns
from app.detect.reading.numbers import numbers
from app.detect.reading.table import CHUNK, Chunk, Table
from app.detect.row_problems import RowProblems
from app.detect.row_state import RowState
from app.detect.rows_writer import RowsWriter
from app.detect.series import Evaluated, Series, Values
from detectors.base.columns import Floats

# Called with the number of rows that are done.
Show = Callable[[int], None]


@dataclass(slots=True)
class SeriesResult:
    """One series, or one vector, with what is found in it: the names of its columns, and which of the value columns
    they are. `curve` is None where nothing is drawn; of a vector it has the score in the place of a value."""

    names: Sequence[str]
    columns: Sequence[int]
    series: Series
    curve: Curve | None = None
    alerts: AlertList = field(default_factory=AlertList)
    problems: RowProblems = field(default_factory=RowProblems)

    def evaluate(self, values: Values) -> Evaluated:
        """Evaluate the next rows."""
        found = self.series.evaluate(values)
        x = values.x[0] if len(self.columns) == 1 else found.score
        self.alerts.add(x, values.t, found)
        if self.curve is not None:
            drawn = np.where(found.state <= RowState.NOT_ENOUGH_DATA, values.t, np.nan)
            self.curve.add(x, drawn, found)
        return found

    @property
    def name(self) -> str:
        """What people call it."""
        return ", ".join(self.names)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The rows of a table, and a result for each series or vector."""

    table: Table
    choice: ChosenColumns
    results: Sequence[SeriesResult]

    def run(self, writer: RowsWriter | None, show: Show) -> None:
        """Evaluate each row as it stands in the file, and write it. Raises `InputError`, and what a detector raises."""
        done = 0
        for chunk, times, values in self._rows():
            found = [result.evaluate(each) for result, each in zip(self.results, values, strict=True)]
            self._put(chunk, times, found, writer)
            show(done := done + len(chunk))
        self._close()

    def run_sorted(self, writer: RowsWriter | None, rows: int, show: Show) -> None:
        """Evaluate the rows in the order of their times, and write them as they stand in the file.

        Keeps about 35 bytes a row in memory, with one column of values. Rows without a time come last.
        """
        columns, done = self._read(rows, show), 0
        order = np.argsort(columns[0].t, kind="stable")
        found = [_in_order(*pair, order) for pair in zip(self.results, columns, strict=True)]
        for chunk, times, _ in self._rows():
            some = slice(done, done + len(chunk))
            cut = [Evaluated(each.score[some], each.state[some], each.alert[some]) for each in found]
            self._put(chunk, times, cut, writer)
            done += len(chunk)
            show((rows + done) // 2)
        self._close()

    def _read(self, rows: int, show: Show) -> list[Values]:
        """All rows as numbers; reading them is half of the work."""
        t = np.empty(rows)
        shapes = [(len(result.columns), rows) for result in self.results]
        columns = [Values(np.empty(shape), np.empty(shape, dtype=np.bool_), t) for shape in shapes]
        at = 0
        for chunk, _, values in self._rows():
            some = slice(at, at := at + len(chunk))
            t[some] = values[0].t
            for column, each in zip(columns, values, strict=True):
                column.x[:, some], column.missing[:, some] = each.x, each.missing
            show(at // 2)
        return columns

    def _rows(self) -> Iterator[tuple[Chunk, Sequence[str], list[Values]]]:
        """Chunks with the texts of the times, and with the numbers of each series."""
        choice, at = self.choice, 0
        asked = choice.values if choice.time is None else (choice.time, *choice.values)
        for chunk in self.table.chunks(asked):
            if choice.time is None:
                times: Sequence[str] = list(map(str, range(at, at + len(chunk))))
                t: Floats = np.arange(at, at + len(chunk), dtype=np.float64)
            else:
                times = chunk.columns[0]
                t = choice.format.parse(times)
            at += len(chunk)
            yield chunk, times, [self._values(self._texts(chunk, result), t) for result in self.results]

    def _values(self, texts: Sequence[Sequence[str]], t: Floats) -> Values:
        found = [numbers(column, self.table.decimal_comma) for column in texts]
        return Values(np.stack([each.x for each in found]), np.stack([each.missing for each in found]), t)

    def _texts(self, chunk: Chunk, result: SeriesResult) -> list[Sequence[str]]:
        """The columns of a result."""
        return [chunk.columns[self._first_value + i] for i in result.columns]

    @property
    def _first_value(self) -> int:
        """The first column of values in a chunk."""
        return 0 if self.choice.time is None else 1

    def _put(self, chunk: Chunk, times: Sequence[str], found: Sequence[Evaluated], writer: RowsWriter | None) -> None:
        for result, each in zip(self.results, found, strict=True):
            result.problems.add(each.state, chunk, self._first_value + result.columns[0])
        if writer is not None:
            texts = (self._texts(chunk, result) for result in self.results)
            writer.write(times, list(zip(texts, found, strict=True)))

    def _close(self) -> None:
        for result in self.results:
            result.alerts.close()


def _in_order(result: SeriesResult, values: Values, order: np.ndarray) -> Evaluated:
    """Evaluate rows in this order; what is returned is in their own."""
    found = Evaluated(np.empty(len(order)), np.empty(len(order), dtype=np.int8), np.empty(len(order), dtype=np.bool_))
    for begin in range(0, len(order), CHUNK):
        some = order[begin : begin + CHUNK]
        each = result.evaluate(Values(values.x[:, some], values.missing[:, some], values.t[some]))
        found.score[some], found.state[some], found.alert[some] = each.score, each.state, each.alert
    return found
