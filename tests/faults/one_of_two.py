"""A program of Wardwatch of which the tests run two at one time."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.engines.engine import Engine


class OneOfTwo(Engine):
    """One process of a program, with an instance name and a data folder of its own."""

    def __init__(self, program: str, folder: Path, name: str, environ: Mapping[str, str]) -> None:
        self.name = name
        self._program = program
        self._environ = {**environ, "WARDWATCH_DATA": str(folder / name / "data"), "WARDWATCH_INSTANCE": name}
        super().__init__(folder / name)

    def command(self) -> Sequence[str]:
        given = [f"{key}={value}" for key, value in self._environ.items()]
        return ["env", *given, sys.executable, "-m", "app", "run", self._program]

    def ready(self) -> bool:
        """That it works shows in its effects."""
        return True
