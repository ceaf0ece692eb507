"""The engine against bare NumPy, and what a reading costs in decoding, columns and detectors.

    python -m benchmarks.detector_engine [--series 10000] [--seconds 3]

First: CUSUM with a running mean and variance on the same series, wave by wave, by the engine (decisions and all) and
by the same formula written out in NumPy. Then the path of a consumer: six signals a reading, watched by limits
(two sides), a rolling scatter and a CUSUM each. Then memory a series, and the latency of small batches.
"""

import argparse
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from benchmarks.messages import START, records
from benchmarks.resource_usage import MEGA, ResourceUsage, memory
from benchmarks.result import BenchmarkResult, compare
from benchmarks.tables import print_results
from benchmarks.ward_config import VITALS, full_config, make_config, make_rule
from detectors.base.columns import as_slice
from detectors.engine.engine import Engine
from detectors.engine.result import EngineResult
from detectors.engine.waves.cut import cut as cut_waves
from detectors.engine.waves.wave import Wave
from ward.clock import SECOND
from ward.config.rule import Rule
from ward.reading import Reading
from ward.wire import READING_WIRE


def bare(waves: np.ndarray, learning: int) -> Iterator[None]:
    """The textbook, a wave at a time: Welford's mean and variance, then CUSUM on the standardised value."""
    series = waves.shape[1]
    mean, squares, high, low = np.zeros(series), np.zeros(series), np.zeros(series), np.zeros(series)
    for n, x in enumerate(waves):
        if n >= learning:
            z = (x - mean) / np.sqrt(squares / (n - 1))
            high = np.maximum(0, high + z - 0.5)
            low = np.maximum(0, low - z - 0.5)
            np.flatnonzero(np.maximum(high, low) >= 50)
        off = x - mean
        mean = mean + off / (n + 1)
        squares = squares + off * (x - mean)
        yield


def engine_waves(waves: np.ndarray, learning: int, rules: Sequence[Rule] = ()) -> Iterator[None]:
    """The engine, a wave at a time, with one series a device; by default under a CUSUM."""
    shift = make_rule("shift", "cusum", "heart_rate", calibrate_values=learning, limit=50)
    engine = Engine(make_config(*(rules or [shift])))
    names = [f"d{i}" for i in range(waves.shape[1])]
    first = [Reading(device=name, ward="w", at=START, received_at=START, values={"heart_rate": 74.0}) for name in names]
    engine.evaluate(first)
    series = np.array([engine.devices.by_name[name].series["heart_rate"] for name in names])
    devices = np.array([engine.devices.by_name[name].number for name in names])
    index, at = np.arange(len(series)), START / SECOND
    device_slice, series_slice, result = as_slice(devices), as_slice(series), EngineResult()
    with np.errstate(all="ignore"):
        for i, x in enumerate(waves):
            t = np.full(len(series), at + i + 1)
            wave = Wave(series, x, t, slice(None), devices, t, index, device_slice, series_slice, len(series))
            engine.evaluate_wave(wave, [START] * len(series), result)
            yield


def timed(make: Callable[[], Iterator[None]], warm: int, seconds: float) -> float:
    """Waves a second of CPU, after the first ones: of the best of many short runs, as others use the machine too."""
    steps, best = make(), 0.0
    for _ in range(warm):
        next(steps)
    end = time.process_time() + seconds
    while time.process_time() < end:
        began = time.process_time()
        done = sum(1 for _ in islice(steps, 20))
        if done < 20:
            break
        best = max(best, done / (time.process_time() - began))
    return best


def batches(data: Sequence[bytes], size: int) -> list[Sequence[bytes]]:
    return [data[i : i + size] for i in range(0, len(data), size)]


def readings(data: Sequence[bytes]) -> list[Reading]:
    return [reading for reading in READING_WIRE.decode_many(data) if isinstance(reading, Reading)]


def run(series: int = 10_000, seconds: float = 2.0, rounds: int = 3) -> list[BenchmarkResult]:
    """The engine against the textbook. A reading is one value here."""
    learning = 50
    waves = np.random.default_rng(1).normal(74, 4, (max(400, 20_000_000 // series), series))

    def cost(steps: Callable[[], Iterator[None]]) -> ResourceUsage:
        rate = timed(steps, learning + 5, seconds) * series
        return ResourceUsage(MEGA, MEGA / rate, MEGA / rate, memory("VmRSS"))

    return [
        compare(
            f"engine, CUSUM on {series:,} series", 1 / 2, lambda _: cost(lambda: engine_waves(waves, learning)),
            "the same in bare NumPy", lambda _: cost(lambda: bare(waves, learning)), rounds,
        )
    ]  # fmt: skip


def path(devices: int, batch: int) -> None:
    """Decoding, columns and detectors, for readings of six values, batch by batch as they come from the log.

    Of each stage the median over the batches.
    """
    learning, measured = -(-devices * 120 // batch), max(20, 60_000 // batch)  # until every CUSUM has learned
    waiting = records(devices, -(-(learning + measured) * batch // devices))
    engine, now = Engine(full_config()), time.process_time
    took: list[tuple[float, float, float]] = []
    for some in batches(waiting, batch)[: learning + measured]:
        began = now()
        decoded = readings(some)
        cut = now()
        cut_waves(engine.indexer.index(decoded)[0])  # once more: evaluating does it again
        evaluate = now()
        engine.evaluate(decoded)
        took.append((cut - began, evaluate - cut, now() - evaluate))
    decode, columns, evaluated = np.median(np.array(took[learning:]), axis=0) * 1e6 / batch
    shares = (decode, columns, evaluated - columns, decode + evaluated)
    print(f"  {devices:6,} devices, batches of {batch:5,}:" + "".join(f" {share:6.2f}" for share in shares))


def latency(devices: int = 20, size: int = 20, rounds: int = 400) -> None:
    """How long a small batch takes."""
    waiting = records(devices, rounds)
    engine, took = Engine(full_config()), []
    for some in batches(waiting, size):
        began = time.perf_counter()
        engine.evaluate(readings(some))
        took.append(time.perf_counter() - began)
    middle, high = np.quantile(took[150:], (0.5, 0.99)) * 1e3
    print(f"  batches of {size:4}: p50 {middle:.2f} ms, p99 {high:.2f} ms")


def footprint(devices: int = 1000) -> None:
    """What a series costs while it is watched by four rules."""
    tracemalloc.start()
    engine = Engine(full_config())
    before = tracemalloc.get_traced_memory()[0]
    engine.evaluate(readings(records(devices, 2)))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    rows = sum(len(table.rows) for table in engine.rules.tables.values())
    print(f"memory: {grown / devices / len(VITALS):,.0f} bytes a series, {grown / rows:,.0f} a rule on a series")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    print_results(run(arguments.series, arguments.seconds))
    print("six signals by limits (2), rolling and cusum, CPU-µs a reading: decode, columns, detectors, all")
    for devices, batch in ((80, 5000), (1000, 5000), (1000, 500), (1000, 50)):
        path(devices, batch)
    print("from bytes to findings, 24 rules:")
    for size in (5, 20, 100):
        latency(max(20, size), size)
    footprint()


if __name__ == "__main__":
    main()
