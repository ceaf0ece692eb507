"""Six vital signs of each bed as one vector, by the engine and by the bare formula.

    python -m benchmarks.vectors [--beds 10000] [--seconds 2]

All beds send one reading a second. The engine finds the vectors of a wave, sets their newest values, has them scored
and decides on the scores; the bare formula is the detector's `update` alone, on values that lie ready.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import cycle

import numpy as np

from benchmarks.detector_engine import timed
from benchmarks.messages import START
from benchmarks.resource_usage import MEGA, ResourceUsage, memory
from benchmarks.result import BenchmarkResult, compare
from benchmarks.tables import print_results
from benchmarks.ward_config import VITALS, make_config, make_rule, names
from detectors.base.columns import Floats
from detectors.base.registry import discover
from detectors.engine.engine import Engine
from detectors.engine.result import EngineResult
from detectors.engine.waves.cut import cut
from quality.rows_of_detector import DetectorRows
from ward.clock import SECOND
from ward.reading import Reading

WARM_UP = 120
RULES: Mapping[str, Mapping[str, object]] = {
    "news2": {"medium": 5, "high": 7}, "hotelling": {"warm_up": WARM_UP, "variance": 1.0, "least_steps": 2.0},
}  # fmt: skip
# NEWS2 is a few comparisons for each bed, so decisions cost more than the formula: a tenth of its speed is wanted.
WANTED = 1 / 10
# So many waves of values are evaluated in turn.
_WAVES = 16


def values(beds: int) -> Floats:
    """Healthy vital signs, (waves, signals, beds)."""
    mean, sd = np.array([*VITALS.values()]).T[..., None]
    return np.asarray(np.random.default_rng(1).normal(mean, sd, (_WAVES, len(VITALS), beds)))


def engine_vectors(detector: str, beds: int) -> Iterator[None]:
    """The engine, a wave of one reading of each bed at a time."""
    rule = replace(make_rule("together", detector, *_parts(detector), **RULES[detector]), scope="bed")
    engine = Engine(make_config(rule), scope="bed")
    first = [
        Reading(device=name, ward="w", at=START, received_at=START, values=dict.fromkeys(VITALS, 75.0))
        for name in names(beds)
    ]
    engine.evaluate(first)
    (wave,) = cut(engine.indexer.index(first)[0])
    waves = [np.ascontiguousarray(x.T).ravel() for x in values(beds)]
    received, result, at = [START] * beds, EngineResult(), START / SECOND
    with np.errstate(all="ignore"):
        for i, x in enumerate(cycle(waves), 1):
            t = np.full(len(x), at + i)
            engine.evaluate_wave(replace(wave, x=x, t=t, received_at=t[:beds]), received, result)
            yield


def bare_vectors(detector: str, beds: int) -> Iterator[None]:
    """The formula alone: the detector's `update` for all beds at a time."""
    rows, parts, signals = DetectorRows(detector, RULES[detector], beds), _parts(detector), list(VITALS)
    waves = [
        np.array([x[signals.index(part)] if part in VITALS else np.full(beds, np.nan) for part in parts])
        for x in values(beds)
    ]
    with np.errstate(all="ignore"):
        for i, x in enumerate(cycle(waves), 1):
            rows.update(x, START / SECOND + i)
            yield


def run(beds: int = 10_000, seconds: float = 2.0, rounds: int = 3) -> list[BenchmarkResult]:
    """The engine beside the formula alone. A reading is one vector here."""

    def cost(steps: Callable[[str, int], Iterator[None]], detector: str) -> ResourceUsage:
        rate = timed(lambda: steps(detector, beds), WARM_UP + 5, seconds) * beds
        return ResourceUsage(MEGA, MEGA / rate, MEGA / rate, memory("VmRSS"))

    def line(detector: str) -> BenchmarkResult:
        return compare(
            f"engine, {detector} of {beds:,} beds", WANTED, lambda _: cost(engine_vectors, detector),
            "the formula alone", lambda _: cost(bare_vectors, detector), rounds,
        )  # fmt: skip

    return [line(detector) for detector in RULES]


def _parts(detector: str) -> tuple[str, ...]:
    return discover()[detector].params.parts or tuple(VITALS)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--beds", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    print_results(run(arguments.beds, arguments.seconds))


if __name__ == "__main__":
    main()
