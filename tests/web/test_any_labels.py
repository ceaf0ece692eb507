"""What one door takes, every other can keep: alerts with any labels, in the log, both stores, pages and mails."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge.store_points.alerts import alert_points
from bridge.store_points.findings import finding_points
from bridge.store_points.health import health_points
from tests.kit.examples import examples
from tests.web.test_alertmanager_input import findings
from tests.web.test_grafana import GrafanaAndAlerts, joined
from ward.adapters.influx.line_protocol import LineProtocol
from ward.ids import printable
from ward.ports import Point
from ward.tag_text import tag_text, text_of_tag
from ward.wire import Heartbeat

__all__ = ["joined"]

NAMES = ["alertname", "ward", "bed", "device_id", "metric", "program", "severity", "instance", "Station 3"]
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("\\%25C\"'\n,= {}<&")), max_size=12)
TAGS = {"alerts": "alertname", "episodes": "alertname", "active_alerts": "wardwatch_alert", "findings": "rule"}


@pytest.mark.guarantee(
    "What one door takes, every other keeps: any text in a label of a posted alert reaches its history."
)
@settings(max_examples=examples(25, 200), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(labels=st.dictionaries(st.sampled_from(NAMES), TEXTS, min_size=1))
@example(labels={"alertname": "C:\\data\\", "bed": "icu\\3", "device_id": "\\", "metric": "a\\,b", "ward": "%5C\n"})
@example(labels={"alertname": "\u202e<script>\x00\x9f", "bed": " ", "program": "\\ "})
def test_an_alert_with_any_labels_is_in_the_log_both_stores_pages_and_mails(
    joined: GrafanaAndAlerts, labels: dict[str, str]
) -> None:
    joined.auth, scene = None, joined.scene
    seen = {alert.id for alert in joined.alerts()}
    body = json.dumps([{"labels": {"severity": "critical", **labels, "n": str(len(seen))}}])
    kind = {"content-type": "application/json"}
    if scene.http.post("/api/v2/alerts", content=body, headers=kind).status_code == 400:
        assert any("\ud800" <= c <= "\udfff" for text in labels.values() for c in text)  # not UTF-8
        return
    joined.tick()
    (alert,) = [alert for alert in joined.alerts() if alert.id not in seen]
    kept = {name: printable(text, 512) for name, text in labels.items() if text and name != "severity"}
    assert kept.items() <= alert.labels.items()
    (finding,) = [finding for _, finding in findings(scene) if finding.labels["n"] == alert.labels["n"]]
    points: list[Point] = [*alert_points(alert), *finding_points(finding)]
    assert LineProtocol().of(points).count("\n") == len(points)
    scene.own.write(points)
    name = kept.get("alertname", "")
    for point in points:
        tag = dict(point.series.tags).get(TAGS[point.series.measurement], "")
        assert text_of_tag(tag) in (name, "external")
    assert scene.http.get("/alerts", headers={"accept": "text/html"}).status_code == 200
    assert {a["fingerprint"] for a in scene.http.json("/api/v2/alerts")} >= {alert.fingerprint}
    assert all(subject.isprintable() for subject in joined.subjects)


@given(TEXTS, TEXTS)
def test_no_two_texts_have_one_tag(first: str, second: str) -> None:
    assert text_of_tag(tag_text(first)) == first
    assert "\\" not in tag_text(first)
    assert (tag_text(first) == tag_text(second)) is (first == second)


def test_the_history_of_an_alert_shows_its_name_as_it_was_posted(joined: GrafanaAndAlerts) -> None:
    scene = joined.scene
    posted: dict[str, Any] = {"labels": {"alertname": "C:\\90 %", "bed": "icu-03"}}
    scene.http.post("/api/v2/alerts", json=[posted])
    joined.tick()
    with_end = {**posted, "endsAt": "2025-11-24T15:59:00Z"}
    scene.http.post("/api/v2/alerts", json=[with_end])
    joined.tick()
    (alert,) = joined.alerts()
    scene.own.write(list(alert_points(alert)))
    listed = scene.http.json("/api/v1/alerts?state=ended")["alerts"]
    assert [shown["name"] for shown in listed] == ["C:\\90 %"]


def test_the_label_of_a_metric_and_the_name_of_a_machine_may_hold_a_backslash() -> None:
    metric = 'wardwatch_disk_free_bytes{folder="D:\\data"}'
    beat = Heartbeat(program="web", instance="ward\\1", at=1, started=0, config="c", numbers={metric: 1.0})
    points = list(health_points(beat))
    assert LineProtocol().of(points).count("\n") == len(points) == 2
    assert {text_of_tag(dict(point.series.tags)["instance"]) for point in points} == {"ward\\1"}
