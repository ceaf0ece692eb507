"""The quality of detection in one table: `make quality`, or `python -m quality [--quick] [PART …]`."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from quality.parts import ALONE, PARTS, PartResult, ended, run_part
from quality.table import print_table, write

PAGE = Path(__file__).resolve().parents[1] / "docs" / "quality.md"
WORKERS = 2


def main() -> int:
    """Print the table; the exit code is 1 where a part ended with an error."""
    parser = argparse.ArgumentParser(prog="python -m quality", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("part", nargs="*", choices=[[], *PARTS], help="only these")
    parser.add_argument("--quick", action="store_true", help="less data: for each commit, in two minutes")
    arguments = parser.parse_args()
    begun = time.monotonic()
    results = list(run(arguments.part or PARTS, arguments.quick))
    rows = [row for result in results for row in result.rows]
    about = [result.about for result in results]
    print_table(rows)
    print("\n".join([*about, f"together {time.monotonic() - begun:.0f} s"]))
    failed = any(result.failed for result in results)
    if not (arguments.part or arguments.quick or failed):
        write(PAGE, rows, about)
        print(f"written: {PAGE.relative_to(PAGE.parents[1])}")
    return int(failed)


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
