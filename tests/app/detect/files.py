"""Small files of values for the tests of `wardwatch detect`."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.detect.reading.csv_table import CsvTable, csv_table
from app.detect.reading.input_file import input_file
from tests.app.calling import call

HERE = Path(__file__).parent
# A mean of 20 and a standard deviation of 1, given, so that a short series has scores from its first row on.
CUSUM = ("--detector", "cusum", "--param", "target=20", "--param", "sd=1", "--param", "limit=4")


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def opened(path: Path) -> CsvTable:
    """A CSV file as a table; it may be read after this too."""
    with input_file(str(path)) as file:
        return csv_table(file)


def rows_of(table: CsvTable) -> list[list[str]]:
    """All rows of a table."""
    return [list(row) for chunk in table.chunks(range(len(table.names))) for row in zip(*chunk.columns, strict=True)]


def stepped(rows: int, step_at: int, seed: int = 1) -> list[float]:
    """Noise around 20 that is 5 higher from a row on, for a tenth of the rows."""
    x = np.random.default_rng(seed).normal(20, 1, rows)
    x[step_at : step_at + rows // 10] += 5
    return [float(value) for value in np.round(x, 3)]


def series(path: Path, values: Sequence[Any], times: Sequence[Any] | None = None) -> Path:
    """A CSV file of these values, with a second from one to the next where there are no times."""
    given = (
        times
        if times is not None
        else [f"2026-01-01T{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}Z" for i in range(len(values))]
    )
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("time", "value"), *zip(given, values, strict=True)])
    return path


def detected(path: Path, *words: object) -> list[dict[str, str]]:
    """The rows that `wardwatch detect` writes."""
    out = path.with_name("out.csv")
    found = call("detect", path, "--out", out, *words)
    assert found.exit_code == 0, found.output
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def column(rows: Sequence[dict[str, str]], name: str) -> list[str]:
    return [row[name] for row in rows]
