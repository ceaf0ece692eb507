"""The output as CSV: `time,value,score,state,alert`, one row for each row of the input."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np

from app.detect.row_state import RowState
from app.detect.series import Evaluated
from detectors.base.columns import Floats

RESULT = ("score", "state", "alert")
_SPECIAL = re.compile(r'[",\r\n]')
# State and alert of a row, by twice the number of the state plus the alert.
_ENDS = [f"{state.words},{alert}" for state in RowState for alert in (0, 1)]


class RowsWriter:
    """Writes rows to a file. `names` are the columns of each series: with several series there are four columns for
    each, `<name>.value` and so on; those of a vector keep their names."""

    def __init__(self, file: IO[str], names: Sequence[Sequence[str]]) -> None:
        self._file = file
        head = [*(("value",) if len(names[0]) == 1 else names[0]), *RESULT]
        if len(names) > 1:
            head = [f"{name}.{column}" for (name,) in names for column in ("value", *RESULT)]
        csv.writer(file, lineterminator="\n").writerow(["time", *head])

    def write(self, times: Sequence[str], series: Sequence[tuple[Sequence[Sequence[str]], Evaluated]]) -> None:
        """Write some rows: their times, and for each series the texts of its columns and what became of them."""
        columns = [_quoted(times)]
        for values, evaluated in series:
            ends = (2 * evaluated.state + evaluated.alert).tolist()
            columns += [*map(_quoted, values), score_texts(evaluated.score), [_ENDS[i] for i in ends]]
        lines = "\n".join(map(",".join, zip(*columns, strict=True)))
        self._file.write(lines + "\n" if lines else "")


def score_texts(score: Floats) -> list[str]:
    """Scores as texts, of nine digits; empty for NaN.

    >>> score_texts(np.array([0.5, np.nan, 1 / 3]))
    ['0.5', '', '0.333333333']
    """
    texts = list(map("%.9g".__mod__, score.tolist()))
    for i in np.flatnonzero(np.isnan(score)).tolist():
        texts[i] = ""
    return texts


def _quoted(texts: Sequence[str]) -> Sequence[str]:
    """Texts as fields of CSV: as they are, with quotes around those that need them."""
    joined = "".join(texts)  # to look for a character in it is much faster than for a pattern
    if not any(character in joined for character in ',"\r\n'):
        return texts
    return list(_with_quotes(texts))


def _with_quotes(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text
