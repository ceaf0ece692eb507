"""Alerts that other systems post: they are notified, and take nothing from our own."""

from pathlib import Path
from typing import Any

import pytest

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from ward.clock import SECOND
from ward.config.alerting import Inhibition
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.ids import digest

LOWER = {"source": ["severity=high"], "target": ['severity=~"medium|low"'], "equal": ["device_id"]}
SILENT = {"source": ["alertname=device-silent"], "target": ["kind=technical"], "equal": ["device_id"]}


def timeline(folder: Path, **alerting: Any) -> AlertTimeline:
    inhibit = [Inhibition.model_validate(rule) for rule in (LOWER, SILENT)]
    return AlertTimeline(folder, ward_config(**{"inhibit": inhibit, **alerting}))


def posts(
    script: AlertTimeline, second: float, rule: str, severity: str = "high", *, over: bool = False, **more: Any
) -> Finding:
    """Another system posts an alert about the monitor of bed 7, as the program `web` writes it."""
    at = script.time_at(second)
    labels = {"alertname": rule, "device_id": "mon-icu-7", "bed": "icu-7", "ward": "icu", "severity": severity, **more}
    finding = Finding(
        episode=digest("external", rule), transition=Transition.CLEARED if over else Transition.RAISED, rule=rule,
        detector="external", kind=Kind(labels.setdefault("kind", "physiological")), severity=Severity(severity),
        onset=at, at=at, received_at=at, text=f"{rule} by another system", device="mon-icu-7", ward="icu", bed="icu-7",
        signal=labels.get("metric", ""), labels=labels, ended=EndReason.RECOVERED if over else None,
        until=None if over else at + 600 * SECOND,
    )  # fmt: skip
    script.at(second).then(lambda: script.send(finding))
    return finding


@pytest.mark.guarantee("An alert of another system never mutes, ends, acknowledges or takes over one of our own.")
def test_a_posted_high_alert_does_not_inhibit_the_tachycardia_of_its_device(tmp_path: Path) -> None:
    script = timeline(tmp_path)
    posts(script, 1, "posted", notifier="grafana")
    script.want(immediately(1), "HIGH priority, ICU bed 7: posted by another system")
    script.at(3).raises("tachycardia", severity="medium")
    script.want(immediately(3), "MEDIUM priority, ICU bed 7: Heart rate 137")  # not after grouping with the posted one
    script.run(30)
    assert script.alerts()["tachycardia icu-7"].inhibited_by == ()


def test_a_posted_alert_inhibits_posted_alerts_and_ours_inhibit_them(tmp_path: Path) -> None:
    script = timeline(tmp_path)
    posts(script, 1, "posted")
    script.want(immediately(1), "HIGH priority")
    posts(script, 3, "posted-lower", "medium")
    script.run(20)
    assert script.alerts()["posted-lower icu-7"].inhibited_by == (digest("external", "posted"),)


def test_a_posted_device_silent_hides_no_missing_probe(tmp_path: Path) -> None:
    script = timeline(tmp_path)
    posts(script, 1, "device-silent", kind="technical")
    script.want(immediately(1), "HIGH priority")
    script.at(3).raises("probe_off", severity="medium")
    script.want(between(3, 15), "MEDIUM priority, ICU bed 7: SpO2 probe off")
    script.run(30)


@pytest.mark.parametrize("severity", ["medium", "high"])
def test_ours_takes_the_place_of_a_posted_one_and_is_notified_anew(tmp_path: Path, severity: str) -> None:
    script = timeline(tmp_path)
    posted = posts(script, 1, "tachycardia", severity, metric="heart_rate")
    script.episodes["tachycardia", "icu-7"] = posted
    script.want(immediately(1), f"{severity.upper()} priority, ICU bed 7: tachycardia by another system")
    script.at(2).acks("tachycardia")
    script.at(4).raises("tachycardia", severity=severity)
    script.want(immediately(4), f"{severity.upper()} priority, ICU bed 7: Heart rate 137")
    script.run(30)
    ours = script.alerts()["tachycardia icu-7"]
    assert (ours.source, ours.ack, ours.active) == ("limits", None, True)


def test_a_posted_end_and_a_posted_severity_change_nothing_of_ours(tmp_path: Path) -> None:
    script = timeline(tmp_path)
    script.at(1).raises("tachycardia", severity="medium")
    script.want(immediately(1), "MEDIUM priority")
    posts(script, 3, "tachycardia", "high", metric="heart_rate")
    posts(script, 5, "tachycardia", "high", metric="heart_rate", over=True)
    script.run(30)
    ours = script.alerts()["tachycardia icu-7"]
    assert (ours.severity, ours.active, ours.source) == (Severity.MEDIUM, True, "limits")
