"""Alerts that Grafana 9.4 posts (recorded) and our own findings: each episode is one alert, notified once."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts.pipeline import Pipeline
from alerts.storage.outbox_file import OutboxFile
from alerts.storage.schema import FILE
from alerts.storage.state_file import StateFile
from tests.web.scene import Scene
from ward.action import Action, ActionType
from ward.alert import Alert
from ward.clock import SECOND, format_instant
from ward.config.alerting import Alerting
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.topics import ACTIONS, FINDINGS
from ward.wakeup import Wakeup
from ward.wire import ACTION_WIRE, FINDING_WIRE

RECORDED = Path(__file__).parents[1] / "grafana" / "recorded"
GRAFANA = ("grafana", "secret")
ALERTING = {
    "trusted_senders": [{"name": GRAFANA[0], "password": GRAFANA[1], "may": ["notify", "continue"]}],
    "channels": [{"name": "mail", "urls": ["json://127.0.0.1:9"]}],
    "receivers": [{"name": "nurses", "channels": ["mail"]}, {"name": "screen", "channels": []}],
    "route": {
        "receiver": "nurses", "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h",
        "routes": [{"matchers": ["notifier=grafana"], "receiver": "screen"}],
    },
}  # fmt: skip


class GrafanaAndAlerts:
    """The API and the alerts on one log; `subjects` are those of the notifications in the outbox."""

    def __init__(self, scene: Scene, pipeline: Pipeline, folder: Path) -> None:
        self.scene, self._pipeline, self._folder = scene, pipeline, folder
        self.subjects: list[str] = []
        self.began = scene.clock.now()
        self.auth: tuple[str, str] | None = GRAFANA

    def posts(self, name: str, began: float = 0.0, over: bool = False, path: str = "/api/v1/alerts") -> None:
        """Post a recorded request with alerts that began `began` seconds after the start; `over`: they have ended."""
        alerts: list[dict[str, Any]] = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
        now = self.scene.clock.now()
        for alert in alerts:
            alert["startsAt"] = format_instant(self.began + round(began * SECOND))
            alert["endsAt"] = format_instant(now - SECOND) if over else "0001-01-01T00:00:00Z"
        answer = self.scene.http.post(path, json=alerts, auth=self.auth)
        assert answer.status_code == 200, answer.text
        self.tick()

    def finds(
        self, transition: Transition = Transition.RAISED, severity: Severity = Severity.HIGH, **more: Any
    ) -> None:
        """Send a finding of the detectors: by default about the same episode as the recorded safety net."""
        now = self.scene.clock.now()
        bed = more.pop("bed", "icu-02")
        finding = Finding(
            episode="e1", transition=transition, detector="limits", kind=Kind.PHYSIOLOGICAL, severity=severity,
            onset=self.began,
            at=now, received_at=now, text="Heart rate 170 /min > 150", device=f"mon-{bed}", ward="icu",
            bed=bed,
            patient=self.scene.live.config.inventory.patient(bed, now),
            ended=EndReason.RECOVERED if transition is Transition.CLEARED else None,
            **{"rule": "tachycardia", "signal": "heart_rate", **more},
        )  # fmt: skip
        self.scene.log.send(FINDINGS, [(finding.device, FINDING_WIRE.encode(finding))])
        self.tick()

    def acknowledges(self) -> None:
        """Nurse Ada acknowledges the one active alert."""
        now = self.scene.clock.now()
        action = Action(id="a", type=ActionType.ACKNOWLEDGE, subject=self.one().id, by="Nurse Ada", at=now)
        self.scene.log.send(ACTIONS, [("a", ACTION_WIRE.encode(action))])
        self.tick()

    def tick(self, seconds: float = 2.0) -> None:
        for _ in range(2):
            self.scene.clock.advance(seconds / 2)
            for _ in range(3):
                self._pipeline.step(0)
        self.scene.settle()
        with closing(OutboxFile(self._folder / FILE)) as file:
            for waiting in list(file.waiting("mail")):
                self.subjects.append(waiting.message.subject)
                file.delivered(waiting)

    def alerts(self) -> list[Alert]:
        return list(self.scene.model.alerts)

    def one(self) -> Alert:
        (alert,) = [alert for alert in self.alerts() if alert.active]
        return alert


@pytest.fixture
def joined(scene: Scene, tmp_path: Path) -> Iterator[GrafanaAndAlerts]:
    scene.live.config = replace(scene.live.config, alerting=Alerting.model_validate(ALERTING))
    with closing(Wakeup()) as wakeup:
        store = StateFile.in_folder(tmp_path, scene.clock.now())
        pipeline = Pipeline(scene.log, scene.live, store, scene.clock, scene.metrics, wakeup)
        with closing(pipeline):
            yield GrafanaAndAlerts(scene, pipeline, tmp_path)


DESATURATION: dict[str, Any] = {"bed": "icu-03", "rule": "desaturation", "signal": "spo2"}


@pytest.mark.parametrize("path", ["/api/v1/alerts", "/api/v2/alerts"])
def test_our_finding_that_grafana_repeats_is_notified_once(joined: GrafanaAndAlerts, path: str) -> None:
    joined.finds(**DESATURATION)
    for _ in range(4):
        joined.posts("active-alert-fires", began=20, path=path)
    assert len(joined.subjects) == 1
    assert joined.one().id == "e1"
    assert joined.one().until is None  # it does not expire when Grafana stops posting


def test_our_finding_and_grafanas_alert_have_one_fingerprint_in_either_order(joined: GrafanaAndAlerts) -> None:
    joined.posts("net-fires")
    before = joined.one()
    joined.finds()
    after = joined.one()
    assert before.fingerprint == after.fingerprint
    assert before.id != after.id
    assert after.id == "e1"
    assert len(joined.subjects) == 1


def test_the_acknowledgement_of_a_safety_net_alert_holds_for_our_finding_below_high(joined: GrafanaAndAlerts) -> None:
    joined.posts("net-fires")
    joined.acknowledges()
    joined.finds(severity=Severity.MEDIUM)
    ack = joined.one().ack
    assert ack is not None
    assert ack.by == "Nurse Ada"
    assert not any("MEDIUM" in subject and "new" in subject for subject in joined.subjects[1:])


@pytest.mark.guarantee(
    "A new HIGH alert is never born acknowledged: an acknowledgement of another system's alert ends."
)
def test_a_high_finding_of_ours_inherits_no_acknowledgement(joined: GrafanaAndAlerts) -> None:
    joined.posts("net-fires")
    joined.acknowledges()
    before = len(joined.subjects)
    joined.finds()
    assert (joined.one().id, joined.one().ack) == ("e1", None)
    assert len(joined.subjects) == before + 1


@pytest.mark.parametrize("auth", [None, ("grafana", "wrong"), ("other", "secret"), ("grafana", "")])
def test_a_sender_that_is_not_trusted_changes_no_alert_of_ours_and_keeps_nobody_from_being_notified(
    joined: GrafanaAndAlerts, auth: tuple[str, str] | None
) -> None:
    joined.auth = auth
    joined.posts("pipeline-fires")
    assert len(joined.subjects) == 1  # Wardwatch notifies, whoever says that it has
    joined.finds(severity=Severity.MEDIUM)
    joined.posts("net-fires")
    assert [alert.severity for alert in joined.alerts() if alert.id == "e1"] == [Severity.MEDIUM]


def test_our_finding_of_a_higher_severity_than_grafanas_alert_is_notified(joined: GrafanaAndAlerts) -> None:
    joined.posts("net-fires")
    joined.finds(severity=Severity.HIGH)
    assert len(joined.subjects) == 1
    joined.finds(transition=Transition.CLEARED)
    assert len(joined.subjects) == 2


def test_grafanas_alert_of_a_higher_severity_is_notified_while_the_detectors_are_down(joined: GrafanaAndAlerts) -> None:
    joined.finds(severity=Severity.MEDIUM)
    joined.posts("net-fires")
    joined.posts("net-fires")
    assert [subject.split()[0] for subject in joined.subjects] == ["MEDIUM", "HIGH"]
    assert joined.one().id == "e1"


def test_a_repeat_of_our_finding_by_grafana_does_not_raise_the_severity(joined: GrafanaAndAlerts) -> None:
    joined.finds(severity=Severity.MEDIUM, **DESATURATION)
    joined.posts("active-alert-fires")
    assert len(joined.subjects) == 1
    assert joined.one().severity is Severity.MEDIUM


def test_an_end_that_grafana_posts_does_not_end_our_finding(joined: GrafanaAndAlerts) -> None:
    joined.finds()
    for name in ("net-ends-unproved", "net-lost"):
        joined.posts(name, over=True)
    assert joined.one().latched is None
    assert len(joined.subjects) == 1


def test_a_late_repeat_by_grafana_does_not_raise_an_ended_alert_again(joined: GrafanaAndAlerts) -> None:
    joined.finds(**DESATURATION)
    joined.posts("active-alert-fires", began=5)
    joined.finds(transition=Transition.CLEARED, **DESATURATION)
    before = list(joined.subjects)
    for _ in range(3):
        joined.posts("active-alert-fires", began=5)  # it began before our alert ended
    joined.posts("active-alert-fires", began=60)  # and one that began later, because the store was slow
    assert joined.subjects == before
    assert not [alert for alert in joined.alerts() if alert.active]


def test_an_alert_raised_again_long_after_its_end_is_notified(joined: GrafanaAndAlerts) -> None:
    joined.finds()
    joined.finds(transition=Transition.CLEARED)
    before = len(joined.subjects)
    joined.tick(200)
    joined.posts("net-fires", began=200)
    assert len(joined.subjects) == before + 1


@pytest.mark.parametrize("name", ["net-ends-unproved", "net-lost"])
def test_an_end_of_the_safety_net_without_a_proof_is_signal_lost_not_recovered(
    joined: GrafanaAndAlerts, name: str
) -> None:
    joined.posts("net-fires")
    joined.posts(name, over=True)
    joined.tick(5)
    assert joined.one().latched is EndReason.SIGNAL_LOST
    assert not any("ALERT ENDED" in subject for subject in joined.subjects)
    assert joined.subjects[-1].startswith("SIGNAL LOST, alert still active: ")


def test_an_alert_that_grafana_notifies_itself_is_shown_and_not_notified_again(joined: GrafanaAndAlerts) -> None:
    joined.posts("pipeline-fires")
    assert joined.subjects == []
    assert joined.one().labels["notifier"] == "grafana"
    assert joined.one().labels["alertname"] == "grafana-silent-detectors"


def test_labels_that_grafana_adds_are_removed(joined: GrafanaAndAlerts) -> None:
    joined.posts("net-fires")
    assert joined.one().labels == {
        "alertname": "tachycardia", "severity": "high", "kind": "physiological", "ward": "icu", "bed": "icu-02",
        "device_id": "mon-icu-02", "metric": "heart_rate",
        "patient_id": joined.scene.live.config.inventory.patient("icu-02", joined.scene.clock.now()),
    }  # fmt: skip
