"""Alertmanager's shape, so that the tools people have can read our alerts."""

import pytest

from tests.web.scene import Scene
from ward.clock import SECOND, parse_instant
from ward.finding import Severity


def names(scene: Scene, query: str) -> list[str]:
    return [alert["labels"]["bed"] for alert in scene.http.json(f"/api/v2/alerts?{query}")]


def three(scene: Scene) -> None:
    scene.alert("icu-01")
    scene.alert("icu-02", severity=Severity.LOW)
    scene.over(scene.alert("icu-03"))
    scene.tick()


def test_an_active_alert_has_every_field_their_readers_require(scene: Scene) -> None:
    alert = scene.alert("icu-01")
    scene.tick()
    (told,) = scene.http.json("/api/v2/alerts")
    assert sorted(told) == [
        "annotations", "endsAt", "fingerprint", "generatorURL", "labels", "receivers", "startsAt", "status",
        "updatedAt",
    ]  # fmt: skip
    assert told["labels"]["severity"] == "high"
    assert told["fingerprint"] == alert.fingerprint
    assert told["status"] == {"state": "active", "silencedBy": [], "inhibitedBy": []}
    assert told["receivers"] == [{"name": "nurses"}]


def test_an_active_alert_never_looks_resolved(scene: Scene) -> None:
    scene.alert("icu-01")
    scene.tick(86_400)
    (told,) = scene.http.json("/api/v2/alerts")
    assert parse_instant(told["endsAt"]) >= scene.clock.now() + 60 * SECOND


def test_ended_alerts_are_gone_there_too(scene: Scene) -> None:
    three(scene)
    assert sorted(names(scene, "")) == ["icu-01", "icu-02"]


def test_matchers_filter_as_they_do_there(scene: Scene) -> None:
    three(scene)
    assert names(scene, 'filter=severity="high"') == ["icu-01"]
    assert names(scene, 'filter=severity=~"lo.%2B"&filter=ward="icu"') == ["icu-02"]
    assert names(scene, "filter=bed!=icu-01") == ["icu-02"]
    assert names(scene, "active=false") == []
    assert names(scene, "receiver=nobody") == []
    assert sorted(names(scene, "receiver=nurses")) == ["icu-01", "icu-02"]


@pytest.mark.parametrize("matcher", ["severity", "=x", 'severity=~"("', "a b=c", "%3Cscript%3E"])
def test_what_is_no_matcher_is_refused_in_a_sentence(quiet: Scene, matcher: str) -> None:
    answer = quiet.http.get(f"/api/v2/alerts?filter={matcher}")
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_groups_status_receivers_and_silences_have_their_shapes(scene: Scene) -> None:
    three(scene)
    groups = scene.http.json("/api/v2/alerts/groups")
    assert [group["labels"] for group in groups] == [{"ward": "icu", "bed": "icu-01"}, {"ward": "icu", "bed": "icu-02"}]
    assert groups[0]["receiver"] == {"name": "nurses"}
    status = scene.http.json("/api/v2/status")
    assert sorted(status) == ["cluster", "config", "uptime", "versionInfo"]
    assert scene.http.json("/api/v2/receivers") == [{"name": "nurses"}]
    assert scene.http.json("/api/v2/silences") == []
