"""The detectors' worker on six signals from Kafka beside quixstreams with one CUSUM on one signal, on the same topic.

    python -m benchmarks.detectors

Both are at the beginning of a topic in which the last minutes of a thousand devices wait, as after a restart. Ours
judges each reading by 24 rules (two limits, a rolling scatter and a CUSUM for each of six signals), saves its state
and commits. quixstreams, in an environment of its own, runs one CUSUM on the heart rate in its state store. Both
count from the first messages on: joining the group is left out.
"""

import json
import os
import subprocess
from itertools import islice
from pathlib import Path

from app.runtime.part_runner import tune_gc
from benchmarks.external_engines import EngineMissing, running
from benchmarks.messages import records
from benchmarks.resource_usage import ResourceUsage, UsageMeter
from benchmarks.result import BenchmarkResult, compare
from benchmarks.subprocess_job import StartGate, SubprocessJob
from benchmarks.tables import print_results
from benchmarks.ward_config import full_config, names
from detectors.worker.worker import Worker
from tests.engines.kafka import Kafka
from ward.adapters.factory import open_log
from ward.clock import SECOND, SystemClock
from ward.config.live_config import FixedConfig
from ward.metrics import Metrics
from ward.topics import READINGS

DEVICES = 1000
EARLIER = 3600  # seconds
PYTHON = Path(os.environ.get("WARDWATCH_BENCH_PYTHON", Path(__file__).parents[1] / ".venv-bench/bin/python"))


def judge(gate: StartGate, log_url: str, count: int) -> ResourceUsage:
    """The worker, until it has evaluated everything; the first round of all devices is not measured."""
    clock, metrics = SystemClock(), Metrics()
    log = open_log(log_url, clock, "LOG")
    worker = Worker(log, FixedConfig(full_config(DEVICES)), clock, metrics)
    first = done = 0
    while first < DEVICES:
        first += worker.step(0.2)
    gate.ready()
    tune_gc()  # as the runner does
    meter = UsageMeter()
    while done < count:
        done += worker.step(0.2)
    cost = meter.cost(done)
    assert metrics.samples()["wardwatch_detectors_readings_evaluated_total"] == first + count
    worker.close()
    log.close()
    return cost


def quix(brokers: str, topic: str, count: int) -> ResourceUsage:
    """quixstreams, in a process and an environment of its own."""
    script = Path(__file__).parent / "peers/quix.py"
    command = [str(PYTHON), "-W", "ignore", str(script), brokers, topic, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, f"quixstreams failed: {done.stderr[-500:]}"
    return ResourceUsage(*json.loads(done.stdout.splitlines()[-1]))


def fill(log_url: str, readings: int, ago: int = 5) -> None:
    """Put readings into the log, the last of them of `ago` seconds ago, and wait until it has them."""
    clock = SystemClock()
    log, rounds = open_log(log_url, clock, "LOG"), readings // DEVICES
    keys = names(DEVICES)
    values = iter(records(DEVICES, rounds, start=clock.now() - (rounds + ago) * SECOND))
    for _ in range(rounds):
        receipt = log.send(READINGS, zip(keys, islice(values, DEVICES), strict=True))
    while not receipt.acked(1.0):
        pass
    log.close()


def run(readings: int = 300_000, rounds: int = 3) -> list[BenchmarkResult]:
    if not PYTHON.exists():
        raise EngineMissing("quixstreams is not here: run make bench, which makes .venv-bench")
    with running(Kafka) as kafka:
        urls = [f"{kafka.url}?prefix=bench{i}-" for i in range(rounds)]

        def ours(i: int) -> ResourceUsage:
            fill(urls[i], DEVICES, ago=EARLIER)
            job = SubprocessJob(judge, urls[i], readings)
            fill(urls[i], readings)
            job.go()
            return job.result()

        def theirs(i: int) -> ResourceUsage:
            return quix(f"127.0.0.1:{kafka.port}", f"bench{i}-{READINGS}", readings)

        figure = compare("detectors, six signals from Kafka", 4, ours, "quixstreams, one CUSUM", theirs, rounds)
        return [figure]


if __name__ == "__main__":
    print_results(run())
