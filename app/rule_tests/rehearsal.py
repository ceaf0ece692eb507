"""A rehearsal: every scenario and fault happens once, in virtual time, with a given config.

    simulated devices ─▶ broker in memory ─▶ intake ─▶ log in memory ─▶ detectors ─▶ alerts

The parts are those of the real programs; no notification is sent.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from alerts.pipeline import Pipeline
from alerts.storage.outbox_file import OutboxFile
from alerts.storage.state_file import StateFile
from app.runtime.part_runner import Part
from bridge.intake import Intake
from detectors.worker.stage import BEDS
from detectors.worker.worker import Worker
from simulators.device_client.memory_buffer import MemoryDeviceBuffer
from simulators.device_client.memory_connection import MemoryDeviceConnection
from simulators.devices.monitors_at_beds import MonitorAtBed, monitors_at_beds
from simulators.live.logger_source import LoggerSource
from simulators.live.monitor_source import MonitorSource
from simulators.live.simulation import Simulation
from simulators.scenarios import load_scenario
from simulators.scripts.script import WardScript
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.gateway_connection import MemoryGatewayConnection
from ward.adapters.memory.log import MemoryLog
from ward.alert import Alert
from ward.clock import SECOND, ManualClock, Micros
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.inventory import Inventory
from ward.metrics import Metrics
from ward.observation import Entry, ObservationCheck
from ward.topics import ACTIONS, ALERTS, BED_READINGS
from ward.wire import ACTION_WIRE, ALERT_WIRE, READING_WIRE

STEP = 0.5
# Seconds before the first event, in which detectors learn their signals.
WARM_UP = 600.0

ShowProgress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class RehearsedAlert:
    """One alert: its rule, device, highest severity, seconds after the event began, how it ended, and the bed. Of an
    alert about a patient `device` is empty. `sent` is whether a message about it was queued; else only the screen shows
    it."""

    rule: str
    device: str
    severity: str
    after: float
    ended: str = ""
    bed: str = ""
    sent: bool = True


@dataclass(frozen=True, slots=True)
class SimulatedEvent:
    """A scenario or a fault at one bed."""

    name: str
    label: str
    fault: bool
    monitor: MonitorAtBed


def simulated_events(
    config: Config, names: Sequence[str], labels: Sequence[str], fault: bool, now: int
) -> list[SimulatedEvent]:
    """One bed for each event, only beds without overrides: the rehearsal tests the rules, not overrides."""
    special = {value for rule in config.rules for o in rule.overrides for value in o.where.patient}
    free = [m for m in monitors_at_beds(config.inventory, now) if m.patient not in special]
    return [SimulatedEvent(*row) for row in zip(names, labels, [fault] * len(names), free, strict=False)]


def rehearse(
    config: Config, events: Sequence[SimulatedEvent], seconds: float, seed: int, show: ShowProgress
) -> list[RehearsedAlert]:
    """All alerts of the beds of the events; without events, of the whole ward."""
    clock = ManualClock()
    only = replace(config, inventory=inventory_of(config.inventory, events)) if events else config
    script = rehearsal_script(seed, WARM_UP, events)
    start = clock.now() + round(WARM_UP * SECOND) if events else clock.now()
    log = MemoryLog(most=100_000)
    with TemporaryDirectory() as folder:
        parts = _parts(only, script, log, clock, Path(folder))
        for step in range(round((seconds + (WARM_UP if events else 0)) / STEP)):
            clock.advance(STEP)
            if events and step == round(WARM_UP / STEP):
                enter_observations(log, only, events, clock.now())
            for part in parts:
                part.step(0)
            if step % 2000 == 0:
                show(round(step * STEP))
        for part in parts:
            part.close()
    return rehearsed_alerts(log, start)


def rehearsal_script(seed: int, begins: float, events: Sequence[SimulatedEvent]) -> WardScript:
    """A script in which all events begin at once, each at its bed."""
    at = f"{begins:.0f}s"
    scenarios = [{"at": at, "bed": s.monitor.bed, "scenario": s.name} for s in events if not s.fault]
    faults = [{"at": at, "bed": s.monitor.bed, "fault": s.name} for s in events if s.fault]
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
        Worker(log, live, clock, metrics, stage=BEDS),
        Pipeline(log, live, StateFile.in_folder(folder, clock.now()), clock, metrics),
        _Delivered(folder, [channel.name for channel in config.alerting.channels], clock),
    ]


class _Delivered:
    """A part: marks messages as delivered, every ten seconds. Nothing is sent."""

    def __init__(self, folder: Path, channels: Sequence[str], clock: ManualClock) -> None:
        self._outbox, self._channels, self._clock = OutboxFile.in_folder(folder, durable=False), channels, clock

    def step(self, wait: float) -> int:
        waiting = self._clock.now() % (10 * SECOND) < STEP * SECOND
        entries = [entry for channel in self._channels for entry in self._outbox.waiting(channel)] if waiting else []
        for entry in entries:
            self._outbox.delivered(entry)
        return len(entries)

    def close(self) -> None:
        self._outbox.close()


def inventory_of(inventory: Inventory, events: Sequence[SimulatedEvent]) -> Inventory:
    """An inventory of only the beds and devices of the events."""
    devices, beds = {s.monitor.device for s in events}, {s.monitor.bed for s in events}
    return Inventory(
        wards=inventory.wards.values(), beds=[bed for bed in inventory.beds.values() if bed.id in beds],
        device_kinds=inventory.device_kinds.values(),
        devices=[d for d in inventory.devices.values() if d.id in devices],
        stays=[stay for stay in inventory.stays if stay.bed in beds],
    )  # fmt: skip


def rehearsed_alerts(log: MemoryLog, start: Micros) -> list[RehearsedAlert]:
    """The alerts in a log; `start` is when the event began."""
    return [_rehearsed(alert, start) for alert in _alerts(log)]


def _alerts(log: MemoryLog) -> Iterator[Alert]:
    newest: dict[str, Alert] = {}
    for partition in log.partitions(ALERTS):
        for batch in log.scan(partition):
            for alert in ALERT_WIRE.decode_many(batch.values):
                if isinstance(alert, Alert):
                    newest[alert.id] = alert
    yield from newest.values()


def _rehearsed(alert: Alert, start: int) -> RehearsedAlert:
    return RehearsedAlert(
        alert.labels["alertname"], alert.labels.get("device_id", ""), str(alert.peak_severity),
        (alert.starts_at - start) / SECOND, str(alert.ended or ""), alert.labels.get("bed", ""), bool(alert.sent_to),
    )  # fmt: skip


def enter_observations(log: MemoryLog, config: Config, events: Sequence[SimulatedEvent], now: Micros) -> None:
    """Enter what people observe of each patient when a scenario begins."""
    for event in events:
        observed = {} if event.fault else load_scenario(event.name).observed
        if observed:
            entry = Entry(by="Rehearsal", bed=event.monitor.bed, at=now, values=observed)
            action, reading, _ = ObservationCheck(config.catalogue, config.inventory, config.alerting.timezone).check(
                entry, now
            )
            log.send(ACTIONS, [(action.subject, ACTION_WIRE.encode(action))])
            log.send(BED_READINGS, [(reading.device, READING_WIRE.encode(reading))])
