"""Seven days of two wards and an imaging suite in simulated time, through the real programs, into any store.

simulated devices ─▶ broker in memory ─▶ intake ─▶ log in memory ─┬─▶ archive ─▶ store
                                                                  ├─▶ detectors ─▶ alerts ─▶ acknowledgements
                                                                  └─▶ web ─▶ overview ─▶ store

Every scenario and every fault of the simulators occurs. Monitors send every three minutes and loggers every ten, so
that a week takes a minute; the intervals and time-outs of the config are longer by the same factor. Each program has
its own metrics, as in separate processes.
"""

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from alerts.pipeline import Pipeline
from alerts.storage.outbox_file import OutboxFile
from alerts.storage.schema import FILE
from alerts.storage.state_file import StateFile
from app.runtime.heartbeat import HeartbeatSender
from app.runtime.part_runner import Part
from app.runtime.resources import Resources
from app.settings.settings import Settings
from bridge.archive import Archive
from bridge.canary import Canary
from bridge.intake import Intake
from detectors.worker.stage import BEDS
from detectors.worker.worker import Worker
from rollups.day_statistics import DayStatistics
from rollups.points import HOURS
from rollups.writer import RollupWriter
from simulators.device_client.memory_buffer import MemoryDeviceBuffer
from simulators.device_client.memory_connection import MemoryDeviceConnection
from simulators.devices.monitors_at_beds import monitors_at_beds
from simulators.live.logger_source import LoggerSource
from simulators.live.monitor_source import MonitorSource
from simulators.live.simulation import Simulation
from simulators.scripts.script import WardScript
from ward.action import Action, ActionType
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.gateway_connection import MemoryGatewayConnection
from ward.alert import Alert
from ward.bed_subject import PERSON, bed_subject
from ward.clock import SECOND, Clock, ManualClock, Micros
from ward.inventory import Place
from ward.metrics import Metrics
from ward.ports import Store
from ward.reading import Reading
from ward.topics import ACTIONS, ALERTS, BED_READINGS
from ward.wire import ACTION_WIRE, ALERT_WIRE, READING_WIRE
from web.model.log_follower import LogFollower
from web.model.read_model import ReadModel
from web.model.store_warmup import StoreWarmup
from web.overview.writer import OverviewWriter
from web.presentation.board import Board

DAY = 86_400.0
STEP = 180.0
LAST_STEP = 5.0  # the step of the last minutes, in which the overview is written
LAST_MINUTES = 300.0
ROLLUP_HOURS = 12  # hours rolled up in one call
PROGRAMS = ("bridge", "detectors", "alerts", "web", "rollups")
SHIPPED = Path(__file__).parents[2] / "config"
IMAGING_DEVICES = 12
LOGGER = "0-ZZZ12345678-08K"
STAFF = ("Nurse Ada", "Nurse Bo", "Nurse Cem", "Dr Dee")
_LONGER_INTERVALS = (
    ("ward.yaml", r": 2\.5s", ": 3m"), ("ward.yaml", "battery: 60s", "battery: 3m"),
    ("ward.yaml", "silent_after: 5m", "silent_after: 40m"), ("ward.yaml", "silent_after: 15s", "silent_after: 10m"),
    ("ward.yaml", "humidity: 30s", "humidity: 10m"), ("signals.yaml", r"every: 2\.5s", "every: 3m"),
    ("signals.yaml", "{high: 60s, medium: 2m, low: 10m}", "{high: 2h, medium: 6h, low: 9h}"),
    ("signals.yaml", "{high: 10m, medium: 30m, low: 1h}", "{high: 2h, medium: 6h, low: 9h}"),
    ("detectors.yaml", "after: 15m", "after: 6h"), ("detectors.yaml", "after: 5m", "after: 2h"),
    ("detectors.yaml", "after: 12s", "after: 10m"),
    ("detectors.yaml", "low: 20\n    medium: 300", "low: 400\n    medium: 900"),
    ("detectors.yaml", "low: -20\n    medium: -300", "low: -400\n    medium: -900"),
    ("bridge.yaml", "skew: 5s", "skew: 200s"), ("bridge.yaml", "backlog: 60s", "backlog: 10m"),
)  # fmt: skip
_INVALID_MESSAGES = (
    ("ward/icu/mon-icu-03/readings", b'{"v": 1, "values": {"heart_rate": NaN}}'),
    ("ward/medical/mon-med-02/readings", b"<script>alert('ward')</script>\x00\xff"),
    ("ward/icu/bad id/readings", b'{"v": 1, "values": {"spo2": 97}}'),
    ("loggers/0-ZZZ12345678-08K", b'{"guid": "another"}'),
    ("ward/icu/mon-icu-04/readings", b'{"v": 9, "values": {"spo2": 97}}'),
)


def with_longer_intervals(folder: Path) -> Path:
    """A copy of the shipped config for devices that send less often, and with fewer imaging devices."""
    made = folder / "config"
    shutil.copytree(SHIPPED, made, ignore=shutil.ignore_patterns("settings.yaml"))
    for name, old, new in _LONGER_INTERVALS:
        text = (made / name).read_text(encoding="utf-8")
        (made / name).write_text(re.sub(old, new, text), encoding="utf-8")
    ward = made / "ward.yaml"
    head, _, machines = ward.read_text(encoding="utf-8").partition("  loggers:\n")
    remaining = machines.splitlines()[:: max(1, len(machines.splitlines()) // IMAGING_DEVICES)][:IMAGING_DEVICES]
    ward.write_text(head + "  loggers:\n" + "\n".join(remaining) + "\n", encoding="utf-8")
    return made


def events(days: float) -> WardScript:
    """The script of the week: each scenario and each fault, at a bed and an hour of its own."""
    hours = days * 24
    scenarios = [
        ("respiratory_depression", 3, 10), ("hypoxic_episode", 6, 30), ("sepsis", 9, 50), ("bradycardia", 11, 70),
        ("haemorrhage", 14, 90), ("fever", 17, 110), ("airway_obstruction", 5, 130), ("hypoxic_episode", 12, 150),
        ("sepsis", 16, 20), ("fever", 1, 100),
    ]  # fmt: skip
    faults = [
        ("probe_off", 2, 12, 2), ("spikes", 19, 20, 6), ("link_loss", 6, 45, 20), ("drop_outs", 13, 60, 8),
        ("reboot", 1, 72, 2), ("clock_step", 8, 80, 8), ("growing_noise", 4, 96, 6), ("stuck_value", 15, 100, 12),
        ("duplicates", 10, 40, 30), ("battery_discharge", 17, 120, 3), ("out_of_order", 18, 30, 20),
        ("clock_skew", 7, 20, 100), ("probe_off_zero", 9, 140, 2), ("probe_off", 5, 165, 10),
        ("duplicates", 9, 12, 20), ("clock_skew", 9, 40, 50), ("stuck_value", 9, 100, 16), ("probe_off", 9, 150, 3),
    ]  # fmt: skip
    scale = hours / 168
    return WardScript.model_validate(
        {
            "seed": 7, "every": f"{STEP:.0f}s", "logged_every": "10m",
            "scenarios": [
                {"at": f"{at * scale:.2f}h", "bed": bed, "scenario": name, "speed": 0.5} for name, bed, at in scenarios
            ],
            "faults": [
                {"at": f"{at * scale:.2f}h", "bed": bed, "fault": name, "for": f"{lasting * scale:.2f}h"}
                for name, bed, at, lasting in faults
            ] + [{"at": f"{50 * scale}h", "device": LOGGER, "fault": "battery_discharge", "for": f"{4 * scale}h"}]
            + [{"at": "0s", "bed": 20, "fault": "slow_drift"}] * 6,  # the drift of six weeks in one
        }
    )  # fmt: skip


class SimulatedWeek:
    """`run` fills the store with data up to `end`; `config` is the config that was used."""

    def __init__(self, folder: Path, store: Callable[[Clock], Store], end: Micros, days: float = 7.0) -> None:
        self.end = end
        self.start = end - round(days * DAY * SECOND)
        self.clock = ManualClock(self.start)
        settings = Settings(data=folder / "data", config=with_longer_intervals(folder), log_url="memory:")
        settings.data.mkdir()
        urls = {f"WARDWATCH_{name}_URL": "json://127.0.0.1:9" for name in ("MAIL", "CHAT", "SMS")}
        self.broker = MemoryBroker()
        self.resources = Resources(settings, self.clock, environ=urls)
        self.config = self.resources.live.config
        self.store = store(self.clock)
        self.metrics = {name: Metrics() for name in PROGRAMS}
        for name, metrics in self.metrics.items():
            metrics.restarts.labels(name)  # as the part runner does
        self._chance = np.random.default_rng(3)
        self._acknowledge_at: dict[str, Micros] = {}
        self._steps = 0
        self._devices = self._simulation(events(days))
        self._parts = self._programs(settings.data)
        self._archive = Archive(self.resources.log, self.store, self.resources.live, self.clock, self.metrics["bridge"])
        self._web: Sequence[Part] = ()
        self._alerts = self.resources.log.follow([ALERTS])
        self._outbox = OutboxFile(settings.data / FILE)

    def run(self) -> None:
        """Simulate the whole week."""
        while self.clock.now() < self.end - LAST_MINUTES * SECOND:
            self._step(STEP, every=10)
        self._web = self._web_parts()
        self._observe()
        while self.clock.now() < self.end:
            self._step(min(LAST_STEP, (self.end - self.clock.now()) / SECOND), every=1)
        while self._archive.step(0):
            pass
        writer = RollupWriter(self.store, self.metrics["rollups"])
        for at in range(self.start // HOURS * HOURS, self.end, ROLLUP_HOURS * HOURS):
            writer.write_minutes(at, at + ROLLUP_HOURS * HOURS)
            writer.write_hours({at + hour * HOURS: None for hour in range(ROLLUP_HOURS)})
        days = DayStatistics(self.store, self.resources.live, self.clock, self.metrics["rollups"])
        while days.step(0):
            pass

    def close(self) -> None:
        for part in (self._devices, *self._parts, self._archive, *self._web):
            part.close()
        self._alerts.close()
        self._outbox.close()
        self.resources.close()

    def _simulation(self, script: WardScript) -> Simulation:
        inventory, root = self.config.inventory, self.config.root
        assert len(monitors_at_beds(inventory, self.start)) == 20
        monitors = MonitorSource(
            inventory,
            script,
            lambda topics: MemoryDeviceConnection(self.broker, topics),
            MemoryDeviceBuffer(),
            self.clock,
            root,
        )
        return Simulation(
            [monitors, LoggerSource(inventory, script, [MemoryGatewayConnection(self.broker)], self.clock)], self.clock
        )

    def _programs(self, data: Path) -> Sequence[Part]:
        """The parts that run at every step; the archive runs less often."""
        log, live, clock, metrics = self.resources.log, self.resources.live, self.clock, self.metrics
        return [
            Canary(MemoryGatewayConnection(self.broker), self.store, live, "bridge-1", clock, metrics["bridge"], 10.0),
            Intake(self.broker, log, live, clock, metrics["bridge"]),
            Worker(log, live, clock, metrics["detectors"]),
            Worker(log, live, clock, metrics["detectors"], stage=BEDS),
            *(HeartbeatSender(log, live, clock, metrics[name], name, f"{name}-1") for name in PROGRAMS),
            Pipeline(log, live, StateFile.in_folder(data, clock.now()), clock, metrics["alerts"]),
        ]

    def _web_parts(self) -> Sequence[Part]:
        """The parts of the web program, which run only at the end."""
        log, clock, metrics = self.resources.log, self.clock, self.metrics["web"]
        model = ReadModel(self.resources.live, clock)
        warmup, follower = StoreWarmup(self.store, model, clock), LogFollower(log, model, clock, metrics)
        while warmup.step(0) or follower.step(0):
            pass
        return [follower, warmup, OverviewWriter(self.store, Board(model, clock), model, clock, metrics)]

    def _observe(self) -> None:
        """A person observes consciousness and oxygen of every patient."""
        now, inventory = self.clock.now(), self.config.inventory
        for bed in inventory.beds.values():
            place = Place(ward=bed.ward, bed=bed.id, patient=inventory.patient(bed.id, now))
            reading = Reading(
                device=bed_subject(place), ward=bed.ward, at=now, received_at=now, boot=PERSON,
                values={"consciousness": 0.0, "oxygen": 0.0},
            )  # fmt: skip
            self.resources.log.send(BED_READINGS, [(reading.device, READING_WIRE.encode(reading))])

    def _step(self, seconds: float, every: int) -> None:
        self._steps += 1
        self.clock.advance(seconds)
        if self._steps % 20 == 0:  # a pump of which every other reading is lost
            payload = b'{"v": 1, "boot": "p1", "seq": %d, "values": {"flow": 4.2}}' % (self._steps // 10)
            self.broker.deliver("ward/icu/pump-3/readings", payload)
        if self._steps % 150 == 0:
            self.broker.deliver(*_INVALID_MESSAGES[self._steps // 150 % len(_INVALID_MESSAGES)])
        self._devices.step(0)
        for part in (*self._parts, *self._web):
            part.step(0)
        self._deliver()
        self._acknowledge()
        if self._steps % every == 0:
            self._archive.step(0)

    def _deliver(self) -> None:
        """Each channel delivers its notifications, some at the second attempt."""
        notified = self.metrics["alerts"].notification_attempts
        for channel in self.config.alerting.channels:
            for waiting in list(self._outbox.waiting(channel.name)):
                if self._chance.random() < 0.05:
                    notified.labels(channel.name, "failed").inc()
                self._outbox.delivered(waiting)
                notified.labels(channel.name, "delivered").inc()

    def _acknowledge(self) -> None:
        """People acknowledge most alerts after some minutes."""
        now = self.clock.now()
        for batch in self._alerts.poll(10_000, 0):
            for alert in ALERT_WIRE.decode_many(batch.values):
                if isinstance(alert, Alert):
                    self._plan_acknowledgement(alert, now)
        for id_, due in list(self._acknowledge_at.items()):
            if 0 < due <= now:
                self._acknowledge_at[id_] = 0
                by = STAFF[int(self._chance.integers(len(STAFF)))]
                action = Action(id=f"acknowledge-{id_}", type=ActionType.ACKNOWLEDGE, subject=id_, by=by, at=now)
                self.resources.log.send(ACTIONS, [(id_, ACTION_WIRE.encode(action))])

    def _plan_acknowledgement(self, alert: Alert, now: Micros) -> None:
        if alert.active and alert.id not in self._acknowledge_at:
            minutes = float(self._chance.exponential(8)) + 0.5
            self._acknowledge_at[alert.id] = now + round(minutes * 60 * SECOND) if self._chance.random() < 0.8 else 0
