"""Restarts of all programs or of one: which alerts and notifications they cause, and which they must not."""

from pathlib import Path

import pytest

from tests.kit.simulated_ward import SimulatedWard, simulated_ward
from ward.clock import SECOND


def reconnect(ward: SimulatedWard, since: int, within: int, except_for: str = "") -> None:
    """The devices reconnect one after the other, within some seconds; the broker has retained their status."""
    for n, device in enumerate(ward.devices):
        until = since + n * within / len(ward.devices)
        ward.disconnect(device, since=0, until=float("inf") if device == except_for else until)
        ward.publish(f"ward/{ward.ward_of(device)}/{device}/status", b"online", retained=True)


def test_silence_that_ends_with_a_restart_sends_no_notification(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.run(60)
        ward.restart_after(75)
        reconnect(ward, since=136, within=19)
        for device in ward.devices:
            ward.expect_alert(60, 75, "device-silent", device)
        ward.run(180)

        assert {str(alert.ended) for alert in ward.alerts()} == {"recovered"}
        assert ward.subjects("mail") == ward.subjects("chat") == ward.subjects("sms") == []


def test_a_device_that_stays_silent_is_notified_after_the_grace_with_its_true_onset(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.run(60)
        ward.restart_after(75)
        reconnect(ward, since=136, within=15, except_for="mon-icu-04")
        for device in ward.devices:
            ward.expect_alert(60, 75, "device-silent", device)
        ward.run(60)

        alert = ward.alert("device-silent", "mon-icu-04")
        assert 60 <= (alert.starts_at - ward.began) / SECOND <= 75
        assert alert.active
        (subject,) = ward.subjects("mail")
        assert subject.startswith("MEDIUM priority, ICU bed 4: Bedside monitor: no data for")


def test_ten_minutes_without_our_programs_raise_no_medium_or_high_alert_of_silence(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.run(60)
        ward.restart_after(600)
        reconnect(ward, since=661, within=19)
        for device in ward.devices:
            ward.expect_alert(60, 75, "device-silent", device)
        ward.run(120)
        assert ward.subjects("mail") == ward.subjects("chat") == []


def test_an_alert_stays_active_over_a_restart_and_is_not_reported_as_signal_lost(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.set_signal("mon-icu-02", "heart_rate", "160x400", at=20)
        ward.expect_alert(20, 21, "tachycardia", "mon-icu-02")
        ward.run(60)
        ward.restart_after(75)
        reconnect(ward, since=136, within=19)
        for device in ward.devices:
            ward.expect_alert(60, 75, "device-silent", device)
        ward.run(60)

        assert ward.alert("tachycardia", "mon-icu-02").active
        assert not [subject for subject in ward.subjects() if "LOST" in subject or "silent" in subject]


@pytest.mark.parametrize("program", ["bridge", "detectors"])
def test_a_program_that_stops_sends_one_notification_and_not_one_for_each_bed(tmp_path: Path, program: str) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.run(60)
        ward.programs.stop(program)
        ward.expect_alert(55, 61, "program-silent", program)
        for device in ward.devices if program == "bridge" else ():
            ward.expect_alert(55, 76, "device-silent", device)
        ward.run(120)
        (subject,) = ward.subjects("mail")
        assert subject.startswith(f"HIGH priority, Program {program}: no heartbeat since")
        ward.programs.start(program)
        ward.run(90)
        (_, ended) = ward.subjects("mail")
        assert ended.startswith(f"ALERT ENDED: Program {program}: heartbeat is back (was HIGH priority: ")
        assert {str(alert.ended) for alert in ward.alerts()} == {"recovered"}
