"""Detection in Python: values in, a table out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from app.detect.reading.numbers import Numbers, digits, numbers
from app.detect.reading.table import CHUNK, SAMPLE
from app.detect.reading.times import ROW_NUMBERS, time_format
from app.detect.row_state import RowState
from app.detect.rule import build_rule, find_detector, warm_up_rows
from app.detect.scorer import unknown_signal
from app.detect.series import Evaluated, Series, Values
from app.detect.vector_scorer import make_scorer
from detectors.base.columns import Floats
from ward.errors import InputError
from ward.signals import Signal

if TYPE_CHECKING:
    import pandas as pd


def detect(
    values: Any, times: Any = None, *, detector: str = "auto", warmup: float = 0.15, sort: bool = False, **params: Any
) -> pd.DataFrame:
    """Evaluate a series with a detector: the same as `wardwatch detect`.

    Args:
        values: numbers or texts, one for each row, or a table with several columns for a detector of vectors; None and
            NaN are missing values.
        times: ISO 8601 texts, `datetime` objects, `datetime64`, or numbers; None numbers the rows from 0.
        detector: the name of a detector that scores values.
        warmup: the share of the rows, from 0 to less than 1, that only teach the detector.
        sort: evaluate rows in the order of their times; without it one before an earlier row is not evaluated.
        params: parameters of the detector and its rule. A `_` at the end is left out, for names that Python or an
            argument here has: `for_`, `values_`, `warmup_`.

    Returns:
        A row for each value, with the index of `values` where that has one: `time` and `value`, or the columns, as
        given, `score` from 0 to 1 (NaN where there is none), `state`, and `alert` (0 or 1).

    Raises:
        SettingsError: for an unknown detector or a wrong parameter.
        InputError: for values and times that do not fit together, or times that are none.
    """
    import pandas as pd

    columns = _columns(values)
    x = _values(columns)
    t = _times(times, len(x.t))
    chosen = find_detector(detector)
    warm_rows = warm_up_rows(len(x.t), warmup)
    rule = build_rule(chosen, _named(params), warm_rows)
    series = Series(make_scorer(chosen, rule, list(map(_signal, columns))), warm_rows)
    order = np.argsort(t, kind="stable") if sort else np.arange(len(t))
    found = evaluated(series, x.x[:, order], x.missing[:, order], t[order])
    back = np.argsort(order, kind="stable")
    words = np.array([state.words for state in RowState], dtype=object)
    data = {
        "time": np.arange(len(t)) if times is None else pd.Series(times).to_numpy(), **_given(columns),
        "score": found.score[back], "state": words[found.state[back]], "alert": found.alert[back].astype(np.int64),
    }  # fmt: skip
    return pd.DataFrame(data, index=columns[0].index)


def evaluated(series: Series, x: Floats, missing: Any, t: Floats) -> Evaluated:
    """Evaluate whole columns, a chunk at a time, as a file is."""
    parts = [
        series.evaluate(Values(x[:, i : i + CHUNK], missing[:, i : i + CHUNK], t[i : i + CHUNK]))
        for i in range(0, len(t), CHUNK)
    ]  # fmt: skip
    if not parts:
        return Evaluated(np.empty(0), np.empty(0, dtype=np.int8), np.empty(0, dtype=np.bool_))
    return Evaluated(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("score", "state", "alert")))


def _columns(values: Any) -> list[pd.Series[Any]]:
    import pandas as pd

    if getattr(values, "ndim", 1) == 1:
        return [pd.Series(values)]
    frame = pd.DataFrame(values)
    if not frame.shape[1]:
        raise InputError("values: the table has no column")
    return [frame.iloc[:, i] for i in range(frame.shape[1])]


def _given(columns: list[pd.Series[Any]]) -> dict[str, Any]:
    """The columns as they were given."""
    return {"value" if len(columns) == 1 else str(column.name): column.to_numpy() for column in columns}


def _values(columns: list[pd.Series[Any]]) -> Values:
    """Values as numbers; their times are not known yet."""
    found = list(map(_numbers, columns))
    x = np.stack([each.x for each in found])
    return Values(x, np.stack([each.missing for each in found]), x[0])


def _numbers(column: pd.Series[Any]) -> Numbers:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column.dtype) or not len(column):
        x = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return Numbers(np.where(np.isfinite(x), x, np.nan), np.isnan(x))
    return numbers(_texts(column))


def _signal(column: pd.Series[Any]) -> Signal:
    name = "value" if column.name is None else str(column.name)
    return unknown_signal(name, digits(_texts(column[:SAMPLE])))


def _times(times: Any, rows: int) -> Floats:
    """Times in seconds."""
    import pandas as pd

    if times is None:
        return np.arange(rows, dtype=np.float64)
    column = pd.Series(times)
    if len(column) != rows:
        raise InputError(f"times: there are {len(column)}, and {rows} values")
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        micros = column.dt.tz_convert("UTC").dt.tz_localize(None) if column.dt.tz is not None else column
        t: Floats = micros.to_numpy(dtype="M8[us]").astype(np.int64) / 1e6
        return np.where(column.isna(), np.nan, t)
    texts = _texts(column)
    found = time_format(texts[:SAMPLE]) if rows else ROW_NUMBERS
    if found is None:
        raise InputError(f"times: {texts[0]!r} is none: they must be ISO 8601 or numbers")
    return found.parse(texts)


def _texts(column: pd.Series[Any]) -> list[str]:
    return ["" if missing else str(value) for value, missing in zip(column.tolist(), column.isna(), strict=True)]


def _named(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name.rstrip("_"): value for name, value in params.items()}
