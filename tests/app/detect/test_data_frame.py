"""Detection in Python comes to what the command writes."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.detect import detect
from tests.app.detect.files import detected, series, stepped
from tests.kit.docstrings import failed_examples, modules
from ward.errors import InputError, SettingsError

ASKED: dict[str, Any] = {"detector": "cusum", "target": 20, "sd": 1, "limit": 4, "keep_firing_for": "2s"}
WORDS = ("--detector", "cusum", "--param", "target=20", "--param", "sd=1", "--param", "limit=4", "--param",
         "keep_firing_for=2s")  # fmt: skip


def test_it_comes_to_what_the_command_writes(tmp_path: Path) -> None:
    values: list[Any] = [*stepped(300, 150)]
    values[20], values[30], values[200] = "", "high", 1e15
    path = series(tmp_path / "a.csv", values)
    written = pd.read_csv(tmp_path / "a.csv", dtype=str, keep_default_na=False)
    found = detect(written["value"], written["time"], **ASKED)
    rows = detected(path, *WORDS)
    assert list(found.columns) == ["time", "value", "score", "state", "alert"]
    assert found["state"].tolist() == [row["state"] for row in rows]
    assert found["alert"].tolist() == [int(row["alert"]) for row in rows]
    assert found["score"].tolist() == pytest.approx([float(row["score"] or "nan") for row in rows], nan_ok=True)
    assert found["value"].tolist() == [row["value"] for row in rows]


@pytest.mark.parametrize(
    "times",
    [
        pd.date_range("2026-01-01", periods=40, freq="s"),
        pd.date_range("2026-01-01", periods=40, freq="s", tz="Asia/Kolkata"),
        [dt.datetime(2026, 1, 1, 0, 0, i, tzinfo=dt.UTC) for i in range(40)],
        [f"2026-01-01T00:00:{i:02}Z" for i in range(40)],
        np.arange(40) + 1_764_000_000_000,
        np.arange(40) / 50,
        np.arange("2026-01-01", "2026-01-01T00:00:40", dtype="M8[s]"),
        None,
    ],
)  # fmt: skip
def test_times_may_be_of_any_kind(times: Any) -> None:
    found = detect(np.full(40, 20.0), times, warmup=0, **ASKED)
    assert set(found["state"]) == {"ok"}
    assert len(found["time"].unique()) == 40


@pytest.mark.parametrize(
    ("values", "states"),
    [
        ([20, None, 21], ["ok", "missing", "ok"]),
        (np.array([20, np.nan, np.inf]), ["ok", "missing", "not a number"]),
        (pd.Series([20, None, 21], dtype="Int64"), ["ok", "missing", "ok"]),
        (["20", "x", ""], ["ok", "not a number", "missing"]),
        (np.array([True, False]), ["ok", "ok"]),
        ([], []),
    ],
)
def test_values_may_be_of_any_kind(values: Any, states: list[str]) -> None:
    assert detect(values, warmup=0, **ASKED)["state"].tolist() == states


def test_the_index_of_the_values_stays_and_sorting_is_by_time() -> None:
    values = pd.Series([20.0, 30.0, 20.0], index=["a", "b", "c"], name="pulse")
    found = detect(values, [3, 1, 2], warmup=0, sort=True, **ASKED)
    assert list(found.index) == ["a", "b", "c"]
    in_order = detect([30.0, 20.0, 20.0], [1, 2, 3], warmup=0, **ASKED)
    assert found["score"].tolist() == in_order["score"].iloc[[2, 0, 1]].tolist()
    assert detect(values, [3, 1, 2], warmup=0, **ASKED)["state"].tolist() == ["ok", "out of order", "out of order"]


def test_for_is_written_with_an_underscore() -> None:
    values = [20.0] * 5 + [30.0] * 10
    at_once = detect(values, warmup=0, **ASKED)["alert"].tolist()
    later = detect(values, warmup=0, for_="3s", **ASKED)["alert"].tolist()
    assert later.index(1) == at_once.index(1) + 3


def test_a_parameter_that_an_argument_has_the_name_of_is_written_with_an_underscore() -> None:
    with pytest.raises(SettingsError, match="values must be at least 5, not 4"):
        detect([1.0], detector="hampel", values_=4)
    with pytest.raises(SettingsError, match="warmup must be at least 20, not 19"):
        detect([1.0], warmup_=19)


def test_what_does_not_fit_is_an_error() -> None:
    with pytest.raises(SettingsError, match="unknown key 'lmit'"):
        detect([1.0], detector="cusum", lmit=3)
    with pytest.raises(InputError, match="times: there are 1, and 2 values"):
        detect([1.0, 2.0], [1], **ASKED)
    with pytest.raises(InputError, match="times: 'soon' is none"):
        detect([1.0], ["soon"], **ASKED)
    with pytest.raises(InputError, match="2 columns were chosen, and cusum evaluates one: --each"):
        detect(pd.DataFrame({"a": [1], "b": [2]}), **ASKED)
    with pytest.raises(InputError, match="values: the table has no column"):
        detect(pd.DataFrame(), **ASKED)


def test_a_name_that_is_no_text_is_no_fault() -> None:
    assert detect(pd.Series([20.0], name=5), warmup=0, **ASKED)["state"].tolist() == ["ok"]


def test_examples_print_what_they_show() -> None:
    import app.detect

    assert {name: failed_examples(name) for name in modules(app.detect) if failed_examples(name)} == {}
