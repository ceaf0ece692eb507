"""From a device's message to a notice in the outbox, in memory and in virtual time."""

from pathlib import Path

from alerts.book import FILE
from alerts.pipeline import Pipeline
from app.stack import thin_config
from bridge.archive import Archive
from bridge.intake import Intake
from detectors.engine.worker import Worker
from simulators.monitor import Monitor
from ward.adapters.memory_broker import MemoryBroker, MemoryLink
from ward.adapters.memory_log import MemoryLog
from ward.adapters.sqlite_outbox import OutboxFile
from ward.adapters.sqlite_store import SqliteStore
from ward.clock import ManualClock
from ward.config.live import Fixed
from ward.metrics import Metrics
from ward.service import Part
from ward.topics import DeviceTopics


def test_a_racing_heart_is_stored_told_and_acknowledged_to_its_device(tmp_path: Path) -> None:
    clock, metrics, broker, log = ManualClock(), Metrics(), MemoryBroker(), MemoryLog()
    config = thin_config("json://127.0.0.1:9")
    store = SqliteStore(tmp_path / "store.db")
    topics = DeviceTopics("ward", "icu", "mon-icu-01")
    monitor = Monitor(MemoryLink(broker, topics), topics, clock, seed=1)
    parts: list[Part] = [
        monitor,
        Intake(broker, log, Fixed(config), clock, metrics),
        Archive(log, store, Fixed(config), clock, metrics),
        Worker(log, Fixed(config), clock, metrics),
        Pipeline(log, Fixed(config), tmp_path, clock, metrics),
    ]
    for _ in range(110):
        clock.advance(1)
        for part in parts:
            part.step(0)
    monitor.step(0)

    told = [waiting.notice.subject for waiting in OutboxFile(tmp_path / FILE).waiting("mail")]
    assert [subject.split(":")[0] for subject in told] == ["MEDIUM ICU bed 1", "ENDED (recovered) ICU bed 1"]
    assert not monitor.kept
    assert len(store.last("vitals", "heart_rate", {"bed": "icu-01"}, 1000)) == monitor.sent
    assert metrics.numbers()["wardwatch_bridge_accepted_total"] == monitor.sent
