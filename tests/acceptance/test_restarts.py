"""Plays in which we are away for a while: what was away with us and is back is nobody's problem."""

from pathlib import Path

import pytest

from tests.acceptance.play import Play, play
from ward.clock import SECOND


def are_back(ward: Play, since: int, within: int, stays_away: str = "") -> None:
    """After a restart the devices speak again, one after the other; the broker has kept what it knows of each."""
    for n, device in enumerate(ward.devices):
        until = since + n * within / len(ward.devices)
        ward.is_away(device, since=0, until=float("inf") if device == stays_away else until)
        ward.post(f"ward/{ward.ward_of(device)}/{device}/status", b"online", retained=True)


def test_after_a_restart_nobody_hears_of_silence_that_is_over(tmp_path: Path) -> None:
    with play(tmp_path) as ward:
        ward.goes_on(60)
        ward.is_down(75)
        are_back(ward, since=136, within=19)
        for device in ward.devices:
            ward.wants(60, 75, "device-silent", device)
        ward.goes_on(180)

        assert {str(alert.ended) for alert in ward.alerts()} == {"recovered"}
        assert ward.subjects("mail") == ward.subjects("chat") == ward.subjects("sms") == []


def test_who_stays_away_is_told_after_the_grace_with_its_true_onset(tmp_path: Path) -> None:
    with play(tmp_path) as ward:
        ward.goes_on(60)
        ward.is_down(75)
        are_back(ward, since=136, within=15, stays_away="mon-icu-04")
        for device in ward.devices:
            ward.wants(60, 75, "device-silent", device)
        ward.goes_on(60)

        alert = ward.alert("device-silent", "mon-icu-04")
        assert 60 <= (alert.starts_at - ward.began) / SECOND <= 75
        assert alert.active
        (told,) = ward.subjects("mail")
        assert told.startswith("MEDIUM priority, ICU bed 4: Bedside monitor: no data for")


def test_a_long_absence_of_ours_is_no_grave_silence_of_anybody(tmp_path: Path) -> None:
    with play(tmp_path) as ward:
        ward.goes_on(60)
        ward.is_down(600)
        are_back(ward, since=661, within=19)
        for device in ward.devices:
            ward.wants(60, 75, "device-silent", device)
        ward.goes_on(120)
        assert ward.subjects("mail") == ward.subjects("chat") == []


def test_a_patient_in_problem_is_not_told_as_lost_because_we_were_away(tmp_path: Path) -> None:
    with play(tmp_path) as ward:
        ward.says("mon-icu-02", "heart_rate", "160x400", at=20)
        ward.wants(20, 21, "tachycardia", "mon-icu-02")
        ward.goes_on(60)
        ward.is_down(75)
        are_back(ward, since=136, within=19)
        for device in ward.devices:
            ward.wants(60, 75, "device-silent", device)
        ward.goes_on(60)

        assert ward.alert("tachycardia", "mon-icu-02").active
        assert not [subject for subject in ward.subjects() if "LOST" in subject or "silent" in subject]


@pytest.mark.parametrize("program", ["bridge", "detectors"])
def test_a_program_that_dies_is_one_notice_and_not_one_for_each_bed(tmp_path: Path, program: str) -> None:
    with play(tmp_path) as ward:
        ward.goes_on(60)
        ward.stops(program)
        ward.wants(55, 61, "program-silent", program)
        for device in ward.devices if program == "bridge" else ():
            ward.wants(55, 76, "device-silent", device)
        ward.goes_on(120)
        (told,) = ward.subjects("mail")
        assert told.startswith(f"HIGH priority, Program {program}: no heartbeat since")
        ward.starts(program)
        ward.goes_on(90)
        (_, over) = ward.subjects("mail")
        assert over.startswith(f"ALERT ENDED: Program {program}: heartbeat is back (was HIGH priority: ")
        assert {str(alert.ended) for alert in ward.alerts()} == {"recovered"}
