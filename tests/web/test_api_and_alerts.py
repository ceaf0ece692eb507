"""The API and the alerts on one log: actions of the API take effect in the alerts and are shown."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from alerts.pipeline import Pipeline
from alerts.storage.state_file import StateFile
from tests.web.scene import Scene
from ward.finding import Finding, Kind, Severity, Transition
from ward.topics import FINDINGS
from ward.wakeup import Wakeup
from ward.wire import FINDING_WIRE


class Joined:
    """A scene with a pipeline of alerts on the same log."""

    def __init__(self, scene: Scene, pipeline: Pipeline) -> None:
        self.scene = scene
        self.http = scene.http
        self._pipeline = pipeline

    def tick(self, seconds: float = 1.0) -> None:
        self.scene.clock.advance(seconds)
        for _ in range(3):
            self._pipeline.step(0)
        self.scene.settle()

    def finds(self, severity: Severity, transition: Transition = Transition.RAISED) -> None:
        now = self.scene.clock.now()
        finding = Finding(
            episode="e1", transition=transition, rule="hypoxia", detector="limits", kind=Kind.PHYSIOLOGICAL,
            severity=severity,
            onset=now, at=now, received_at=now, text="SpO2 90 % < 92", device="mon-icu-03", signal="spo2",
            ward="icu", bed="icu-03",
        )  # fmt: skip
        self.scene.log.send(FINDINGS, [("mon-icu-03", FINDING_WIRE.encode(finding))])

    def alert(self) -> Any:
        return self.http.json("/api/v1/alerts/e1")["alert"]


@pytest.fixture
def joined(scene: Scene, tmp_path: Path) -> Iterator[Joined]:
    with closing(Wakeup()) as wakeup:
        store = StateFile.in_folder(tmp_path, scene.clock.now())
        pipeline = Pipeline(scene.log, scene.live, store, scene.clock, scene.metrics, wakeup)
        with closing(pipeline):
            yield Joined(scene, pipeline)


def test_an_acknowledgement_by_the_api_acknowledges_the_alert(joined: Joined) -> None:
    joined.finds(Severity.MEDIUM)
    joined.tick()
    assert joined.alert()["ack"] is None
    joined.http.post("/api/v1/alerts/e1/ack", json={"by": "Nurse Ada", "note": "on my way"})
    joined.tick()
    assert (joined.alert()["ack"]["by"], joined.alert()["actions"][0]["note"]) == ("Nurse Ada", "on my way")


def test_a_silence_by_the_api_silences_the_alert_until_its_severity_rises(joined: Joined) -> None:
    joined.finds(Severity.MEDIUM)
    joined.tick()
    answer = joined.http.post("/api/v1/alerts/e1/silence", json={"by": "Nurse Ada", "note": "washing"})
    assert answer.status_code == 202
    joined.tick()
    shown = joined.alert()
    assert (shown["reason"], shown["silences"][0]["by"]) == ("no messages: silenced", "Nurse Ada")
    (listed,) = joined.http.json("/api/v2/alerts")
    assert listed["status"]["silencedBy"] == [answer.json()["id"]]
    joined.finds(Severity.HIGH, Transition.CHANGED)
    joined.tick()
    assert joined.alert()["silenced_by"] == []
    assert joined.alert()["severity"] == "high"


def test_a_silence_is_ended_made_again_and_ends_with_its_alert(joined: Joined) -> None:
    joined.finds(Severity.HIGH)
    joined.tick()
    for _ in range(2):
        body = {"by": "Nurse Ada", "note": "washing"}
        silence = joined.http.post("/api/v1/alerts/e1/silence", json=body).json()["id"]
        joined.tick()
        assert joined.alert()["silenced_by"] == [silence]
        joined.http.request("DELETE", f"/api/v1/silences/{silence}", json={"by": "Nurse Bo"})
        joined.tick()
        assert joined.alert()["silenced_by"] == []
    joined.http.post("/api/v1/alerts/e1/silence", json=body)
    joined.tick()
    joined.finds(Severity.HIGH, Transition.CLEARED)
    joined.tick()
    joined.tick()
    assert joined.alert()["state"] == "ended"
    assert [s["state"] for s in joined.http.json("/api/v1/silences")["silences"]] == ["expired"] * 3


def test_an_alert_of_another_system_is_notified_silenced_and_shown_like_our_own(joined: Joined) -> None:
    posted = [{"labels": {"alertname": "DiskFull", "severity": "warning", "ward": "icu"}}]
    assert joined.http.post("/api/v2/alerts", json=posted).status_code == 200
    joined.tick()
    (listed,) = joined.http.json("/api/v2/alerts")
    assert (listed["labels"]["alertname"], listed["labels"]["severity"]) == ("DiskFull", "medium")
    (shown,) = joined.http.json("/api/v1/board?ward=icu")["others"]
    assert (shown["name"], shown["recipients"][0]["receiver"]) == ("DiskFull", "everyone")
    path = f"/api/v1/alerts/{shown['id']}/silence"
    assert joined.http.post(path, json={"by": "Tech Bo", "note": "known"}).status_code == 202
    joined.tick()
    assert joined.http.json("/api/v2/alerts?silenced=false") == []
    joined.tick(301)
    (shown,) = joined.http.json("/api/v1/alerts")["alerts"]
    assert (shown["state"], shown["latched"]) == (
        "active",
        "signal lost",
    )  # not refreshed: latched
    joined.http.post(f"/api/v1/alerts/{shown['id']}/ack", json={"by": "Tech Bo"})
    joined.tick()
    assert joined.http.json("/api/v2/alerts") == []
