"""A log whose user may crash between any two operations, and detector workers that run on it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from detectors.worker.stage import DEVICES, Stage
from detectors.worker.waiting_readings import Bounds
from detectors.worker.worker import DEFAULT_BOUNDS, Worker
from tests.detectors.builders import at
from tests.kit.log_records import log_messages
from ward.adapters.local_consumer import Listener, LocalConsumer
from ward.adapters.memory.log import MemoryLog
from ward.clock import ManualClock
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.finding import Finding
from ward.metrics import Metrics
from ward.ports import Batch, Consumer, OnRevoke, Ownership, Partition, TransactionalProducer
from ward.reading import Reading
from ward.topics import BED_READINGS, DETECTOR_LAG, FINDINGS, READINGS
from ward.wire import FINDING_WIRE, READING_WIRE


class Crash(BaseException):
    """The process crashed here."""


@dataclass
class LazyReceipt:
    log: "CrashingLog"
    topic: str
    number: int

    def acked(self, wait: float) -> bool:
        self.log.count_operation()
        if wait == 0 and self.log.chance.random() < 0.5:
            return False
        self.log.flush(self.topic, self.number)
        return True


@dataclass
class CrashingLog:
    """One process's view of a log. What it sends is durable when its receipt says so, and else perhaps.

    After `fuse` operations it raises `Crash`; with -1 it never does.
    """

    inner: MemoryLog
    chance: Random
    fuse: int = -1
    operations: int = 0
    pending: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    consumers: list[LocalConsumer] = field(default_factory=list)

    def count_operation(self) -> None:
        self.operations += 1
        if self.operations == self.fuse:
            for topic, records in self.pending.items():
                self.inner.send(topic, records[: self.chance.randint(0, len(records))])
            for consumer in self.consumers:
                consumer.close()
            raise Crash

    def flush(self, topic: str, upto: int) -> None:
        records = self.pending.get(topic, [])
        due = max(0, upto - (self.sent[topic] - len(records)))
        self.inner.send(topic, records[:due])
        self.pending[topic] = records[due:]

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> LazyReceipt:
        self.count_operation()
        if topic == DETECTOR_LAG:  # nobody waits for it: it is durable at once, which is the worst that it may claim
            self.inner.send(topic, records)
            return LazyReceipt(self, topic, 0)
        self.pending.setdefault(topic, []).extend(new := list(records))
        self.sent[topic] = self.sent.get(topic, 0) + len(new)
        return LazyReceipt(self, topic, self.sent[topic])

    def consumer(
        self, topics: Sequence[str], group: str, on_assign: Listener = None, on_revoke: Listener = None
    ) -> "CrashingConsumer":
        made = self.inner.consumer(topics, group, on_assign, on_revoke)
        self.consumers.append(made)
        return CrashingConsumer(self, made)

    def lag(self) -> dict[Partition, int]:
        return {p: n for consumer in self.consumers for p, n in consumer.lag().items()}

    def follow(
        self, topics: Sequence[str], tail: int | None = None, start: Mapping[Partition, int] | None = None
    ) -> Consumer:
        return self.inner.follow(topics, tail, start)

    def transactions(self, name: str) -> TransactionalProducer:
        return self.inner.transactions(name)

    def ownership(self, name: str, places: int | None = None, on_revoke: OnRevoke | None = None) -> Ownership:
        return self.inner.ownership(name, places, on_revoke)

    def scan(self, partition: Partition, start: int | None = None, tail: int | None = None) -> Iterator[Batch]:
        self.count_operation()
        return self.inner.scan(partition, start, tail)

    def partitions(self, topic: str) -> list[Partition]:
        return self.inner.partitions(topic)

    def partition(self, topic: str, key: str) -> Partition:
        return self.inner.partition(topic, key)

    def committed(self, group: str, partition: Partition) -> int | None:
        return self.inner.committed(group, partition)

    def problem(self) -> str:
        return ""

    def loss(self) -> str:
        return ""

    def close(self) -> None: ...


@dataclass
class CrashingConsumer:
    log: CrashingLog
    inner: LocalConsumer

    def poll(self, limit: int, wait: float) -> list[Batch]:
        self.log.count_operation()
        return self.inner.poll(limit, wait)

    def commit(self, positions: Mapping[Partition, int]) -> None:
        self.log.count_operation()
        self.inner.commit(positions)
        self.log.count_operation()

    def lag(self) -> dict[Partition, int]:
        return self.inner.lag()

    def close(self) -> None:
        self.inner.close()


@dataclass
class CrashingWorkers:
    """Workers that read a script of readings, one entry a second; one that crashes is started again at once."""

    config: Config
    script: Sequence[Sequence[Reading]]
    seed: int = 0
    limit: Callable[[Random], int] = lambda chance: 5000
    # Seconds at which a worker joins (+1) or is closed (-1).
    members: Mapping[int, int] = field(default_factory=dict)
    # After how many operations each started worker crashes, in order of starts; later ones do not.
    lifetimes: Sequence[int] = ()
    grace: float = 0.0
    bounds: Bounds = DEFAULT_BOUNDS
    stages: Sequence[Stage] = (DEVICES,)

    def run(self) -> set[str]:
        """Run the script. Returns the ids of all findings."""
        self.chance, self.log = Random(self.seed), MemoryLog(partitions=3)
        self.clock, self.metrics = ManualClock(at(0)), Metrics()
        self.fuses, self.crashes = iter(self.lifetimes), 0
        self.workers: list[tuple[Worker, CrashingLog, Stage]] = []
        self._join()
        for second, readings in enumerate(self.script):
            for _ in range(max(0, self.members.get(second, 0))):
                self._join()
            if self.members.get(second, 0) < 0 and len(self.workers) > len(self.stages):
                self._leave()
            self.log.send(READINGS, [(r.device, READING_WIRE.encode(r)) for r in readings])
            for _ in range(self.chance.randint(1, 2)):
                self._step()
            self.clock.advance(1)
        for seconds in (0, 20, 20):
            self._rest(seconds)
        # Until no worker crashes for long enough that the newest one has caught up.
        while any(self._rest(seconds) for seconds in (2, 2 + 2 * self.grace, 2)):
            pass
        for _, log, _ in self.workers:  # what running workers have sent becomes durable
            for topic, records in log.pending.items():
                self.log.send(topic, records)
        return {finding.id for finding in self.findings()}

    def findings(self) -> list[Finding]:
        return log_messages(self.log, FINDINGS, FINDING_WIRE)

    def _rest(self, seconds: float) -> bool:
        """Let time pass until all is read. Whether a worker crashed meanwhile."""
        crashes = self.crashes
        self.clock.advance(seconds)
        self._step()
        while not self._caught_up():
            self._step()
        return self.crashes > crashes

    def _caught_up(self) -> bool:
        lag = {p: n for _, log, _ in self.workers for p, n in log.lag().items()}
        behind = any(worker.behind for worker, _, _ in self.workers)
        forwarding = any(log.pending.get(BED_READINGS) for _, log, _ in self.workers)
        return len(lag) == 3 * len(self.stages) and not any(lag.values()) and not behind and not forwarding

    def _step(self) -> None:
        for i in range(len(self.workers)):
            while not self._steps(self.workers[i][0]):
                self.crashes += 1
                self.workers[i] = self._started(self.workers[i][2])

    def _steps(self, worker: Worker) -> bool:
        """One step. Whether it did not crash."""
        try:
            worker.step(0, self.limit(self.chance))
        except Crash:
            return False
        return True

    def _join(self) -> None:
        self.workers += [self._started(stage) for stage in self.stages]

    def _leave(self) -> None:
        for worker, _, _ in [self.workers.pop() for _ in self.stages]:
            try:
                worker.close()
            except Crash:
                self.crashes += 1

    def _started(self, stage: Stage) -> tuple[Worker, CrashingLog, Stage]:
        log, live = CrashingLog(self.log, self.chance, next(self.fuses, -1)), FixedConfig(self.config)
        return Worker(log, live, self.clock, self.metrics, self.grace, self.bounds, stage), log, stage
