"""All benchmarks, one table: `make bench`, or `python -m benchmarks [NAME …] [--write docs/benchmarks.md]`."""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    alert_silences,
    archive,
    bridge,
    dashboards,
    detector_engine,
    detectors,
    device_past,
    end_to_end,
    latency,
    rollups,
    scaling,
    simulated_past,
)
from benchmarks.external_engines import EngineMissing
from benchmarks.resource_usage import MEGA
from benchmarks.result import BenchmarkResult
from benchmarks.tables import HEAD, markdown, print_grid, row

BENCHMARKS: dict[str, Callable[[], Sequence[BenchmarkResult]]] = {
    "bridge": bridge.run,
    "detectors": detectors.run,
    "engine": detector_engine.run,
    "device_past": device_past.run,
    "alert_silences": alert_silences.run,
    "archive": archive.run,
    "end_to_end": end_to_end.run,
    "latency": latency.run,
    "dashboards": dashboards.run,
    "rollups": rollups.run,
    "past": simulated_past.run,
}
SCALING = "scaling"
_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->\n"
_LIKELY = (EngineMissing, AssertionError, OSError)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("name", nargs="*", choices=[[], *BENCHMARKS, SCALING], help="only these")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into this page too")
    arguments = parser.parse_args()
    names = arguments.name or [*BENCHMARKS, SCALING]
    rows, failures = figures([name for name in names if name != SCALING])
    print_grid("", HEAD, rows)
    wards: list[tuple[str, ...]] = []
    if SCALING in names:
        try:
            wards = scaling.run()
            print_grid("embedded wards of three sizes", scaling.HEAD, wards)
        except _LIKELY as error:
            failures.append(f"{SCALING}: {error}")
    for failure in failures:
        print(failure, file=sys.stderr)
    if arguments.write is not None and not failures:
        write(arguments.write, rows, wards)
    return 1 if failures else 0


def figures(names: Sequence[str]) -> tuple[list[tuple[str, ...]], list[str]]:
    """The rows of the table, and what could not be measured."""
    rows: list[tuple[str, ...]] = []
    failures: list[str] = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            rows += [row(figure) for figure in BENCHMARKS[name]()]
        except _LIKELY as error:
            failures.append(f"{name}: {error}")
    return rows, failures


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
