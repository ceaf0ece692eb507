"""A fault that takes weeks, among the other monitors of its ward: readings half an hour apart, given to the detectors
and the alerts without a network."""

from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from alerts.pipeline import Pipeline
from alerts.storage.state_file import StateFile
from app.rule_tests.rehearsal import (
    RehearsedAlert,
    ShowProgress,
    SimulatedEvent,
    inventory_of,
    rehearsal_script,
    rehearsed_alerts,
)
from app.runtime.part_runner import Part
from app.simulated_past.longer_periods import with_longer_periods
from detectors.worker.stage import BEDS
from detectors.worker.worker import Worker
from simulators.devices.monitors_at_beds import monitors_at_beds
from simulators.virtual_ward import VirtualWard
from ward.adapters.memory.log import MemoryLog
from ward.clock import SECOND, ManualClock
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.config.rule import Rule
from ward.metrics import Metrics
from ward.topics import READINGS
from ward.wire import READING_WIRE

DAY = 86_400.0
PERIOD = 1800.0
# Seconds before the fault begins, in which rules learn what is usual.
LEARN = 7 * DAY
# Rules about means of at least so many seconds are evaluated: the others are about seconds and minutes.
SLOW = 3600.0


def rehearse_weeks(
    config: Config, event: SimulatedEvent, days: float, seed: int, show: ShowProgress
) -> list[RehearsedAlert]:
    """The alerts of all monitors of a ward, in one of which a fault begins after a week. `show` is given the steps that
    are done."""
    clock = ManualClock()
    slow = _slow_rules_of_ward(config, event, clock)
    script = rehearsal_script(seed, LEARN, [event]).model_copy(update={"every": PERIOD})
    start = clock.now() + round(LEARN * SECOND)
    log, ward = MemoryLog(most=100_000), VirtualWard(slow.inventory, script, clock)
    readings, done = ward.readings(LEARN + days * DAY), 0
    with TemporaryDirectory() as folder:
        parts = _parts(slow, log, clock, Path(folder))
        while step := list(islice(readings, len(ward.devices))):
            log.send(READINGS, [(reading.device, READING_WIRE.encode(reading)) for reading in step])
            for part in parts:
                while part.step(0):
                    pass
            show(done := done + 1)
        for part in parts:
            part.close()
    return rehearsed_alerts(log, start)


def _parts(config: Config, log: MemoryLog, clock: ManualClock, folder: Path) -> list[Part]:
    live, metrics = FixedConfig(config), Metrics()
    state = StateFile.in_folder(folder, clock.now(), durable=False)
    return [
        Worker(log, live, clock, metrics), Worker(log, live, clock, metrics, stage=BEDS),
        Pipeline(log, live, state, clock, metrics),
    ]  # fmt: skip


def _slow_rules_of_ward(config: Config, event: SimulatedEvent, clock: ManualClock) -> Config:
    """The config with the monitors of one ward, and the rules about long means."""
    monitors = [m for m in monitors_at_beds(config.inventory, clock.now()) if m.ward == event.monitor.ward]
    beds = [SimulatedEvent("", "", False, monitor) for monitor in monitors]
    only = replace(config, inventory=inventory_of(config.inventory, beds), rules=tuple(filter(_slow, config.rules)))
    return with_longer_periods(only, PERIOD, {})


def _slow(rule: Rule) -> bool:
    every = rule.build({})[0].every
    return every is not None and every >= SLOW
