"""`wardwatch detect` on a file of a million rows, beside pandas that only reads it.

    python -m benchmarks.detect [--rows 1000000]

Ours reads the file twice (the first time to count its rows), evaluates each row, and writes one row for each with its
texts, on one core. Each run is a process of its own, and its imports do not count.
"""

import argparse
import contextlib
import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from app.detect.command import Request, run_command
from benchmarks.resource_usage import ResourceUsage, UsageMeter
from benchmarks.result import BenchmarkResult, compare
from benchmarks.subprocess_job import StartGate, SubprocessJob
from benchmarks.tables import print_results

# The fastest detector, and one whose formula is a loop over numbers.
DETECTORS = {"limits": ("side=high", "medium=26"), "cusum": ("limit=14",)}
WANTED = {"limits": 1 / 15, "cusum": 1 / 25}
LONGEST = 300.0


def series(path: Path, rows: int) -> Path:
    """A reading a second around 20, a step in the middle, as `2026-01-01T00:00:00,20.123`."""
    x = np.random.default_rng(1).normal(20, 1, rows)
    x[rows // 2 : rows // 2 + rows // 100] += 4
    times = (np.datetime64("2026-01-01T00:00:00") + np.arange(rows)).astype(str).tolist()
    with path.open("w", encoding="ascii") as file:
        file.write("time,value\n")
        file.writelines(f"{time},{value:.3f}\n" for time, value in zip(times, x.tolist(), strict=True))
    return path


def detect(gate: StartGate, path: Path, rows: int, detector: str) -> ResourceUsage:
    """The whole command, from the file to the file of scores."""
    request = Request(
        str(path), detector, DETECTORS[detector], None, (), False, 0.15, False, f"{path}.out", None, "text"
    )
    gate.ready()
    meter = UsageMeter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        run_command(request)
    return meter.cost(rows)


def read(gate: StartGate, path: Path, rows: int) -> ResourceUsage:
    """pandas reads the file; times stay texts."""
    import pandas as pd

    gate.ready()
    meter = UsageMeter()
    assert len(pd.read_csv(path)) == rows
    return meter.cost(rows)


def run(rows: int = 1_000_000, rounds: int = 3) -> list[BenchmarkResult]:
    with TemporaryDirectory() as folder:
        path = series(Path(folder) / "series.csv", rows)

        def ours(_: int, detector: str) -> ResourceUsage:
            return SubprocessJob(detect, path, rows, detector).finish(LONGEST)

        return [
            compare(
                f"detect, {rows:,} rows from CSV to CSV, {name}", WANTED[name], partial(ours, detector=name),
                "pandas.read_csv alone", lambda _: SubprocessJob(read, path, rows).finish(LONGEST), rounds,
            )
            for name in DETECTORS
        ]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    print_results(run(parser.parse_args(arguments).rows))


if __name__ == "__main__":
    main()
