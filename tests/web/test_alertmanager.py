"""The reading part of Alertmanager's API v2."""

import pytest
from msgspec.structs import replace

from tests.web.scene import Scene
from ward.clock import SECOND, parse_instant
from ward.config.alerting import Alerting
from ward.config.yaml.libyaml import parse_yaml
from ward.finding import Severity


def names(scene: Scene, query: str) -> list[str]:
    return [alert["labels"]["bed"] for alert in scene.http.json(f"/api/v2/alerts?{query}")]


def three(scene: Scene) -> None:
    scene.alert("icu-01")
    scene.alert("icu-02", severity=Severity.LOW)
    scene.ended(scene.alert("icu-03"))
    scene.tick()


def test_an_active_alert_has_every_required_field(scene: Scene) -> None:
    alert = scene.alert("icu-01")
    scene.tick()
    (found,) = scene.http.json("/api/v2/alerts")
    assert sorted(found) == [
        "annotations", "endsAt", "fingerprint", "generatorURL", "labels", "receivers", "startsAt", "status",
        "updatedAt",
    ]  # fmt: skip
    assert found["labels"]["severity"] == "high"
    assert found["fingerprint"] == alert.fingerprint
    assert found["status"] == {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []}
    assert found["receivers"] == [{"name": "nurses"}]


def test_an_active_alert_never_looks_resolved(scene: Scene) -> None:
    scene.alert("icu-01")
    scene.tick(86_400)
    (found,) = scene.http.json("/api/v2/alerts")
    assert parse_instant(found["endsAt"]) >= scene.clock.now() + 60 * SECOND


def test_ended_alerts_are_not_listed(scene: Scene) -> None:
    three(scene)
    assert sorted(names(scene, "")) == ["icu-01", "icu-02"]


def test_matchers_filter_as_in_alertmanager(scene: Scene) -> None:
    three(scene)
    assert names(scene, 'filter=severity="high"') == ["icu-01"]
    assert names(scene, 'filter=severity=~"lo.%2B"&filter=ward="icu"') == ["icu-02"]
    assert names(scene, "filter=bed!=icu-01") == ["icu-02"]
    assert names(scene, "active=false") == []
    assert names(scene, "receiver=nobody") == []
    assert sorted(names(scene, "receiver=nurses")) == ["icu-01", "icu-02"]


@pytest.mark.parametrize("matcher", ["severity", "=x", 'severity=~"("', "a b=c", "%3Cscript%3E"])
def test_an_invalid_matcher_is_refused_in_one_sentence(quiet: Scene, matcher: str) -> None:
    answer = quiet.http.get(f"/api/v2/alerts?filter={matcher}")
    assert answer.status_code == 400
    assert answer.json().startswith("filter or receiver: not a ")  # a JSON string, as Alertmanager's tools expect


@pytest.mark.parametrize("flag", ["active", "silenced", "inhibited", "unprocessed"])
def test_a_flag_other_than_true_or_false_is_refused_in_one_sentence(quiet: Scene, flag: str) -> None:
    answer = quiet.http.get(f"/api/v2/alerts?{flag}=maybe")
    assert (answer.status_code, answer.json()) == (400, f"{flag}='maybe' must be one of true, false.")


def test_flags_and_receivers_filter_as_in_alertmanager(scene: Scene) -> None:
    scene.send(replace(scene.alert("icu-01"), silenced_by=("s",)))
    scene.send(replace(scene.alert("icu-02"), inhibited_by=("other",)))
    scene.send(replace(scene.alert("icu-03"), reason="", receivers=()))
    scene.alert("icu-04")
    scene.tick()
    assert sorted(names(scene, "")) == ["icu-01", "icu-02", "icu-03", "icu-04"]
    assert sorted(names(scene, "silenced=false")) == ["icu-02", "icu-03", "icu-04"]
    assert sorted(names(scene, "inhibited=false")) == ["icu-01", "icu-03", "icu-04"]
    assert sorted(names(scene, "unprocessed=false&active=false")) == ["icu-01", "icu-02"]
    assert sorted(names(scene, "receiver=nur.*")) == ["icu-01", "icu-02", "icu-04"]
    assert names(scene, "receiver=nur") == []
    assert scene.http.get("/api/v2/alerts?receiver=(").status_code == 400


def test_the_status_has_routes_and_receivers_in_alertmanagers_syntax_without_addresses(scene: Scene) -> None:
    alerting = Alerting.model_validate(
        {
            "channels": [{"name": "mail", "urls": ["mailto://u:secret@x"]}],
            "receivers": [{"name": "nurses", "channels": ["mail"]}, {"name": "doctors", "channels": ["mail"]}],
            "route": {
                "receiver": "nurses",
                "routes": [{"matchers": ["severity=high"], "receiver": "doctors", "group_by": ["ward"]}],
            },
        }
    )
    object.__setattr__(scene.live.config, "alerting", alerting)
    found = scene.http.json("/api/v2/status")["config"]["original"]
    assert "secret" not in found
    assert parse_yaml(found) == {
        "route": {
            "receiver": "nurses",
            "routes": [{"receiver": "doctors", "matchers": ['severity="high"'], "group_by": ["ward"]}],
        },
        "receivers": [{"name": "nurses"}, {"name": "doctors"}],
    }


def test_groups_status_receivers_and_silences_have_alertmanagers_schemas(scene: Scene) -> None:
    three(scene)
    groups = scene.http.json("/api/v2/alerts/groups")
    assert [group["labels"] for group in groups] == [{"ward": "icu", "bed": "icu-01"}, {"ward": "icu", "bed": "icu-02"}]
    assert [len(group["alerts"]) for group in groups] == [1, 1]
    assert groups[0]["receiver"] == {"name": "nurses"}
    status = scene.http.json("/api/v2/status")
    assert sorted(status) == ["cluster", "config", "uptime", "versionInfo"]
    assert scene.http.json("/api/v2/receivers") == [{"name": "nurses"}]
    assert scene.http.json("/api/v2/silences") == []


def test_without_receivers_in_the_config_the_receiver_is_everyone(scene: Scene) -> None:
    object.__setattr__(scene.live.config, "alerting", Alerting())
    assert scene.http.json("/api/v2/receivers") == [{"name": "everyone"}]
    found = parse_yaml(scene.http.json("/api/v2/status")["config"]["original"])
    assert (found["route"], found["receivers"]) == ({"receiver": "everyone"}, [{"name": "everyone"}])
