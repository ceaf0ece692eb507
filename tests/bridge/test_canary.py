"""The canary passes the whole pipeline, its age is measured, and it is no device."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from app.runtime.part_runner import Part
from app.settings.config_reader import config_reader
from bridge.archive import Archive
from bridge.canary import Canary
from bridge.intake import Intake
from detectors.worker.worker import Worker
from tests.app.calling import ADDRESSES, SHIPPED
from tests.web.scene import NoStore
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.gateway_connection import MemoryGatewayConnection
from ward.adapters.memory.log import MemoryLog
from ward.adapters.sqlite.store import SqliteStore
from ward.canary import WARD
from ward.clock import SECOND, ManualClock
from ward.config.live_config import FixedConfig
from ward.errors import StoreUnavailable
from ward.metrics import Metrics
from ward.ports import Store
from web.model.log_follower import LogFollower
from web.model.read_model import ReadModel


class Pipeline:
    """Broker, intake, archive, detectors and screens, and a canary that sends every ten seconds."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.metrics = ManualClock(), Metrics()
        self.log, self.broker = MemoryLog(), MemoryBroker()
        self.store = SqliteStore(folder / "store.db", self.clock)
        self.live = FixedConfig(config_reader(SHIPPED, ADDRESSES)(self.clock.now()))
        common = self.live, self.clock, self.metrics
        self.intake = Intake(self.broker, self.log, *common)
        self.archive = Archive(self.log, self.store, *common)
        self.worker = Worker(self.log, *common)
        self.model = ReadModel(self.live, self.clock)
        self.follower = LogFollower(self.log, self.model, self.clock, self.metrics)
        self.canary = self.made()
        self.parts: list[Part] = [self.canary, self.intake, self.archive, self.worker, self.follower]

    def made(self, store: Store | None = None) -> Canary:
        gateway = MemoryGatewayConnection(self.broker)
        return Canary(gateway, store or self.store, self.live, "a b/1", self.clock, self.metrics, 10.0)

    def goes_on(self, seconds: int, without: object = None) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
            for part in self.parts:
                if part is not without:
                    part.step(0)

    def number(self, name: str) -> float:
        return self.metrics.samples()[name]


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    made = Pipeline(tmp_path)
    yield made
    made.store.close()


def test_a_test_reading_reaches_the_store_and_its_age_is_measured(pipeline: Pipeline) -> None:
    pipeline.goes_on(35)
    stored = pipeline.store.rows("canary", {}, 0, pipeline.clock.now() + 1, 100)
    assert [row.fields["number"] for row in stored] == [4, 3, 2, 1]
    assert {row.tags["device"] for row in stored} == {"canary-a-b-1-7ba36744"}
    assert pipeline.number("wardwatch_canary_last_stored_age_seconds") <= 10
    assert pipeline.number("wardwatch_canary_readings_received_total") == 4


@pytest.mark.parametrize("stopped", ["intake", "archive"])
def test_the_age_grows_while_one_stage_does_not_work(pipeline: Pipeline, stopped: str) -> None:
    pipeline.goes_on(30)
    pipeline.goes_on(120, without=getattr(pipeline, stopped))
    assert pipeline.number("wardwatch_canary_last_stored_age_seconds") > 110
    pipeline.goes_on(30)
    assert pipeline.number("wardwatch_canary_last_stored_age_seconds") <= 20


@pytest.mark.parametrize("step", [-3600, 3600])
def test_the_age_is_right_after_the_clock_was_set(pipeline: Pipeline, step: int) -> None:
    pipeline.goes_on(30)
    pipeline.clock.step(step)
    pipeline.goes_on(30)
    assert pipeline.number("wardwatch_canary_last_stored_age_seconds") <= 10
    pipeline.goes_on(120, without=pipeline.archive)
    assert pipeline.number("wardwatch_canary_last_stored_age_seconds") > 110


def test_the_age_grows_while_the_store_is_away(pipeline: Pipeline) -> None:
    canary = pipeline.made(cast("Store", NoStore(StoreUnavailable("down"))))
    for _ in range(10):
        pipeline.clock.advance(10)
        assert canary.step(0) == 1
    assert pipeline.number("wardwatch_canary_last_stored_age_seconds") == 100


def test_it_is_not_evaluated_shown_or_counted_as_a_device(pipeline: Pipeline) -> None:
    pipeline.goes_on(600)
    assert len(pipeline.model.values) == 0
    assert pipeline.model.values.newest == 0
    findings = pipeline.store.rows("findings", {}, 0, pipeline.clock.now() + SECOND, 500)
    assert not [row for row in findings if "canary" in row.tags["device"]]
    assert pipeline.number("wardwatch_detectors_readings_evaluated_total") == 0
    assert not pipeline.store.last("telemetry", "canary", {}, 1)
    assert not [name for name in pipeline.metrics.samples() if "unknown_signals" in name]


def test_a_test_reading_does_not_hide_readings_that_arrive_with_it(pipeline: Pipeline) -> None:
    pipeline.goes_on(9)
    pipeline.broker.deliver("ward/icu/mon-icu-01/readings", b'{"v": 1, "values": {"heart_rate": 72}}')
    pipeline.goes_on(2)
    assert pipeline.number("wardwatch_detectors_readings_evaluated_total") == 1
    assert pipeline.model.values.get("mon-icu-01") is not None


def test_a_device_that_publishes_for_the_canarys_ward_is_monitored_like_others(pipeline: Pipeline) -> None:
    pipeline.broker.deliver(f"ward/{WARD}/m1/readings", b'{"v": 1, "values": {"heart_rate": 72}}')
    pipeline.broker.deliver(f"ward/{WARD}/m1/readings", b'{"v": 1, "values": {"canary": 1, "spo2": 97}}')
    pipeline.goes_on(2)
    assert pipeline.number("wardwatch_detectors_readings_evaluated_total") == 2
    assert pipeline.model.values.get("m1") is not None
    assert pipeline.store.last("vitals", "heart_rate", {"device": "m1"}, 1)
    assert not [
        row for row in pipeline.store.rows("canary", {}, 0, pipeline.clock.now() + 1, 9) if row.tags["device"] == "m1"
    ]
