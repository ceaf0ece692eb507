"""The archive from Kafka to InfluxDB beside a bare HTTP post of the same lines.

    python -m benchmarks.archive

The bare side has all lines ready in memory and posts them over one connection, as fast as InfluxDB takes them. The
archive reads the log, decodes, finds out where each device was, writes the lines, posts them, and commits.
"""

import http.client

from app.runtime.part_runner import tune_gc
from benchmarks.detectors import DEVICES, EARLIER, fill
from benchmarks.external_engines import running
from benchmarks.messages import records
from benchmarks.resource_usage import ResourceUsage, UsageMeter
from benchmarks.result import BenchmarkResult, compare
from benchmarks.subprocess_job import StartGate, SubprocessJob
from benchmarks.tables import print_results
from benchmarks.ward_config import full_config
from bridge.archive import Archive
from bridge.store_points.readings import ReadingPoints
from tests.engines.influx import Influx
from tests.engines.kafka import Kafka
from ward.adapters.factory import open_log, open_store
from ward.adapters.influx.line_protocol import LineProtocol
from ward.clock import SECOND, SystemClock
from ward.config.live_config import FixedConfig
from ward.metrics import Metrics
from ward.ports import Point
from ward.wire import READING_WIRE

POST = 20_000  # lines; the best size for a post by itself


def archive(gate: StartGate, log_url: str, store_url: str, count: int) -> ResourceUsage:
    """The archive, until everything is stored and committed; a first round of all devices is no part of it."""
    clock, metrics = SystemClock(), Metrics()
    log, store = open_log(log_url, clock, "LOG"), open_store(store_url, clock, "STORE")
    part = Archive(log, store, FixedConfig(full_config(DEVICES)), clock, metrics)
    first = done = 0
    while first < DEVICES:
        first += part.step(0.2)
    gate.ready()
    tune_gc()  # as the runner does
    meter = UsageMeter()
    while done < count:
        done += part.step(0.2)
    cost = meter.cost(done)
    part.close()
    log.close()
    stored = store.query_range("vitals", "heart_rate", {}, 0, clock.now(), 86_400.0)
    assert sum(stored.count) == first + count, f"{sum(stored.count)} of {first + count} points are stored"
    store.close()
    return cost


def bare(gate: StartGate, port: int, database: str, count: int) -> ResourceUsage:
    """Posts of lines that are ready."""
    posts, link = lines(count), http.client.HTTPConnection("127.0.0.1", port)
    gate.ready()
    meter = UsageMeter()
    for body in posts:
        link.request("POST", f"/write?db={database}&precision=ns", body)
        answer = link.getresponse()
        answer.read()
        assert answer.status == 204
    cost = meter.cost(count)
    link.close()
    return cost


def lines(count: int) -> list[bytes]:
    """What the archive would write of these readings, one body a post."""
    make, write, rounds = ReadingPoints(full_config(DEVICES)).points, LineProtocol().of, count // DEVICES
    data = records(DEVICES, rounds, start=SystemClock().now() - (rounds + 5) * SECOND)
    points: list[Point] = [point for value in data for point in make(READING_WIRE.decode(value))]
    return [write(points[first : first + POST]).encode() for first in range(0, len(points), POST)]


def run(readings: int = 400_000, rounds: int = 3) -> list[BenchmarkResult]:
    with running(Kafka) as kafka, running(Influx) as influx:

        def ours(i: int) -> ResourceUsage:
            log_url = f"{kafka.url}?prefix=bench{i}-"
            fill(log_url, DEVICES, ago=EARLIER)
            influx.create(f"ours{i}")
            store_url = f"influx://127.0.0.1:{influx.port}?bucket=ours{i}&version=1"
            job = SubprocessJob(archive, log_url, store_url, readings)
            fill(log_url, readings)
            job.go()
            return job.result()

        def theirs(i: int) -> ResourceUsage:
            influx.create(f"bare{i}")
            return SubprocessJob(bare, influx.port, f"bare{i}", readings).finish()

        return [compare("archive, Kafka to InfluxDB", 0.8, ours, "a bare HTTP post", theirs, rounds)]


if __name__ == "__main__":
    print_results(run())
