"""A liveness file: the process writes it, `wardwatch health` and the health checks of containers read it."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from ward.clock import SECOND, Clock, Micros
from ward.ids import printable
from ward.periodic import Periodic

EVERY = 2.0
# Seconds without a write after which the process counts as hanging. A busy part may use a whole core for some seconds.
OLD = 20.0


class LivenessFile:
    """A part: writes every two seconds which programs run and what is wrong with them. Each write is atomic."""

    def __init__(
        self, file: Path, clock: Clock, programs: Sequence[str], problems: Callable[[], Sequence[str]]
    ) -> None:
        self._file = file
        self._clock = clock
        self._programs = list(programs)
        self._problems = problems
        self._period = Periodic(clock, EVERY)
        file.parent.mkdir(parents=True, exist_ok=True)

    def step(self, wait: float) -> int:
        """Write when it is due."""
        if not self._period.wait(wait):
            return 0
        content = {"programs": self._programs, "at": self._clock.now(), "problems": list(self._problems())}
        new = self._file.with_name(f"{self._file.name}.new")
        new.write_text(json.dumps(content), encoding="utf-8")
        new.replace(self._file)
        return 1

    def close(self) -> None:
        """The file stays: its age shows that this process is gone."""


def liveness_problems(file: Path, now: Micros) -> list[str]:
    """What is wrong with the process that writes this file, in words; empty when nothing is."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        programs, at = ", ".join(content["programs"]), int(content["at"])
        problems = list(map(str, content["problems"]))
    except FileNotFoundError:
        return [f"{file} does not exist: no process has started yet with WARDWATCH_HEALTH={file}"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        return [f"{file} is not a liveness file: {type(error).__name__}"]
    if (age := (now - at) / SECOND) > OLD:
        return [f"{printable(programs, 200)}: liveness file is {age:.0f} s old"]
    if age < -OLD:  # from before the clock was set back: a process that runs writes again within seconds
        return [f"{printable(programs, 200)}: liveness file is from {-age:.0f} s in the future"]
    return [printable(problem, 500) for problem in problems]
