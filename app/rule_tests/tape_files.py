"""Finds tape files."""

from collections.abc import Sequence
from pathlib import Path

import click

from ward.ids import printable

FOLDER = "tapes"


def tape_files(named: Sequence[Path], config: Path) -> list[Path]:
    """The named files, and the files of named folders; without any, those of the folder `tapes` of the config.

    Raises `click.UsageError` for a path that does not exist, `click.ClickException` when there is no tape.
    """
    missing = [path for path in named if not path.exists()]
    if missing:
        raise click.UsageError(f"there is no tape {printable(str(missing[0]))}")
    found = [file for path in named or [config / FOLDER] for file in _files(path)]
    if not found:
        where = printable(str((config / FOLDER).as_posix()))
        raise click.ClickException(f"no tape to run: name files, or put them into {where} (docs/commands.md)")
    return found


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.yaml")) if path.is_dir() else [path] if path.exists() else []
