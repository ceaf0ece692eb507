"""Parquet files as tables."""

import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.detect.reading import parquet_table as parquet_table_module
from tests.app.calling import call
from tests.app.detect.files import CUSUM, column, detected, series, stepped, write


def stored(path: Path, columns: dict[str, Any]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_parquet_comes_to_what_csv_comes_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = [*stepped(300, 150)[:299], None]
    monkeypatch.setattr(parquet_table_module, "CHUNK", 70)
    times = pa.array([1_764_000_000_000_000 + i * 1_000_000 for i in range(300)], pa.timestamp("us", "UTC"))
    path = stored(tmp_path / "a.parquet", {"when": times, "pulse": pa.array(values, pa.float64())})
    found = detected(path, *CUSUM)
    assert found[0]["time"] == "2025-11-24 16:00:00.000000Z"
    given = [row["time"] for row in found]
    expected = detected(series(tmp_path / "a.csv", ["" if x is None else x for x in values], given), *CUSUM)
    assert found == expected
    assert column(found, "state")[-1] == "missing"


@pytest.mark.parametrize(
    ("values", "states"),
    [
        (pa.array([20, None], pa.int32()), ["ok", "missing"]),
        (pa.array([True, False]), ["ok", "ok"]),
        (pa.array(["20", "x"]).dictionary_encode(), ["ok", "not a number"]),
        (pa.array([20, 21], pa.decimal128(5, 2)), ["ok", "ok"]),
        (pa.array([float("nan"), float("inf")]), ["missing", "not a number"]),
        (pa.array([[1], [2]]), ["missing", "missing"]),
    ],
)
def test_values_may_be_of_any_type(tmp_path: Path, values: Any, states: list[str]) -> None:
    path = stored(tmp_path / "a.parquet", {"value": values})
    assert column(detected(path, *CUSUM, "--value", "value", "--warmup", "0"), "state") == states


def test_a_place_is_the_number_of_a_row(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.parquet", {"value": ["20", "20", "x"]})
    assert "rows whose value is no number: 1, the first in row 2: 'x'" in call("detect", path, *CUSUM).stderr


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stored(tmp_path / "a.parquet", {"value": [20.0]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "pyarrow.parquet")
    found = call("detect", path, *CUSUM)
    assert found.exit_code == 1
    assert "a.parquet: is Parquet, which needs pyarrow: pip install 'wardwatch[parquet]'" in found.stderr


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1"])
def test_a_damaged_file_is_reported(tmp_path: Path, data: bytes) -> None:
    found = call("detect", write(tmp_path / "a.parquet", data), *CUSUM)
    assert found.exit_code == 1
    assert "a.parquet: is no whole Parquet file: " in found.stderr


def test_a_file_that_is_damaged_inside_is_reported_and_leaves_nothing(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.parquet", {"value": [float(i) for i in range(5000)]})
    data = path.read_bytes()
    path.write_bytes(data[:40] + b"\xff" * 400 + data[440:])
    found = call("detect", path, *CUSUM, "--out", tmp_path / "out.csv")
    assert found.exit_code == 1
    assert "a.parquet: damaged after row 0: " in found.stderr
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("columns", [{}, {"value": pa.array([], pa.float64())}])
def test_no_row_is_an_error(tmp_path: Path, columns: dict[str, Any]) -> None:
    found = call("detect", stored(tmp_path / "a.parquet", columns), *CUSUM)
    assert found.exit_code == 1
    assert "a.parquet: has no row of values" in found.stderr
