"""What people observe of a patient is checked, on record, and evaluated."""

import dataclasses
from typing import Any

import pytest

from tests.kit.log_records import log_messages
from tests.web.scene import START, Scene
from ward.action import Action, ActionType, Observation
from ward.bed_subject import PERSON
from ward.clock import SECOND, format_instant
from ward.inventory import Inventory
from ward.reading import Reading
from ward.topics import ACTIONS, BED_READINGS
from ward.wire import ACTION_WIRE, READING_WIRE
from web.model.observation_index import ObservationIndex

BED = "/api/v1/beds/icu-03/observations"
GOOD: dict[str, Any] = {"by": "Nurse Ada", "values": {"consciousness": 1, "oxygen": 2}}


def readings(scene: Scene) -> list[Reading]:
    return log_messages(scene.log, BED_READINGS, READING_WIRE)


def test_an_observation_is_on_record_with_its_author_and_goes_to_the_detectors(scene: Scene) -> None:
    answer = scene.http.post(BED, json=GOOD | {"note": "drowsy"})
    assert answer.status_code == 202
    assert answer.json()["effect"].startswith("Saved for ICU bed 3, observed by Nurse Ada at ")
    assert "Consciousness: New confusion, Oxygen: On oxygen, 2 L/min" in answer.json()["effect"]
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
    assert [one.at // SECOND * SECOND for one in readings(scene)] == [at]


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"values": {"consciousness": 5}}, 400, "Consciousness 5 is not possible: it is from 0 to 4."),
        ({"values": {"consciousness": 0.5}}, 400, "Consciousness 0.5 is not possible: it is one of 0 (Alert), 1 (New"),
        ({"values": {"oxygen": -1}}, 400, "Oxygen -1 is not possible: it is from 0 to 80."),
        ({"values": {"heart_rate": 80}}, 400, "'heart_rate' cannot be entered: oxygen, consciousness, spo2_scale can."),
        ({"values": {"<b>": 80}}, 400, "cannot be entered"),
        ({"values": {}}, 400, "'values' is empty"),
        ({"by": " "}, 400, "'by' must be the name of the person who does this."),
        ({"at": "noon"}, 400, "'at' must be an RFC 3339 time with a zone"),
        ({"at": "2125-01-01T00:00:00Z"}, 400, "'at' lies in the future"),
        ({"at": "2020-01-01T00:00:00Z"}, 400, "'at' is more than 24 h ago"),
        ({"patient": "P-1000"}, 409, "The patient in ICU bed 3 at that time is P-1074, not 'P-1000': nothing was"),
        ({"patient": ""}, 409, "at that time is P-1074, not one who is not known: nothing was saved."),
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


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"values": {"oxygen": -1}}, "oxygen"),
        ({"values": {"consciousness": 0.5}}, "consciousness"),
        ({"at": "noon"}, "at"),
        ({"at": "2125-01-01T00:00:00Z"}, "at"),
        ({"at": "2020-01-01T00:00:00Z"}, "at"),
        ({"patient": "P-1000"}, "patient"),
        ({"values": {}}, None),
    ],
)
def test_a_refusal_says_which_field_it_is_about(quiet: Scene, changes: dict[str, Any], field: str | None) -> None:
    assert quiet.http.post(BED, json=GOOD | changes).json().get("field") == field


def newest(scene: Scene, bed: str = "icu-03") -> dict[str, dict[str, Any]]:
    found = scene.http.json(f"/api/v1/beds/{bed}/observations")
    return {one["signal"]: one for one in found["observations"]}


def test_the_newest_observation_of_each_signal_has_its_words_author_and_time(scene: Scene) -> None:
    never = {"value": None, "text": "", "at": None, "by": "", "device": False, "note": ""}
    assert newest(scene)["oxygen"] == {"signal": "oxygen", "label": "Oxygen", **never}
    before = format_instant(scene.clock.now() - 600 * SECOND)
    for by, values, more in (
        ("Nurse Ada", {"consciousness": 1, "oxygen": 0}, {"note": "drowsy"}),
        ("Nurse Ben", {"consciousness": 0}, {"at": before}),
        ("Nurse Ben", {"oxygen": 2}, {}),
    ):
        assert scene.http.post(BED, json={"by": by, "values": values, **more}).status_code == 202
        scene.tick(1)
    found = newest(scene)
    assert (found["consciousness"]["text"], found["consciousness"]["by"]) == ("New confusion", "Nurse Ada")
    assert (found["oxygen"]["text"], found["oxygen"]["by"]) == ("On oxygen, 2 L/min", "Nurse Ben")
    assert found["consciousness"]["at"] == format_instant(START)
    assert found["consciousness"]["note"] == "drowsy"
    assert newest(scene, "icu-04")["consciousness"]["at"] is None
    assert found["spo2_scale"]["at"] is None


def test_an_observation_that_a_device_sent_later_has_the_device_as_its_author(scene: Scene) -> None:
    scene.http.post(BED, json=GOOD)
    scene.tick(5)
    scene.reading("mon-icu-03", oxygen=4)
    scene.tick(1)
    found = newest(scene)["oxygen"]
    assert (found["text"], found["by"], found["device"]) == ("On oxygen, 4 L/min", "mon-icu-03", True)
    assert not newest(scene)["consciousness"]["device"]


def test_observations_are_those_of_the_patient_who_is_in_the_bed(scene: Scene) -> None:
    scene.http.post(BED, json=GOOD)
    scene.tick(1)
    config = scene.live.config
    stays = [dataclasses.replace(stay, bed="icu-04") for stay in config.inventory.stays if stay.bed == "icu-03"]
    inventory = Inventory(beds=config.inventory.beds.values(), wards=config.inventory.wards.values(), stays=stays)
    scene.live.config = dataclasses.replace(config, inventory=inventory)
    assert newest(scene, "icu-04")["consciousness"]["by"] == "Nurse Ada"
    assert newest(scene)["consciousness"]["at"] is None


def test_memory_of_observations_is_bounded() -> None:
    index = ObservationIndex()
    for n in range(50_002):
        observation = Observation(bed="icu-03", at=n, values={"oxygen": 1}, patient=f"P-{n}")
        index.apply(
            Action(id=f"{n}", type=ActionType.OBSERVE, subject="icu-03", by="Ada", at=n, observation=observation)
        )
    assert index.of("icu-03", "P-1", "oxygen") is None
    assert index.of("icu-03", "P-2", "oxygen") is not None
    assert index.of("icu-03", "P-50001", "oxygen") is not None


def test_an_unknown_bed_and_a_body_without_an_author_are_refused(scene: Scene) -> None:
    assert scene.http.post("/api/v1/beds/icu-99/observations", json=GOOD).status_code == 404
    assert scene.http.post(BED, json={"values": {"oxygen": 2}}).status_code == 400
    assert readings(scene) == []
