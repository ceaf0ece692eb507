"""Scores of patients on the board: as the detectors sent them, and only while they are of now."""

import dataclasses
from dataclasses import replace as replace_rule
from typing import Any

from msgspec.structs import replace

from bridge.store_points.bed_scores import bed_score_points
from tests.web.browser.score_scene import scored
from tests.web.scene import START, Scene
from ward.clock import SECOND, format_instant
from ward.config.rule import Match
from ward.score import BedScore, ScorePart
from ward.topics import BED_SCORES
from ward.wire import BED_SCORE_WIRE
from web.model.bed_scores import CURRENT_FOR


def score(scene: Scene, bed: str = "icu-03", **changes: object) -> BedScore:
    stay = next((stay for stay in scene.live.config.inventory.stays if stay.bed == bed), None)
    now = scene.clock.now()
    made = BedScore(
        rule="hypoxia", name="news2", subject="", ward="icu", bed=bed, patient=stay.patient if stay else "", at=now,
        at_least=5.0, highest=20.0, text="NEWS2 at least 5 (2 for heart rate); not known: oxygen", response="Urgent",
        parts=[
            ScorePart(signal="heart_rate", value=118.0, at=now - 4 * SECOND, points=2.0),
            ScorePart(signal="oxygen"),
        ],
    )  # fmt: skip
    return replace(made, **changes)


def send(scene: Scene, *scores: BedScore) -> None:
    records = [(f"{one.bed}/{one.rule}", BED_SCORE_WIRE.encode(one)) for one in scores]
    scene.log.send(BED_SCORES, records)


def shown(scene: Scene, bed: str = "icu-03") -> list[dict[str, Any]]:
    scene.tick(1)
    tile = next(tile for tile in scene.http.json("/api/v1/beds")["beds"] if tile["id"] == bed)
    found: list[dict[str, Any]] = tile["scores"]
    return found


def test_a_score_is_shown_with_its_parts_and_their_instants(scene: Scene) -> None:
    send(scene, score(scene))
    measured = format_instant(scene.clock.now() - 4 * SECOND)
    (found,) = shown(scene)
    assert (found["name"], found["value"], found["at_least"], found["current"]) == ("news2", None, 5.0, True)
    assert found["parts"] == [
        {"signal": "heart_rate", "label": "Heart rate", "value": 118.0, "text": "118 /min", "points": 2.0,
         "at": measured, "state": "known", "observed": False},
        {"signal": "oxygen", "label": "Oxygen", "value": None, "text": "", "points": None, "at": None,
         "state": "never", "observed": True},
    ]  # fmt: skip


def test_a_part_that_is_too_old_differs_from_one_that_there_never_was(scene: Scene) -> None:
    old = ScorePart(signal="consciousness", value=0.0, at=START - 13 * 3600 * SECOND, too_old=True)
    send(scene, score(scene, parts=[old]))
    (part,) = shown(scene)[0]["parts"]
    assert (part["text"], part["state"]) == ("Alert", "old")


def test_a_score_and_a_part_that_the_catalogue_has_not_have_the_words_of_the_rule_and_their_own(scene: Scene) -> None:
    rules = [replace_rule(rule, label="Risk (experimental)") for rule in scene.live.config.rules]
    scene.live.config = dataclasses.replace(scene.live.config, rules=tuple(rules))
    parts = [ScorePart(signal="shock_index", value=0.8214, at=START, points=-1.5)]
    send(scene, score(scene, name="risk", value=58.0, highest=100.0, parts=parts))
    (found,) = shown(scene)
    assert (found["label"], found["value"]) == ("Risk (experimental)", 58.0)
    (part,) = found["parts"]
    assert (part["label"], part["text"], part["state"]) == ("Shock index", "0.8214", "known")


def test_a_score_that_is_not_sent_any_more_is_not_of_now(scene: Scene) -> None:
    send(scene, score(scene))
    assert shown(scene)[0]["current"]
    scene.clock.advance(CURRENT_FOR + 1)
    assert not shown(scene)[0]["current"]


def test_an_older_score_does_not_take_the_place_of_a_newer_one(scene: Scene) -> None:
    send(scene, score(scene, at_least=7.0), score(scene, at=START - SECOND, at_least=1.0))
    assert shown(scene)[0]["at_least"] == 7.0


def test_the_score_of_another_patient_or_of_a_rule_that_is_gone_is_not_shown(scene: Scene) -> None:
    send(scene, score(scene, patient="somebody-else"), score(scene, bed="icu-04", rule="gone"))
    assert shown(scene) == shown(scene, "icu-04") == []


def test_a_bed_without_any_score_says_which_rules_have_none_yet(scene: Scene) -> None:
    scene.live.config = scored(scene.live.config)
    scene.tick(1)
    tiles = {tile["id"]: tile for tile in scene.http.json("/api/v1/beds")["beds"]}
    both = [
        {"rule": "news2", "name": "news2", "label": "NEWS2"},
        {"rule": "risk", "name": "risk", "label": "Risk (experimental)"},
    ]
    assert tiles["icu-03"]["unknown_scores"] == both
    send(scene, score(scene, rule="news2"))
    scene.tick(1)
    (tile,) = (tile for tile in scene.http.json("/api/v1/beds")["beds"] if tile["id"] == "icu-03")
    assert tile["unknown_scores"] == both[1:]


def test_a_rule_for_other_beds_gives_no_unknown_score(scene: Scene) -> None:
    config = scored(scene.live.config)
    rules = [replace_rule(rule, where=Match(ward=("hdu",))) if rule.scope == "bed" else rule for rule in config.rules]
    scene.live.config = dataclasses.replace(config, rules=tuple(rules))
    scene.tick(1)
    tiles = {tile["id"]: tile for tile in scene.http.json("/api/v1/beds")["beds"]}
    assert tiles["icu-03"]["unknown_scores"] == []
    assert len(tiles["hdu-03"]["unknown_scores"]) == 2


def test_scores_stand_in_the_order_of_their_rules(scene: Scene) -> None:
    scene.live.config = scored(scene.live.config)
    send(scene, score(scene, rule="risk", name="risk"), score(scene, rule="tachypnoea"), score(scene, rule="news2"))
    assert [one["rule"] for one in shown(scene)] == ["tachypnoea", "news2", "risk"]


def test_a_score_is_stored_once_a_minute_with_the_points_that_are_known(scene: Scene) -> None:
    minute = START // (60 * SECOND) * 60 * SECOND
    first, second = (score(scene, at=minute + seconds * SECOND, value=None) for seconds in (5, 15))
    (point,) = bed_score_points(first)
    assert list(bed_score_points(second)) == []
    assert dict(point.series.tags) == {"score": "news2", "rule": "hypoxia", "ward": "icu", "bed": "icu-03"}
    assert point.fields == {"at_least": 5.0, "points_heart_rate": 2.0, "text": first.text}
    (whole,) = bed_score_points(replace(first, value=5.0))
    assert whole.fields["value"] == 5.0
