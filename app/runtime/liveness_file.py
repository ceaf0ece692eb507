"""A sign of life in a file, for whoever watches this process from outside: `wardwatch health`, and so containers."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from ward.clock import SECOND, Clock, Micros
from ward.ids import printable
from ward.periodic import Periodic

EVERY = 2.0
# A process that has not written for so long hangs: the longest that a part may rightly take all of a core.
OLD = 20.0


class LivenessFile:
    """A part: writes every two seconds which parts there are and what is wrong, whole or not at all."""

    def __init__(self, file: Path, clock: Clock, programs: Sequence[str], problem: Callable[[], Sequence[str]]) -> None:
        self._file = file
        self._clock = clock
        self._programs = list(programs)
        self._problem = problem
        self._period = Periodic(clock, EVERY)
        file.parent.mkdir(parents=True, exist_ok=True)

    def step(self, wait: float) -> int:
        """Write when it is time."""
        if not self._period.wait(wait):
            return 0
        said = {"programs": self._programs, "at": self._clock.now(), "problem": list(self._problem())}
        draft = self._file.with_name(f"{self._file.name}.draft")
        draft.write_text(json.dumps(said), encoding="utf-8")
        draft.replace(self._file)
        return 1

    def close(self) -> None:
        """The last sign stays: its age tells that this process is gone."""


def liveness_problems(file: Path, now: Micros) -> list[str]:
    """What is wrong with the process that writes this file, in words; empty when nothing is."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        programs, at, problem = ", ".join(said["programs"]), int(said["at"]), list(map(str, said["problem"]))
    except FileNotFoundError:
        return [f"{file} is not there: nothing has run yet with WARDWATCH_HEALTH={file}"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        return [f"{file} is no sign of life: {type(error).__name__}"]
    if (age := (now - at) / SECOND) > OLD:
        return [f"{printable(programs, 200)}: no sign of life for {age:.0f} s"]
    return [printable(words, 500) for words in problem]
