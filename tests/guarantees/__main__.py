"""Makes docs/guarantees.md: `make guarantees`, or `python -m tests.guarantees [--seed N] [--only fast]`.

Runs every test with the marker `guarantee`, also those on real engines and in containers, and writes the promise, the
test and the figure of each. The page is written only if all of them passed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.guarantees.page import DOCUMENT, RunFacts, page
from tests.kit.guarantees import HeldPromise
from ward.clock import SystemClock

# What is run, with its marks and flags: what needs Python alone in parallel, engines and containers one after another.
RUNS = {
    "fast": ("guarantee and not engines and not compose and not grafana", ("-n", "auto", "--dist", "loadscope")),
    "engines": ("guarantee and engines", ()),
    "compose": ("guarantee and compose", ()),
}
_REQUIRED = {"WARDWATCH_ENGINES": "required", "WARDWATCH_COMPOSE": "required"}
NO_TESTS = 5  # pytest's exit code


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.guarantees", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--seed", type=int, default=SystemClock().now() % 1_000_000, help="of the property tests")
    parser.add_argument("--only", choices=RUNS, help="run only these, and print the page instead of writing it")
    arguments = parser.parse_args()
    names = [arguments.only] if arguments.only else list(RUNS)
    results = [run(name, arguments.seed) for name in names]
    held = [promise for promises, _ in results for promise in promises]
    text = page(held, RunFacts.here(arguments.seed))
    if not all(passed for _, passed in results) or not all(promise.passed for promise in held):
        print("a promise is broken, or a run failed: the page is not written", file=sys.stderr)
        return 1
    if arguments.only:
        print(text)
    else:
        DOCUMENT.write_text(text, encoding="utf-8")
    return 0


def run(name: str, seed: int) -> tuple[Sequence[HeldPromise], bool]:
    """Run the tests of one kind. Returns their promises, and whether pytest ended well."""
    marks, flags = RUNS[name]
    environment = os.environ | (_REQUIRED if name != "fast" else {})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "guarantees.json"
        command = [sys.executable, "-m", "pytest", "-m", marks, f"--hypothesis-seed={seed}", f"--guarantees={path}"]
        code = subprocess.run([*command, *flags], env=environment, check=False).returncode
        found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [HeldPromise(**one) for one in found], code in (0, NO_TESTS)


if __name__ == "__main__":
    sys.exit(main())
