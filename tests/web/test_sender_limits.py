"""Another system that posts more alerts than it may is asked to wait; the most urgent of them are taken."""

import asyncio
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from tests.kit.guarantees import Figure
from tests.kit.log_records import log_messages
from tests.web.scene import Scene, hospital
from ward.alert import EXTERNAL, SENDER, Alert, State, alert_labels
from ward.clock import format_instant
from ward.config.alerting import Alerting
from ward.finding import Finding, Transition
from ward.topics import FINDINGS
from ward.wire import FINDING_WIRE
from web.api.sender_limits import MAX_SENDERS, SenderLimits


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    config = hospital()
    return Scene(tmp_path, dataclasses.replace(config, alerting=Alerting(external_limit=5, external_rate=60)))


def post(scene: Scene, posted: Sequence[Any], sender: str = "10.0.0.7", version: str = "v2") -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(scene.app, client=(sender, 5))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return await client.post(f"/api/{version}/alerts", json=posted)

    return asyncio.run(ask())


def fans(*numbers: int, severity: str = "low", **more: Any) -> list[dict[str, Any]]:
    return [{"labels": {"alertname": "fan", "instance": str(n), "severity": severity}, **more} for n in numbers]


def written(scene: Scene) -> list[Finding]:
    return list(log_messages(scene.log, FINDINGS, FINDING_WIRE))


def instances(scene: Scene) -> list[str]:
    return [finding.labels["instance"] for finding in written(scene)]


def are_active(scene: Scene) -> None:
    """The program `alerts` has raised what was posted, up to its bound."""
    for finding in written(scene)[:5]:
        over = finding.transition is Transition.CLEARED
        scene.send(
            Alert(
                id=finding.episode, labels=alert_labels(finding), annotations=finding.annotations,
                severity=finding.severity, kind=finding.kind, starts_at=finding.onset, updated_at=finding.at,
                source=EXTERNAL, state=State.ENDED if over else State.ACTIVE,
            )
        )  # fmt: skip
    scene.tick()


@pytest.mark.guarantee("A sender that posts more alerts than it may is asked to wait, and its most urgent are taken.")
def test_a_sender_with_as_many_alerts_as_it_may_is_asked_to_wait(scene: Scene, figure: Figure) -> None:
    answer = post(scene, [*fans(*range(7)), *fans(7, severity="critical")])
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.json() == (
        "5 of 8 alerts accepted: this sender has 5 alerts active, as many as external_limit of alerts.yaml allows; "
        "post the others when some have ended."
    )
    assert sorted(instances(scene)) == ["0", "1", "2", "3", "4", "7"], (
        "4 is passed on, so that `alerts` reports the sender"
    )
    assert post(scene, fans(1), sender="10.0.0.8").status_code == 200
    figure("8 alerts posted, 5 allowed: 5 taken, the HIGH one among them, 429 with Retry-After")


def test_what_is_active_changes_and_ends_beyond_the_number_and_an_end_makes_room(scene: Scene) -> None:
    assert post(scene, fans(*range(5))).status_code == 200
    are_active(scene)
    scene.tick(20)
    assert post(scene, fans(5)).status_code == 429
    assert post(scene, fans(*range(5), severity="warning")).status_code == 200
    ended = format_instant(scene.clock.now() - 1)
    assert post(scene, [*fans(0, endsAt=ended)]).status_code == 200
    alert = next(alert for alert in scene.model.alerts if alert.labels["instance"] == "0")
    scene.send(replace(alert, state=State.ENDED, updated_at=scene.clock.now()))
    scene.tick()
    assert post(scene, fans(5)).status_code == 200


def test_alerts_that_were_accepted_just_now_count_before_they_are_in_the_log_of_alerts(scene: Scene) -> None:
    assert post(scene, fans(*range(5))).status_code == 200
    assert post(scene, fans(9)).status_code == 429
    assert post(scene, fans(*range(5))).status_code == 200, "a repeat is no further alert"
    ended = format_instant(scene.clock.now() - 1)
    assert post(scene, fans(3, endsAt=ended)).status_code == 200
    assert post(scene, fans(9)).status_code == 200


def test_a_sender_that_posts_too_fast_is_asked_to_wait_and_then_taken(scene: Scene) -> None:
    for _ in range(12):
        assert post(scene, fans(*range(5))).status_code == 200
    answer = post(scene, fans(*range(5)), version="v1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert answer.json()["error"].startswith("0 of 5 alerts accepted: this sender posts more than the 60 alerts a min")
    assert post(scene, fans(1), sender="10.0.0.8").status_code == 200
    scene.clock.advance(5)
    assert post(scene, fans(*range(5))).status_code == 200


def test_invalid_alerts_are_named_beside_the_bound(scene: Scene) -> None:
    answer = post(scene, [*fans(*range(6)), {"labels": {}}])
    assert answer.status_code == 429
    assert answer.json().startswith("5 of 7 alerts accepted: ")
    assert answer.json().endswith("; 1 refused: alert 6: at least one label is needed.")


def test_senders_by_the_thousand_have_a_bound(scene: Scene) -> None:
    limits = SenderLimits(scene.deps)
    for n in range(MAX_SENDERS + 50):
        limits.admit(f"10.0.{n // 256}.{n % 256}", [])
    assert len(limits) == MAX_SENDERS


def test_an_alert_of_ours_that_a_trusted_sender_raises_is_no_further_one(scene: Scene) -> None:
    """Its labels are those of an active alert: the severity rises, whatever else the sender has active."""
    assert post(scene, fans(*range(5))).status_code == 200
    ours = fans(77)[0]["labels"] | {"kind": "technical"}
    scene.send(replace(scene.alert("icu-01"), id="ours", labels=ours, annotations={SENDER: ""}))
    scene.tick()
    assert post(scene, fans(77, severity="critical")).status_code == 200
