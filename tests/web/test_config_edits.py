"""The edit of the config that waits: shown on every page, confirmed by a person, and by nobody by accident."""

import pytest
from msgspec.structs import replace

from tests.web.scene import Scene
from ward.config.edit_guard import WaitingEdit
from ward.topics import CONFIG_CONFIRMATIONS
from ward.wire import CONFIG_CONFIRMATION_WIRE, ConfigConfirmation

EDIT = WaitingEdit("ab12", ("rule desaturation (spo2) is removed",), frozenset({("mon-icu-02", "hypoxia")}))
ADA = {"by": "Nurse Ada", "note": "agreed at the ward round"}


def waits(scene: Scene) -> None:
    scene.live.waiting, scene.live.faults = EDIT, tuple(EDIT.lines())
    scene.tick(2)


def confirmations(scene: Scene) -> list[ConfigConfirmation]:
    (partition,) = scene.log.partitions(CONFIG_CONFIRMATIONS)
    values = [value for batch in scene.log.scan(partition) for value in batch.values]
    return [CONFIG_CONFIRMATION_WIRE.decode(value) for value in values]


def test_a_waiting_edit_is_in_the_api_with_its_reasons_and_in_a_banner(scene: Scene) -> None:
    waits(scene)
    found = scene.http.json("/api/v1/config")
    assert (found["waiting"], found["faults"], found["ends"]) == ("ab12", EDIT.lines(), [])
    assert scene.http.json("/api/v1/status")["config"] == found
    texts = [banner["text"] for banner in scene.http.json("/api/v1/status")["banners"]]
    assert (
        "An edit of the config is not in force and waits for a confirmation on the pipeline page: "
        "rule desaturation (spo2) is removed"
    ) in texts


@pytest.mark.guarantee("A config that takes watch away says, before it is confirmed, which active alerts it closes.")
def test_the_alerts_that_an_edit_would_end_are_named(scene: Scene) -> None:
    alert = scene.alert("icu-02", device="mon-icu-02")
    scene.alert("icu-02", "tachycardia", device="mon-icu-02")
    waits(scene)
    found = scene.http.json("/api/v1/config")
    line = f"{str(alert.severity).upper()} priority, {alert.annotations['summary']}"
    assert (found["ends"], found["closes"]) == ([alert.id], [line])
    wanted = f"It would close, though not ended, 1 active alert: {line}"
    assert any(wanted in b["text"] for b in scene.http.json("/api/v1/status")["banners"])


def test_the_alerts_that_an_edit_would_end_have_the_value_that_their_bed_shows(scene: Scene) -> None:
    alert = scene.alert("icu-02", text="SpO2 84 % < 88")
    scene.send(replace(alert, source="limits"))
    scene.healthy("icu-02", spo2=71)
    waits(scene)
    scene.tick(1)
    wanted = "HIGH priority, ICU bed 2: SpO2 71 % < 88"
    assert any(wanted in b["text"] for b in scene.http.json("/api/v1/status")["banners"])
    assert scene.http.json("/api/v1/config")["closes"] == [wanted]
    assert scene.http.json("/api/v1/pipeline")["config"]["closes"] == [wanted]


def test_a_person_confirms_an_edit_and_the_log_has_who_it_was(scene: Scene) -> None:
    waits(scene)
    done = scene.http.post("/api/v1/config/ab12/confirm", json=ADA)
    assert (done.status_code, done.json()["config"]) == (202, "ab12")
    (record,) = confirmations(scene)
    assert (record.config, record.by, record.note, record.at) == ("ab12", "Nurse Ada", ADA["note"], scene.clock.now())


def test_another_edit_than_the_one_that_waits_is_not_confirmed(scene: Scene) -> None:
    refused = scene.http.post("/api/v1/config/ab12/confirm", json=ADA)
    assert refused.status_code == 409
    assert refused.json()["error"] == "Edit 'ab12' does not wait for a confirmation; no edit does."
    waits(scene)
    refused = scene.http.post("/api/v1/config/ab11/confirm", json=ADA)
    assert refused.status_code == 409
    assert "edit ab12 does: look at it first" in refused.json()["error"]
    assert scene.http.post("/api/v1/config/ab12/confirm", json={"note": "x"}).status_code == 400
    assert confirmations(scene) == []


def test_a_reload_of_an_edit_that_waits_is_answered_with_409_and_the_command(scene: Scene) -> None:
    waits(scene)
    scene.reloaded = EDIT.lines()
    refused = scene.http.post("/-/reload")
    assert (refused.status_code, refused.json()["faults"]) == (409, EDIT.lines())
    assert "wardwatch config confirm ab12" in refused.json()["error"]


def test_an_edit_that_waits_beside_the_faults_of_another_breaks_no_page(scene: Scene) -> None:
    """The two are not read at one instant."""
    for faults in ((), ("thresholds.yaml:3:1: low above high",)):
        scene.live.waiting, scene.live.faults = EDIT, faults
        scene.tick(2)
        assert scene.http.json("/api/v1/status")["config"]["waiting"] == ""
        assert scene.http.get("/api/v1/board").status_code == 200
    scene.reloaded, scene.live.faults = (), ()
    assert scene.http.post("/-/reload").status_code == 409
