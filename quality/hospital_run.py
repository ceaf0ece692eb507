"""A hospital in virtual time through the real bridge and the real detectors.

simulated monitors ─▶ payloads ─▶ broker in memory ─▶ Intake ─▶ log in memory ─▶ Workers ─▶ findings

One worker evaluates the rules about devices, the other those about patients.
"""

from collections.abc import Iterator, Sequence

from bridge.intake import Intake
from detectors.worker.stage import BEDS, DEVICES
from detectors.worker.worker import Worker
from simulators.scripts.script import WardScript
from simulators.virtual_ward import VirtualWard
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.log import MemoryLog
from ward.clock import SECOND, ManualClock
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.errors import WireError
from ward.finding import Finding
from ward.metrics import Metrics
from ward.ports import Consumer
from ward.topics import FINDINGS
from ward.wire import FINDING_WIRE

# The bridge takes what has come every two seconds, so that each reading has its time of arrival. Detectors take more at
# once, which changes no finding and costs less: 60 readings of each monitor, for more are taken for a backlog.
INTAKE_EVERY, DETECT_EVERY = 2 * SECOND, 150 * SECOND
_KEPT = 20_000  # records of each partition


def findings(config: Config, script: WardScript, seconds: float) -> Iterator[tuple[float, list[Finding]]]:
    """The findings of a ward with a script, and up to which second since the start they are."""
    clock, log, metrics, broker = ManualClock(), MemoryLog(most=_KEPT), Metrics(), MemoryBroker()
    live = FixedConfig(config)
    intake = Intake(broker, log, live, clock, metrics)
    workers = [Worker(log, live, clock, metrics, stage=stage) for stage in (DEVICES, BEDS)]
    consumer, ward, start = log.follow([FINDINGS]), VirtualWard(config.inventory, script, clock), clock.now()
    take_at, detect_at = start, start + DETECT_EVERY
    for topic, payload in ward.payloads(seconds):
        if clock.now() >= take_at:
            intake.step(0)
            take_at = clock.now() + INTAKE_EVERY
        if clock.now() >= detect_at:
            yield (clock.now() - start) / SECOND, _detect(workers, consumer)
            detect_at = clock.now() + DETECT_EVERY
        broker.deliver(topic, payload)
    intake.step(0)
    yield (clock.now() - start) / SECOND, _detect(workers, consumer)
    for worker in workers:
        worker.close()
    intake.close()
    consumer.close()


def _detect(workers: Sequence[Worker], consumer: Consumer) -> list[Finding]:
    while any(worker.step(0) for worker in workers):
        pass
    records = (record for batch in consumer.poll(10_000, 0.0) for record in FINDING_WIRE.decode_many(batch.values))
    return [finding for finding in records if not isinstance(finding, WireError)]
