"""What Grafana posts, as recorded from Grafana 9.4, and what we find ourselves: one episode, told once."""

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
from ward.finding import Edge, End, Finding, Kind, Severity
from ward.topics import ACTIONS, FINDINGS
from ward.wakeup import Wakeup
from ward.wire import ACTION_WIRE, FINDING_WIRE

RECORDED = Path(__file__).parents[1] / "grafana" / "recorded"
ALERTING = {
    "channels": [{"name": "mail", "urls": ["json://127.0.0.1:9"]}],
    "receivers": [{"name": "nurses", "channels": ["mail"]}, {"name": "screen", "channels": []}],
    "route": {
        "receiver": "nurses", "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h",
        "routes": [{"matchers": ["reach=direct"], "receiver": "screen"}],
    },
}  # fmt: skip


class House:
    """The API with the alerts behind it, and an outbox that is read as a channel would."""

    def __init__(self, scene: Scene, pipeline: Pipeline, folder: Path) -> None:
        self.scene, self._pipeline, self._folder = scene, pipeline, folder
        self.told: list[str] = []
        self.began = scene.clock.now()

    def posts(self, name: str, began: float = 0.0, over: bool = False, path: str = "/api/v1/alerts") -> None:
        """A recorded request, begun so many seconds after the beginning here, and over now or going on."""
        alerts: list[dict[str, Any]] = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
        now = self.scene.clock.now()
        for alert in alerts:
            alert["startsAt"] = format_instant(self.began + round(began * SECOND))
            alert["endsAt"] = format_instant(now - SECOND) if over else "0001-01-01T00:00:00Z"
        answer = self.scene.http.post(path, json=alerts)
        assert answer.status_code == 200, answer.text
        self.tick()

    def finds(self, edge: Edge = Edge.RAISED, severity: Severity = Severity.HIGH, **more: Any) -> None:
        """What the detectors find: the same as the recorded safety net, or with `bed` and so on something else."""
        now = self.scene.clock.now()
        bed = more.pop("bed", "icu-02")
        finding = Finding(
            episode="e1", edge=edge, detector="limits", kind=Kind.PHYSIOLOGICAL, severity=severity, onset=self.began,
            at=now, seen=now, text="Heart rate 170 /min > 150 for 10 s", device=f"mon-{bed}", ward="icu", bed=bed,
            patient=self.scene.live.config.inventory.patient(bed, now),
            ended=End.RECOVERED if edge is Edge.CLEARED else None,
            **{"rule": "tachycardia", "signal": "heart_rate", **more},
        )  # fmt: skip
        self.scene.log.send(FINDINGS, [(finding.device, FINDING_WIRE.encode(finding))])
        self.tick()

    def tick(self, seconds: float = 2.0) -> None:
        for _ in range(2):
            self.scene.clock.advance(seconds / 2)
            for _ in range(3):
                self._pipeline.step(0)
        self.scene.settle()
        with closing(OutboxFile(self._folder / FILE)) as file:
            for waiting in list(file.waiting("mail")):
                self.told.append(waiting.message.subject)
                file.delivered(waiting)

    def alerts(self) -> list[Alert]:
        return list(self.scene.model.alerts)

    def one(self) -> Alert:
        (alert,) = [alert for alert in self.alerts() if alert.active]
        return alert


@pytest.fixture
def house(scene: Scene, tmp_path: Path) -> Iterator[House]:
    scene.live.config = replace(scene.live.config, alerting=Alerting.model_validate(ALERTING))
    with closing(Wakeup()) as bell:
        store = StateFile.in_folder(tmp_path, scene.clock.now())
        pipeline = Pipeline(scene.log, scene.live, store, scene.clock, scene.metrics, bell)
        with closing(pipeline):
            yield House(scene, pipeline, tmp_path)


DESATURATION: dict[str, Any] = {"bed": "icu-03", "rule": "desaturation", "signal": "spo2"}


@pytest.mark.parametrize("path", ["/api/v1/alerts", "/api/v2/alerts"])
def test_our_verdict_that_grafana_repeats_is_told_once(house: House, path: str) -> None:
    house.finds(**DESATURATION)
    for _ in range(4):
        house.posts("active-alert-fires", began=20, path=path)
    assert len(house.told) == 1
    assert house.one().id == "e1"
    assert house.one().until is None  # it does not lapse with Grafana


def test_both_ways_have_one_fingerprint_whichever_comes_first(house: House) -> None:
    house.posts("net-fires")
    before = house.one()
    house.finds()
    after = house.one()
    assert before.fingerprint == after.fingerprint
    assert before.id != after.id
    assert after.id == "e1"
    assert len(house.told) == 1


def test_who_has_the_alert_of_the_safety_net_has_ours_too(house: House) -> None:
    house.posts("net-fires")
    action = Action(
        id="a", type=ActionType.ACKNOWLEDGE, subject=house.one().id, by="Nurse Ada", at=house.scene.clock.now()
    )
    house.scene.log.send(ACTIONS, [("a", ACTION_WIRE.encode(action))])
    house.tick()
    house.finds()
    ack = house.one().ack
    assert ack is not None
    assert ack.by == "Nurse Ada"
    assert len(house.told) == 1


def test_ours_that_is_worse_than_what_grafana_told_is_told(house: House) -> None:
    house.posts("net-fires")
    house.finds(severity=Severity.HIGH)
    assert len(house.told) == 1
    house.finds(edge=Edge.CLEARED)
    assert len(house.told) == 2


def test_what_gets_worse_while_the_detectors_are_down_is_told_although_ours_is_milder(house: House) -> None:
    house.finds(severity=Severity.MEDIUM)
    house.posts("net-fires")
    house.posts("net-fires")
    assert [subject.split()[0] for subject in house.told] == ["MEDIUM", "HIGH"]
    assert house.one().id == "e1"


def test_an_echo_of_our_verdict_makes_nothing_worse(house: House) -> None:
    house.finds(severity=Severity.MEDIUM, **DESATURATION)
    house.posts("active-alert-fires")
    assert len(house.told) == 1
    assert house.one().severity is Severity.MEDIUM


def test_an_end_that_grafana_tells_does_not_end_what_we_found(house: House) -> None:
    house.finds()
    for name in ("net-ends-unproved", "net-lost"):
        house.posts(name, over=True)
    assert house.one().latched is None
    assert len(house.told) == 1


def test_what_is_over_does_not_begin_again_because_grafana_has_not_noticed_yet(house: House) -> None:
    house.finds(**DESATURATION)
    house.posts("active-alert-fires", began=5)
    house.finds(edge=Edge.CLEARED, **DESATURATION)
    told = list(house.told)
    for _ in range(3):
        house.posts("active-alert-fires", began=5)  # it began before ours was over
    house.posts("active-alert-fires", began=60)  # and one that a slow store made begin after that
    assert house.told == told
    assert not [alert for alert in house.alerts() if alert.active]


def test_what_comes_back_long_after_the_end_is_told(house: House) -> None:
    house.finds()
    house.finds(edge=Edge.CLEARED)
    told = len(house.told)
    house.tick(200)
    house.posts("net-fires", began=200)
    assert len(house.told) == told + 1


@pytest.mark.parametrize("name", ["net-ends-unproved", "net-lost"])
def test_an_end_of_the_safety_net_without_proof_reads_as_lost_and_not_as_recovered(house: House, name: str) -> None:
    house.posts("net-fires")
    house.posts(name, over=True)
    house.tick(5)
    assert house.one().latched is End.SIGNAL_LOST
    assert not any("ALERT ENDED" in subject for subject in house.told)
    assert house.told[-1].startswith("SIGNAL LOST, alert goes on: ")


def test_what_grafana_tells_people_itself_is_on_the_screen_and_told_by_nobody_else(house: House) -> None:
    house.posts("pipeline-fires")
    assert house.told == []
    assert house.one().labels["reach"] == "direct"
    assert house.one().labels["alertname"] == "grafana-silent-detectors"


def test_nothing_of_grafanas_own_is_left_in_the_labels(house: House) -> None:
    house.posts("net-fires")
    assert house.one().labels == {
        "alertname": "tachycardia", "severity": "high", "kind": "physiological", "ward": "icu", "bed": "icu-02",
        "device_id": "mon-icu-02", "metric": "heart_rate",
        "patient_id": house.scene.live.config.inventory.patient("icu-02", house.scene.clock.now()),
    }  # fmt: skip
