"""`update_many` equals `update` for one value after the other, bit by bit, whatever an engine chooses."""

from typing import Any

import numpy as np
import pytest

from detectors.base.columns import Floats
from detectors.base.detector import Detector
from detectors.base.registry import discover
from detectors.engine.tables.column_table import ColumnTable
from quality.rows_of_detector import DetectorRows

MANY = [name for name, one in discover().items() if one.update_many is not Detector.update_many]
ROWS = 3
# Settings besides the sample that make another path.
OTHERS: dict[str, dict[str, Any]] = {
    "page_hinkley": {"memory": 20}, "hampel": {"values": 10}, "ewma": {"exact": True}, "flatline": {"tolerance": 1.5},
    "shewhart": {"rule_1": False}, "variance": {"within": "5s"},
}  # fmt: skip


def series(seed: int) -> Floats:
    """Noise, a step, a stuck sensor and an outlier, rounded: three rows."""
    x = np.random.default_rng(seed).normal(80, 3, (ROWS, 300)).round()
    x[0, 150:] += 6
    x[1, 100:160] = 81.0
    x[2, 200] = 1e9
    return x


def values_of(name: str) -> Floats:
    """The series, (rows, n); for a detector of vectors one for each part, with gaps, (parts, rows, n)."""
    parts = DetectorRows(name, discover()[name].sample).parts
    if parts == 1:
        return series(1)
    x = np.array([series(part) for part in range(parts)])
    return np.where(np.random.default_rng(3).random(x.shape) < 0.02, np.nan, x)


def settings_of(name: str) -> dict[str, Any]:
    """The sample, with a short calibration."""
    sample = dict(discover()[name].sample)
    short = {"calibrate_values": 20, "warm_up": 20, "calibrate_for": None}
    least = {"warm_up": 60} if name == "hotelling" else {}  # it takes no less
    return sample | {key: value for key, value in short.items() if key in discover()[name].params.model_fields} | least


def one_by_one(name: str, settings: dict[str, Any], x: Floats, t: Floats) -> tuple[Floats, ColumnTable]:
    rows = DetectorRows(name, settings, ROWS)
    scores = [rows.update(x[..., i], float(at)) for i, at in enumerate(t)]
    return np.array(scores).T, rows.state


def in_parts(name: str, settings: dict[str, Any], x: Floats, t: Floats, ends: list[int]) -> tuple[Floats, ColumnTable]:
    """The same with many values at a time, where the detector can."""
    rows, scores, taken = DetectorRows(name, settings, ROWS), [], 0
    for start, end in zip([0, *ends], [*ends, len(t)], strict=True):
        found, _ = rows.along(x[..., start:end], t[start:end])
        if found is None:
            scores += [rows.update(x[..., i], float(t[i])) for i in range(start, end)]
        else:
            scores += list(found.T)
            taken += 1
    assert taken, "never evaluated along time"
    return np.array(scores).T, rows.state


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("other", [False, True])
def test_many_values_at_once_are_as_one_after_the_other(name: str, other: bool) -> None:
    x, t = values_of(name), 1.7e9 + np.cumsum(np.random.default_rng(2).choice([1.0, 1.0, 7.0], 300))
    settings = settings_of(name) | (OTHERS.get(name, {}) if other else {})
    with np.errstate(all="ignore"):
        expected, state = one_by_one(name, settings, x, t)
        for ends in ([80], [30, 45, 46, 150, 290]):
            found, other_state = in_parts(name, settings, x, t, ends)
            assert found.tobytes() == expected.tobytes()
            assert other_state.dump(np.arange(ROWS)).tobytes() == state.dump(np.arange(ROWS)).tobytes()
