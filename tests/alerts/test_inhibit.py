"""Inhibition: an alert keeps quiet what follows from it, as Alertmanager means it."""

from pathlib import Path
from typing import Any

import pytest

from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.routing.alert_routes import RouteCache
from alerts.stages.batch import AlertBatch, BatchItem
from alerts.stages.inhibit import inhibit
from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from ward.alert import Alert
from ward.finding import Kind, Severity

PROBE = [{"source": ['alertname="probe_off"'], "target": ['kind="physiological"'], "equal": ["device_id", "metric"]}]
ROUTE = {"receiver": "nurses", "group_wait": "10s", "repeat_interval": "2m"}


def test_an_inhibited_alert_is_sent_when_its_source_has_ended(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, inhibit=PROBE))
    timeline.at(1).raises("probe_off", severity="low")
    timeline.at(20).raises("spo2_low")
    timeline.at(21).raises("spo2_low", bed=8)
    timeline.at(50).clears("probe_off")
    timeline.want(between(11, 11.5), "LOW priority, ICU bed 7: SpO2 probe off")
    timeline.want(immediately(21), "HIGH priority, ICU bed 8")
    timeline.want(immediately(50), "HIGH priority, ICU bed 7: SpO2 84")
    timeline.want(
        between(60, 60.5),
        "HIGH priority STILL ACTIVE, ICU bed 7: SpO2 84 % < 88 for 15 s; ALERT ENDED: was LOW priority: SpO2 probe off",
    )
    timeline.run(100)


def test_an_inhibited_alert_has_the_id_of_its_source(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, inhibit=PROBE))
    timeline.at(1).raises("probe_off", severity="low")
    timeline.at(2).raises("spo2_low")
    timeline.advance_to(5)
    timeline.pipeline.close()
    alerts = timeline.alerts()
    assert alerts["spo2_low icu-7"].inhibited_by == (alerts["probe_off icu-7"].id,)
    assert alerts["spo2_low icu-7"].reason == "no messages: inhibited by another alert"


@pytest.mark.parametrize("while_silenced", [True, False])
def test_a_silenced_source_mutes_nothing_where_the_rule_says_so(tmp_path: Path, while_silenced: bool) -> None:
    rules = [PROBE[0] | {"while_silenced": while_silenced}]
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, inhibit=rules))
    timeline.at(1).raises("probe_off", severity="low")
    timeline.at(5).silences("s1", "alertname=probe_off", lasts=3600)
    timeline.at(20).raises("spo2_low")
    if not while_silenced:
        timeline.want(immediately(20), "HIGH priority, ICU bed 7: SpO2 84")
    timeline.run(100)


def test_a_technical_alert_inhibits_no_physiological_one_that_was_notified(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, inhibit=PROBE))
    timeline.at(1).raises("spo2_low")
    timeline.at(5).raises("probe_off", severity="low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7: SpO2 84")
    timeline.want(between(15, 15.5), "LOW priority, ICU bed 7: SpO2 probe off")
    timeline.want(
        between(121, 121.5),
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s (measured at 16:00:01 UTC; not acknowledged",
    )
    timeline.want(between(135, 135.5), "LOW priority, ICU bed 7: SpO2 probe off (alert since 15:59:50 UTC; not ack")
    timeline.run(150)


def test_the_end_of_a_notified_alert_is_sent_although_it_is_inhibited(tmp_path: Path) -> None:
    rules = [{"source": ['severity="high"'], "target": ['severity="medium"'], "equal": ["bed"]}]
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, inhibit=rules))
    timeline.at(1).raises("spo2_low", severity="medium")
    timeline.at(20).raises("news2", severity="high")
    timeline.at(30).clears("spo2_low")
    timeline.want(immediately(1), "MEDIUM priority, ICU bed 7")
    timeline.want(immediately(20), "HIGH priority, ICU bed 7: NEWS2")
    timeline.want(
        between(40, 40.5),
        "HIGH priority STILL ACTIVE, ICU bed 7: NEWS2 7; ALERT ENDED: was MEDIUM priority: SpO2 84 % < 88 for 15 s",
    )
    timeline.run(60)


def _inhibited(rule: dict[str, Any], *alerts: dict[str, str]) -> list[tuple[str, ...]]:
    config = ward_config(inhibit=[rule])
    items = tuple(
        BatchItem(
            tracked=TrackedAlert(
                alert=Alert(
                    id=str(n), labels=labels, annotations={}, severity=Severity.LOW, kind=Kind.TECHNICAL, starts_at=0,
                    updated_at=0,
                ),
                tracked_since=0, changed_at=0, unacknowledged_since=0,
            )
        )
        for n, labels in enumerate(alerts)
    )  # fmt: skip
    batch = AlertBatch(now=Now(0, 0), config=config, routes=RouteCache(config.alerting), items=items)
    return [item.inhibited_by for item in inhibit(batch).items]


RULE = {"source": ["s=1"], "target": ["t=1"], "equal": ["e"]}


@pytest.mark.parametrize(
    ("alerts", "inhibited"),
    [
        ([{"s": "1", "e": "x"}, {"t": "1", "e": "x"}], [(), ("0",)]),
        ([{"s": "1", "e": "x"}, {"t": "1", "e": "y"}], [(), ()]),
        # A label that is in neither is not equal: Alertmanager's users trip over that.
        ([{"s": "1"}, {"t": "1"}], [(), ()]),
        ([{"s": "2", "e": "x"}, {"t": "1", "e": "x"}], [(), ()]),
        # Source and target at once: not by itself, and not by its like, but by a plain source.
        ([{"s": "1", "t": "1", "e": "x"}], [()]),
        ([{"s": "1", "t": "1", "e": "x"}, {"s": "1", "t": "1", "e": "x", "n": "2"}], [(), ()]),
        ([{"s": "1", "t": "1", "e": "x"}, {"s": "1", "e": "x"}], [("1",), ()]),
        ([{"s": "1", "t": "1", "e": "x"}, {"t": "1", "e": "x"}], [(), ("0",)]),
    ],
)
def test_source_target_and_equal_are_those_of_alertmanager(
    alerts: list[dict[str, str]], inhibited: list[tuple[str, ...]]
) -> None:
    assert _inhibited(RULE, *alerts) == inhibited
