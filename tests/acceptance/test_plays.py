"""The whole path: from what a bed publishes to the notifications that clinicians receive."""

from pathlib import Path

import pytest

from tests.kit.simulated_ward import HEALTHY, SimulatedWard, simulated_ward
from ward.adapters.sqlite.store import SqliteStore
from ward.topics import CONFIG_CONFIRMATIONS
from ward.wire import CONFIG_CONFIRMATION_WIRE, ConfigConfirmation


def test_tachycardia_is_stored_notified_and_stays_after_recovery_until_acknowledged(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.set_signal("mon-icu-02", "heart_rate", "160x60", at=30)
        ward.expect_alert(30, 31, "tachycardia", "mon-icu-02")
        ward.expect_alert(30, 150, "heart-rate-changing", "mon-icu-02")
        ward.run(150)

        alert = ward.alert("tachycardia", "mon-icu-02")
        assert (str(alert.severity), alert.labels["bed"]) == ("high", "icu-02")
        assert (alert.active, str(alert.latched)) == (True, "recovered")  # nobody has acknowledged it
        subjects = ward.subjects()
        assert subjects[0] == "HIGH priority, ICU bed 2: Heart rate 160 /min > 150"
        assert not any(subject.startswith("ALERT ENDED, ICU bed 2: Heart rate") for subject in subjects)
        store = ward.resources.store
        assert isinstance(store, SqliteStore)
        for device in ward.devices:
            assert len(store.last("vitals", "heart_rate", {"device": device}, 1000)) == 150


def test_a_healthy_ward_raises_no_alert(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.run(120)
        assert ward.subjects() == []


@pytest.mark.guarantee("A lost signal never clears an alert about a patient.")
def test_a_lost_signal_never_clears_a_physiological_alert(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.set_signal("mon-icu-01", "heart_rate", "160x20", at=30)
        ward.disconnect("mon-icu-01", since=50)
        ward.expect_alert(30, 31, "tachycardia", "mon-icu-01")
        ward.expect_alert(45, 80, "device-silent", "mon-icu-01")
        ward.run(180)

        alert = ward.alert("tachycardia", "mon-icu-01")
        assert (alert.ends_at, alert.ended) == (None, None)
        assert alert.signal_lost_since is not None
        lost = "SIGNAL LOST, alert still active: HIGH priority, ICU bed 1: Heart rate 160"
        assert any(subject.startswith(lost) for subject in ward.subjects())
        missing = ward.alert("device-silent", "mon-icu-01")
        assert str(missing.kind) == "technical"
        assert "Bedside monitor: no data for" in missing.annotations["summary"]


def test_an_unregistered_device_with_tachycardia_raises_an_alert_within_20_seconds(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.expect_alert(0, 1, "tachycardia", "x7")
        begun = None
        for second in range(45):
            ward.publish("ward/w1/x7/readings", b'{"v":1,"values":{"heart_rate":190}}')
            ward.run(1)
            if begun is None and ward.alerts():
                begun = second
        assert begun is not None
        assert begun < 20
        alert = ward.alert("tachycardia", "x7")
        assert (alert.labels["ward"], alert.labels.get("bed", ""), str(alert.severity)) == ("w1", "", "high")
        assert any("x7" in subject and "190 /min" in subject for subject in ward.subjects())
        assert ward.resources.store.last("vitals", "heart_rate", {"device": "x7"}, 100)


@pytest.mark.guarantee("An edit of a limit is in force at once while no alert of that rule is active.")
def test_an_edited_threshold_is_in_force_at_once_while_no_alert_of_it_is_active(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.set_signal("mon-icu-04", "respiratory_rate", "27x200", at=5)
        ward.expect_alert(5, 6, "tachypnoea", "mon-icu-04")
        ward.run(60)
        before = ward.resources.live.config.hash
        edit(ward.config / "thresholds.yaml", "alert: fever", "medium: 39.0", "medium: 39.2")
        ward.run(5)
        assert ward.resources.live.config.hash != before
        assert ward.alert("tachypnoea", "mon-icu-04").active
        ward.run(10)


@pytest.mark.guarantee("An edit that would end an active alert waits until a person confirms it.")
def test_an_edit_that_would_end_an_active_alert_waits_for_a_confirmation(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.set_signal("mon-icu-03", "respiratory_rate", "27x200")
        ward.expect_alert(0, 1, "tachypnoea", "mon-icu-03")
        ward.expect_alert(60, 75, "config-rejected", "")
        ward.run(60)
        before = ward.resources.live.config.hash
        edit(ward.config / "thresholds.yaml", "alert: tachypnoea", "medium: 24", "medium: 29")
        ward.run(10)
        assert ward.resources.live.config.hash == before
        assert ward.alert("tachypnoea", "mon-icu-03").active
        waiting = ward.resources.live.waiting
        assert waiting is not None
        confirm(ward, waiting.hash)
        ward.run(5)

        assert ward.resources.live.config.hash == waiting.hash
        alert = ward.alert("tachypnoea", "mon-icu-03")
        assert str(alert.ended) == "rule changed"
        ward.run(60)
        closed = "ALERT CLOSED, NOT KNOWN WHETHER IT HAS ENDED (rule changed by config, or device moved), ICU bed 3"
        assert any(subject.startswith(closed) for subject in ward.subjects("chat"))


@pytest.mark.guarantee("A thresholds file cut in half ends no alert and takes no limit away.")
def test_half_a_thresholds_file_waits_and_the_active_alert_stays(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.set_signal("mon-icu-02", "spo2", "80x300", at=20)
        ward.expect_alert(20, 60, "desaturation", "mon-icu-02")
        ward.expect_alert(20, 200, "saturation-falling", "mon-icu-02")
        ward.expect_alert(90, 100, "config-rejected", "")
        ward.run(90)
        before = ward.resources.live.config
        file = ward.config / "thresholds.yaml"
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(lines[: lines.index("  spo2:\n")]), encoding="utf-8")
        ward.run(30)

        assert ward.resources.live.config is before
        assert any("rule desaturation (spo2) is removed" in fault for fault in ward.resources.live.faults)
        assert ward.alert("desaturation", "mon-icu-02").active
        assert ward.resources.metrics.samples()["wardwatch_config_last_reload_successful"] == 0


@pytest.mark.guarantee("An edit with a fault changes nothing and is reported.")
def test_a_faulty_edit_changes_nothing_and_is_reported(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.run(5)
        before = ward.resources.live.config
        edit(ward.config / "thresholds.yaml", "alert: tachypnoea", "medium: 24", "medium: lots")
        ward.run(5)

        assert ward.resources.live.config is before
        (fault,) = ward.resources.live.faults
        assert "thresholds.yaml:" in fault
        assert ward.resources.metrics.samples()["wardwatch_config_last_reload_successful"] == 0


def test_a_reading_years_ahead_is_flagged_and_evaluated_at_the_bridges_time(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.disconnect("mon-icu-02", since=0)
        values = ", ".join(f'"{name}": {x}' for name, x in HEALTHY.items())
        for second in range(90):
            at = f"2030-01-01T00:{second // 60:02}:{second % 60:02}Z"
            ward.publish("ward/icu/mon-icu-02/readings", f'{{"v":1,"at":"{at}","values":{{{values}}}}}'.encode())
            ward.run(1)
        numbers = ward.resources.metrics.samples()
        assert numbers['wardwatch_bridge_readings_flagged_total{flag="clock_ahead"}'] == 90
        assert len(ward.resources.store.last("vitals", "heart_rate", {"device": "mon-icu-02"}, 100)) == 90
        ward.expect_alert(0, 200, "clock-fast", "mon-icu-02")
        ward.expect_alert(0, 200, "readings-ahead", "mon-icu-02")


def confirm(ward: SimulatedWard, config: str) -> None:
    """A person confirms an edit of the config."""
    record = ConfigConfirmation(config=config, by="Nurse Ada", at=ward.clock.now())
    ward.resources.log.send(CONFIG_CONFIRMATIONS, [(config, CONFIG_CONFIRMATION_WIRE.encode(record))])


def edit(file: Path, after: str, old: str, new: str) -> None:
    """Replace the first `old` that follows `after` by `new`."""
    head, found, tail = file.read_text(encoding="utf-8").partition(after)
    assert found
    assert old in tail
    file.write_text(head + found + tail.replace(old, new, 1), encoding="utf-8")
