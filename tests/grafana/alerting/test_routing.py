"""Policies, contact points and templates: all of them for a small config, and what must never change."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from alerts.text.status import ENDED
from grafana.alerting.contact_points import contact_points
from grafana.alerting.mute_timings import mute_timings
from grafana.alerting.policies import policies
from grafana.alerting.templates import templates
from tests.grafana.generated import alerting_files, config, dashboard_files
from ward.config.alerting import Alerting
from ward.config.yaml.libyaml import parse_yaml
from ward.finding import EndReason

ALERTING = {
    "channels": [
        {"name": "mail", "grafana": "email", "urls": ["mailto://secret@x"]},
        {"name": "chat", "grafana": "webhook", "urls": ["json://x"]}, {"name": "sms", "urls": ["json://y"]},
    ],
    "receivers": [
        {"name": "nurses", "channels": ["mail", "chat"]},
        {"name": "doctors", "channels": ["mail", "sms"], "send_resolved": False},
        {"name": "screen", "channels": []},
    ],
    "mute_times": [{"name": "night", "windows": [{"from": "02:00", "until": "04:00"}]}],
    "route": {
        "receiver": "nurses", "group_by": ["alertname", "ward"], "group_wait": "0s", "group_interval": "90s",
        "repeat_interval": "4h",
        "routes": [
            {"matchers": ["notifier=grafana"], "receiver": "screen"},
            {"matchers": ["alertname=~fever|chill"], "receiver": "doctors", "continue": True},
            {"matchers": ["kind=technical"], "mute": ["night"], "routes": [
                {"matchers": ["bed!=x"], "group_wait": "30s"}, {"matchers": ["ward=icu"], "mute": []},
            ]},
        ],
    },
}  # fmt: skip


def alerting() -> Alerting:
    return Alerting.model_validate(ALERTING)


def rules(name: str) -> list[dict[str, Any]]:
    (group,) = parse_yaml(alerting_files()[f"alerting/rules-{name}.yaml"])["groups"]
    assert group["interval"] == {"active-alerts": "10s"}.get(name, "30s")
    found: list[dict[str, Any]] = group["rules"]
    return found


@pytest.mark.parametrize(("place", "ends", "matcher"), [
    (0, " (with ends)", ["ends", "=", "known"]), (1, "", ["ends", "!=", "known"]),
])  # fmt: skip
def test_the_policies_of_a_small_config(place: int, ends: str, matcher: list[str]) -> None:
    (root,) = policies(alerting())["policies"]
    assert {key: value for key, value in root.items() if key != "routes"} == {
        "orgId": 1, "receiver": "wardwatch", "group_by": ["..."], "group_wait": "1s", "group_interval": "10s",
        "repeat_interval": "1m",
    }  # fmt: skip
    assert len(root["routes"]) == 2
    assert root["routes"][place] == {
        "receiver": f"nurses{ends}", "object_matchers": [["notifier", "=", "grafana"], matcher],
        "group_by": ["wardwatch_alert", "ward"], "group_wait": "1s", "group_interval": "1m30s",
        "repeat_interval": "240m",
        "routes": [
            {"receiver": f"doctors{ends}", "object_matchers": [["wardwatch_alert", "=~", "fever|chill"]],
             "continue": True},
            {
                "receiver": f"nurses{ends}", "object_matchers": [["kind", "=", "technical"]],
                "mute_time_intervals": ["night"],
                "routes": [
                    {"receiver": f"nurses{ends}", "object_matchers": [["bed", "!=", "x"]], "group_wait": "30s",
                     "mute_time_intervals": ["night"]},
                    {"receiver": f"nurses{ends}", "object_matchers": [["ward", "=", "icu"]]},
                ],
            },
        ],
    }  # fmt: skip


def integrations(point: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """By uid: the type of each integration of a contact point, and whether it gets ends."""
    return {i["uid"]: (i["type"], not i["disableResolveMessage"]) for i in point["receivers"]}


def test_the_contact_points_of_a_small_config() -> None:
    found = {point["name"]: integrations(point) for point in contact_points(alerting())["contactPoints"]}
    ours = "prometheus-alertmanager"
    assert found == {
        "wardwatch": {"ward-wardwatch-wardwatch": (ours, True)},
        "nurses": {
            "ward-nurses-wardwatch": (ours, True), "ward-nurses-mail": ("email", False),
            "ward-nurses-chat": ("webhook", False),
        },
        "nurses (with ends)": {
            "ward-nurses-ends-wardwatch": (ours, True), "ward-nurses-ends-mail": ("email", True),
            "ward-nurses-ends-chat": ("webhook", True),
        },
        "doctors": {"ward-doctors-wardwatch": (ours, True), "ward-doctors-mail": ("email", False)},
        "doctors (with ends)": {
            "ward-doctors-ends-wardwatch": (ours, True), "ward-doctors-ends-mail": ("email", False),
        },
        "screen": {"ward-screen-wardwatch": (ours, True)},
        "screen (with ends)": {"ward-screen-ends-wardwatch": (ours, True)},
    }  # fmt: skip
    assert "secret" not in str(contact_points(alerting()))


def test_every_message_to_people_uses_the_templates() -> None:
    names = {"title": "subject", "subject": "subject", "message": "body"}
    for point in contact_points(alerting())["contactPoints"]:
        for integration in point["receivers"]:
            if integration["type"] != "prometheus-alertmanager":
                text = {key: text for key, text in integration["settings"].items() if key in names}
                assert text == {key: f'{{{{ template "wardwatch.{names[key]}" . }}}}' for key in text}
                assert len(text) == 2
    assert {
        i["settings"]["httpMethod"] for p in contact_points(alerting())["contactPoints"] for i in p["receivers"]
        if i["type"] == "webhook"
    } == {"POST"}  # fmt: skip


def test_a_message_says_ended_only_where_grafana_can_know_it() -> None:
    (template,) = templates()["templates"]
    (head,) = re.findall(r'define "wardwatch.head" }}(.*)', template["template"])
    branches = re.split(r"\{\{ (?:else if|if|else) ?", head.split(" {{ if .Annotations.summary")[0])[1:]
    assert branches == [
        'eq .Status "firing" }}{{ .Labels.severity | toUpper }} priority,',
        ".Annotations.grafana_state_reason }}SIGNAL LOST (not known whether the alert has ended):",
        f'eq .Labels.ends "known" }}}}{ENDED[EndReason.RECOVERED]}:',
        "}}DATA MISSING (not known whether the alert has ended):{{ end }}",
    ]


def test_a_message_has_summary_time_description_place_and_rule() -> None:
    (template,) = templates()["templates"]
    text = template["template"]
    for part in (".Annotations.summary", ".StartsAt.Format", ".Annotations.description", ".Labels.ward",
                 ".Labels.device_id", ".Labels.alertname", ".GeneratorURL", "Advisory"):  # fmt: skip
        assert part in text
    assert text.index(".Alerts.Firing }}{{ template \"wardwatch.one\"") < text.index(".Alerts.Resolved }}{{ template \"wardwatch.one\"")  # fmt: skip # noqa: E501


def test_the_pipeline_rules_are_notified_by_grafana() -> None:
    found = {rule["labels"]["wardwatch_alert"]: rule for rule in rules("pipeline")}
    assert {name: rule["labels"]["severity"] for name, rule in found.items()} == {
        "grafana-nothing-arriving": "high", "grafana-canary-old": "high", "grafana-quarantine-rising": "medium",
        "grafana-outbox-stuck": "high", "grafana-silent-bridge": "high", "grafana-silent-detectors": "high",
        "grafana-silent-alerts": "high", "grafana-silent-web": "medium",
    }  # fmt: skip
    for rule in found.values():
        assert (rule["labels"]["notifier"], rule["labels"]["kind"], rule["labels"]["ends"]) == (
            "grafana", "technical", "known",
        )  # fmt: skip
        assert rule["for"] == "1m"


def test_active_alerts_have_one_rule_for_each_severity_and_are_not_notified_again() -> None:
    found = rules("active-alerts")
    assert [rule["labels"]["severity"] for rule in found] == ["low", "medium", "high"]
    for rank, rule in enumerate(found, 1):
        assert rule["data"][-1]["model"]["expression"] == f"${{B}} == {rank}"
        assert (rule["labels"]["notifier"], rule["labels"]["ends"], rule["for"]) == ("none", "unknown", "0s")
        assert not {"wardwatch_alert", "kind"} & set(rule["labels"]), (
            "the series has these labels: the same labels, so one fingerprint"
        )


def test_the_safety_net_is_notified_by_wardwatch_while_it_runs_and_its_ends_are_unknown() -> None:
    for rule in rules("safety-net"):
        labels = rule["labels"]
        assert labels["notifier"] == (
            "{{ if .Labels.device }}{{ if eq .Values.I.Value 0.0 }}grafana{{ else }}wardwatch{{ end }}"
            "{{ else }}grafana{{ end }}"
        )
        assert (labels["ends"], rule["for"]) == ("unknown", "20s")
        assert labels["wardwatch_alert"].startswith("{{ if .Labels.device }}" + rule["uid"].removeprefix("ward-net-"))
        assert {"device_id", "metric"} <= set(labels), "the same labels as in Wardwatch, so one fingerprint"
        assert (rule["noDataState"], rule["execErrState"]) == ("Alerting", "Alerting")


def limits_text() -> Iterator[tuple[str, str]]:
    for name in ("active-alerts", "pipeline", "safety-net"):
        for rule in rules(name):
            yield rule["uid"], rule["annotations"]["description"]


def test_a_rule_with_a_limit_says_when_it_is_over() -> None:
    limits = [
        text for uid, text in limits_text() if uid.startswith(("ward-net-", "ward-pipeline-q", "ward-pipeline-o"))
    ]
    assert len(limits) > 10
    assert all(re.search(r"[Oo]ver when", text) for text in limits)
    assert all("ends when" in text for uid, text in limits_text() if uid.startswith("ward-active-"))


def test_the_data_sources_have_fixed_uids_use_influxql_and_contain_no_secret() -> None:
    influx, ours = parse_yaml(dashboard_files()["datasources/wardwatch.yaml"])["datasources"]
    assert (influx["uid"], influx["type"], influx["url"]) == ("wardwatch-influx", "influxdb", "${WARDWATCH_INFLUX_URL}")
    assert influx["jsonData"]["version"] == "InfluxQL"
    assert influx["jsonData"]["httpHeaderName1"] == "Authorization"
    assert influx["jsonData"]["dbName"] == influx["database"] == "${WARDWATCH_INFLUX_DATABASE}"
    assert influx["secureJsonData"] == {"httpHeaderValue1": "Token ${WARDWATCH_GRAFANA_TOKEN}"}
    assert (ours["uid"], ours["type"], ours["url"]) == (
        "wardwatch-alertmanager", "alertmanager", "${WARDWATCH_WEB_URL}",
    )  # fmt: skip
    assert ours["jsonData"] == {"implementation": "prometheus", "handleGrafanaManagedAlerts": False}
    assert [source["isDefault"] for source in (influx,)] == [True]
    assert (influx["editable"], ours["editable"], influx["access"], ours["access"]) == (False, False, "proxy", "proxy")


def test_mute_timings_apply_to_technical_alerts_only() -> None:
    assert {time["name"] for time in mute_timings(config().alerting)["muteTimes"]} == {"maintenance", "theatre_hours"}
    (root,) = policies(config().alerting)["policies"]
    muted = list(muted_policies(root, []))
    assert muted
    assert all(["kind", "=", "technical"] in matchers for matchers in muted)


def muted_policies(policy: dict[str, Any], above: list[list[str]]) -> Iterator[list[list[str]]]:
    """The matchers of each policy with mute timings, with those of its parents."""
    matchers = [*above, *policy.get("object_matchers", ())]
    if policy.get("mute_time_intervals"):
        yield matchers
    for child in policy.get("routes", ()):
        yield from muted_policies(child, matchers)
