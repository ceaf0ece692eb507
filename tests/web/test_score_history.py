"""The course of a score: its trend against some hours before, and its curve from the store."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bridge.store_points.bed_scores import bed_score_points
from tests.web.scene import START, Scene
from tests.web.test_scores import score, send, shown
from ward.clock import SECOND, format_instant
from ward.ports import Point
from ward.score import BedScore, ScorePart
from ward.simulated_past import SimulatedPast
from web.model.score_history import LEAST, LENGTH, STEP, ScoreHistory

HOUR = 3600
RATE = ScorePart(signal="heart_rate", value=118.0, at=START, points=2.0)


def earlier(scene: Scene, hours: float, at_least: float, **changes: object) -> BedScore:
    at = scene.clock.now() - round(hours * HOUR) * SECOND
    return replace(score(scene, at=at, at_least=at_least), **changes)


@pytest.mark.parametrize(
    ("before", "direction"), [(2.0, "rising"), (4.0, "rising"), (5.0, "steady"), (6.0, "falling"), (4.5, "steady")]
)
def test_a_score_is_rising_or_falling_against_four_hours_ago(scene: Scene, before: float, direction: str) -> None:
    """From a change of a twentieth of the highest score on: NEWS2 by 1 of 20."""
    send(scene, earlier(scene, 4, before), earlier(scene, 2, 11.0), score(scene))
    since = format_instant(scene.clock.now() - 4 * HOUR * SECOND)
    assert shown(scene)[0]["trend"] == {"since": since, "before": before, "direction": direction}


def test_a_trend_is_of_one_hour_at_least_and_of_four_at_most(scene: Scene) -> None:
    send(scene, earlier(scene, 4.1, 1.0), earlier(scene, 0.9, 3.0), score(scene))
    assert shown(scene)[0]["trend"] is None
    send(scene, score(scene, bed="icu-04", at=START - LEAST, at_least=1.0), score(scene, bed="icu-04"))
    assert shown(scene, "icu-04")[0]["trend"]["before"] == 1.0


@pytest.mark.parametrize(
    "changes", [{"patient": "somebody"}, {"value": 2.0}, {"parts": [RATE, ScorePart(signal="oxygen", points=0.0)]}]
)
def test_a_score_of_another_patient_or_with_other_parts_known_is_no_trend(
    scene: Scene, changes: dict[str, object]
) -> None:
    send(scene, earlier(scene, 4, 2.0, **changes), earlier(scene, 3, 4.0), score(scene))
    assert shown(scene)[0]["trend"]["before"] == 4.0


def test_a_history_has_one_score_in_ten_minutes_and_none_of_before_a_clock_was_set_back(scene: Scene) -> None:
    history = ScoreHistory()
    for second in range(0, 6 * HOUR, 10):
        history.apply(score(scene, at=START + second * SECOND))
    (kept,) = history._scores.values()
    assert len(kept) <= LENGTH // STEP + 2
    history.apply(score(scene, at=START + 3 * HOUR * SECOND))
    assert max(one.at for one in kept.values()) <= START + 3 * HOUR * SECOND
    assert len(history._parts) == 1


def stored(scene: Scene, *scores: BedScore) -> None:
    """In the store, as the archive writes them."""
    points: list[Point] = [point for one in scores for point in bed_score_points(one)]
    assert len(points) == len(scores)
    scene.own.write(points)


def minute(ago: float) -> int:
    return (START - round(ago * HOUR) * SECOND) // (60 * SECOND) * 60 * SECOND


@pytest.fixture
def past(tmp_path: Path) -> Scene:
    """A store with a score of three hours ago, before the web starts."""
    first = Scene(tmp_path)
    stored(first, score(first, at=minute(3), at_least=2.0))
    first.close()
    return first


def test_a_trend_goes_on_after_a_restart(past: Scene, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    send(scene, score(scene))
    assert shown(scene)[0]["trend"]["before"] == 2.0
    scene.close()


def test_a_simulated_past_is_no_trend(past: Scene, tmp_path: Path) -> None:
    again = Scene(tmp_path)
    written = SimulatedPast(start=START - 7 * 24 * HOUR * SECOND, end=START - SECOND, written=1.0, periods={})
    again.own.write([written.point()])
    again.close()
    scene = Scene(tmp_path)
    send(scene, score(scene))
    assert shown(scene)[0]["trend"] is None
    scene.close()


def test_the_curve_of_a_score_says_where_it_was_only_a_lower_bound(scene: Scene) -> None:
    stored(scene, score(scene, at=minute(2), at_least=4.0), score(scene, at=minute(1), at_least=6.0, value=6.0))
    send(scene, score(scene))
    scene.tick(1)
    found = scene.http.json("/api/v1/beds/icu-03/scores")
    (curve,) = found["scores"]
    assert (curve["label"], curve["at_least"], curve["value"]) == ("NEWS2", [4.0, 6.0], [None, 6.0])
    assert curve["at"] == [format_instant(minute(2)), format_instant(minute(1))]
    (wide,) = scene.http.json("/api/v1/beds/icu-03/scores?every=3h")["scores"]
    assert max(wide["at_least"]) == 6.0
    assert scene.http.json("/api/v1/beds/icu-04/scores")["scores"] == []
    assert scene.http.get("/api/v1/beds/icu-99/scores").status_code == 404
    assert scene.http.get("/api/v1/beds/icu-03/scores?every=never").status_code == 400
