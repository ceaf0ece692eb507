"""The simulated past of a demonstration: how long the week of the shipped ward takes to write, alone in a process.

python -m benchmarks.simulated_past
"""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from app.console.cli_context import config_of
from app.simulated_past.writer import PastWriter, begin
from benchmarks.result import BenchmarkResult
from benchmarks.tables import print_results
from simulators.scripts.past_script import PastScript, load_past_script
from ward.adapters.memory.log import MemoryLog
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SystemClock
from ward.config.live_config import FixedConfig
from ward.ports import Store

RUNS = 3


def write(store: Store, script: PastScript) -> tuple[float, float, float]:
    """Write a past into an empty store: seconds, CPU-seconds, and the seconds of the longest step."""
    clock = SystemClock()
    config = config_of(None, clock.now())
    past = begin(store, MemoryLog(), script, clock, len(config.inventory.beds))
    assert past is not None
    writer = PastWriter(past, store, FixedConfig(config), script, clock)
    began, cpu, longest = time.perf_counter(), time.process_time(), 0.0
    while not writer.done:
        step = time.perf_counter()
        writer.step(0)
        longest = max(longest, time.perf_counter() - step)
    return time.perf_counter() - began, time.process_time() - cpu, longest


def run(runs: int = RUNS, lasts: float | None = None) -> list[BenchmarkResult]:
    script, found = load_past_script(), []
    if lasts is not None:
        script = script.model_copy(update={"lasts": lasts, "scenarios": (), "faults": ()})
    for _ in range(runs):
        with TemporaryDirectory() as folder:
            store = SqliteStore(Path(folder) / "store.db")
            try:
                found.append(write(store, script))
            finally:
                store.close()
    seconds, cpu, longest = (median(column) for column in zip(*found, strict=True))
    return [
        BenchmarkResult(name="simulated past of a week, 20 beds", value=seconds, wanted=20, unit="s", less=True),
        BenchmarkResult(name="the same, CPU", value=cpu, wanted=20, unit="s", less=True),
        BenchmarkResult(name="the same, its longest step", value=longest, wanted=2, unit="s", less=True),
    ]


if __name__ == "__main__":
    print_results(run())
