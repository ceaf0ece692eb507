"""The file of the alerts: a damaged, missing or unreadable file is rebuilt from the log, and an alert says so."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.storage.outbox_file import OutboxFile
from alerts.storage.schema import FILE
from alerts.storage.state_file import StateFile
from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from tests.kit.log_records import log_messages, log_records
from ward.action import ActionType
from ward.adapters.memory.log import MemoryLog
from ward.errors import SettingsError
from ward.topics import ACTIONS, ALERTS, FINDINGS
from ward.wire import ACTION_WIRE, ALERT_WIRE

ROUTE = {"receiver": "nurses", "group_wait": "5s", "repeat_interval": "1h"}


def _ten_seconds(path: Path) -> AlertTimeline:
    """Ten seconds: one alert sent and acknowledged, one sent and ended, one silenced."""
    timeline = AlertTimeline(path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low", bed=1).raises("spo2_low", bed=2).silences("s1", "bed=icu-3", lasts=1000)
    timeline.at(2).raises("spo2_low", bed=3)
    timeline.at(3).acks("spo2_low", bed=1).clears("spo2_low", bed=2)
    timeline.want(immediately(1), "HIGH priority, ICU bed 1")
    timeline.want(immediately(1), "HIGH priority, ICU bed 2")
    timeline.want(between(8, 8.5), "ALERT ENDED, ICU bed 2")
    timeline.advance_to(10)
    return timeline


def _state(timeline: AlertTimeline) -> dict[str, object]:
    state = timeline.pipeline.state
    alerts = {
        tracked.alert.labels["bed"]: (tracked.alert.state, tracked.alert.ack and tracked.alert.ack.by)
        for tracked in state.alerts.values()
        if "bed" in tracked.alert.labels
    }
    return {"alerts": alerts, "silences": sorted(state.silences)}


def test_every_commit_is_synced_to_the_disk(tmp_path: Path) -> None:
    file = StateFile(tmp_path / FILE)
    outbox = OutboxFile(tmp_path / FILE)
    for db in (file._db, outbox._db):
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    file.close()
    outbox.close()


def test_a_file_truncated_anywhere_is_rebuilt_at_the_start(tmp_path: Path) -> None:
    timeline = _ten_seconds(tmp_path)
    known = _state(timeline)
    timeline.close()
    whole = (tmp_path / FILE).read_bytes()
    rebuilt = 0
    for length in [*range(0, 200, 20), *range(200, len(whole), 997), len(whole) - 1]:
        for name in tmp_path.glob(f"{FILE}*"):
            name.unlink()
        (tmp_path / FILE).write_bytes(whole[:length])
        timeline.pipeline = timeline.open()
        timeline.pipeline.step(0)
        assert _state(timeline) == known, length
        rebuilt += any(c.alert.labels["alertname"] == "state-rebuilt" for c in timeline.pipeline.state.alerts.values())
        timeline.close()
    assert rebuilt > 20


def test_an_overwritten_page_is_found_and_the_file_rebuilt(tmp_path: Path) -> None:
    timeline = _ten_seconds(tmp_path)
    known = _state(timeline)
    timeline.close()
    whole = (tmp_path / FILE).read_bytes()
    for page in range(1, len(whole) // 4096):
        torn = bytearray(whole)
        torn[page * 4096 : (page + 1) * 4096] = b"\xff" * 4096
        (tmp_path / FILE).write_bytes(torn)
        timeline.pipeline = timeline.open()
        timeline.pipeline.step(0)
        assert _state(timeline) == known, page
        timeline.close()


@pytest.mark.parametrize("rubbish", [b"no database at all, but long enough to be one" * 40, b"\0" * 5000, b""])
def test_a_file_that_is_no_database_is_set_aside_and_reported(tmp_path: Path, rubbish: bytes) -> None:
    timeline = _ten_seconds(tmp_path)
    timeline.close()
    (tmp_path / FILE).write_bytes(rubbish)
    timeline.pipeline = timeline.open()
    # Every active alert is sent again, and that the file was rebuilt; acknowledged and silenced alerts are not.
    timeline.want(between(15, 15.6), "MEDIUM priority, The state of the alerts (alerts.db) was")
    timeline.run(40)
    aside = list(tmp_path.glob(f"{FILE}.broken-*"))
    assert aside or not rubbish
    assert all(file.read_bytes() == rubbish for file in aside)


def test_a_missing_file_is_rebuilt_and_reported(tmp_path: Path) -> None:
    timeline = _ten_seconds(tmp_path)
    timeline.close()
    (tmp_path / FILE).unlink()
    timeline.clock.advance(600)
    timeline.pipeline = timeline.open()
    timeline.want(between(615, 615.6), "MEDIUM priority, The state of the alerts (alerts.db) was missing")
    timeline.run(640)
    # The finding was read again from the log: the alert was not detected late.
    alert = timeline.alerts()["spo2_low icu-1"]
    assert (alert.active, alert.detected_late_s) == (True, 0.0)
    assert "detected_late" not in alert.annotations


def test_a_file_with_a_record_that_cannot_be_decoded_is_set_aside(tmp_path: Path) -> None:
    timeline = _ten_seconds(tmp_path)
    known = _state(timeline)
    timeline.close()
    db = sqlite3.connect(tmp_path / FILE)
    db.execute("UPDATE records SET body = x'7b' WHERE kind = 'alert'")
    db.commit()
    db.close()
    timeline.pipeline = timeline.open()
    timeline.pipeline.step(0)
    assert _state(timeline) == known
    timeline.close()


def test_a_closed_record_that_cannot_be_decoded_stops_nothing(tmp_path: Path) -> None:
    timeline = _ten_seconds(tmp_path)
    db = sqlite3.connect(tmp_path / FILE)
    db.execute("UPDATE records SET body = x'7b' WHERE kind = 'alert' AND NOT open")
    db.commit()
    db.close()
    timeline.at(11).acks("spo2_low", bed=2)
    timeline.run(15)
    assert timeline.reasons()["acknowledgement of an unknown alert: ignored"] == 1


def test_active_alerts_without_findings_are_rebuilt_from_the_topic_of_alerts(tmp_path: Path) -> None:
    timeline = _ten_seconds(tmp_path)
    timeline.close()
    (tmp_path / FILE).unlink()
    shorter = MemoryLog()
    shorter.send(ALERTS, log_records(timeline.log, ALERTS))
    timeline.log = shorter
    timeline.pipeline = timeline.open()
    timeline.pipeline.step(0)
    found = {c.alert.labels.get("bed"): c.alert.ack for c in timeline.pipeline.state.alerts.values() if c.alert.active}
    assert found["icu-1"] is not None
    assert found["icu-3"] is None
    assert "icu-2" not in found
    timeline.close()


def test_an_older_copy_of_the_file_is_brought_up_to_date_from_the_log(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.advance_to(3)
    timeline.close()
    shutil.copy(tmp_path / FILE, tmp_path / "old")
    timeline.pipeline = timeline.open()
    timeline.at(5).clears("spo2_low", bed=1).raises("spo2_low", bed=2)
    timeline.advance_to(12)
    timeline.close()
    shutil.copy(tmp_path / "old", tmp_path / FILE)
    timeline.pipeline = timeline.open()
    timeline.pipeline.step(0)
    assert _state(timeline)["alerts"].keys() >= {"icu-2"}  # type: ignore[attr-defined]
    assert not timeline.pipeline.state.tracked(timeline.episodes["spo2_low", "icu-1"].episode).alert.active  # type: ignore[union-attr]
    timeline.close()


@pytest.mark.guarantee("A lost log changes no active alert: each stays, is published again, and an alert says it.")
@pytest.mark.parametrize("earlier", [0, 50])
def test_a_log_that_was_replaced_gets_the_alerts_and_silences_from_the_state(tmp_path: Path, earlier: int) -> None:
    """The other log has fewer records than were read, or begins at a later offset."""
    timeline = _ten_seconds(tmp_path)
    known = _state(timeline)
    timeline.close()
    timeline.log = MemoryLog()
    for topic in (FINDINGS, ACTIONS, ALERTS):
        timeline.log.send(topic, [(f"key-{n}", b"gone") for n in range(earlier)])
        for partition in timeline.log.partitions(topic):
            timeline.log.trim(partition, earlier)
    timeline.pipeline = timeline.open()
    timeline.at(11).raises("spo2_low", bed=4)
    timeline.want(immediately(11), "HIGH priority, ICU bed 4")
    timeline.want(between(15, 15.6), "MEDIUM priority, The log was lost or replaced: active alerts go on")
    timeline.run(40)
    assert {**_state(timeline)["alerts"], "icu-4": None}.keys() == {**known["alerts"], "icu-4": None}.keys()  # type: ignore[dict-item]
    published = {alert.labels.get("bed") for alert in log_messages(timeline.log, ALERTS, ALERT_WIRE)}
    assert {"icu-1", "icu-3", "icu-4"} <= published
    actions = log_messages(timeline.log, ACTIONS, ACTION_WIRE)
    assert [action.subject for action in actions if action.type is ActionType.SILENCE] == ["s1"]
    timeline.pipeline = timeline.open()
    timeline.pipeline.step(0)
    names = [tracked.alert.labels["alertname"] for tracked in timeline.pipeline.state.alerts.values()]
    assert names.count("log-replaced") == 1, "a restart does not report it again"
    timeline.close()


def test_a_file_that_cannot_be_opened_is_an_error_and_not_set_aside(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(SettingsError, match="cannot be opened"):
        StateFile(tmp_path / FILE)
    assert (tmp_path / FILE).is_dir()


@pytest.mark.guarantee("An alert is shown as notified only when its message is in an outbox that the senders read.")
@pytest.mark.parametrize("names", [[FILE], [f"{FILE}-wal"], [FILE, f"{FILE}-wal", f"{FILE}-shm"]])
def test_a_file_that_is_deleted_while_in_use_is_noticed_rebuilt_and_reported(tmp_path: Path, names: list[str]) -> None:
    timeline = _ten_seconds(tmp_path)
    known = _state(timeline)
    for name in names:
        (tmp_path / name).unlink()
    timeline.at(11).raises("spo2_low", bed=4)
    with pytest.raises(SettingsError, match="deleted or replaced while in use"):
        timeline.advance_to(16)
    assert "spo2_low icu-4" not in {name for name, alert in timeline.alerts().items() if alert.notified_at}
    timeline.close()
    timeline.pipeline = timeline.open()  # as the runner of parts does
    timeline.want(between(11, 22), "HIGH priority, ICU bed 4")
    timeline.want(between(11, 22), "MEDIUM priority, The state of the alerts (alerts.db) was")
    timeline.run(40)
    assert _state(timeline)["alerts"].keys() >= known["alerts"].keys()  # type: ignore[attr-defined]
    assert timeline.alerts()["spo2_low icu-4"].notified_at is not None


def test_a_file_that_is_deleted_is_noticed_while_no_alert_comes(tmp_path: Path) -> None:
    timeline = _ten_seconds(tmp_path)
    for file in tmp_path.glob(f"{FILE}*"):
        file.unlink()
    with pytest.raises(SettingsError, match="deleted or replaced while in use"):
        timeline.advance_to(16)
    timeline.close()


_FULL = """
import resource, signal, sys
from pathlib import Path
from types import SimpleNamespace
from alerts.model.outbox_entry import OutboxEntry
from alerts.model.state_changes import StateChanges, StateRecord
from alerts.storage.state_file import StateFile
from ward import sqlite_reserve
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
store = StateFile(path)
number = 0
def write():
    global number
    number += 1
    store.write(StateChanges(records=[StateRecord("alert", str(number), True, number, b"x" * 5000)]))
for _ in range(40):
    write()
sqlite_reserve.disk_usage = lambda _: SimpleNamespace(free=0)
for name in ("", "-wal"):
    path.with_name(path.name + name).stat()
largest = max(path.stat().st_size, path.with_name(path.name + "-wal").stat().st_size)
resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
for _ in range(400):
    write()
store.close()
print(len(StateFile(path).open_records("alert")))
"""


@pytest.mark.guarantee("When its disk is full, alerts are stored and sent in room that their file keeps for that.")
def test_alerts_on_a_full_disk_go_on_in_the_reserve(tmp_path: Path, figure: Callable[[str], None]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path / FILE)], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "440\n"
    figure("400 records of 5 kB written on a full disk")


def test_senders_notice_that_their_file_was_replaced(tmp_path: Path) -> None:
    file = StateFile(tmp_path / FILE)
    outbox = OutboxFile(tmp_path / FILE)
    assert list(outbox.waiting("nurse")) == []
    file.start_over()
    with pytest.raises(SettingsError, match="was replaced"):
        list(outbox.waiting("nurse"))
    outbox.close()
    file.close()


def test_a_failed_write_changes_nothing(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    db = sqlite3.connect(tmp_path / FILE)
    db.execute("CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(FAIL, 'disk full'); END")
    db.commit()
    timeline.at(1).raises("spo2_low", bed=1)
    with pytest.raises(sqlite3.Error, match="disk full"):
        timeline.advance_to(5)
    timeline.close()
    assert timeline.published() == []
    db.execute("DROP TRIGGER full")
    db.commit()
    db.close()
    timeline.pipeline = timeline.open()
    timeline.want(between(1, 6), "HIGH priority, ICU bed 1")
    timeline.run(10)
