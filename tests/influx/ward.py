"""A whole simulated ward with faults through all programs, in virtual time, and what came into the store."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alerts.pipeline import Pipeline
from alerts.storage.state_file import StateFile
from app.runtime.heartbeat import Heartbeat
from app.runtime.program_parts import PROGRAMS, SETTLED
from app.runtime.resources import Resources
from app.settings.settings import Settings
from bridge.canary import Canary
from influx.plan import resolutions
from rollups.day_statistics import DayStatistics
from simulators.scripts.script import load_script
from simulators.virtual_ward import VirtualWard
from tests.kit.log_records import log_messages
from tests.kit.shipped import ward_only
from ward.action import Action, ActionType
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.gateway_connection import MemoryGatewayConnection
from ward.adapters.point_checks import placed
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, ManualClock, Micros, format_instant
from ward.ports import Point
from ward.retention_policy import RetentionPolicy
from ward.topics import ACTIONS, ALERTS
from ward.wire import ACTION_WIRE, ALERT_WIRE
from web.model.log_follower import LogFollower
from web.model.read_model import ReadModel
from web.model.store_warmup import StoreWarmup
from web.overview.writer import OverviewWriter
from web.presentation.board import Board

SCRIPT = """
seed: 7
every: 2.5s
faults:
  - {at: 5s, bed: 5, fault: probe_off, for: 60s}
  - {at: 5s, bed: 6, fault: clock_skew}
  - {at: 5s, bed: 7, fault: duplicates, for: 3m}
  - {at: 5s, bed: 8, fault: spikes, for: 3m}
  - {at: 20s, bed: 9, fault: link_loss, for: 80s}
"""
LOGGERS = ("0-ZZZ12345678-08K", "0-ZZZ12345678-155")
IMAGING = f"""
imaging:
  ward: imaging
  device_kind: humidity_logger
  loggers:
    MRI-1: [{", ".join(LOGGERS)}]
"""
Place = tuple[RetentionPolicy, str]


@dataclass
class Written:
    """Which tags and fields were written where; of a field, whether it was a number or a text."""

    tags: dict[Place, set[str]] = field(default_factory=lambda: defaultdict(set))
    fields: dict[Place, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def note(self, points: Sequence[Point], policy: RetentionPolicy | None) -> None:
        for where, found in placed(points, policy).items():
            for point in found:
                place = where, point.series.measurement
                self.tags[place].update(dict(point.series.tags))
                kinds = {name: "text" if isinstance(v, str) else "float" for name, v in point.fields.items()}
                self.fields[place].update(kinds)


class Noting(SqliteStore):
    """A store that remembers what was written."""

    def __init__(self, path: Path, clock: ManualClock) -> None:
        super().__init__(path, clock, durable=False)
        self.written = Written()

    def write(self, points: Sequence[Point], policy: RetentionPolicy | None = None) -> None:
        self.written.note(points, policy)
        super().write(points, policy)


class Ward:
    def __init__(self, folder: Path) -> None:
        self.clock, self.broker = ManualClock(), MemoryBroker()
        config = ward_only(folder)
        with (config / "ward.yaml").open("a", encoding="utf-8") as ward:
            ward.write(IMAGING)
        self.settings = Settings(data=folder / "data", config=config, log_url="memory:")
        self.settings.data.mkdir()
        urls = {f"WARDWATCH_{name}_URL": "json://127.0.0.1:9" for name in ("MAIL", "CHAT", "SMS")}
        self.house = Resources(self.settings, self.clock, environ=urls, broker=lambda: self.broker)
        self.store = Noting(folder / "store.db", self.clock)
        self.house.at_end(self.store.close)
        vars(self.house)["store"] = self.store  # where the household remembers the one it has opened
        house = self.house
        names = [name for name in PROGRAMS if name not in ("web", "alerts", "simulators")]
        self.parts = [factory.make() for name in names for factory in PROGRAMS[name](house)]
        common = house.clock, house.metrics
        store = StateFile.in_folder(self.settings.data, self.clock.now())
        self.parts.append(Pipeline(house.log, house.live, store, *common, grace=SETTLED))
        gateway = MemoryGatewayConnection(self.broker)
        self.parts.append(Canary(gateway, self.store, house.live, "host-1", *common, 30.0))
        self.parts.append(Heartbeat(house.log, house.live, *common, "bridge", "host-1", lambda: ["something"]))
        self._stepped: Micros = 0

    def step(self) -> None:
        self._stepped = self.clock.now()
        for _ in range(2):
            for part in self.parts:
                part.step(0)

    def passes(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.clock.advance(1)
            self.step()

    def says(self, device: str, **values: float) -> None:
        body = {"v": 1, "at": format_instant(self.clock.now()), "values": values}
        self.broker.deliver(f"ward/icu/{device}/readings", json.dumps(body).encode(), False)

    def simulated(self, folder: Path) -> None:
        """A few minutes of everybody, with faults."""
        path = folder / "script.yaml"
        path.write_text(SCRIPT, encoding="utf-8")
        for topic, payload in VirtualWard(self.house.live.config.inventory, load_script(path), self.clock).payloads(
            180
        ):
            self.broker.deliver(topic, payload, False)
            if self.clock.now() - self._stepped >= SECOND:
                self.step()

    def others(self) -> None:
        """What simulated monitors do not say: loggers, machines, gaps, the broker about a device."""
        for guid in LOGGERS:
            body = {
                "guid": guid,
                "medicalImagingdevice": "MRI 1",
                "payload": {"data": {"humidity": 41.5, "heart_rate": 70.0}},
            }
            self.broker.deliver(f"loggers/{guid}", json.dumps(body).encode(), False)
        self.says("pump-1", pressure=12.0, flow=3.0, battery=80.0, room_temperature=21.5, humidity=40.0)
        self.counts(1, 5)
        self.broker.deliver("ward/icu/mon-icu-02/readings", b"no JSON", False)
        self.broker.deliver("ward/icu/mon-icu-02/status", b"offline", True)
        self.passes(10)

    def counts(self, *numbers: int) -> None:
        """A device that numbers its readings."""
        for seq in numbers:
            self.passes(1)
            numbered = {"v": 1, "boot": "b", "seq": seq, "values": {"heart_rate": 70.0}}
            self.broker.deliver("ward/icu/mon-x/readings", json.dumps(numbered).encode(), False)

    def problem(self) -> None:
        """A patient desaturates, somebody takes the alert, the monitor falls silent, and all is well again."""
        for _ in range(60):
            self.says("mon-icu-01", spo2=80.0, heart_rate=72.0)
            self.passes(1)
        for alert in log_messages(self.house.log, ALERTS, ALERT_WIRE):
            now, subject = self.clock.now(), alert.id
            action = Action(id=subject, type=ActionType.ACKNOWLEDGE, subject=subject, by="Nurse", at=now)
            self.house.log.send(ACTIONS, [(subject, ACTION_WIRE.encode(action))])
        self.passes(180)
        for _ in range(120):
            self.says("mon-icu-01", spo2=97.0, heart_rate=72.0)
            self.passes(1)

    def days(self) -> None:
        """A gap that is given up; and a thermometer, once an hour: what slow charts learn from."""
        self.counts(6, 7, 8)
        for hour in range(24 * 8):
            self.says("mon-icu-03", temperature=36.8 + 0.1 * (hour % 3), heart_rate=70.0 + hour / 24)
            self.clock.advance(3600)
            self.step()
        self.passes(90)

    def looked_at(self) -> None:
        """The screens, and the wall they write."""
        house, metrics = self.house, self.house.metrics
        model = ReadModel(house.live, self.clock)
        warmup, follower = (
            StoreWarmup(self.store, model, self.clock),
            LogFollower(house.log, model, self.clock, metrics),
        )
        wall = OverviewWriter(self.store, Board(model, self.clock), model, self.clock, metrics)
        while warmup.step(0) or follower.step(0):
            pass
        wall.step(0)
        follower.close()

    def summed_up(self) -> None:
        """DayStatistics and trends, all of them."""
        days = DayStatistics(self.store, self.house.live, self.clock, self.house.metrics)
        while days.step(0):
            pass

    def applied(self) -> None:
        """What `wardwatch influx apply` writes."""
        self.store.write(resolutions())

    def close(self) -> None:
        for part in self.parts:
            part.close()
        self.house.close()
