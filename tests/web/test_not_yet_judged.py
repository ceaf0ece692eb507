"""Which rules cannot judge a bed yet: reports of the detectors, until there is a score or they are old."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.scene import Scene
from ward.clock import SECOND
from ward.wire import PROGRESS, DetectorCurve
from web.model import detector_progress
from web.model.detector_progress import DetectorProgressIndex

WARMING = "warming up, 12 of 48 values"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    made.settle()
    yield made
    made.close()


def rules(scene: Scene, bed: str = "icu-01") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scene.http.json(f"/api/v1/beds/{bed}/progress")["rules"]
    return found


def test_a_rule_that_warms_up_is_named_until_it_has_a_score(scene: Scene) -> None:
    scene.progress("mon-icu-01", "temperature", "temperature-drift", WARMING)
    scene.progress("mon-icu-01", "heart_rate", "unknown-rule", "not enough data, 7 of 10 values")
    scene.progress("mon-icu-02", "temperature", "temperature-drift", WARMING)
    scene.tick(1)
    first, second = rules(scene)
    assert (first["signal"], first["rule_label"]) == ("heart_rate", "unknown-rule")
    assert (second["label"], second["rule"], second["text"]) == ("Temperature", "temperature-drift", WARMING)
    scene.progress("mon-icu-01", "temperature", "temperature-drift")
    scene.tick(1)
    assert [rule["signal"] for rule in rules(scene)] == ["heart_rate"]


def test_a_report_of_long_ago_is_none(scene: Scene) -> None:
    scene.progress("mon-icu-01", "temperature", "temperature-drift", WARMING)
    scene.tick(180)
    assert rules(scene)
    scene.tick(20)
    assert rules(scene) == []


def test_an_unknown_bed_is_refused(scene: Scene) -> None:
    assert scene.http.get("/api/v1/beds/icu-99/progress").status_code == 404


def report(device: str, at: int, text: str = WARMING) -> DetectorCurve:
    tags = {"device": device, "signal": "s", "rule": "r"}
    return DetectorCurve(name="cusum", at=at * SECOND, fields={PROGRESS: text} if text else {}, tags=tags)


def test_reports_are_bounded_and_old_ones_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector_progress, "_MOST", 3)
    index = DetectorProgressIndex()
    for i in range(5):
        index.apply(report(f"d{i}", 1000 + i))
    names = [f"d{i}" for i in range(6)]
    assert [one.device for one in index.of_devices(names, 1010 * SECOND)] == ["d0", "d1", "d2"]
    index.apply(report("d5", 2000))
    assert [one.device for one in index.of_devices(names, 2000 * SECOND)] == ["d5"]
    for i in range(6):
        index.apply(report(f"d{i}", 2001, text=""))
    assert index.of_devices(names, 2001 * SECOND) == []


def test_curves_without_a_series_are_no_reports() -> None:
    index = DetectorProgressIndex()
    index.apply(DetectorCurve(name="imaging", at=1, fields={PROGRESS: WARMING}, tags={"device": "d"}))
    assert index.of_devices(["d"], 1) == []
