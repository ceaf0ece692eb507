"""Labelled series: each normal kind with each fault that fits it; and the same without a fault."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats
from quality.unknown.bases import Base
from quality.unknown.faults import FITTING

# The first part of a series has no fault, as in the benchmarks: a detector may learn from it.
QUIET_SHARE = 0.3
LENGTHS = (400, 1000, 2500, 5000)


@dataclass(frozen=True, slots=True)
class LabelledSeries:
    """A series with its times in seconds, which values are not normal, and where each stretch of these begins and ends,
    the end excluded."""

    name: str
    x: Floats
    t: Floats
    labels: npt.NDArray[np.bool_]
    windows: tuple[tuple[int, int], ...]


def labelled(bases: Mapping[str, Base], seed: int, copies: int = 1) -> Iterator[LabelledSeries]:
    """Series with one to three faults of one kind."""
    for name, base in bases.items():
        for fault in FITTING[name]:
            for copy in range(copies):
                rng = np.random.default_rng([seed, copy, *f"{name} {fault.__name__}".encode()])
                n = int(rng.choice(LENGTHS))
                x, labels, windows = base(rng, n), np.zeros(n, dtype=bool), []
                for at in _places(rng, n, 1 if fault.__name__ in ("onset", "drift") else 1 + n // 2000):
                    end = min(fault(rng, x, at), n)
                    labels[at:end] = True
                    windows.append((at, end))
                yield _with_gaps(rng, f"{name} {fault.__name__} {copy}", x, labels, windows)


def normal(bases: Mapping[str, Base], seed: int, n: int = 10_000, copies: int = 1) -> Iterator[LabelledSeries]:
    """Series without a fault."""
    for name, base in bases.items():
        for copy in range(copies):
            rng = np.random.default_rng([seed, copy, *name.encode()])
            yield _with_gaps(rng, f"{name} {copy}", base(rng, n), np.zeros(n, dtype=bool), [])


def _places(rng: np.random.Generator, n: int, count: int) -> list[int]:
    """Where faults begin: one in each of as many equal parts of the rest."""
    begin, width = int(QUIET_SHARE * n), int((0.95 - QUIET_SHARE) * n) // count
    return [begin + i * width + int(rng.integers(0, max(width // 2, 1))) for i in range(count)]


def _with_gaps(
    rng: np.random.Generator, name: str, x: Floats, labels: npt.NDArray[np.bool_], windows: list[tuple[int, int]]
) -> LabelledSeries:
    """One value a minute; of a third of the series a hundredth of the values is lost."""
    kept = np.flatnonzero(rng.random(len(x)) > (0.01 if rng.random() < 1 / 3 else 0.0))
    moved = tuple((int(a), int(b)) for a, b in np.searchsorted(kept, np.array(windows).reshape(-1, 2)) if a < b)
    return LabelledSeries(name, x[kept], 60.0 * kept.astype(np.float64), labels[kept], moved)
