"""The parts of the table, and how each is run."""

import importlib
import os
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from quality.data import Progress
from quality.row import NOT_MEASURED, Row

# Each is a module here with `rows(quick, progress)`, in the order of the table, the longest first.
PARTS: Sequence[str] = (
    "hospital", "run_lengths", "skab", "cmapss", "physionet", "mimic", "eicu", "auto", "cost",
)  # fmt: skip
# Parts that measure speed: they run when nothing else does.
ALONE = frozenset({"cost"})
_MOST_OF_AN_ERROR = 300


@dataclass(frozen=True, slots=True)
class PartResult:
    """The rows of one part, the seconds it took, those of them that it had a core, its random seed if it has one, and
    whether it ended with an error."""

    name: str
    rows: Sequence[Row]
    seconds: float
    of_core: float
    seed: int | None
    failed: bool

    @property
    def measured(self) -> bool:
        """Whether all figures are there: no data set is absent, and there was no error."""
        return not self.failed and all(row.ours != NOT_MEASURED for row in self.rows)

    @property
    def about(self) -> str:
        """One line for people."""
        seed = "" if self.seed is None else f", seed {self.seed}"
        return f"`{self.name}`: {self.of_core:.0f} s of one core in {self.seconds:.0f} s{seed}"


def run_part(name: str, quick: bool, progress: Progress) -> PartResult:
    """Run one part. An error becomes a row, so that it costs no other part its rows."""
    begun, of_core, found = time.monotonic(), _of_core(), list[Row]()
    seed, failed = None, False
    try:
        module: Any = importlib.import_module(f"quality.{name}")
        seed = getattr(module, "SEED", None)
        found += module.rows(quick, progress)
    except Exception as error:  # noqa: BLE001 - any error becomes a row
        failed = True
        progress(traceback.format_exc())
        found.append(_not_complete(name, error))
    return PartResult(name, found, time.monotonic() - begun, _of_core() - of_core, seed, failed)


def _of_core() -> float:
    """The seconds that this process and those it started, and that have ended, had a core."""
    return sum(os.times()[:4])


def ended(name: str, part: Future[PartResult]) -> PartResult:
    """The result of a part in another process, once it ends. Where that was killed, as without enough memory, a row
    says so."""
    begun = time.monotonic()
    try:
        return part.result()
    except BrokenProcessPool as error:
        return PartResult(name, [_not_complete(name, error)], time.monotonic() - begun, 0.0, None, True)


def _not_complete(name: str, error: Exception) -> Row:
    why = " ".join(str(error).split())[:_MOST_OF_AN_ERROR] or type(error).__name__
    return Row(name, "not complete", "", "", "", False, why)
