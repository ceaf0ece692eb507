"""All programs on a simulated ward with faults, in simulated time, and what they write into the store."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.runtime.heartbeat import HeartbeatSender
from app.runtime.program_parts import PROGRAMS
from bridge.canary import Canary
from influx.plan import resolutions
from rollups.day_statistics import DayStatistics
from simulators.scripts.script import load_script
from simulators.virtual_ward import VirtualWard
from tests.kit.log_records import log_messages
from tests.kit.running_programs import RunningPrograms
from tests.kit.shipped import ward_only
from ward.action import Action, ActionType
from ward.adapters.memory.gateway_connection import MemoryGatewayConnection
from ward.adapters.point_checks import by_policy
from ward.adapters.sqlite.store import SqliteStore
from ward.alert import EXTERNAL
from ward.clock import SECOND, Micros, format_instant
from ward.finding import Finding, Kind, Severity, Transition
from ward.ports import Point
from ward.retention_policy import RetentionPolicy
from ward.topics import ACTIONS, ALERTS, FINDINGS
from ward.wire import ACTION_WIRE, ALERT_WIRE, FINDING_WIRE
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
    """Tags and fields by retention policy and measurement; of a field, whether it is a number or a text."""

    tags: dict[Place, set[str]] = field(default_factory=lambda: defaultdict(set))
    fields: dict[Place, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, points: Sequence[Point], policy: RetentionPolicy | None) -> None:
        for where, found in by_policy(points, policy).items():
            for point in found:
                place = where, point.series.measurement
                self.tags[place].update(dict(point.series.tags))
                kinds = {name: "text" if isinstance(v, str) else "float" for name, v in point.fields.items()}
                self.fields[place].update(kinds)


class RecordingStore(SqliteStore):
    """A store that records which tags and fields were written."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, durable=False)
        self.written = Written()

    def write(self, points: Sequence[Point], policy: RetentionPolicy | None = None) -> None:
        self.written.add(points, policy)
        super().write(points, policy)


class SchemaRun:
    """All programs but web and simulators, made to write every measurement, tag and field of the schema."""

    def __init__(self, folder: Path) -> None:
        config = ward_only(folder)
        with (config / "ward.yaml").open("a", encoding="utf-8") as ward:
            ward.write(IMAGING)
        self.store = RecordingStore(folder / "store.db")
        names = [name for name in PROGRAMS if name not in ("web", "simulators")]
        self.programs = RunningPrograms(folder, config, names, self.store, heartbeats=False)
        self.clock, self.broker, self.resources = (
            self.programs.clock, self.programs.broker, self.programs.resources,
        )  # fmt: skip
        used, common = self.resources, (self.clock, self.resources.metrics)
        gateway = MemoryGatewayConnection(self.broker)
        self._canary = Canary(gateway, self.store, used.live, "host-1", *common, 30.0)
        self._heartbeat = HeartbeatSender(used.log, used.live, *common, "bridge", "host-1", lambda: ["a problem"])
        self._stepped: Micros = 0

    def step(self) -> None:
        self._stepped = self.clock.now()
        for _ in range(2):
            self.programs.step()
            self._canary.step(0)
            self._heartbeat.step(0)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.clock.advance(1)
            self.step()

    def publish(self, device: str, **values: float) -> None:
        body = {"v": 1, "at": format_instant(self.clock.now()), "values": values}
        self.broker.deliver(f"ward/icu/{device}/readings", json.dumps(body).encode(), False)

    def simulate(self, folder: Path) -> None:
        """Three minutes of all simulated monitors, with faults."""
        path = folder / "script.yaml"
        path.write_text(SCRIPT, encoding="utf-8")
        for topic, payload in VirtualWard(self.resources.live.config.inventory, load_script(path), self.clock).payloads(
            180
        ):
            self.broker.deliver(topic, payload, False)
            if self.clock.now() - self._stepped >= SECOND:
                self.step()

    def publish_others(self) -> None:
        """Messages of other devices: loggers, machines, gaps in numbers, bad JSON, a status."""
        for guid in LOGGERS:
            body = {
                "guid": guid,
                "medicalImagingdevice": "MRI 1",
                "payload": {"data": {"humidity": 41.5, "heart_rate": 70.0}},
            }
            self.broker.deliver(f"loggers/{guid}", json.dumps(body).encode(), False)
        self.publish("pump-1", pressure=12.0, flow=3.0, battery=80.0, room_temperature=21.5, humidity=40.0)
        self.publish("pump-1", oxygen=2.0, consciousness=0.0, spo2_scale=1.0, news2=3.0)
        self.publish("pump-1", age=71.0, sex=1.0, hypertension_treated=1.0, diabetes=0.0, smoking=1.0)
        self.publish("pump-1", cardiovascular_disease=0.0, atrial_fibrillation=0.0, left_ventricular_hypertrophy=0.0)
        self.publish("pump-1", qsofa=1.0, shock_index=0.7, pulse_pressure=40.0, risk=40.0, stroke_risk=12.0)
        self.publish("mon-icu-04", oxygen=0.0, consciousness=0.0)
        self.publish_numbered(1, 5)
        self.broker.deliver("ward/icu/mon-icu-02/readings", b"no JSON", False)
        self.broker.deliver("ward/icu/mon-icu-02/status", b"offline", True)
        self.run(10)
        self.post_external()

    def post_external(self) -> None:
        """An alert of another system."""
        now, labels = self.clock.now(), {"alertname": "stock-low"}
        finding = Finding(
            episode="external", transition=Transition.RAISED, rule="stock-low", detector=EXTERNAL, kind=Kind.TECHNICAL,
            severity=Severity.LOW, onset=now, at=now, received_at=now, text="Oxygen is low", labels=labels,
            until=now + 600 * SECOND,
        )  # fmt: skip
        self.resources.log.send(FINDINGS, [("stock-low", FINDING_WIRE.encode(finding))])

    def publish_numbered(self, *numbers: int) -> None:
        """Readings with sequence numbers, one a second."""
        for seq in numbers:
            self.run(1)
            numbered = {"v": 1, "boot": "b", "seq": seq, "values": {"heart_rate": 70.0}}
            self.broker.deliver("ward/icu/mon-x/readings", json.dumps(numbered).encode(), False)

    def run_episode(self) -> None:
        """A desaturation that one nurse acknowledges and another takes over, a silent monitor, a recovery."""
        for _ in range(60):
            self.publish("mon-icu-01", spo2=80.0, heart_rate=72.0)
            self.run(1)
        for alert in log_messages(self.resources.log, ALERTS, ALERT_WIRE):
            now, subject = self.clock.now(), alert.id
            for n, (type_, by) in enumerate(((ActionType.ACKNOWLEDGE, "Ada"), (ActionType.TAKE_OVER, "Bo"))):
                action = Action(id=f"{subject}-{n}", type=type_, subject=subject, by=by, at=now, note="seen")
                self.resources.log.send(ACTIONS, [(subject, ACTION_WIRE.encode(action))])
        self.run(180)
        for _ in range(120):
            self.publish("mon-icu-01", spo2=97.0, heart_rate=72.0)
            self.run(1)

    def run_days(self) -> None:
        """A gap that is never filled, and a thermometer every two hours for eight days, for slow control charts."""
        self.publish_numbered(6, 7, 8)
        for hour in range(0, 24 * 8, 2):
            self.publish("mon-icu-03", temperature=36.8 + 0.1 * (hour % 3), heart_rate=70.0 + hour / 24)
            self.clock.advance(2 * 3600)
            self.step()
        self.run(90)

    def write_overview(self) -> None:
        """What the web writes about the overview of all beds."""
        used, metrics = self.resources, self.resources.metrics
        model = ReadModel(used.live, self.clock)
        warmup, follower = (
            StoreWarmup(self.store, model, self.clock),
            LogFollower(used.log, model, self.clock, metrics),
        )
        overview = OverviewWriter(self.store, Board(model, self.clock), model, self.clock, metrics)
        while warmup.step(0) or follower.step(0):
            pass
        overview.step(0)
        follower.close()

    def write_day_statistics(self) -> None:
        """All statistics of days and trends."""
        days = DayStatistics(self.store, self.resources.live, self.clock, self.resources.metrics)
        while days.step(0):
            pass

    def write_resolutions(self) -> None:
        """What `wardwatch influx apply` writes."""
        self.store.write(resolutions())

    def close(self) -> None:
        self._heartbeat.close()
        self._canary.close()
        self.programs.close()
