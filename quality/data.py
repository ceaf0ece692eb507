"""Where the public data sets are that figures are measured on: read in place, and no part of the project."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from quality.row import NOT_MEASURED, Row

SETTING = "WARDWATCH_QUALITY_DATA"
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"

Progress = Callable[[str], None]


def named() -> Path | None:
    """The folder that WARDWATCH_QUALITY_DATA names, None where it is not set.

    Raises:
        NotADirectoryError: where there is no such folder.
    """
    setting = os.environ.get(SETTING)
    if setting and not Path(setting).is_dir():
        raise NotADirectoryError(f"{SETTING} names {setting}, which is no folder: correct or unset it")
    return Path(setting) if setting else None


def folder(name: str) -> Path | None:
    """The folder of one data set, or None where it is absent.

    It is looked for in the folder that WARDWATCH_QUALITY_DATA names, else in `shared/data` beside the project.
    """
    found = Path(os.environ.get(SETTING) or BESIDE) / name
    return found if found.is_dir() else None


def absent(part: str, what: str, name: str, wanted: str = "") -> Iterator[Row]:
    """The row that stands in the table where a data set is absent."""
    yield Row(part, what, NOT_MEASURED, wanted, "", None, f"the data set `{name}` is absent: set {SETTING}")
