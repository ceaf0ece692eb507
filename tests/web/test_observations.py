"""What people observe of a patient is checked, on record, and evaluated."""

from typing import Any

import pytest

from tests.kit.log_records import log_messages
from tests.web.scene import Scene
from ward.action import ActionType
from ward.bed_subject import PERSON
from ward.clock import SECOND, format_instant
from ward.reading import Reading
from ward.topics import ACTIONS, BED_READINGS
from ward.wire import ACTION_WIRE, READING_WIRE

BED = "/api/v1/beds/icu-03/observations"
GOOD: dict[str, Any] = {"by": "Nurse Ada", "values": {"consciousness": 1, "oxygen": 2}}


def readings(scene: Scene) -> list[Reading]:
    return log_messages(scene.log, BED_READINGS, READING_WIRE)


def test_an_observation_is_on_record_with_its_author_and_goes_to_the_detectors(scene: Scene) -> None:
    answer = scene.http.post(BED, json=GOOD | {"note": "drowsy"})
    assert answer.status_code == 202
    assert answer.json()["effect"].startswith("Saved for ICU bed 3, observed by Nurse Ada at ")
    assert "Consciousness 1, Oxygen 2 L/min" in answer.json()["effect"]
    (action,) = (one for one in log_messages(scene.log, ACTIONS, ACTION_WIRE) if one.type is ActionType.OBSERVE)
    assert (action.by, action.note, action.subject) == ("Nurse Ada", "drowsy", "icu-03")
    assert action.observation is not None
    assert (action.observation.patient, action.observation.values) == ("P-1074", {"consciousness": 1, "oxygen": 2})
    (reading,) = readings(scene)
    assert (reading.device, reading.ward, reading.boot, reading.at) == ("patient/P-1074", "icu", PERSON, action.at)
    assert reading.values == {"consciousness": 1, "oxygen": 2}


def test_an_observation_has_the_time_at_which_it_was_made(scene: Scene) -> None:
    at = scene.clock.now() - 1800 * SECOND
    assert scene.http.post(BED, json=GOOD | {"at": format_instant(at)}).status_code == 202
    assert [one.at for one in readings(scene)] == [at]


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"values": {"consciousness": 5}}, 400, "Consciousness 5 is not possible: it is from 0 to 4."),
        ({"values": {"oxygen": -1}}, 400, "Oxygen -1 is not possible: it is from 0 to 80."),
        ({"values": {"heart_rate": 80}}, 400, "'heart_rate' cannot be entered: oxygen, consciousness can."),
        ({"values": {"<b>": 80}}, 400, "cannot be entered"),
        ({"values": {}}, 400, "'values' is empty"),
        ({"by": " "}, 400, "'by' must be the name of the person who does this."),
        ({"at": "noon"}, 400, "'at' must be an RFC 3339 time with a zone"),
        ({"at": "2125-01-01T00:00:00Z"}, 400, "'at' lies in the future"),
        ({"at": "2020-01-01T00:00:00Z"}, 400, "'at' is more than 24 h ago"),
        ({"patient": "P-1000"}, 409, "The patient in ICU bed 3 at that time is P-1074, not 'P-1000': nothing was"),
        ({"patient": "P-1074"}, 202, ""),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence_and_not_saved(
    scene: Scene, changes: dict[str, Any], status: int, sentence: str
) -> None:
    answer = scene.http.post(BED, json=GOOD | changes)
    assert answer.status_code == status
    assert sentence in answer.text
    assert len(readings(scene)) == (status == 202)


def test_an_unknown_bed_and_a_body_without_an_author_are_refused(scene: Scene) -> None:
    assert scene.http.post("/api/v1/beds/icu-99/observations", json=GOOD).status_code == 404
    assert scene.http.post(BED, json={"values": {"oxygen": 2}}).status_code == 400
    assert readings(scene) == []
