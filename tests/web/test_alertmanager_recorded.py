"""Recorded requests of Grafana 9.4's Alertmanager data source and of Debian's amtool get answers that these can read.

Recorded against a running demo: Grafana's data source with `implementation: prometheus`, through its own API and its
proxy; amtool 0.25 with `alert query`, `alert add`, `silence add|query|expire`, `config routes`. Silences' ids are
`{silence}`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.web.scene import Scene
from ward.clock import SECOND, format_instant, parse_instant

RECORDED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "recorded_alertmanager.json").read_text(encoding="utf-8")
)
# What the readers' own decoders require, by path: the OpenAPI of Alertmanager's API v2.
ALERT = {"labels", "annotations", "startsAt", "endsAt", "updatedAt", "fingerprint", "receivers", "status"}
SILENCE = {"id", "status", "updatedAt", "comment", "createdBy", "endsAt", "matchers", "startsAt"}
REQUIRED: Mapping[str, set[str]] = {
    "/api/v2/status": {"cluster", "versionInfo", "config", "uptime"},
    "/api/v2/alerts": ALERT,
    "/api/v2/alerts/groups": {"receiver", "labels", "alerts"},
    "/api/v2/silences": SILENCE,
    "/api/v2/silence/{silence}": SILENCE,
    "/api/v2/receivers": {"name"},
}


def named(request: dict[str, Any]) -> str:
    return f"{request['by']}: {request['method']} {request['path'][:90]}"


@pytest.mark.parametrize("request_", RECORDED, ids=named)
def test_the_answer_to_a_recorded_request_has_the_fields_that_its_client_reads(
    scene: Scene, request_: dict[str, Any]
) -> None:
    silence = scene.silenced(scene.alert("icu-01", name="desaturation"))
    scene.tick()
    body = _now(scene, request_["body"]) if "body" in request_ else None
    path = request_["path"].replace("{silence}", silence.id)
    answer = scene.http.request(request_["method"], path, headers=request_.get("headers"), json=body)
    assert answer.status_code == request_["status"], answer.text
    required = REQUIRED.get(request_["path"].partition("?")[0])
    if request_["method"] == "GET" and answer.status_code == 200 and required:
        found = answer.json()
        assert found or "active=true" in path, "nothing to read"  # the alert is silenced
        for entry in found if isinstance(found, list) else [found]:
            assert required <= set(entry)


def test_the_recording_has_all_requests_of_both_clients() -> None:
    asked = {(entry["by"].split()[0], entry["method"], entry["path"].partition("?")[0]) for entry in RECORDED}
    reads = ("/api/v2/status", "/api/v2/alerts", "/api/v2/silences")
    assert asked >= {(by, "GET", path) for by in ("Grafana", "amtool") for path in reads}
    assert asked >= {("Grafana", "GET", "/api/v2/alerts/groups"), ("Grafana", "POST", "/api/v2/silences")}
    assert asked >= {("amtool", "DELETE", "/api/v2/silence/{silence}"), ("amtool", "POST", "/api/v2/alerts")}


def _now(scene: Scene, body: Any) -> Any:
    """A recorded body, with the times of a silence moved to now."""
    if not isinstance(body, dict) or "endsAt" not in body:
        return body
    now = scene.clock.now()
    lasts = parse_instant(body["endsAt"]) - parse_instant(body["startsAt"])
    return {**body, "startsAt": format_instant(now), "endsAt": format_instant(now + max(lasts, SECOND))}
