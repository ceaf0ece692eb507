"""A file that takes its name only when it is whole."""

import io
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

import click

from ward.errors import InputError
from ward.ids import printable

STANDARD_OUTPUT = "-"


@contextmanager
def output_file(name: str) -> Iterator[IO[str]]:
    """Text for a file of this name, `-` for standard output. Raises `InputError` with the reason.

    A regular file is written under another name beside it, is forced to the disk and then renamed: what had the name
    before stays until then, and stays where anything fails.
    """
    if name == STANDARD_OUTPUT:
        with _explained("standard output"):
            yield sys.stdout
            sys.stdout.flush()
        return
    with output_bytes(name) as raw, _explained(name):
        file = io.TextIOWrapper(raw, encoding="utf-8", errors="surrogateescape", newline="")
        yield file
        file.flush()
        file.detach()


def write_text(file: Path, text: str) -> None:
    """Write a file whole or not at all. Raises `click.ClickException` with the reason."""
    try:
        with output_file(str(file)) as out:
            out.write(text)
    except InputError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def output_bytes(name: str) -> Iterator[BinaryIO]:
    """The same as bytes, without standard output."""
    with _explained(name):
        path = Path(name).resolve()  # of a link the file is replaced, not the link
        if path.exists() and not path.is_file():
            with path.open("wb") as file:  # a device or a pipe, such as /dev/null, which must not be replaced
                yield file
            return
        new = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
        try:
            with new.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                new.chmod(stat.S_IMODE(path.stat().st_mode))
            new.replace(path)
            _sync_folder(path.parent)
        finally:
            new.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """The new name is on the disk too."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # whoever reads has enough
    except OSError as error:
        why = f"{printable(name, 200)}: cannot be written: {error.strerror or error}"
        raise InputError(f"{why}. What was there is as it was") from error
