"""A bound on the alerts that another system may have active, with an alert that says so."""

from pathlib import Path
from typing import Any

import pytest

from tests.kit.alert_timeline import AlertTimeline, subjects, ward_config
from tests.kit.guarantees import Figure
from ward.alert import EXTERNAL, SENDER
from ward.finding import EndReason, Kind

ROUTE = {"receiver": "nurses", "group_wait": "1s", "repeat_interval": "1h", "group_interval": "1s"}


def _post(timeline: AlertTimeline, at: float, count: int, sender: str) -> None:
    fields: dict[str, Any] = {"detector": EXTERNAL, "kind": Kind.TECHNICAL, "annotations": {SENDER: sender}}
    for n in range(count):
        labels = {"alertname": "fan", "instance": f"{sender}-{n}"}
        until = timeline.time_at(at + 600)
        timeline.at(at).raises("silent", bed=f"{sender}-{n}", device="", labels=labels, until=until, **fields)


@pytest.mark.guarantee("A flood of alerts of another system has a bound, which is shown, and delays no patient.")
def test_further_alerts_of_a_sender_with_many_are_not_taken_and_an_alert_says_so(
    tmp_path: Path, figure: Figure
) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, external_limit=50))
    _post(timeline, 1, 500, "10.0.0.7")
    _post(timeline, 1, 20, "10.0.0.8")
    timeline.at(1).raises("spo2_low", bed=7)
    timeline.advance_to(5)
    timeline.pipeline.close()
    active = [tracked.alert for tracked in timeline.pipeline.state.alerts.values() if tracked.alert.active]
    by_sender = [alert.annotations[SENDER] for alert in active if alert.source == EXTERNAL]
    assert (by_sender.count("10.0.0.7"), by_sender.count("10.0.0.8")) == (50, 20)
    said = [alert.annotations["summary"] for alert in active if alert.labels["alertname"] == "sender-limit"]
    assert said == ["Alerts of 10.0.0.7 are not accepted: it has 50 active already. Watch the screens of that system"]
    assert subjects(timeline.notified)[0].startswith("HIGH priority, ICU bed 7"), "the patient is first"
    assert timeline.notified[0].at <= 1.5
    figure("50 of 500 alerts of one sender taken, the patient's alert sent in the step in which it came")


def test_a_sender_has_room_again_when_its_alerts_end(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, external_limit=2))
    _post(timeline, 1, 3, "a")
    timeline.at(5).clears("silent", bed="a-0", ended=EndReason.RECOVERED)
    timeline.advance_to(4)
    limit = next(
        t.alert for t in timeline.pipeline.state.alerts.values() if t.alert.labels["alertname"] == "sender-limit"
    )
    assert limit.active
    timeline.advance_to(10)
    timeline.pipeline.close()
    last = {alert.id: alert for alert in timeline.published()}
    assert not last[limit.id].active


def test_a_restart_counts_the_alerts_that_are_active(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, external_limit=2))
    _post(timeline, 1, 2, "a")
    timeline.at(2).restarts()
    _post(timeline, 3, 3, "a")
    timeline.advance_to(5)
    timeline.pipeline.close()
    alerts = [tracked.alert for tracked in timeline.pipeline.state.alerts.values()]
    assert sum(alert.source == EXTERNAL for alert in alerts) == 2


def test_an_alert_that_two_systems_post_counts_for_the_one_that_posted_it_last(tmp_path: Path) -> None:
    """As a pair of Alertmanagers does; when it ends it counts for neither."""
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, external_limit=2))
    fields: dict[str, Any] = {"detector": EXTERNAL, "kind": Kind.TECHNICAL, "device": ""}
    for n in range(2):
        for at, sender in ((1, "a"), (2, "b")):
            of: dict[str, Any] = {"annotations": {SENDER: sender}, "until": timeline.time_at(at + 600)}
            timeline.at(at).raises("silent", bed=f"{n}", **fields, **of)
        timeline.at(3).clears("silent", bed=f"{n}", ended=EndReason.RECOVERED, **fields, annotations={SENDER: "b"})
    timeline.advance_to(200)
    _post(timeline, 201, 1, "a")
    timeline.advance_to(210)
    assert "sender-limit" not in {alert.labels["alertname"] for alert in timeline.published()}


def test_a_restart_does_not_end_the_alert_about_a_sender_that_is_still_full(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, external_limit=2))
    _post(timeline, 1, 3, "a")
    timeline.at(5).restarts()
    timeline.advance_to(10)
    timeline.pipeline.close()
    limits = [alert for alert in timeline.published() if alert.labels["alertname"] == "sender-limit"]
    assert limits[-1].active
