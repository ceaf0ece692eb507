"""Absence is information: a lost signal marks what it leaves undecided, and ends nothing."""

from pathlib import Path

import pytest

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from ward.finding import EndReason

ROUTE = {"receiver": "nurses", "group_wait": "10s", "group_interval": "1m", "repeat_interval": "1h"}


def test_a_silent_device_marks_its_physiological_alerts_and_they_stay_active(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(1).raises("spo2_low", bed=8)
    timeline.at(30).raises("silent", severity="medium")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(immediately(1), "HIGH priority, ICU bed 8")
    timeline.want(between(40, 40.5), "MEDIUM priority, ICU bed 7: no data for 15 s")
    timeline.want(
        between(61, 61.5),
        "SIGNAL LOST, alert still active: HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s (measured at 16:00:01 UTC; "
        "alert for 75 s; "
        "no data since 16:00:15 UTC, not known whether it has ended)",
    )
    timeline.run(100)
    alerts = timeline.alerts()
    assert alerts["spo2_low icu-7"].active
    assert alerts["spo2_low icu-7"].signal_lost_since == alerts["silent icu-7"].starts_at
    assert "not known whether it has ended" in alerts["spo2_low icu-7"].annotations["signal_lost"]
    assert alerts["spo2_low icu-8"].signal_lost_since is None


def test_a_stale_mark_ends_with_the_silence_and_the_alert_goes_on(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(30).raises("silent", severity="medium")
    timeline.at(33).clears("silent")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.run(100)
    alert = timeline.alerts()["spo2_low icu-7"]
    assert (alert.active, alert.signal_lost_since) == (True, None)
    assert "signal_lost" not in alert.annotations


@pytest.mark.parametrize(
    ("rule", "signal", "marked"),
    [
        ("spo2_low", "spo2", True),
        ("spo2_low", "heart_rate", False),
        ("tachycardia", "spo2", False),
        ("tachycardia", "", True),
        ("news2", "spo2", False),
        ("news2", "", True),
    ],
)
def test_a_silent_signal_marks_the_alerts_of_that_signal(tmp_path: Path, rule: str, signal: str, marked: bool) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises(rule)
    timeline.at(2).raises("silent", severity="medium", signal=signal)
    timeline.advance_to(5)
    timeline.pipeline.close()
    assert (timeline.alerts()[f"{rule} icu-7"].signal_lost_since is not None) is marked


def test_an_alert_of_a_whole_bed_is_marked_by_any_silent_device_of_it(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("news2", device="")
    timeline.at(2).raises("silent", severity="medium")
    timeline.advance_to(5)
    timeline.pipeline.close()
    assert timeline.alerts()["news2 icu-7"].signal_lost_since is not None


def test_a_stale_mark_stays_until_both_silences_have_ended(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).raises("silent", severity="medium", signal="spo2")
    whole = timeline.episodes["silent", "icu-7"]
    timeline.at(3).raises("silent", severity="medium", onset=timeline.time_at(2))
    timeline.at(4).clears("silent")
    timeline.advance_to(6)
    assert timeline.alerts()["spo2_low icu-7"].signal_lost_since == whole.onset
    timeline.pipeline.close()


def test_a_lost_signal_never_clears_a_physiological_alert(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(5).acks("spo2_low")
    timeline.at(30).clears("spo2_low", ended=EndReason.SIGNAL_LOST)
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(between(61, 61.5), "SIGNAL LOST, alert still active: HIGH priority, ICU bed 7")
    timeline.run(90)
    alert = timeline.alerts()["spo2_low icu-7"]
    assert alert.active
    assert alert.latched is EndReason.SIGNAL_LOST
    assert "sent: alert ended" not in timeline.reasons()


def test_a_latched_signal_loss_ends_when_it_is_acknowledged(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(30).clears("spo2_low", ended=EndReason.SIGNAL_LOST)
    timeline.at(50).acks("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(between(60, 60.5), "SIGNAL LOST, ALERT CLOSED (not known whether it has ended), ICU bed 7")
    timeline.run(90)
    assert timeline.alerts()["spo2_low icu-7"].ended is EndReason.SIGNAL_LOST


def test_a_technical_alert_that_ends_by_a_lost_signal_says_so(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("probe_off", severity="low")
    timeline.at(30).clears("probe_off", ended=EndReason.SIGNAL_LOST)
    timeline.want(between(11, 11.5), "LOW priority, ICU bed 7: SpO2 probe off")
    timeline.want(
        between(40, 40.5),
        "SIGNAL LOST, ALERT CLOSED (not known whether it has ended), ICU bed 7: was LOW priority: SpO2 probe off",
    )
    timeline.run(90)
