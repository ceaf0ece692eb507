"""The shipped points: plausible, bounded, and refused when their file is broken."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detectors.base.columns import Floats
from detectors.scores.risk_points import FEATURES, PARTS, SHIPPED, BrokenModel, load, score

MODEL = load()
WELL = {"heart_rate": 74, "systolic_bp": 125, "diastolic_bp": 70, "spo2": 98, "temperature": 37, "respiratory_rate": 16}
ILL = {"heart_rate": 128, "systolic_bp": 82, "diastolic_bp": 40, "spo2": 86, "temperature": 35, "respiratory_rate": 32}


def steady(spread: float = 0.05, **vitals: float) -> Floats:
    """The statistics (8, 6, 1) of a patient whose values are about the same all the time."""
    vitals["pulse_pressure"] = vitals["systolic_bp"] - vitals["diastolic_bp"]
    vitals["shock_index"] = vitals["heart_rate"] / vitals["systolic_bp"]
    names = ("heart_rate", "systolic_bp", "diastolic_bp", "spo2", "temperature", "respiratory_rate")
    values = [vitals[name] for name in (*names, "pulse_pressure", "shock_index")]
    rows = [[x, spread * x / 2, x * (1 - spread), x * (1 + spread), x, 0.0] for x in values]
    return np.array(rows)[..., None]


def of(statistics: Floats, age: float) -> float:
    return float(score(MODEL.of_parts(statistics, np.array([age])))[0])


def test_who_is_gravely_ill_has_far_more_points_than_who_is_well() -> None:
    assert of(steady(**ILL), 70) - of(steady(**WELL), 70) > 30


@pytest.mark.parametrize(("name", "value"), [
    ("heart_rate", 125), ("systolic_bp", 85), ("respiratory_rate", 32), ("temperature", 35), ("spo2", 85),
])  # fmt: skip
def test_one_vital_sign_far_off_adds_points(name: str, value: float) -> None:
    assert of(steady(**{**WELL, name: value}), 60) > of(steady(**WELL), 60)


def test_points_rise_with_age() -> None:
    found = [of(steady(**WELL), age) for age in range(20, 95, 5)]
    assert found == sorted(found)
    assert found[-1] - found[0] > 15


def test_the_parts_add_up_and_the_score_is_within_its_bounds() -> None:
    rng = np.random.default_rng(3)
    statistics = rng.normal(80, 400, (8, 6, 500))
    statistics[rng.random(statistics.shape) < 0.3] = np.nan
    parts = MODEL.of_parts(statistics, rng.uniform(-5, 200, 500))
    found = score(parts)
    assert parts.shape == (len(PARTS), 500)
    np.testing.assert_allclose(found, np.clip(50 + parts.sum(axis=0), 0, 100))
    chance = MODEL.chance(found)
    assert (chance[np.argsort(found)] == np.sort(chance)).all()
    assert 0 < chance.min() < chance.max() < 1


def test_points_are_read_from_their_bands() -> None:
    entries = {entry["name"]: entry for entry in json.loads(SHIPPED.read_text(encoding="utf-8"))["features"]}
    statistics, age = np.full((8, 6, 3), np.nan), np.array([np.nan, 60.0, 60.0])
    edge = entries["temperature_last"]["edges"][2]
    statistics[4, 4] = [np.nan, edge, np.nextafter(edge, 0)]
    parts = MODEL.of_parts(statistics, age)
    not_known = sum(entries[name]["not_known"] for name in FEATURES if name.startswith("temperature"))
    last = entries["temperature_last"]
    assert parts[4, 0] == pytest.approx(not_known)
    assert parts[4, 1] == pytest.approx(not_known - last["not_known"] + last["points"][3])
    assert parts[4, 2] == pytest.approx(not_known - last["not_known"] + last["points"][2])
    assert parts[8].tolist() == [entries["age"]["not_known"], *[entries["age"]["points"][4]] * 2]


def broken(change: str) -> str:
    model: dict[str, Any] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    first = model["features"][0]
    if change == "a feature missing":
        del model["features"][0]
    elif change == "a point missing":
        first["points"].pop()
    elif change == "edges in disorder":
        first["edges"].reverse()
    elif change == "not finite":
        first["points"][0] = float("nan")
    elif change == "no calibration":
        del model["calibration"]
    elif change == "a list":
        return "[]"
    return json.dumps(model)[: 100 if change == "cut off" else None]


@pytest.mark.parametrize("change", [
    "a feature missing", "a point missing", "edges in disorder", "not finite", "no calibration", "a list", "cut off",
])  # fmt: skip
def test_a_broken_file_is_refused_by_name(change: str, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(broken(change), encoding="utf-8")
    with pytest.raises(BrokenModel, match=r"model\.json: no model of the risk score"):
        load(path)


def test_an_absent_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BrokenModel, match=r"absent\.json"):
        load(tmp_path / "absent.json")
