"""A kill between any two writes loses nothing and doubles nothing."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from alerts.pipeline import Pipeline
from tests.alerts.play import Play, open_store, ward_config
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


def script_of_findings(path: Path, switch: KillSwitch) -> Play:
    log = KillableLog(switch, armed=False)

    def make(play: Play) -> Pipeline:
        store: Any = open_store(play.path, play.clock)
        store._db = KillableConnection(store._db, switch)
        return Pipeline(play.log, play.live, store, play.clock, play.metrics)

    play = Play(path, ward_config(**SETTINGS), log=log, make=make)
    play.at(1).raises("spo2_low", bed=1, severity="medium")
    play.at(2).raises("tachycardia", bed=1, severity="low").raises("silent", bed=2, severity="medium")
    play.at(3).changes("spo2_low", bed=1, severity="high")
    play.at(5).silences("s1", "bed=icu-3", lasts=8, alert="")
    play.at(6).raises("spo2_low", bed=3)
    play.at(7).acks("tachycardia", bed=1)
    play.at(9).clears("tachycardia", bed=1).raises("news2", bed=4, ago=100)
    play.at(19).acks("spo2_low", bed=1)
    play.at(20).clears("spo2_low", bed=1).clears("silent", bed=2)
    return play


def _drive(play: Play, switch: KillSwitch, until: float = 27, every: float = 1.0) -> int:
    """Plays to the end whatever dies on the way; how often something did. What is told is left in the outbox."""
    deaths = 0
    log: Any = play.log
    while play.now() <= until:
        log.armed = False
        for entry in sorted(e for e in play.script if e[0] <= play.now()):
            play.script.remove(entry)
            entry[2]()
        log.armed = True
        done = 0
        while done < 2:
            try:
                play.pipeline.step(0)
                done += 1
            except Killed:
                deaths += 1
                play.pipeline.close()
                play.pipeline = play.open()
        play.clock.advance(every)
    play.pipeline.close()
    return deaths


def _letters(path: Path) -> list[tuple[Any, ...]]:
    db = sqlite3.connect(path / "alerts.db")
    rows = db.execute("SELECT key, channel, subject, body, status LIKE 'replaced%' FROM outbox ORDER BY key, channel")
    letters = rows.fetchall()
    db.close()
    return letters


def _ends(play: Play) -> dict[str, tuple[Any, ...]]:
    return {a.id: (a.state, a.severity, a.ended, a.ack and a.ack.by, a.reason, a.notified_at) for a in play.published()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[tuple[Any, ...]], dict[str, Any]]:
    path = tmp_path_factory.mktemp("undisturbed")
    switch = KillSwitch()
    play = script_of_findings(path, switch)
    assert _drive(play, switch) == 0
    return switch.count, _letters(path), _ends(play)


def test_the_undisturbed_play_tells_enough_to_be_worth_killing(undisturbed: Any) -> None:
    writes, letters, ends = undisturbed
    assert writes > 80
    assert {channel for _, channel, *_ in letters} == {"nurse", "doctor"}
    assert len(letters) > 10
    assert len(ends) == 5


@pytest.mark.parametrize("part", range(8))
def test_a_kill_before_any_write_changes_no_notice_and_no_alert(tmp_path: Path, undisturbed: Any, part: int) -> None:
    writes, letters, ends = undisturbed
    for at in range(1 + part, writes + 1, 8):
        path = tmp_path / str(at)
        path.mkdir()
        switch = KillSwitch(at)
        play = script_of_findings(path, switch)
        assert _drive(play, switch) == 1, at
        assert _letters(path) == letters, at
        assert _ends(play) == ends, at
