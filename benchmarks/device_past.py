"""One device's past: three days of readings that a bedside monitor delivers at once, under the shipped rules.

    python -m benchmarks.device_past

First the engine alone, beside NumPy that compares the same values with two limits each. Then the worker on a log in
memory, while other devices raise alarms: how long it takes from an alarm's readings in the log until its finding is
there. Both in CPU time, since others use the machine too.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from statistics import median

import numpy as np

from app.console.cli_context import config_of
from app.runtime.part_runner import tune_gc
from benchmarks.resource_usage import ResourceUsage, UsageMeter
from benchmarks.result import BenchmarkResult, middle
from benchmarks.tables import print_results
from detectors.engine.engine import Engine
from detectors.worker.worker import Worker
from ward.adapters.memory.log import MemoryLog
from ward.clock import SECOND, Micros, SystemClock
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.metrics import Metrics
from ward.reading import Flag, Reading
from ward.topics import FINDINGS, READINGS
from ward.wire import FINDING_WIRE, READING_WIRE

PERIOD, DAYS = 2.5, 3
BATCH = 2000
# Mean, standard deviation, the last digit and the highest value of a healthy patient, and limits that are not reached.
VITALS = {
    "heart_rate": (74.0, 4.0, 1.0, 300.0), "systolic_bp": (120.0, 5.0, 1.0, 300.0),
    "diastolic_bp": (76.0, 5.0, 1.0, 220.0), "spo2": (97.0, 0.7, 1.0, 100.0), "temperature": (36.8, 0.05, 0.1, 45.0),
    "respiratory_rate": (15.0, 1.5, 1.0, 80.0),
}  # fmt: skip


def past(device: str, readings: int, back: Micros, seed: int = 1) -> list[Reading]:
    """A reading every 2.5 s up to `back`, when the bridge receives them, 5,760 a second."""
    rng = np.random.default_rng(seed)
    mean, sd, digit, high = np.array([*VITALS.values()]).T
    shown = np.minimum(np.round(rng.normal(mean, sd, (readings, len(mean))) / digit) * digit, high).round(1).tolist()
    begin, flags = back - round(readings * PERIOD * SECOND), int(Flag.BACKLOG)
    return [
        Reading(
            device=device, ward="icu", at=begin + round(i * PERIOD * SECOND), received_at=back + i * SECOND // 5760,
            boot="k3f9", seq=i, values=dict(zip(VITALS, row, strict=True)), flags=flags,
        )
        for i, row in enumerate(shown)
    ]  # fmt: skip


def monitor(config: Config) -> str:
    """A device of the shipped inventory."""
    return next(name for name, d in config.inventory.devices.items() if d.device_kind == "bedside_monitor")


def batches(readings: Sequence[Reading]) -> Iterator[Sequence[Reading]]:
    return (readings[i : i + BATCH] for i in range(0, len(readings), BATCH))


def engine(config: Config, readings: Sequence[Reading]) -> ResourceUsage:
    """The engine, from readings to findings."""
    tested = Engine(config)
    tested.add_expected([readings[0].device], readings[0].at)
    tested.advance(readings[0].received_at)  # the device is missing
    meter = UsageMeter()
    for some in batches(readings):
        tested.evaluate(some)
    return meter.cost(len(readings))


def limits(readings: Sequence[Reading]) -> ResourceUsage:
    """NumPy: the same values as arrays, compared with a lower and an upper limit."""
    bounds = {name: (mean - 8 * sd, mean + 8 * sd) for name, (mean, sd, _, _) in VITALS.items()}
    meter = UsageMeter()
    for some in batches(readings):
        for name, (low, high) in bounds.items():
            x = np.array([reading.values[name] for reading in some])
            np.flatnonzero((x < low) | (x > high))
    return meter.cost(len(readings))


class AlarmingWard:
    """A worker, and devices that raise an alarm one after the other."""

    def __init__(self, config: Config) -> None:
        self.clock, self.log = SystemClock(), MemoryLog()
        self.worker = Worker(self.log, FixedConfig(config), self.clock, Metrics())
        self._findings = self.log.follow([FINDINGS])
        self._names = (f"other-{i}" for i in count())
        self.worker.step(0)

    def send(self, readings: Sequence[Reading]) -> None:
        self.log.send(READINGS, [(reading.device, READING_WIRE.encode(reading)) for reading in readings])

    def alarm(self) -> float:
        """CPU-milliseconds from the readings of a fast heart in the log until the finding is in the log."""
        name, now = next(self._names), self.clock.now()
        values: Mapping[str, float] = {"heart_rate": 165.0}
        self.send([
            Reading(device=name, ward="icu", at=now - round(i * PERIOD * SECOND), received_at=now, values=dict(values))
            for i in range(5, -1, -1)
        ])  # fmt: skip
        began = time.process_time()
        while name not in self._found():
            self.worker.step(0)
        return (time.process_time() - began) * 1000

    def _found(self) -> set[str]:
        records = (value for batch in self._findings.poll(1000, 0) for value in batch.values)
        return {finding.device for finding in map(FINDING_WIRE.decode, records) if not isinstance(finding, Exception)}


def beside(config: Config, readings: int) -> tuple[float, int]:
    """The 99th percentile of the alarms while a backlog is evaluated, and how many there were."""
    ward = AlarmingWard(config)
    for _ in range(3):
        ward.alarm()
    ward.send(past(monitor(config), readings, ward.clock.now()))
    ward.worker.step(0)
    took = []
    while ward.worker.behind:
        took.append(ward.alarm())
    ward.worker.close()
    return float(np.quantile(took, 0.99)), len(took)


def run(readings: int = round(DAYS * 86_400 / PERIOD), rounds: int = 3) -> list[BenchmarkResult]:
    tune_gc()  # as the runner does
    config = config_of(None, SystemClock().now())
    sent = past(monitor(config), readings, SystemClock().now())
    pairs = [(engine(config, sent), limits(sent)) for _ in range(rounds)]
    rates = [ours.readings / ours.cpu for ours, _ in pairs]
    found = [beside(config, readings) for _ in range(rounds)]
    alarms = [p99 for p99, _ in found]
    return [
        BenchmarkResult(
            name=f"engine, {readings:,} readings of one device, shipped rules", value=median(rates), wanted=100_000,
            unit="/s a core", each=rates, ours=middle([ours for ours, _ in pairs]),
            beside="two limits a signal in bare NumPy", theirs=middle([bare for _, bare in pairs]),
        ),
        BenchmarkResult(
            name=f"{found[0][1]} alarms of others meanwhile, p99 of readings to finding", value=median(alarms),
            wanted=50, unit="CPU-ms", less=True, each=alarms,
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    print_results(run())
