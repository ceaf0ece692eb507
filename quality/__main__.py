"""The quality of detection in one table: `make quality`, or `python -m quality [--quick] [--write] [PART …]`."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from quality.data import named
from quality.parts import ALONE, PARTS, PartResult, ended, run_part
from quality.table import print_table, write

PAGE = Path(__file__).resolve().parents[1] / "docs" / "quality.md"
WORKERS = 2


def main() -> int:
    """Print the table; the exit code is 1 where a part could not be measured.

    An absent data set is a row that says so, and fails the run where WARDWATCH_QUALITY_DATA names a folder.
    """
    parser = argparse.ArgumentParser(prog="python -m quality", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("part", nargs="*", type=_part, metavar="PART", help=f"only these of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="less data: for each commit, in two minutes")
    parser.add_argument("--write", action="store_true", help="put the figures of these parts into docs/quality.md")
    arguments = parser.parse_args()
    try:
        wanted = named()
    except NotADirectoryError as error:
        parser.error(str(error))
    if arguments.quick and arguments.write:
        parser.error("--quick has less data, and its figures are not those of docs/quality.md: leave out --write")
    begun = time.monotonic()
    results = list(run(arguments.part or PARTS, arguments.quick))
    print_table([row for result in results for row in result.rows])
    print("\n".join([*(result.about for result in results), f"together {time.monotonic() - begun:.0f} s"]))
    if arguments.write or not (arguments.part or arguments.quick):
        _write(results)
    return int(any(result.failed or (wanted and not result.measured) for result in results))


def _part(name: str) -> str:
    if name not in PARTS:
        raise argparse.ArgumentTypeError(f"there is no part {name!r}: choose of {', '.join(PARTS)}")
    return name


def _write(results: Sequence[PartResult]) -> None:
    """Write the figures of the parts that were measured whole; of the others the page keeps those it has."""
    write(PAGE, [result for result in results if result.measured])
    print(f"written: {PAGE.relative_to(PAGE.parents[1])}")
    kept = ", ".join(result.name for result in results if not result.measured)
    if kept:
        print(f"not measured, and as they were on the page: {kept}")


def run(names: Sequence[str], quick: bool) -> Iterator[PartResult]:
    """The results in the order of the names. Two parts run at a time, and those that measure speed alone after them."""
    done: dict[str, PartResult] = {}
    with ProcessPoolExecutor(WORKERS) as pool:
        waiting = {name: pool.submit(_run, name, quick) for name in names if name not in ALONE}
        done |= {name: ended(name, part) for name, part in waiting.items()}
    done |= {name: _run(name, quick) for name in names if name in ALONE}
    return (done[name] for name in names)


def _run(name: str, quick: bool) -> PartResult:
    begun = time.monotonic()

    def progress(text: str) -> None:
        print(f"{name} {time.monotonic() - begun:5.0f} s  {text}", file=sys.stderr, flush=True)

    progress("begins")
    result = run_part(name, quick, progress)
    progress("done")
    return result


if __name__ == "__main__":
    sys.exit(main())
