"""A kill between any two writes loses nothing and doubles nothing."""

import sqlite3
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from tests.kit.alert_timeline import AlertTimeline, ward_config
from tests.kit.kill_switch import Killed, KillSwitch
from tests.kit.killable import KillableLog

SETTINGS: dict[str, Any] = {
    "channels": [{"name": name, "urls": ["json://127.0.0.1:9"]} for name in ("nurse", "doctor")],
    "receivers": [{"name": f"{name}s", "channels": [name]} for name in ("nurse", "doctor")],
    "route": {
        "receiver": "nurses", "group_by": ["ward"],
        "group_wait": "4s", "group_interval": "10s", "repeat_interval": "15s",
        "escalate": [{"after": "12s", "receiver": "doctors"}],
    },
    "late_after": "60s", "late_hold": "3s",
}  # fmt: skip


class KillableConnection:
    """A connection whose process may die before any statement that writes."""

    def __init__(self, db: sqlite3.Connection, switch: KillSwitch) -> None:
        self._db = db
        self._switch = switch

    def execute(self, sql: str, *args: Any) -> Any:
        if not sql.startswith("SELECT"):
            self._switch.operation()
        return self._db.execute(sql, *args)

    def executemany(self, sql: str, rows: Any) -> Any:
        if rows:
            self._switch.operation()
        return self._db.executemany(sql, rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


def script_of_findings(path: Path, switch: KillSwitch) -> AlertTimeline:
    log = KillableLog(switch, armed=False)

    def killable(store: Any) -> Any:
        store._db = KillableConnection(store._db, switch)
        return store

    timeline = AlertTimeline(path, ward_config(**SETTINGS), log=log, wrap_store=killable)
    timeline.at(1).raises("spo2_low", bed=1, severity="medium")
    timeline.at(2).raises("tachycardia", bed=1, severity="low").raises("silent", bed=2, severity="medium")
    timeline.at(3).changes("spo2_low", bed=1, severity="high")
    timeline.at(5).silences("s1", "bed=icu-3", lasts=8, alert="")
    timeline.at(6).raises("spo2_low", bed=3)
    timeline.at(7).acks("tachycardia", bed=1)
    timeline.at(9).clears("tachycardia", bed=1).raises("news2", bed=4, ago=100)
    timeline.at(19).acks("spo2_low", bed=1)
    timeline.at(20).clears("spo2_low", bed=1).clears("silent", bed=2)
    return timeline


def _drive(timeline: AlertTimeline, switch: KillSwitch, until: float = 27, every: float = 1.0) -> int:
    """Run the script to its end, with a new pipeline after each kill. Messages stay in the outbox.

    Returns the number of kills."""
    kills = 0
    log: Any = timeline.log
    while timeline.now() <= until:
        log.armed = False
        for entry in sorted(e for e in timeline.script if e[0] <= timeline.now()):
            timeline.script.remove(entry)
            entry[2]()
        log.armed = True
        done = 0
        while done < 2:
            try:
                timeline.pipeline.step(0)
                done += 1
            except Killed:
                kills += 1
                timeline.pipeline.close()
                timeline.pipeline = timeline.open()
        timeline.clock.advance(every)
    timeline.pipeline.close()
    return kills


def _outbox(path: Path) -> list[tuple[Any, ...]]:
    db = sqlite3.connect(path / "alerts.db")
    rows = db.execute("SELECT key, channel, subject, body, status LIKE 'replaced%' FROM outbox ORDER BY key, channel")
    messages = rows.fetchall()
    db.close()
    return messages


def _ends(timeline: AlertTimeline) -> dict[str, tuple[Any, ...]]:
    return {
        a.id: (a.state, a.severity, a.ended, a.ack and a.ack.by, a.reason, a.notified_at) for a in timeline.published()
    }


@pytest.fixture(scope="module")
def without_kills(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[tuple[Any, ...]], dict[str, Any]]:
    path = tmp_path_factory.mktemp("without_kills")
    switch = KillSwitch()
    timeline = script_of_findings(path, switch)
    assert _drive(timeline, switch) == 0
    return switch.count, _outbox(path), _ends(timeline)


def test_the_script_without_kills_sends_every_kind_of_notification(without_kills: Any) -> None:
    writes, messages, ends = without_kills
    assert writes > 80
    assert {channel for _, channel, *_ in messages} == {"nurse", "doctor"}
    assert len(messages) > 10
    assert len(ends) == 5


@pytest.mark.parametrize("part", range(8))
def test_a_kill_before_any_write_changes_no_message_and_no_alert(tmp_path: Path, without_kills: Any, part: int) -> None:
    writes, messages, ends = without_kills
    for at in range(1 + part, writes + 1, 8):
        path = tmp_path / str(at)
        path.mkdir()
        switch = KillSwitch(at)
        timeline = script_of_findings(path, switch)
        assert _drive(timeline, switch) == 1, at
        assert _outbox(path) == messages, at
        assert _ends(timeline) == ends, at
        rmtree(path)  # some MiB each
