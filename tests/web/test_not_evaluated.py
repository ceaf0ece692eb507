"""A bed whose readings the detectors do not evaluate never looks like one without an alert."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.scene import START, Scene
from ward.clock import SECOND, format_instant
from web.model.detector_lag import BEHIND_AFTER
from web.overview.snapshot import snapshot


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    made.detecting = False
    made.evaluated()
    made.settle()
    yield made
    made.close()


def healthy_for(scene: Scene, seconds: int, **behind: float) -> None:
    """All beds send; the detectors publish only that single beds are behind."""
    for _ in range(seconds):
        for bed in ("icu-01", "icu-02", "hdu-01"):
            scene.healthy(bed)
        if behind:
            scene.evaluated(**behind)
        scene.tick(1)


def tiles(scene: Scene) -> dict[str, Any]:
    return {tile["id"]: tile for tile in scene.http.json("/api/v1/beds")["beds"]}


def banners(scene: Scene) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scene.http.json("/api/v1/status")["banners"]
    return [banner for banner in found if "not evaluated" in banner["text"]]


@pytest.mark.guarantee(
    "A bed whose readings are not evaluated for 5 s says since when, and never that it has no alert."
)
def test_when_detectors_are_gone_all_tiles_and_a_banner_say_since_when(scene: Scene) -> None:
    healthy_for(scene, round(BEHIND_AFTER))
    assert {tiles(scene)[bed]["priority"] for bed in ("icu-01", "hdu-01")} == {"no alert"}
    assert banners(scene) == []
    healthy_for(scene, 1)
    shown = tiles(scene)["icu-01"]
    since = format_instant(START)
    assert (shown["priority"], shown["evaluated"], shown["evaluated_until"]) == ("not evaluated", False, since)
    assert not [tile for tile in tiles(scene).values() if tile["priority"] == "no alert"]
    (banner,) = banners(scene)
    assert (banner["level"], banner["since"]) == ("bad", since)
    assert banner["text"] == (
        "An alert may be missing, watch the patients at the bedside: readings of 19 of 20 beds are not evaluated"
    )
    assert scene.http.json("/api/v1/status")["not_evaluated"] == 19


def test_detectors_that_are_far_behind_say_so_though_they_report_each_second(scene: Scene) -> None:
    healthy_for(scene, 1)
    scene.evaluated(ago=30)
    scene.tick(0)
    shown = tiles(scene)["icu-01"]
    assert shown["evaluated_until"] == format_instant(START + SECOND - 30 * SECOND)
    assert shown["priority"] == "not evaluated"


def test_a_bed_whose_device_has_a_backlog_says_so_and_the_others_do_not(scene: Scene) -> None:
    healthy_for(scene, 3, icu_01=90)
    shown = tiles(scene)
    assert {bed: shown[bed]["priority"] for bed in ("icu-01", "icu-02", "hdu-01")} == {
        "icu-01": "not evaluated", "icu-02": "no alert", "hdu-01": "no alert",
    }  # fmt: skip
    (banner,) = banners(scene)
    assert banner["text"].endswith("readings of ICU bed 1 are not evaluated")


def test_an_alert_stays_the_priority_of_a_bed_that_is_not_evaluated(scene: Scene) -> None:
    scene.alert("icu-01")
    healthy_for(scene, 7)
    shown = tiles(scene)["icu-01"]
    assert (shown["priority"], shown["evaluated"]) == ("high", False)


def test_a_bed_without_data_stays_without_data_and_one_without_device_is_not_monitored(scene: Scene) -> None:
    scene.healthy("icu-03")
    healthy_for(scene, 30)
    shown = tiles(scene)
    assert (shown["icu-03"]["priority"], shown["icu-03"]["evaluated"]) == ("no data", False)
    assert (shown["hdu-10"]["priority"], shown["hdu-10"]["evaluated"]) == ("not monitored", True)


def test_detectors_that_never_reported_evaluate_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.detecting = False
    scene.model.detector_lag._known.clear()
    healthy_for(scene, 7)
    shown = tiles(scene)["icu-01"]
    assert (shown["priority"], shown["evaluated_until"]) == ("not evaluated", None)
    assert banners(scene)[0]["since"] is None
    scene.close()


def test_a_clock_of_the_detectors_that_is_wrong_makes_no_lag(scene: Scene) -> None:
    healthy_for(scene, 1)
    scene.clock.step(-60)
    scene.evaluated()
    scene.clock.step(60)
    healthy_for(scene, 1)
    assert tiles(scene)["icu-01"]["evaluated"]


def test_grafana_has_it_in_the_snapshot(scene: Scene) -> None:
    healthy_for(scene, 7)
    points = list(snapshot(scene.deps.board.state(), scene.model.config_view, scene.clock.now()))
    beds = [dict(point.fields) for point in points if point.series.measurement == "overview"]
    icu = next(fields for fields in beds if fields["bed"] == "icu-01")
    assert (icu["priority"], icu["evaluated"], icu["level"], icu["since_s"]) == ("not evaluated", 0.0, 8.0, 7.0)
    assert icu["summary"] == "not evaluated for 7 s"
    (ward,) = {point.fields["not_evaluated"] for point in points if dict(point.series.tags).get("ward") == "_all" and
               point.series.measurement == "overview_wards"}  # fmt: skip
    assert ward == 19.0
