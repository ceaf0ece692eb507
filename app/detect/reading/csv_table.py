"""A CSV file as a table."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice
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
        return sum(len(rows) for rows, _ in self.rows())

    def chunks(self, columns: Sequence[int]) -> Iterator[Chunk]:
        """All rows, in their order. Raises `InputError` with the line."""
        for rows, place in self.rows():
            yield Chunk([[row[i] for row in rows] for i in columns], place)

    def rows(self) -> Iterator[tuple[list[list[str]], Callable[[int], str]]]:
        """Rows of the width of the table, without the header and without empty lines, and where they are."""
        width, header = self.dialect.width, self.dialect.header
        with self.file.text() as text:
            reader, line = csv.reader(text, delimiter=self.dialect.delimiter, strict=True), 0
            while rows := self._read(reader, line):
                begin, line = line, reader.line_num
                if set(map(len, rows)) == {width} and line - begin == len(rows):
                    found, place = rows, _Lines(range(begin + 1, line + 1))
                else:
                    found, place = self._mended(rows, begin)
                if header and found:
                    found, place, header = found[1:], _Lines(place.numbers[1:]), False
                if found:
                    yield found, place

    def _read(self, reader: Iterator[list[str]], line: int) -> list[list[str]]:
        """The rows of a chunk, which begin after this line."""
        rows: list[list[str]] = []
        try:
            rows.extend(islice(reader, CHUNK))
        except csv.Error as error:
            words = next((found for text, found in _FAULTS.items() if text in str(error)), printable(str(error)))
            raise InputError(f"{self.name}:{line + 1 + sum(map(_height, rows))}:1: {words}") from error
        return rows

    def _mended(self, rows: list[list[str]], begin: int) -> tuple[list[list[str]], "_Lines"]:
        """Rows without the empty ones, each with as many fields as there are columns."""
        numbers = list(accumulate(map(_height, rows), initial=begin + 1))
        there = [i for i, row in enumerate(rows) if row]
        width = self.dialect.width
        for i in there:
            row = rows[i]
            if len(row) > width and any(map(str.strip, row[width:])):
                raise InputError(
                    f"{self.name}:{numbers[i]}:1: {len(row)} fields, and the first row has {width}: put quotes around "
                    "a value with a delimiter in it"
                )
        found = [(rows[i] + [""] * (width - len(rows[i])))[:width] for i in there]
        return found, _Lines([numbers[i] for i in there])


@dataclass(frozen=True, slots=True)
class _Lines:
    """Where the rows of a chunk are: the number of the line of each."""

    numbers: Sequence[int]

    def __call__(self, row: int) -> str:
        return f"line {self.numbers[row]}"


def _height(row: Sequence[str]) -> int:
    """The number of lines that a row has."""
    return 1 + sum(field.count("\n") for field in row)


def csv_table(file: InputFile) -> CsvTable:
    """A CSV file by its first rows. Raises `InputError`."""
    with file.text() as text:
        lines = list(_first_lines(text, file.name))
    dialect = _dialect(lines, file.name)
    if not dialect.names:
        raise InputError(f"{file.name}: has only empty lines")
    table = CsvTable(file, dialect, [[]] * dialect.width)
    rows = list(islice(chain.from_iterable(rows for rows, _ in table.rows()), SAMPLE))
    return CsvTable(file, dialect, [list(column) for column in zip(*rows, strict=True)] or table.sample)


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
