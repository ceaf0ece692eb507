"""The page docs/guarantees.md: its text from the promises of a run, and what stands on the page that is there."""

import os
import platform
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Self

from tests.kit.guarantees import HeldPromise
from ward.clock import SystemClock, format_instant

DOCUMENT = Path(__file__).parents[2] / "docs" / "guarantees.md"
_HEAD = """\
# Guarantees

Written by `make guarantees`, which runs each of these tests; do not edit it. Each promise stands with the test that
takes something away or sends something hostile, and with what that test measured in this run. A time is what this
machine needed under this load, and no bound; where a test has a bound, its name or the promise says so. The seven
promises behind these are in the
[README](../README.md#what-is-guaranteed).
"""
_ROW = re.compile(r"^\| (.+?) \| `(tests/[^`]+)` \|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """When and where a run took place, and with which seed for the property tests."""

    date: str
    seed: int
    machine: str

    @classmethod
    def here(cls, seed: int) -> Self:
        """The facts of this machine, now."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
        cores = os.cpu_count() or 1
        machine = (
            f"{cores} cores, {memory:.0f} GB of memory ({platform.system()}, {platform.machine()}), "
            f"Python {platform.python_version()}"
        )
        return cls(format_instant(SystemClock().now())[:10], seed, machine)


def page(held: Sequence[HeldPromise], facts: RunFacts) -> str:
    """The text of the page: one table for each folder of tests. Several parameters of one test are one row."""
    rows = sorted({_row(promises) for promises in _by_test(held)}, key=lambda row: (row[0], row[2]))
    tables = [_table(area, list(found)) for area, found in groupby(rows, key=lambda row: row[0])]
    known = f"Run on {facts.date} with seed {facts.seed} on {facts.machine}: {len(rows)} promises held.\n"
    return "\n".join([_HEAD, known, *tables])


def rows_of(text: str) -> set[tuple[str, str]]:
    """Promise and test of each row of a page."""
    return set(_ROW.findall(text))


def _by_test(held: Sequence[HeldPromise]) -> Iterator[list[HeldPromise]]:
    """The results of one promise at one test, whatever its parameters."""
    ordered = sorted(held, key=lambda one: (_test(one), one.promise))
    for _, same in groupby(ordered, key=lambda one: (_test(one), one.promise)):
        yield list(same)


def _row(held: Sequence[HeldPromise]) -> tuple[str, str, str, str]:
    """Area, promise, test and figures of one row."""
    test, figures = _test(held[0]), dict.fromkeys(one.figure for one in held if one.figure)
    return test.split("/")[1], held[0].promise, test, "; ".join(figures)


def _test(held: HeldPromise) -> str:
    """The node id without parameters."""
    return held.test.partition("[")[0]


def _table(area: str, rows: Sequence[tuple[str, str, str, str]]) -> str:
    lines = [f"| {_escaped(promise)} | `{test}` | {_escaped(figures)} |" for _, promise, test, figures in rows]
    return "\n".join([f"## {area}\n", "| promise | test | figure |", "|---|---|---|", *lines, ""])


def _escaped(text: str) -> str:
    """Text for a cell of a table."""
    return text.replace("|", r"\|").replace("\n", " ")
