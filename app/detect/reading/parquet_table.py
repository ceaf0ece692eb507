"""A Parquet file as a table of texts. pyarrow, which reads it, is installed with `wardwatch[parquet]`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.detect.reading.input_file import InputFile
from app.detect.reading.table import CHUNK, SAMPLE, Chunk
from ward.errors import InputError
from ward.ids import printable


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A Parquet file. A value that is null is an empty text; `reader` is pyarrow's `ParquetFile`."""

    name: str
    reader: Any
    sample: Sequence[Sequence[str]]

    @property
    def names(self) -> Sequence[str]:
        return tuple(self.reader.schema_arrow.names)

    @property
    def decimal_comma(self) -> bool:
        return False

    @property
    def notes(self) -> Sequence[str]:
        return ()

    def count(self) -> int:
        """The number of rows."""
        return int(self.reader.metadata.num_rows)

    def chunks(self, columns: Sequence[int]) -> Iterator[Chunk]:
        """All rows, in their order. Raises `InputError`."""
        row, names = 0, [self.names[i] for i in columns]
        batches = iter(self.reader.iter_batches(batch_size=CHUNK, columns=names))
        while True:
            try:
                batch = next(batches, None)
            except (OSError, ValueError) as error:
                raise InputError(f"{self.name}: damaged after row {row}: {printable(str(error))}") from error
            if batch is None:
                return
            if batch.num_rows:
                yield Chunk([_texts(batch.column(name)) for name in names], _Rows(row))
            row += batch.num_rows


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where the rows of a chunk are: the number of the first one."""

    first: int

    def __call__(self, row: int) -> str:
        return f"row {self.first + row}"


def parquet_table(file: InputFile) -> ParquetTable:
    """A Parquet file by its first rows. Raises `InputError`, also where pyarrow is not installed."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise InputError(
            f"{file.name}: is Parquet, which needs pyarrow: pip install 'wardwatch[parquet]', or save it as CSV"
        ) from error
    if file.compressed:
        raise InputError(f"{file.name}: is Parquet inside of gzip: decompress it with gunzip first")
    try:
        reader = pyarrow.parquet.ParquetFile(file.path)
    except (OSError, ValueError) as error:  # pyarrow's errors are these
        raise InputError(f"{file.name}: is no whole Parquet file: {printable(str(error))}") from error
    table = ParquetTable(file.name, reader, ())
    names = range(len(table.names))
    first = next(table.chunks(names), Chunk([[] for _ in names], _Rows(0))) if names else Chunk((), _Rows(0))
    return ParquetTable(file.name, reader, [column[:SAMPLE] for column in first.columns])


def _texts(column: Any) -> list[str]:
    """A column as texts; one of lists or structures has none."""
    import pyarrow as pa

    try:
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        return [text or "" for text in column.cast(pa.string()).to_pylist()]
    except pa.ArrowException:
        return [""] * len(column)
