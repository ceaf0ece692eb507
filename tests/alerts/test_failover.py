"""Two processes of the alerts on one log: one is active, one stands by; no notification is missed or sent twice."""

import json
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from alerts.delivery.send_permit import SendPermit
from alerts.failover import ALONE_AFTER, Failover
from alerts.log_publisher import LogPublisher
from alerts.model.delivery_result import Outcome, RecipientState
from alerts.pipeline import Pipeline
from alerts.ports.replica import ReplicaStore
from alerts.storage import replication
from alerts.storage.outbox_file import OutboxFile
from alerts.storage.schema import FILE
from alerts.storage.state_file import StateFile
from tests.alerts.test_crash import SETTINGS, KillableConnection
from tests.alerts.test_log_down import MovingLog
from tests.kit.alert_timeline import AlertTimeline, ward_config
from tests.kit.examples import examples
from tests.kit.guarantees import Figure
from tests.kit.kill_switch import Killed, KillSwitch
from ward.clock import Clock, ManualClock
from ward.errors import SettingsError
from ward.metrics import Metrics
from ward.ports import OnRevoke
from ward.program_role import ACTIVE, STANDBY

LEASE = 5.0
DELIVERED = RecipientState(Outcome.DELIVERED, 1, "250 OK")
LIMIT = {"severity": "high"}


class ScriptedOwnership:
    """Says what the test says. `renewed` is when it was confirmed last."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.held = False
        self.renews = True
        self.closed = False
        self.certain_until = 0.0

    def poll(self, wait: float) -> None:
        if self.held and self.renews:
            self.certain_until = self.clock.monotonic() + LEASE

    def close(self) -> None:
        self.closed = True
        self.held = False


class SharedLog(MovingLog):
    """A log whose ownership the test gives; `asked` is the newest."""

    clock: Clock
    asked: ScriptedOwnership

    def ownership(self, name: str, places: int | None = None, on_revoke: OnRevoke | None = None) -> Any:
        self.asked = ScriptedOwnership(self.clock)
        return self.asked


class Process:
    """One process: its folder, its failover, and senders whose channel always takes a message."""

    def __init__(
        self, folder: Path, timeline: AlertTimeline, sent: list[str], switch: KillSwitch | None = None
    ) -> None:
        self.folder, self.timeline, self.sent, self.switch = folder, timeline, sent, switch
        self.permit, self.metrics = SendPermit(timeline.clock), Metrics()
        log = timeline.log
        self.failover = Failover(log, self._store, self._pipeline, self.permit, timeline.clock)
        self.frozen = False
        self.failover.step(0)
        assert isinstance(log, SharedLog)
        self.ownership = log.asked

    @cached_property
    def outbox(self) -> OutboxFile:
        return OutboxFile.in_folder(self.folder, durable=False)

    def _store(self) -> StateFile:
        store = StateFile.in_folder(self.folder, self.timeline.clock.now(), durable=False)
        if self.switch is not None:
            store._db = KillableConnection(store._db, self.switch)  # type: ignore[assignment]
        return store

    def _pipeline(self, store: ReplicaStore, publisher: LogPublisher) -> Pipeline:
        t = self.timeline
        return Pipeline(t.log, t.live, store, t.clock, self.metrics, publisher=publisher)

    def step(self) -> None:
        if not self.frozen:
            self.failover.step(0)
            self.failover.step(0)
            self.deliver()

    def deliver(self) -> None:
        file = self.outbox
        for channel in self.timeline.live.config.alerting.channels:
            for queued in list(file.queue(channel.name)):
                entry = file.entry(queued.number)
                if entry is not None and self.permit.allows(queued):
                    self.sent.append(f"{channel.name}: {entry.message.subject} {entry.message.key}")
                    with file.commit():
                        file.set_recipients(channel.name, ["nurse@ward.test"])
                        file.record(entry, "nurse@ward.test", DELIVERED, self.timeline.clock.now())
                        file.attempted(entry, "")
                        file.delivered(entry)


class Two:
    """Two processes, of which the first is the active one, and a script of findings."""

    def __init__(self, path: Path, switch: KillSwitch | None = None, **settings: Any) -> None:
        clock, log = ManualClock(), SharedLog()
        log.clock = clock
        self.path, self.log = path, log
        self.timeline = AlertTimeline(path / "script", ward_config(**settings), log=log, clock=clock)
        self.timeline.pipeline.close()
        self.sent: list[str] = []
        self.unconfirmed: set[str] = set()
        self.first = Process(path / "first", self.timeline, self.sent, switch)
        self.first.ownership.held = True
        self.first.step()
        self.second = Process(path / "second", self.timeline, self.sent)

    def run(self, seconds: float, every: float = 0.5) -> "Two":
        until = self.timeline.now() + seconds
        while self.timeline.now() < until:
            for entry in sorted(e for e in self.timeline.script if e[0] <= self.timeline.now()):
                self.timeline.script.remove(entry)
                entry[2]()
            self.first.step()
            self.second.step()
            self.timeline.clock.advance(every)
        return self

    def hand_over(self) -> None:
        self.first.ownership.held, self.second.ownership.held = False, True

    @property
    def roles(self) -> tuple[str, str]:
        return self.first.failover.role(), self.second.failover.role()

    def beds(self) -> list[int]:
        return sorted(int(line.partition(" bed ")[2].partition(":")[0]) for line in self.sent)


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


def raise_beds(two: Two, *beds: int) -> None:
    for bed in beds:
        two.timeline.at(two.timeline.now()).raises("spo2_low", bed=bed)


def test_one_is_active_and_the_other_follows_it_and_sends_nothing(two: Two) -> None:
    raise_beds(two, 1, 2, 3)
    two.run(3)
    assert two.roles == (ACTIVE, STANDBY)
    assert two.beds() == [1, 2, 3]
    ours, theirs = (rows(two.path / name) for name in ("first", "second"))
    assert ours == theirs
    assert len(ours) > 6


def rows(folder: Path) -> set[tuple[Any, ...]]:
    """All rows that are replicated."""
    store = StateFile.in_folder(folder, 0, durable=False)
    try:
        db = store._db
        return {
            (table, *row)
            for table in replication.REPLICATED
            for row in db.execute(f"SELECT {', '.join(replication.columns(db, table))} FROM {table}").fetchall()
            if row[0] != "clock"  # the newest row, which follows a step later
        }
    finally:
        store.close()


def test_after_a_clean_stop_the_standby_goes_on_and_sends_nothing_again(two: Two) -> None:
    raise_beds(two, 1, 2)
    two.run(2)
    two.first.failover.close()
    two.first.frozen = True
    two.second.ownership.held = True
    raise_beds(two, 3)
    two.run(2)
    assert two.second.failover.role() == ACTIVE
    assert two.beds() == [1, 2, 3]


@pytest.mark.parametrize("disk", ["kept", "removed"])
def test_a_dead_one_that_comes_back_stands_by_with_what_was_done_meanwhile(two: Two, disk: str) -> None:
    raise_beds(two, 1, 2)
    two.run(2)
    two.first.frozen = True  # and it stays so: killed
    two.hand_over()
    raise_beds(two, 3)
    two.timeline.at(two.timeline.now() + 1).acks("spo2_low", bed=1)
    two.run(3)
    if disk == "removed":
        shutil.rmtree(two.path / "first")
    two.first = Process(two.path / "first", two.timeline, two.sent)
    two.run(2)
    assert two.roles == (STANDBY, ACTIVE)
    two.second.frozen = True
    two.second.ownership.held, two.first.ownership.held = False, True
    raise_beds(two, 4)
    two.run(3)
    assert two.first.failover.role() == ACTIVE
    assert two.beds() == [1, 2, 3, 4]
    assert two.timeline.alerts()["spo2_low icu-1"].ack is not None


def believes_it_was_refused(two: Two) -> None:
    two.first.ownership.held = False


def believes_that_nothing_has_happened(two: Two) -> None:
    two.first.ownership.renews = False


def is_confirmed_for_one_more_step(two: Two) -> None:
    two.first.failover.step(0)
    two.first.ownership.held = False


@pytest.mark.parametrize(
    "wakes", [believes_it_was_refused, believes_that_nothing_has_happened, is_confirmed_for_one_more_step]
)
@pytest.mark.guarantee("An alerts process that was frozen sends nothing that its successor has sent, and follows it.")
def test_a_frozen_one_that_wakes_up_sends_nothing_and_follows(two: Two, wakes: Callable[[Two], None]) -> None:
    raise_beds(two, 1)
    two.run(2)
    # Decided and not sent when it freezes: the successor sends it.
    raise_beds(two, 2)
    for entry in two.timeline.script:
        entry[2]()
    two.timeline.script.clear()
    two.first.failover.step(0)
    two.first.frozen = True
    two.timeline.clock.advance(12)
    two.second.ownership.held = True
    raise_beds(two, 3)
    two.run(3)
    assert two.beds() == [1, 2, 3]
    wakes(two)
    two.first.frozen = False
    two.first.deliver()  # its senders may wake first
    raise_beds(two, 4)
    two.run(30)
    assert two.roles == (STANDBY, ACTIVE)
    assert two.beds() == [1, 2, 3, 4]
    assert rows(two.path / "first") == rows(two.path / "second")


def test_without_the_log_the_active_one_goes_on_after_a_time_and_the_standby_stays_one(tmp_path: Path) -> None:
    two = Two(tmp_path, channels=[{"name": "nurse", "urls": ["json://127.0.0.1:9"]}], **ESCALATING)
    raise_beds(two, 1)
    two.run(2)
    two.log.away = two.log.forgets = True
    two.first.ownership.held = two.first.ownership.renews = False
    two.run(ALONE_AFTER - 5)
    assert len(two.sent) == 1
    two.run(30)
    assert two.roles == (ACTIVE, STANDBY)
    assert any("bed 1" in line and "not acknowledged" in line for line in two.sent), two.sent


ESCALATING: dict[str, Any] = {
    "receivers": [{"name": "nurses", "channels": ["nurse"]}, {"name": "doctors", "channels": ["nurse"]}],
    "route": {"receiver": "nurses", "escalate": [{"after": "8s", "receiver": "doctors"}]},
}


@pytest.mark.guarantee(
    "When the active alerts process is killed, its standby misses no notification and repeats, under the same key, "
    "only one whose delivery was not in the log yet."
)
def test_a_kill_before_a_write_of_the_active_one_misses_nothing_and_doubles_nothing_that_is_known(
    tmp_path: Path, figure: Figure
) -> None:
    switch = KillSwitch()
    undisturbed = scripted(tmp_path / "undisturbed", switch)
    writes, wanted = switch.count, undisturbed.sent
    assert writes > 80
    assert len(wanted) > 5
    kills = sorted(random.Random(12).sample(range(1, writes + 1), examples(6, 60)))
    for at in kills:
        two = scripted(tmp_path / str(at), KillSwitch(at))
        assert two.roles[1] == ACTIVE, at
        assert Counter(wanted) - Counter(two.sent) == {}, at
        repeated = Counter(two.sent) - Counter(wanted)
        assert set(repeated.values()) <= {1}, at
        assert {line.rpartition(" ")[2] for line in repeated} <= two.unconfirmed, at
    figure(f"{len(kills)} kills at random of {writes} writes: {len(wanted)} of {len(wanted)} notifications each time")


def scripted(path: Path, switch: KillSwitch) -> Two:
    kill_at, switch.at = switch.at, -1
    two = Two(path, switch, **SETTINGS)
    switch.at, switch.count = kill_at, 0
    t = two.timeline
    t.at(1).raises("spo2_low", bed=1, severity="medium")
    t.at(2).raises("tachycardia", bed=1, severity="low").raises("silent", bed=2, severity="medium")
    t.at(3).changes("spo2_low", bed=1, severity="high")
    t.at(6).raises("spo2_low", bed=3)
    t.at(7).acks("tachycardia", bed=1)
    t.at(9).clears("tachycardia", bed=1)
    t.at(19).acks("spo2_low", bed=1)
    t.at(20).clears("spo2_low", bed=1).clears("silent", bed=2)
    while t.now() < 27:
        try:
            two.run(0.5)
        except Killed:
            two.first.frozen = True
            two.hand_over()
            two.unconfirmed = sent_and_not_published(two.path / "first")
    return two


def sent_and_not_published(folder: Path) -> set[str]:
    """The keys of messages that were delivered, which the log does not know."""
    with closing(sqlite3.connect(folder / FILE)) as db:
        found = db.execute("SELECT value FROM publications WHERE key LIKE '[\"outbox%' AND value <> x''").fetchall()
    return {row["key"] for (value,) in found if (row := json.loads(value))["status"] == "delivered"}


def test_each_table_of_the_file_is_followed_or_has_a_meaning_in_one_file_only(tmp_path: Path) -> None:
    store = StateFile.in_folder(tmp_path, 0, durable=False)
    tables = {row[0] for row in store._db.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    store.close()
    assert tables - {"sqlite_sequence"} == {*replication.REPLICATED, "publications", "meta", "reserve"}


def test_a_second_process_on_one_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    release = StateFile.lock(tmp_path)
    with pytest.raises(SettingsError, match=r"alerts\.db: process \d+ writes it already, and only one may"):
        StateFile.lock(tmp_path)
    release()
    StateFile.lock(tmp_path)()


def test_a_process_that_steps_down_counts_no_alerts_any_more(tmp_path: Path) -> None:
    """The screen adds up what all processes count."""
    two = Two(tmp_path)
    raise_beds(two, 1, 2)
    two.run(3)
    two.hand_over()
    two.run(20)
    counted = [process.metrics.samples()["wardwatch_alerts_unacknowledged"] for process in (two.first, two.second)]
    assert counted == [0, 2]
