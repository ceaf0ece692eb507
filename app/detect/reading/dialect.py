"""How a CSV file is written, found from its first lines: delimiter, header, decimal comma."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.detect.reading.numbers import MISSING
from app.detect.reading.times import time_format

# Where several would do: a comma may be the decimal sign of a file with another delimiter.
DELIMITERS = ("\t", ";", ",")
_NAMES = {"\t": "tab", ";": "semicolon", ",": "comma"}
_WITH_COMMA = re.compile(r"\s*[+-]?\d+,\d+([eE][+-]?\d+)?\s*", re.ASCII)
_ENOUGH = 0.9  # of the lines must have the same number of fields


@dataclass(frozen=True, slots=True)
class Dialect:
    """`header` is whether the first row has the names of the columns, of which there are `width`."""

    delimiter: str
    header: bool
    decimal_comma: bool
    names: tuple[str, ...]

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)

    @property
    def words(self) -> str:
        """What it is, for people."""
        comma = ", decimal comma" if self.decimal_comma else ""
        return f"{_NAMES[self.delimiter]} between columns{comma}{'' if self.header else ', no header'}"


def find_dialect(lines: Sequence[str]) -> Dialect:
    """The dialect of a file by its first lines, with their ends. Raises `csv.Error` for an open quote."""
    delimiter = next(filter(None, (d if _fits(lines, d) else "" for d in DELIMITERS)), ",")
    rows = [row for row in _rows(lines, delimiter) if row]
    comma = delimiter != "," and any(_WITH_COMMA.fullmatch(cell) for row in rows for cell in row)
    first = rows[0] if rows else []
    header = _is_header(rows, comma)
    names = tuple(cell.strip() if header else str(i) for i, cell in enumerate(first, 1))
    return Dialect(delimiter, header, comma, names)


def _is_header(rows: Sequence[Sequence[str]], comma: bool) -> bool:
    """Whether the first row holds words only, or a word above numbers or times."""
    words = [i for i, cell in enumerate(rows[0] if rows else ()) if _is_word(cell, comma)]
    below = ([row[i] for row in rows[1:] if len(row) > i] for i in words)
    there = sum(cell.strip().lower() not in MISSING for cell in rows[0]) if rows else 0
    return bool(words) and (len(words) == there or any(time_format(column, comma) is not None for column in below))


def _is_word(cell: str, comma: bool) -> bool:
    return cell.strip().lower() not in MISSING and time_format([cell], comma) is None


def _fits(lines: Sequence[str], delimiter: str) -> bool:
    """Whether nearly all lines have the same number of fields, more than one."""
    try:
        counts = Counter(len(row) for row in _rows(lines, delimiter) if row)
    except csv.Error:
        return False
    if not counts:
        return False
    width, often = counts.most_common(1)[0]
    return width > 1 and often >= _ENOUGH * counts.total()


def _rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    return list(csv.reader(lines, delimiter=delimiter, strict=True))
