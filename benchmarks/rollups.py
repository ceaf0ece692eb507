"""A month of two beds, rolled up: bytes on InfluxDB's disk, CPU of the roll-ups, and a month's curve with and without.

python -m benchmarks.rollups
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.external_engines import running
from benchmarks.resource_usage import MEGA, UsageMeter
from benchmarks.result import BenchmarkResult
from benchmarks.tables import print_results
from rollups.points import HOURS
from rollups.writer import RollupWriter
from tests.engines.influx import Influx
from ward.adapters.factory import open_store
from ward.clock import SECOND, Micros, SystemClock
from ward.metrics import Metrics
from ward.ports import Point, Series, Store
from ward.retention_policy import RetentionPolicy

BEDS, DAYS, PERIOD = 2, 30, 2.5
PATIENCE = 90  # looks at the disk, a second apart, until it rests
# Where each begins, how far it wanders in a step, and the precision it is measured with.
SIGNALS = {
    "heart_rate": (75, 0.8, 0), "systolic_bp": (120, 0.8, 0), "diastolic_bp": (75, 0.6, 0), "spo2": (97, 0.15, 0),
    "temperature": (36.8, 0.004, 1), "respiratory_rate": (15, 0.3, 0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Month:
    """What was measured: readings, bytes by policy, CPU-seconds a million readings, seconds of a month's curve."""

    readings: int
    points: dict[RetentionPolicy, int]
    bytes: dict[RetentionPolicy, float]
    cpu: float
    raw: float
    rolled: float

    def each(self, policy: RetentionPolicy) -> float:
        """Bytes a point."""
        return self.bytes[policy] / self.points[policy]


class Compacting(Influx):
    """InfluxDB that packs what it has as soon as nothing is written, which takes it four hours otherwise."""

    def prepare(self) -> None:
        super().prepare()
        path = self.folder / "influxdb.conf"
        eager = 'cache-snapshot-write-cold-duration = "1s"\n  compact-full-write-cold-duration = "2s"\n'
        path.write_text(path.read_text().replace("[data]\n", f"[data]\n  {eager}"))


def readings(start: Micros, seed: int, period: float) -> Iterator[Point]:
    """One bed's, wandering about its usual values."""
    chance, series = np.random.default_rng(seed), Series.of(
        "vitals", ward="icu", bed=f"icu-{seed}", device=f"mon-{seed}", device_kind="bedside_monitor"
    )  # fmt: skip
    count = round(DAYS * 86_400 / period)
    columns = {}
    for name, (usual, step, digits) in SIGNALS.items():
        walk = np.zeros(count)
        noise = chance.normal(0, step, count)
        for i in range(1, count):
            walk[i] = 0.99 * walk[i - 1] + noise[i]
        columns[name] = np.round(usual + walk, digits).tolist()
    # No device is on time to the millisecond; instants that are cost next to nothing.
    late = chance.integers(0, 40, count).tolist()
    for i, row in enumerate(zip(*columns.values(), strict=True)):
        at = start + round(i * period * SECOND) + late[i] * 1000
        yield Point(series, at, dict(zip(columns, row, strict=True)))


def measure(
    store: Store, size: Callable[[], dict[RetentionPolicy, float]], period: float = PERIOD, patience: int = PATIENCE
) -> Month:
    """Write, roll up, wait for the disk to rest, ask."""
    end = SystemClock().now() // HOURS * HOURS
    start = end - DAYS * 24 * HOURS + HOURS  # just within the retention of raw readings
    count = 0
    for bed in range(BEDS):
        batch: list[Point] = []
        for point in readings(start, bed, period):
            if point.at < end:
                batch.append(point)
            if len(batch) == 20_000:
                store.write(batch)
                count += len(batch)
                batch = []
        store.write(batch)
        count += len(batch)
    writer, meter = RollupWriter(store, Metrics()), UsageMeter()
    minutes = hours = 0
    for hour in range(start, end, HOURS):
        minutes += writer.write_minutes(hour, hour + HOURS)
        hours += writer.write_hours({hour: None})
    cpu = meter.cost(count).cpu_a_million
    asked = ("vitals", "heart_rate", {"device": "mon-0"}, start, end, 3600.0)
    return Month(
        count, {RetentionPolicy.AUTOGEN: count, RetentionPolicy.MINUTES: minutes, RetentionPolicy.HOURS: hours},
        _rest(size, patience), cpu,
        _timed(lambda: store.query_range(*asked, policy=RetentionPolicy.AUTOGEN)),
        _timed(lambda: store.query_range(*asked)),
    )  # fmt: skip


def _timed(question: Callable[[], object]) -> float:
    found = []
    for _ in range(7):
        begin = time.perf_counter()
        question()
        found.append(time.perf_counter() - begin)
    return median(found)


def _rest(size: Callable[[], dict[RetentionPolicy, float]], patience: int) -> dict[RetentionPolicy, float]:
    """The sizes once they have not changed for ten looks."""
    seen = [size()]
    for _ in range(patience):
        time.sleep(1)
        seen.append(size())
        if len(seen) > 30 and seen[-1] == seen[-10]:
            break
    return seen[-1]


def disk(*folders: Path) -> float:
    """Bytes of data and of what is not packed yet; without the index, which is of series and not of points."""
    files = (path for folder in folders for path in (*folder.rglob("*.tsm"), *folder.rglob("*.wal")))
    return float(sum(path.stat().st_size for path in files))


def figures(month: Month) -> list[BenchmarkResult]:
    """The rows of the table."""
    raw, minutes, hours = (
        month.each(policy) for policy in (RetentionPolicy.AUTOGEN, RetentionPolicy.MINUTES, RetentionPolicy.HOURS)
    )
    slower = f"the same from raw readings, {month.raw * 1000:.0f} ms: times slower"
    return [
        _most("disk: a raw reading of six signals", raw, 24, "B"),
        _most("disk: a minute of a bed", minutes, 150, "B"),
        _most("disk: an hour of a bed", hours, 400, "B"),
        _most("roll-ups, CPU a million readings", month.cpu, 20, "s"),
        _most("a month's curve of a bed, from hours", month.rolled * 1000, 300, "ms"),
        BenchmarkResult(name=slower, value=month.raw / month.rolled, wanted=5),
    ]


def _most(name: str, value: float, wanted: float, unit: str) -> BenchmarkResult:
    return BenchmarkResult(name=name, value=value, wanted=wanted, unit=unit, less=True)


def run(period: float = PERIOD, patience: int = PATIENCE) -> list[BenchmarkResult]:
    with running(Compacting) as influx:
        influx.create("month")
        store = open_store(f"influx://127.0.0.1:{influx.port}?bucket=month&version=1", SystemClock(), "STORE")
        parts = influx.folder / "data" / "month", influx.folder / "wal" / "month"
        policies = (RetentionPolicy.AUTOGEN, RetentionPolicy.MINUTES, RetentionPolicy.HOURS)
        try:
            size = lambda: {policy: disk(*(part / policy for part in parts)) for policy in policies}  # noqa: E731
            return figures(measure(store, size, period, patience))
        finally:
            store.close()


if __name__ == "__main__":
    print(f"{BEDS * DAYS * 86_400 / PERIOD / MEGA:.1f} million readings")
    print_results(run())
