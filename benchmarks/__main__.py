"""All benchmarks, one table: `make bench`, or `python -m benchmarks [NAME …] [--write docs/benchmarks.md]`."""

import argparse
import multiprocessing
import os
import platform
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks import (
    alert_silences,
    archive,
    bridge,
    dashboards,
    detect,
    detector_engine,
    detectors,
    device_past,
    end_to_end,
    large_ward,
    latency,
    returning_device,
    rollups,
    scaling,
    simulated_past,
    vectors,
)
from benchmarks.external_engines import EngineMissing
from benchmarks.resource_usage import MEGA
from benchmarks.result import BenchmarkResult
from benchmarks.tables import HEAD, markdown, print_grid, row

BENCHMARKS: dict[str, Callable[[], Sequence[BenchmarkResult]]] = {
    "bridge": bridge.run,
    "telegraf": bridge.run_beside_telegraf,
    "detectors": detectors.run,
    "engine": detector_engine.run,
    "large_ward": large_ward.run,
    "vectors": vectors.run,
    "device_past": device_past.run,
    "detect": detect.run,
    "alert_silences": alert_silences.run,
    "archive": archive.run,
    "end_to_end": end_to_end.run,
    "latency": latency.run,
    "returning_device": returning_device.run,
    "dashboards": dashboards.run,
    "rollups": rollups.run,
    "past": simulated_past.run,
}
SCALING = "scaling"
_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->\n"
LONGEST = 1200  # seconds that one benchmark may take
_MOST_OF_AN_ERROR = 200

Cells = tuple[str, ...]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("name", nargs="*", choices=[[], *BENCHMARKS, SCALING], help="only these")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into this page too")
    arguments = parser.parse_args()
    names = arguments.name or [*BENCHMARKS, SCALING]
    rows, failed = figures([name for name in names if name != SCALING])
    print_grid("", HEAD, rows)
    wards: Sequence[Cells] = ()
    if SCALING in names:
        wards = measured(SCALING, scaling.run, len(scaling.HEAD), failed)
        print_grid("embedded wards of three sizes", scaling.HEAD, wards)
    if arguments.write is not None:
        write(arguments.write, rows, wards)
    return 1 if failed else 0


def figures(names: Sequence[str]) -> tuple[list[Cells], list[str]]:
    """The rows of the table, and the names of the benchmarks that failed."""
    rows: list[Cells] = []
    failed: list[str] = []
    for name in names:
        rows += measured(name, partial(_rows, BENCHMARKS[name]), len(HEAD), failed)
    return rows, failed


def _rows(run: Callable[[], Sequence[BenchmarkResult]]) -> list[Cells]:
    return list(map(row, run()))


def measured(name: str, run: Callable[[], Sequence[Cells]], width: int, failed: list[str]) -> Sequence[Cells]:
    """The rows of one benchmark. Where it raises, one row says why, so that it costs no other benchmark its rows.

    `failed` gets its name, unless a program is missing on this machine.
    """
    print(f"{name} …", file=sys.stderr, flush=True)
    try:
        with at_most(LONGEST):
            return run()
    except Exception as error:  # noqa: BLE001 - any error becomes a row
        why = " ".join(str(error).split()) or type(error).__name__
        print(f"{name}: {why}", file=sys.stderr)
        failed += [] if isinstance(error, EngineMissing) else [name]
        for process in multiprocessing.active_children():  # they would take CPU from the next benchmark
            process.kill()
        return [(name, f"not measured: {why[:_MOST_OF_AN_ERROR]}".replace("|", "/"), *[""] * (width - 2))]


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Raises `TimeoutError` inside what takes longer."""

    def late(*_: object) -> None:
        raise TimeoutError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def write(page: Path, rows: Sequence[Sequence[str]], wards: Sequence[Sequence[str]]) -> None:
    """Put the tables between the marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    tables = markdown(HEAD, rows) + ("\n" + markdown(scaling.HEAD, wards) if wards else "")
    page.write_text(f"{before}{_BEGIN}\nMeasured on {machine()}.\n\n{tables}\n{_END}{after}", encoding="utf-8")


def machine() -> str:
    """What kind of machine this is; not which one."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / MEGA / 1000
    system = f"{platform.system()}, {platform.machine()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GB of memory ({system}), Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
