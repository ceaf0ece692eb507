"""A rehearsal: everything that can be simulated happens once, in virtual time, to the config that is in force.

    simulated devices ─▶ broker in memory ─▶ intake ─▶ log in memory ─▶ detectors ─▶ alerts

The parts are those of the real programs; nothing is sent to anybody.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from alerts.pipeline import Pipeline
from alerts.storage.state_file import StateFile
from app.runtime.part_runner import Part
from bridge.intake import Intake
from detectors.engine.engine import Engine
from detectors.worker.worker import Worker
from simulators.device_client.memory_buffer import MemoryDeviceBuffer
from simulators.device_client.memory_connection import MemoryDeviceConnection
from simulators.devices.monitors_at_beds import MonitorAtBed, monitors_at_beds
from simulators.live.logger_source import LoggerSource
from simulators.live.monitor_source import MonitorSource
from simulators.live.simulation import Simulation
from simulators.scripts.script import WardScript
from simulators.virtual_ward import VirtualWard
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.gateway_connection import MemoryGatewayConnection
from ward.adapters.memory.log import MemoryLog
from ward.alert import Alert
from ward.clock import SECOND, ManualClock
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.finding import Edge, Finding
from ward.inventory import Inventory
from ward.metrics import Metrics
from ward.topics import ALERTS
from ward.wire import ALERT_WIRE

STEP = 0.5
# How long all is well before anything happens: detectors get to know their signals.
CALM = 600.0
# Readings are given to the engine so many at a time.
_BATCH = 4000

Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class RehearsedAlert:
    """One alert: its rule, about which device, how grave it became, how it ended, how long after the beginning."""

    rule: str
    device: str
    severity: str
    after: float
    ended: str = ""


@dataclass(frozen=True, slots=True)
class SimulatedEvent:
    """Something that happens to one bed: the scenario or the fault of that name, at its own pace."""

    name: str
    label: str
    fault: bool
    stand: MonitorAtBed


def simulated_events(
    config: Config, names: Sequence[str], labels: Sequence[str], fault: bool, now: int
) -> list[SimulatedEvent]:
    """A bed for each, of those with no limits of their own: what is rehearsed is the rule, not the exception."""
    special = {value for rule in config.rules for o in rule.overrides for value in o.where.patient}
    free = [stand for stand in monitors_at_beds(config.inventory, now) if stand.patient not in special]
    return [SimulatedEvent(*row) for row in zip(names, labels, [fault] * len(names), free, strict=False)]


def rehearse(
    config: Config, happening: Sequence[SimulatedEvent], seconds: float, seed: int, tell: Tell
) -> list[RehearsedAlert]:
    """All alerts of the beds where something happens, or of the whole ward where nothing does."""
    clock = ManualClock()
    only = replace(config, inventory=_with(config.inventory, happening)) if happening else config
    script = _script(seed, CALM, happening)
    start = clock.now() + round(CALM * SECOND) if happening else clock.now()
    log = MemoryLog(most=100_000)
    with TemporaryDirectory() as folder:
        parts = _parts(only, script, log, clock, Path(folder))
        for step in range(round((seconds + (CALM if happening else 0)) / STEP)):
            clock.advance(STEP)
            for part in parts:
                part.step(0)
            if step % 2000 == 0:
                tell(round(step * STEP))
        for part in parts:
            part.close()
    return [_told(alert, start) for alert in _alerts(log)]


def rehearse_days(config: Config, scene: SimulatedEvent, days: float, seed: int, tell: Tell) -> list[RehearsedAlert]:
    """The findings of a fault that takes weeks: readings go to the engine as they are, without a network between."""
    clock = ManualClock()
    only = replace(config, inventory=_with(config.inventory, [scene]))
    begins = 7 * 86_400.0
    script = _script(seed, begins, [scene])
    start = clock.now() + round(begins * SECOND)
    engine, ward = Engine(only), VirtualWard(only.inventory, script, clock)
    engine.expect([scene.stand.device], clock.now())
    found: list[Finding] = []
    readings, done = ward.readings(begins + days * 86_400.0), 0
    while batch := list(islice(readings, _BATCH)):
        found += engine.evaluate(batch).findings
        tell(done := done + len(batch))
    return [
        RehearsedAlert(f.rule, f.device, str(f.severity), (f.onset - start) / SECOND)
        for f in found
        if f.edge is Edge.RAISED
    ]


def _script(seed: int, begins: float, happening: Sequence[SimulatedEvent]) -> WardScript:
    """All of it at once, each in its bed."""
    at = f"{begins:.0f}s"
    scenarios = [{"at": at, "bed": s.stand.bed, "scenario": s.name} for s in happening if not s.fault]
    faults = [{"at": at, "bed": s.stand.bed, "fault": s.name} for s in happening if s.fault]
    return WardScript.model_validate({"seed": seed, "scenarios": scenarios, "faults": faults})


def _parts(config: Config, script: WardScript, log: MemoryLog, clock: ManualClock, folder: Path) -> list[Part]:
    live, metrics, broker = FixedConfig(config), Metrics(), MemoryBroker()
    monitors = MonitorSource(
        config.inventory,
        script,
        lambda topics: MemoryDeviceConnection(broker, topics),
        MemoryDeviceBuffer(),
        clock,
        config.root,
    )
    gateways = LoggerSource(config.inventory, script, [MemoryGatewayConnection(broker)], clock)
    return [
        Simulation([monitors, gateways], clock),
        Intake(broker, log, live, clock, metrics),
        Worker(log, live, clock, metrics),
        Pipeline(log, live, StateFile.in_folder(folder, clock.now()), clock, metrics),
    ]


def _with(inventory: Inventory, happening: Sequence[SimulatedEvent]) -> Inventory:
    """An inventory of the beds where something happens, and of nothing else."""
    devices, beds = {s.stand.device for s in happening}, {s.stand.bed for s in happening}
    return Inventory(
        wards=inventory.wards.values(), beds=[bed for bed in inventory.beds.values() if bed.id in beds],
        device_kinds=inventory.device_kinds.values(),
        devices=[d for d in inventory.devices.values() if d.id in devices],
        stays=[stay for stay in inventory.stays if stay.bed in beds],
    )  # fmt: skip


def _alerts(log: MemoryLog) -> Iterator[Alert]:
    newest: dict[str, Alert] = {}
    for partition in log.partitions(ALERTS):
        for batch in log.scan(partition):
            for alert in ALERT_WIRE.decode_many(batch.values):
                if isinstance(alert, Alert):
                    newest[alert.id] = alert
    yield from newest.values()


def _told(alert: Alert, start: int) -> RehearsedAlert:
    return RehearsedAlert(
        alert.labels["alertname"], alert.labels.get("device_id", ""), str(alert.severity),
        (alert.starts_at - start) / SECOND, str(alert.ended or ""),
    )  # fmt: skip
