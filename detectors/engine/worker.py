"""The worker: takes readings from the log, asks the engine, and puts findings into the log."""

from detectors.engine.engine import Engine
from ward.clock import Clock
from ward.config.config import Config
from ward.finding import Finding
from ward.metrics import Metrics
from ward.ports import Log, Partition, Receipt
from ward.reading import Reading
from ward.topics import FINDINGS, READINGS
from ward.wire import FINDING, READING

GROUP = "detectors"


class Worker:
    """A member of the group of detectors. `step` judges what has come, and lets time pass when nothing is left."""

    def __init__(self, log: Log, config: Config, clock: Clock, metrics: Metrics) -> None:
        self._log = log
        self._clock = clock
        self._metrics = metrics
        self._engine = Engine(config)
        self._consumer = log.consumer([READINGS], GROUP)
        self._receipts: list[Receipt] = []
        self._positions: dict[Partition, int] = {}
        self._ticked = 0.0

    def step(self, wait: float, limit: int = 5000) -> int:
        if not all(receipt.settled(wait) for receipt in self._receipts):
            return 0
        if self._positions:
            self._consumer.commit(self._positions)
        self._receipts, self._positions = [], {}
        done = 0
        for batch in self._consumer.poll(limit, wait):
            readings = [r for r in READING.decode_many(batch.values) if isinstance(r, Reading)]
            judged = self._engine.judge(readings)
            self._send(judged.findings)
            self._metrics.judged.inc(len(readings))
            self._metrics.late.inc(judged.late)
            self._positions[batch.partition] = batch.offsets[-1] + 1
            done += len(batch)
        if done < limit and self._clock.monotonic() - self._ticked >= 1:
            self._ticked = self._clock.monotonic()
            self._send(self._engine.tick(self._clock.now()))
        return done

    def close(self) -> None:
        self._consumer.close()

    def _send(self, findings: list[Finding]) -> None:
        if not findings:
            return
        for finding in findings:
            self._metrics.findings.labels(finding.rule, finding.edge).inc()
        self._receipts.append(self._log.send(FINDINGS, [(f.device, FINDING.encode(f)) for f in findings]))
