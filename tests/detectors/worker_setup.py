"""A worker on a log in memory that a test can kill and start again."""

from collections.abc import Iterable
from typing import Any

from detectors.worker.waiting_readings import Bounds
from detectors.worker.worker import DEFAULT_BOUNDS, Worker
from tests.detectors.builders import at, reading
from tests.kit.log_records import log_values
from ward.adapters.memory.log import MemoryLog
from ward.clock import ManualClock
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.finding import Finding
from ward.metrics import Metrics
from ward.ports import Partition
from ward.reading import Reading
from ward.topics import DETECTOR_CURVES, DETECTOR_STATE, FINDINGS, READINGS
from ward.wire import DETECTOR_CURVE_WIRE, FINDING_WIRE, READING_WIRE, STATE_WIRE, DetectorCurve, SavedState


class WorkerSetup:
    """A log, and a worker that reads it and can be killed."""

    def __init__(self, config: Config, partitions: int = 1) -> None:
        self.log, self.clock, self.metrics = MemoryLog(partitions), ManualClock(at(0)), Metrics()
        self.live = FixedConfig(config)
        self.start()

    def start(self, grace: float = 0.0, bounds: Bounds = DEFAULT_BOUNDS) -> None:
        self.worker = Worker(self.log, self.live, self.clock, self.metrics, grace, bounds)

    def kill(self) -> None:
        """End the worker without saving anything."""
        self.worker._consumer.close()

    def restart(self) -> None:
        self.kill()
        self.start()

    def send(self, *readings: Reading) -> None:
        self.log.send(READINGS, [(r.device, READING_WIRE.encode(r)) for r in readings])

    def run(self, seconds: float = 0, times: int = 1) -> list[str]:
        """Let time pass, second by second. Returns the findings of that time."""
        before = len(self.found)
        for _ in range(max(1, int(seconds))):
            self.clock.advance(min(1.0, seconds))
            for _ in range(times):
                self.worker.step(0)
        return [f"{f.rule} {f.device} {f.transition} {f.ended or f.severity}" for f in self.found[before:]]

    @property
    def found(self) -> list[Finding]:
        return [FINDING_WIRE.decode(value) for value in self.values(FINDINGS)]

    @property
    def states(self) -> list[SavedState]:
        return [STATE_WIRE.decode(value) for value in self.values(DETECTOR_STATE)]

    @property
    def scores(self) -> list[DetectorCurve]:
        return [DETECTOR_CURVE_WIRE.decode(value) for value in self.values(DETECTOR_CURVES)]

    def values(self, topic: str) -> list[bytes]:
        return log_values(self.log, topic)

    def number(self, name: str, **labels: str) -> float:
        shown = ",".join(f'{k}="{v}"' for k, v in sorted(labels.items()))
        return self.metrics.samples().get(f"{name}{{{shown}}}" if labels else name, 0.0)

    def committed(self, number: int = 0) -> int:
        return self.log.committed("detectors", Partition(READINGS, number)) or 0


def heart_rates(device: str, times: Iterable[float], x: float = 80, **rest: Any) -> list[Reading]:
    return [reading(device, t, heart_rate=x, **rest) for t in times]
