"""A file of values, compressed or not, that can be read several times; standard input and pipes are copied to a file
first."""

import gzip
import io
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from ward.errors import InputError

STANDARD_INPUT = "-"
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class InputFile:
    """`name` is what people call it, `path` where it is, `head` its first bytes, after decompression."""

    name: str
    path: Path
    compressed: bool
    head: bytes

    @property
    def is_parquet(self) -> bool:
        """Whether it is a Parquet file."""
        return self.head.startswith(_PARQUET)

    @property
    def encoding(self) -> str:
        """UTF-8 unless a byte order mark says UTF-16. Bytes that are no UTF-8 pass unchanged."""
        return "utf-16" if self.head.startswith(_UTF16) else "utf-8-sig"

    @contextmanager
    def bytes(self) -> Iterator[BinaryIO]:
        """Its bytes, decompressed. Raises `InputError`."""
        with explained(self.name), self.path.open("rb") as raw:
            yield cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if self.compressed else raw

    @contextmanager
    def text(self) -> Iterator[IO[str]]:
        """Its text, with the ends of lines as they are. Raises `InputError`."""
        with self.bytes() as raw:
            yield io.TextIOWrapper(raw, self.encoding, errors="surrogateescape", newline="")


@contextmanager
def input_file(name: str) -> Iterator[InputFile]:
    """The file of a name, `-` for standard input. Raises `InputError`."""
    standard = name == STANDARD_INPUT
    shown = "standard input" if standard else name
    with explained(shown):
        once = standard or Path(name).is_fifo()
    if not once:
        yield _looked_at(name, Path(name))
        return
    with tempfile.NamedTemporaryFile(prefix="wardwatch-detect-") as copy:
        with explained(shown), nullcontext(sys.stdin.buffer) if standard else Path(name).open("rb") as source:
            shutil.copyfileobj(source, copy, 1 << 20)
            copy.flush()
        yield _looked_at(shown, Path(copy.name))


def _looked_at(name: str, path: Path) -> InputFile:
    with explained(name):
        with path.open("rb") as file:
            head = file.read(4)
        found = InputFile(name, path, head.startswith(_GZIP), head)
        if found.compressed:
            with found.bytes() as file:
                found = InputFile(name, path, compressed=True, head=file.read(4))
    if not found.head:
        raise InputError(f"{name}: is empty")
    return found


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turns what can go wrong in reading a file into `InputError`."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{name}: there is no such file") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{name}: the compressed file is damaged or cut off: copy it anew") from error
    except UnicodeError as error:
        raise InputError(f"{name}: is no text in UTF-8 or UTF-16") from error
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or error}") from error
