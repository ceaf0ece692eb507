"""Many devices: how fast the engine is, what a series takes, and whether a reading costs more where there are more.

    python -m benchmarks.large_ward

The engine on 60,000 series, wave by wave: CUSUM alone, and limits, a rolling scatter and CUSUM together. The memory of
a series under these three. Then readings of six signals under 24 rules, in batches as they come from a log, with 1,000
devices and with 100,000: CPU a reading. Then the worker on a log in SQLite in which 100,000 devices are a few seconds
behind: how many cores it needs where each of them sends once a second.
"""

import time
import tracemalloc
from functools import partial
from itertools import islice
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from app.runtime.part_runner import tune_gc
from benchmarks.detector_engine import batches, engine_waves, readings, timed
from benchmarks.messages import records
from benchmarks.resource_usage import MEGA
from benchmarks.result import BenchmarkResult
from benchmarks.tables import print_results
from benchmarks.ward_config import VITALS, full_config, make_config, make_rule, names
from detectors.engine.engine import Engine
from detectors.worker.worker import Worker
from ward.adapters.factory import open_log
from ward.clock import SECOND, SystemClock
from ward.config.live_config import FixedConfig
from ward.config.rule import Rule
from ward.metrics import Metrics
from ward.topics import READINGS

SERIES = 60_000
DEVICES, FEW_DEVICES = 100_000, 1000
BATCH = 5000
LEARNING = 50
KIB = 1024


def cusum(signal: str = "heart_rate") -> Rule:
    return make_rule(f"{signal}-shift", "cusum", signal, calibrate_values=LEARNING, limit=50)


def three(signal: str = "heart_rate") -> list[Rule]:
    """Limits, a rolling scatter and CUSUM."""
    mean, sd = VITALS[signal]
    return [
        make_rule(f"{signal}-high", "limits", signal, side="high", medium=mean + 12 * sd, hysteresis=sd),
        make_rule(f"{signal}-noise", "rolling", signal, measure="sd", window="5m", limit=5 * sd),
        cusum(signal),
    ]


def speed(series: int, seconds: float, rounds: int) -> list[BenchmarkResult]:
    """Million values a second of one core, with one detector and with three, in turn."""
    waves = np.random.default_rng(1).normal(74, 4, (400, series))
    rules = {"CUSUM": [cusum()], "limits, rolling and CUSUM": three()}
    rates: dict[str, list[float]] = {name: [] for name in rules}
    for _ in range(rounds):
        for name, some in rules.items():
            steps = partial(engine_waves, waves, LEARNING, some)
            rates[name].append(timed(steps, LEARNING + 5, seconds) * series / MEGA)
    wanted = dict(zip(rules, (10.0, 5.0), strict=True))
    return [
        BenchmarkResult(
            name=f"engine, {name} on {series:,} series", value=median(each), wanted=wanted[name],
            unit="million values/s a core", each=each,
        )
        for name, each in rates.items()
    ]  # fmt: skip


def memory(devices: int) -> BenchmarkResult:
    """Bytes of a series under three detectors, what it needs of its device and of all tables included."""
    tracemalloc.start()
    engine = Engine(make_config(*(rule for signal in VITALS for rule in three(signal))))
    before = tracemalloc.get_traced_memory()[0]
    engine.evaluate(readings(records(devices, 2)))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    name = "memory of a series with limits, rolling and CUSUM"
    return BenchmarkResult(name=name, value=grown / devices / len(VITALS), wanted=KIB, unit="bytes", less=True)


def of_reading(devices: int, measured: int) -> float:
    """CPU-seconds a reading, decoding included, once each device has sent twice: the median of batches."""
    engine, spent = Engine(full_config()), []
    waiting = batches(records(devices, 2 + -(-measured // devices)), min(BATCH, devices))
    for i, some in enumerate(waiting):
        begun = time.process_time()
        engine.evaluate(readings(some))
        if i * len(some) >= 2 * devices:
            spent.append((time.process_time() - begun) / len(some))
    return median(spent)


def flat(few: int, many: int, measured: int, rounds: int) -> BenchmarkResult:
    """What a reading costs with many devices beside with few."""
    ratios = [of_reading(many, measured) / of_reading(few, measured) for _ in range(rounds)]
    name = f"a reading with {many:,} devices, beside one with {few:,}: CPU"
    return BenchmarkResult(name=name, value=median(ratios), wanted=1.1, less=True, each=ratios)


def cores(devices: int, rounds: int) -> float:
    """CPU-seconds a second of the worker, where each device sends once a second; the log's writer is left out."""
    with TemporaryDirectory() as folder:
        clock, metrics = SystemClock(), Metrics()
        log = open_log(f"sqlite:{folder}/log.db", clock, "LOG")
        worker = Worker(log, FixedConfig(full_config(devices)), clock, metrics)
        tune_gc()  # as the runner does
        spent, start = [], clock.now() - (rounds + 5) * SECOND
        waiting = iter(records(devices, rounds, start=start))
        for _ in range(rounds):
            receipt = log.send(READINGS, zip(names(devices), islice(waiting, devices), strict=True))
            while not receipt.acked(1.0):
                pass
            begun, done = time.process_time(), 0
            while done < devices:
                done += worker.step(0.2)
            spent.append(time.process_time() - begun)
        worker.close()
        log.close()
    return median(spent[1:])  # in the first round all series are new


def from_log(devices: int, rounds: int = 4) -> BenchmarkResult:
    name = f"detectors from the log, {devices:,} devices × {len(VITALS)} signals once a second, 24 rules"
    return BenchmarkResult(name=name, value=cores(devices, rounds), wanted=2, unit="cores", less=True)


def run(
    series: int = SERIES, devices: int = DEVICES, few: int = FEW_DEVICES, seconds: float = 2.0, rounds: int = 3
) -> list[BenchmarkResult]:
    return [
        *speed(series, seconds, rounds), memory(few), flat(few, devices, max(devices, few), rounds), from_log(devices),
    ]  # fmt: skip


if __name__ == "__main__":
    print_results(run())
