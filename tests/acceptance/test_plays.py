"""Plays on the whole way: from what a bed says to what people are told."""

from pathlib import Path

import pytest

from tests.acceptance.play import HEALTHY, play
from ward.adapters.sqlite.store import SqliteStore


def test_a_racing_heart_is_stored_told_and_over_when_it_has_recovered(tmp_path: Path) -> None:
    with play(tmp_path) as ward:
        ward.says("mon-icu-02", "heart_rate", "160x60", at=30)
        ward.wants(30, 31, "tachycardia", "mon-icu-02")
        ward.wants(30, 150, "heart-rate-changing", "mon-icu-02")
        ward.goes_on(150)

        alert = ward.alert("tachycardia", "mon-icu-02")
        assert (str(alert.severity), str(alert.ended), alert.labels["bed"]) == ("high", "recovered", "icu-02")
        subjects = ward.subjects()
        assert subjects[0] == "HIGH priority, ICU bed 2: Heart rate 160 /min > 150 for 10 s"
        assert any(subject.startswith("ALERT ENDED, ICU bed 2: Heart rate") for subject in subjects)
        store = ward.house.store
        assert isinstance(store, SqliteStore)
        for device in ward.devices:
            assert len(store.last("vitals", "heart_rate", {"device": device}, 1000)) == 150


def test_a_calm_ward_raises_nothing(tmp_path: Path) -> None:
    with play(tmp_path) as ward:
        ward.goes_on(120)
        assert ward.subjects() == []


def test_a_lost_signal_never_clears_a_physiological_alert(tmp_path: Path) -> None:
    with play(tmp_path) as ward:
        ward.says("mon-icu-01", "heart_rate", "160x20", at=30)
        ward.is_away("mon-icu-01", since=50)
        ward.wants(30, 31, "tachycardia", "mon-icu-01")
        ward.wants(45, 80, "device-silent", "mon-icu-01")
        ward.goes_on(180)

        alert = ward.alert("tachycardia", "mon-icu-01")
        assert (alert.ends_at, alert.ended) == (None, None)
        assert alert.lost_since is not None
        lost = "SIGNAL LOST, alert goes on: HIGH priority, ICU bed 1: Heart rate 160"
        assert any(subject.startswith(lost) for subject in ward.subjects())
        missing = ward.alert("device-silent", "mon-icu-01")
        assert str(missing.kind) == "technical"
        assert "Bedside monitor: no data for" in missing.annotations["summary"]


def test_a_stranger_whose_heart_races_is_watched_within_45_seconds(tmp_path: Path) -> None:
    with play(tmp_path) as ward:
        ward.wants(0, 1, "tachycardia", "x7")
        begun = None
        for second in range(45):
            ward.post("ward/w1/x7/readings", b'{"v":1,"values":{"heart_rate":190}}')
            ward.goes_on(1)
            if begun is None and ward.alerts():
                begun = second
        assert begun is not None
        assert begun < 20
        told = ward.alert("tachycardia", "x7")
        assert (told.labels["ward"], told.labels.get("bed", ""), str(told.severity)) == ("w1", "", "high")
        assert any("x7" in subject and "190 /min" in subject for subject in ward.subjects())
        assert ward.house.store.last("vitals", "heart_rate", {"device": "x7"}, 100)


def test_an_edited_threshold_is_in_force_and_ends_what_it_no_longer_calls_wrong(tmp_path: Path) -> None:
    with play(tmp_path) as ward:
        ward.says("mon-icu-03", "respiratory_rate", "27x200")
        ward.wants(0, 1, "tachypnoea", "mon-icu-03")
        ward.goes_on(60)
        before = ward.house.live.config.hash
        edit(ward.config / "thresholds.yaml", "alert: tachypnoea", "medium: 24", "medium: 29")
        ward.goes_on(5)

        assert ward.house.live.config.hash != before
        alert = ward.alert("tachypnoea", "mon-icu-03")
        assert str(alert.ended) == "rule changed"
        ward.goes_on(60)
        closed = "ALERT CLOSED, NO LONGER CHECKED (rule changed or removed by config), ICU bed 3"
        assert any(subject.startswith(closed) for subject in ward.subjects("chat"))


def test_a_broken_edit_changes_nothing_and_says_so(tmp_path: Path) -> None:
    with play(tmp_path) as ward:
        ward.goes_on(5)
        before = ward.house.live.config
        edit(ward.config / "thresholds.yaml", "alert: tachypnoea", "medium: 24", "medium: lots")
        ward.goes_on(5)

        assert ward.house.live.config is before
        (fault,) = ward.house.live.faults
        assert "thresholds.yaml:" in fault
        assert ward.house.metrics.numbers()["wardwatch_config_last_reload_successful"] == 0


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("ward/icu/mon-icu-01/readings", b""),
        ("ward/icu/mon-icu-01/readings", b"{" + b" " * 65_537),
        ("ward/icu/readings", b"{}"),
        ("ward/icu/mon-icu-01/readings", b'{"v":9,"values":{"heart_rate":70}}'),
        ("ward/icu/<script>/readings", b'{"v":1,"values":{"heart_rate":70}}'),
        ("ward/icu/../readings", b'{"v":1,"values":{"heart_rate":70}}'),
        ("ward/icu/mon-icu-01/readings", b'{"v":1,"values":{"heart_rate":NaN}}'),
        ("ward/icu/mon-icu-01/readings", b'{"v":1,"values":{"heart_rate":70},"values":{"heart_rate":71}}'),
        ("ward/icu/mon-icu-01/readings", b"\xff\xfe\x00"),
        ("ward/icu/mon-icu-01/readings", '{"v":1,"boot":"\u202e","seq":1,"values":{"heart_rate":70}}'.encode()),
        ("ward/icu/mon-icu-01/status", b"perhaps"),
        ("loggers/not-a-guid", b"<xml/>"),
    ],
)
def test_what_cannot_be_used_is_quarantined_and_costs_nobody_anything(
    tmp_path: Path, topic: str, payload: bytes
) -> None:
    with play(tmp_path) as ward:
        ward.goes_on(3)
        ward.post(topic, payload)
        ward.goes_on(10)
        numbers = ward.house.metrics.numbers()
        refused = sum(n for name, n in numbers.items() if name.startswith("wardwatch_messages_quarantined_total"))
        assert refused == 1
        assert numbers["wardwatch_bridge_readings_accepted_total"] == 13 * 20
        assert numbers["wardwatch_bridge_readings_received_total"] == 13 * 20 + 1


def test_a_clock_a_year_ahead_is_flagged_and_judged_by_the_bridges_clock(tmp_path: Path) -> None:
    with play(tmp_path) as ward:
        ward.is_away("mon-icu-02", since=0)
        values = ", ".join(f'"{name}": {x}' for name, x in HEALTHY.items())
        for second in range(90):
            at = f"2030-01-01T00:{second // 60:02}:{second % 60:02}Z"
            ward.post("ward/icu/mon-icu-02/readings", f'{{"v":1,"at":"{at}","values":{{{values}}}}}'.encode())
            ward.goes_on(1)
        numbers = ward.house.metrics.numbers()
        assert numbers['wardwatch_bridge_readings_flagged_total{flag="clock_ahead"}'] == 90
        assert len(ward.house.store.last("vitals", "heart_rate", {"device": "mon-icu-02"}, 100)) == 90
        ward.wants(0, 200, "clock-fast", "mon-icu-02")


def edit(file: Path, after: str, old: str, new: str) -> None:
    """Change the first line that says `old` behind the one that says `after`."""
    head, found, tail = file.read_text(encoding="utf-8").partition(after)
    assert found
    assert old in tail
    file.write_text(head + found + tail.replace(old, new, 1), encoding="utf-8")
