"""Alerts that were detected late: recorded, and sent only if they are still active after the hold."""

from pathlib import Path
from typing import Any

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config

SETTINGS: dict[str, Any] = {"late_after": "1m", "late_hold": "10s"}


def test_a_late_alert_that_ended_within_the_hold_notifies_nobody(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(1).raises("spo2_low", ago=14 * 60)
    timeline.at(6).clears("spo2_low", ago=10 * 60)
    timeline.run(60)
    alert = timeline.alerts()["spo2_low icu-7"]
    assert alert.annotations["detected_late"] == "detected late by 14 min"
    assert alert.reason == "not sent: detected late, had ended already"
    assert not alert.active


def test_a_late_alert_that_goes_on_is_sent_after_the_hold(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(1).raises("spo2_low", ago=14 * 60)
    timeline.want(
        between(11, 11.5),
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s (measured at 15:46:01 UTC; alert for 14 min; "
        "detected late by 14 min)",
    )
    timeline.run(60)


def test_an_alert_within_late_after_is_not_late(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(1).raises("spo2_low", ago=59)
    timeline.want(immediately(1), "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s")
    timeline.run(30)
    assert "detected_late" not in timeline.alerts()["spo2_low icu-7"].annotations


def test_a_hold_survives_a_restart(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(1).raises("spo2_low", ago=300)
    timeline.at(5).restarts()
    timeline.want(between(11, 11.5), "HIGH priority, ICU bed 7")
    timeline.run(60)


def test_findings_read_after_a_downtime_are_late_too(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS))
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.at(2).clears("spo2_low", bed=1)
    timeline.at(3).raises("spo2_low", bed=2)
    timeline.pipeline.close()
    for _, _, act in timeline.script:
        act()
    timeline.script.clear()
    timeline.clock.advance(600)
    timeline.pipeline = timeline.open()
    timeline.want(
        between(610, 610.5),
        "HIGH priority, ICU bed 2: SpO2 84 % < 88 for 15 s (measured at 16:00:03 UTC; alert for 10 min; "
        "detected late by 9 min 57 s)",
    )
    timeline.run(640)
