"""A CSV file as a table."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import IO

from app.detect.reading.dialect import Dialect, find_dialect
from app.detect.reading.input_file import InputFile
from app.detect.reading.table import CHUNK, SAMPLE, Chunk
from ward.errors import InputError
from ward.ids import printable

_BLOCK = 1 << 20  # bytes that are counted at a time
_LONGEST_HEAD = 1 << 20  # characters that the first lines may have
# What Python's reader says of a row, and what we do.
_FAULTS = {
    "unexpected end of data": "a quote that is not closed",
    "field larger": "a field of more than 131,072 characters: is a quote not closed?",
    "expected after": "text after a closing quote: double a quote that belongs to the text",
}


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A CSV file. An empty line is no row; a field that a row has too few is empty."""

    file: InputFile
    dialect: Dialect
    sample: Sequence[Sequence[str]]

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def names(self) -> Sequence[str]:
        return self.dialect.names

    @property
    def decimal_comma(self) -> bool:
        return self.dialect.decimal_comma

    @property
    def notes(self) -> Sequence[str]:
        return () if self.dialect.delimiter == "," and self.dialect.header else (self.dialect.words,)

    def count(self) -> int:
        """The number of rows: the lines where none is empty and none has a quote, else the rows as they are read."""
        lines = 0 if self.file.encoding == "utf-16" else _lines(self.file)
        if lines:
            return lines - self.dialect.header
        return sum(map(len, self.chunks([0])))

    def chunks(self, columns: Sequence[int]) -> Iterator[Chunk]:
        """All rows, in their order. Raises `InputError` with the line."""
        header, line = self.dialect.header, 0
        with self.file.text() as text:
            while lines := list(islice(text, CHUNK)):
                found, numbers = self._plain(lines, columns), range(line + 1, line + 1 + len(lines))
                place, line = _Lines(numbers), line + len(lines)
                if found is None:
                    rows = _Rows(self.name, self.dialect, numbers.start)
                    line = rows.read(lines, text)
                    found, place = [[row[i] for row in rows.rows] for i in columns], _Lines(rows.numbers)
                if header and place.numbers:
                    found, place, header = [column[1:] for column in found], _Lines(place.numbers[1:]), False
                if place.numbers:
                    yield Chunk(found, place)

    def _plain(self, lines: Sequence[str], columns: Sequence[int]) -> list[list[str]] | None:
        """The columns of lines without quotes, of which none is empty and all have as many fields; None for others."""
        delimiter, width = self.dialect.delimiter, self.dialect.width
        text = "".join(lines)
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        if '"' in text or "\r" in text or "\n\n" in text or text.startswith("\n"):
            return None
        if set(map(str.count, lines, repeat(delimiter))) != {width - 1}:
            return None
        fields = text.removesuffix("\n").replace("\n", delimiter).split(delimiter)
        return [fields[i::width] for i in columns]


class _Rows:
    """Rows as Python's reader makes them of lines, without the empty ones, each with a field for each column; and the
    numbers of the lines at which they begin, of which the first is `line`."""

    def __init__(self, name: str, dialect: Dialect, line: int) -> None:
        self.rows: list[list[str]] = []
        self.numbers: list[int] = []
        self._name = name
        self._dialect = dialect
        self._line = line

    def read(self, lines: Sequence[str], more: Iterator[str]) -> int:
        """Read these lines, and as many more as a quoted field at their end has. Returns the number of the last one."""
        reader = csv.reader(chain(lines, more), delimiter=self._dialect.delimiter, strict=True)
        try:
            while reader.line_num < len(lines):
                self._add(next(reader))
        except csv.Error as error:
            words = next((found for text, found in _FAULTS.items() if text in str(error)), printable(str(error)))
            raise InputError(f"{self._name}:{self._line}:1: {words}") from error
        return self._line - 1

    def _add(self, row: list[str]) -> None:
        width = self._dialect.width
        if len(row) > width and any(map(str.strip, row[width:])):
            raise InputError(
                f"{self._name}:{self._line}:1: {len(row)} fields, and the first row has {width}: put quotes around "
                "a value with a delimiter in it"
            )
        if row:
            self.rows.append((row + [""] * (width - len(row)))[:width] if len(row) != width else row)
            self.numbers.append(self._line)
        self._line += 1 + sum(field.count("\n") for field in row)


@dataclass(frozen=True, slots=True)
class _Lines:
    """Where the rows of a chunk are: the number of the line of each."""

    numbers: Sequence[int]

    def __call__(self, row: int) -> str:
        return f"line {self.numbers[row]}"


def csv_table(file: InputFile) -> CsvTable:
    """A CSV file by its first rows. Raises `InputError`."""
    with file.text() as text:
        lines = list(_first_lines(text, file.name))
    dialect = _dialect(lines, file.name)
    if not dialect.names:
        raise InputError(f"{file.name}: has only empty lines")
    table = CsvTable(file, dialect, [[]] * dialect.width)
    rows = (row for chunk in table.chunks(range(dialect.width)) for row in zip(*chunk.columns, strict=True))
    return CsvTable(file, dialect, [*zip(*islice(rows, SAMPLE), strict=True)] or table.sample)


def _dialect(lines: list[str], name: str) -> Dialect:
    """The dialect by as many lines as can be read: the last ones may end inside a quoted field, or have a fault."""
    while lines:
        try:
            return find_dialect(lines)
        except csv.Error:
            lines = lines[: len(lines) // 2]
    raise InputError(f"{name}:1:1: a quote that is not closed, or text after one")


def _first_lines(text: IO[str], name: str) -> Iterator[str]:
    """The first lines. Raises `InputError` for what is no text."""
    size = 0
    for line in islice(iter(lambda: text.readline(_LONGEST_HEAD + 1), ""), SAMPLE):
        size += len(line)
        if "\0" in line:
            raise InputError(f"{name}: is neither text nor Parquet")
        if size > _LONGEST_HEAD:
            raise InputError(f"{name}: the first lines have more than {_LONGEST_HEAD:,} characters: is it a table?")
        yield line


def _lines(file: InputFile) -> int:
    """The number of lines; 0 where that is not the number of rows, or not certain."""
    lines, end = 0, b"\n"
    with file.bytes() as raw:
        for block in iter(lambda: raw.read(_BLOCK), b""):
            if b'"' in block or b"\n\n" in (joined := end[-1:] + block) or (b"\r" in block and not _windows(joined)):
                return 0
            lines, end = lines + block.count(b"\n"), block
    return lines + (end[-1:] != b"\n")


def _windows(block: bytes) -> bool:
    """Whether each line ends with CR and LF, and none is empty; the last one may be cut."""
    return block.count(b"\r") == block.count(b"\r\n") + block.endswith(b"\r") and b"\n\r" not in block
