"""A table of texts, whatever its file is: names of columns, first rows, and chunks of rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

# Rows that are in memory at one time, and rows that columns are recognised by.
CHUNK, SAMPLE = 32_768, 200


@dataclass(frozen=True, slots=True)
class Chunk:
    """Successive rows: for each column that was asked for its texts, as they stand in the file. `place` names where a
    row of the chunk is: `line 7`."""

    columns: Sequence[Sequence[str]]
    place: Callable[[int], str]

    def __len__(self) -> int:
        return len(self.columns[0])


class Table(Protocol):
    """Rows of texts that can be read several times.

    `name` is what people call the file, `names` are those of the columns, and `sample` has the first rows of each
    column. `decimal_comma` is whether 36,8 is a number. `notes` are sentences about what was found.
    """

    @property
    def name(self) -> str: ...
    @property
    def names(self) -> Sequence[str]: ...
    @property
    def sample(self) -> Sequence[Sequence[str]]: ...
    @property
    def decimal_comma(self) -> bool: ...
    @property
    def notes(self) -> Sequence[str]: ...

    def count(self) -> int:
        """The number of rows. Raises `InputError`."""
        ...

    def chunks(self, columns: Sequence[int]) -> Iterator[Chunk]:
        """All rows, in their order. At least one column must be asked for. Raises `InputError` with the line."""
        ...
