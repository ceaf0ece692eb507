"""Plays in which we are away for a while: what was away with us and is back is nobody's trouble."""

from pathlib import Path

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
        assert told.startswith("MEDIUM ICU bed 4: No reading for")


def test_a_long_absence_of_ours_is_no_grave_silence_of_anybody(tmp_path: Path) -> None:
    with play(tmp_path) as ward:
        ward.goes_on(60)
        ward.is_down(600)
        are_back(ward, since=661, within=19)
        for device in ward.devices:
            ward.wants(60, 75, "device-silent", device)
        ward.goes_on(120)
        assert ward.subjects("mail") == ward.subjects("chat") == []
