"""Routing: down the tree to the deepest node that matches, as Alertmanager walks it."""

from pathlib import Path
from typing import Any

import pytest

from alerts.routing.alert_routes import route_match
from alerts.routing.route_explanation import RouteExplanation, explain
from alerts.routing.route_tree import matching_routes, receiver_of
from tests.kit.alert_timeline import AlertTimeline, immediately, ward_config
from ward.alert import Alert
from ward.config.alerting import Alerting
from ward.finding import Kind, Severity

TREE = Alerting.model_validate(
    {
        "channels": [{"name": name} for name in ("mail", "pager", "chat")],
        "receivers": [
            {"name": "root", "channels": ["mail"]},
            {"name": "icu", "channels": ["pager"]},
            {"name": "icu-high", "channels": ["pager", "chat"]},
            {"name": "technicians", "channels": ["chat"], "send_resolved": False},
        ],
        "route": {
            "receiver": "root", "group_by": ["ward"], "group_wait": "5s", "repeat_interval": "10m",
            "routes": [
                {"matchers": ["kind=technical"], "receiver": "technicians", "continue": True, "group_wait": "30s"},
                {
                    "matchers": ["ward=icu"], "receiver": "icu", "repeat_interval": "5m",
                    "routes": [{"matchers": ["severity=high"], "receiver": "icu-high", "group_by": ["bed"]}],
                },
                {"matchers": ["ward=~icu|hdu"], "receiver": "root"},
            ],
        },
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({}, ["root"]),
        ({"ward": "other"}, ["root"]),
        ({"ward": "icu", "severity": "low"}, ["icu"]),
        ({"ward": "icu", "severity": "high"}, ["icu-high"]),
        ({"ward": "icu", "kind": "technical", "severity": "high"}, ["technicians", "icu-high"]),
        ({"ward": "hdu", "kind": "technical"}, ["technicians", "root"]),
    ],
)
def test_the_deepest_match_wins_and_continue_tries_the_siblings_too(
    labels: dict[str, str], receivers: list[str]
) -> None:
    assert [choice.receiver for choice in matching_routes(TREE.route, labels)] == receivers


def test_a_node_inherits_what_it_does_not_set() -> None:
    (choice,) = matching_routes(TREE.route, {"ward": "icu", "severity": "high"})
    assert (choice.group_wait, choice.group_interval, choice.repeat_interval, choice.group_by) == (5, 60, 300, ("bed",))


def test_a_match_has_the_path_of_its_nodes() -> None:
    (choice,) = matching_routes(TREE.route, {"ward": "icu", "severity": "high"})
    assert choice.path == ("root", 'ward="icu"', 'severity="high"')


def test_an_unknown_receiver_is_everyone() -> None:
    assert receiver_of(TREE, "nonexistent").channels == ("mail", "pager", "chat")
    assert receiver_of(Alerting(channels=TREE.channels), "").channels == ("mail", "pager", "chat")


def _alert(kind: Kind, **labels: str) -> Alert:
    return Alert(id="a", labels=labels, annotations={}, severity=Severity.LOW, kind=kind, starts_at=0, updated_at=0)


def test_technical_alerts_of_a_rule_share_a_group_across_beds() -> None:
    choice = next(matching_routes(Alerting.model_validate({"route": {"group_by": ["bed", "device_id"]}}).route, {}))
    groups = {
        route_match(
            TREE, choice, _alert(Kind.TECHNICAL, alertname="silent", ward="icu", bed=bed, device_id=f"mon-{bed}")
        ).group
        for bed in ("icu-1", "icu-2")
    }
    assert groups == {'everyone{alertname="silent",ward="icu"}'}


def test_a_receiver_on_two_routes_is_notified_once(tmp_path: Path) -> None:
    route = {
        "receiver": "nurses",
        "routes": [
            {"matchers": ["ward=icu"], "receiver": "nurses", "continue": True, "group_by": ["bed"]},
            {"matchers": ["severity=high"], "receiver": "nurses", "group_by": ["ward"]},
        ],
    }
    timeline = AlertTimeline(tmp_path, ward_config(route=route))
    timeline.at(1).raises("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.run(30)


@pytest.mark.parametrize(
    "alerting",
    [
        {"channels": [], "receivers": [], "route": {}},
        {"channels": [{"name": "nurse", "urls": [""]}]},
        {"receivers": [{"name": "nurses", "channels": []}]},
    ],
)
def test_the_reason_of_an_alert_without_channel_says_that_only_the_screen_shows_it(
    tmp_path: Path, alerting: dict[str, Any]
) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**alerting))
    timeline.at(1).raises("spo2_low")
    timeline.run(5)
    assert (
        timeline.alerts()["spo2_low icu-7"].reason == "not sent: the receiver has no channel, only the screen shows it"
    )
    assert timeline.alerts()["spo2_low icu-7"].notified_at is None
    assert timeline.counted("wardwatch_outbox_notifications") in ({}, {"nurse": 0})


def test_an_explanation_has_receivers_channels_and_path() -> None:
    technicians, crash_team = explain(TREE, {"ward": "icu", "kind": "technical", "severity": "high"})
    assert technicians == RouteExplanation(
        receiver="technicians", channels=("chat",), path=("root", 'kind="technical"'), group_by=("ward",),
        group_wait=30.0, group_interval=60.0, repeat_interval=600.0,
    )  # fmt: skip
    assert str(crash_team) == 'root > ward="icu" > severity="high" => icu-high (pager, chat)'


def test_an_explanation_has_the_escalations() -> None:
    alerting = Alerting.model_validate(
        {
            "channels": [{"name": "mail"}, {"name": "sms"}],
            "receivers": [{"name": "nurses", "channels": ["mail"]}, {"name": "doctors", "channels": ["sms"]}],
            "route": {"receiver": "nurses", "escalate": [{"after": "2m", "receiver": "doctors"}]},
        }
    )
    (way,) = explain(alerting, {})
    assert str(way) == "root => nurses (mail), after 2 min doctors (sms)"
