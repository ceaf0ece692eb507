"""The embedded ward in one process, at full load: broker, bridge, log, store, detectors and alerts.

    python -m benchmarks.end_to_end

A flood of readings of a thousand devices goes to the embedded broker. A reading counts when it is durable in the log
and acknowledged to its device, stored, and evaluated by 24 rules; the clock runs until that is true of all. Beside it:
a bare paho receiver on the embedded broker.
"""

import tempfile
import time
from pathlib import Path

from benchmarks.bridge import DEVICES, bare, flood
from benchmarks.resource_usage import ResourceUsage, UsageMeter
from benchmarks.result import BenchmarkResult, compare
from benchmarks.subprocess_job import StartGate, SubprocessJob
from benchmarks.system import BenchmarkSystem, EmbeddedBroker
from benchmarks.tables import print_results
from benchmarks.ward_config import full_config

WANTED = 0.33


def embedded(gate: StartGate, broker_url: str, count: int) -> ResourceUsage:
    """All parts but the screen, until every reading is acknowledged, stored and evaluated."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        log, store = f"sqlite:{data}/log.db", f"sqlite:{data}/store.db"
        system = BenchmarkSystem(full_config(DEVICES), data, broker=broker_url, log=log, store=store)
        while not system.up:
            time.sleep(0.05)
        time.sleep(1)
        gate.ready()
        meter = UsageMeter()
        while not system.done(count):
            time.sleep(0.1)
        cost = meter.cost(count)
        system.close()
    return cost


def run(readings: int = 40_000, rounds: int = 3) -> list[BenchmarkResult]:
    def ours(_: int) -> ResourceUsage:
        broker = EmbeddedBroker()
        cost = flood(SubprocessJob(embedded, broker.url, readings), broker.port, "ward", readings)
        broker.close()
        return cost

    def theirs(_: int) -> ResourceUsage:
        broker = EmbeddedBroker()
        cost = flood(SubprocessJob(bare, broker.port, "ward", readings), broker.port, "ward", readings)
        broker.close()
        return cost

    return [compare("embedded, end to end", WANTED, ours, "a bare paho receiver on that broker", theirs, rounds)]


if __name__ == "__main__":
    print_results(run())
