"""Programs at work: their parts kept running, the config watched, and a pulse for each in the log."""

from collections.abc import Mapping, Sequence

from app.runtime.heartbeat import Heartbeat
from app.runtime.liveness_file import LivenessFile
from app.runtime.part_runner import PartFactory, PartRunner
from app.runtime.resources import Resources


class ProgramRunner:
    """Some of the six programs in this process, on one household."""

    def __init__(self, house: Resources, recipes: Mapping[str, Sequence[PartFactory]]) -> None:
        self._house = house
        self._recipes = recipes
        self.runner = PartRunner(
            [
                *(recipe for parts in recipes.values() for recipe in parts),
                PartFactory("config", lambda: house.live),
                *(self._pulse(name) for name in recipes),
                *self._life_sign(),
            ],
            house.metrics,
        )

    def start(self) -> None:
        self.runner.start()

    def stop(self) -> bool:
        """False when a part did not end in time."""
        return self.runner.stop()

    def _pulse(self, name: str) -> PartFactory:
        house = self._house
        return PartFactory(
            f"pulse-{name}",
            lambda: Heartbeat(
                house.log, house.live, house.clock, house.metrics, name, house.instance, lambda: self._problem(name)
            ),
        )

    def _life_sign(self) -> list[PartFactory]:
        """For whoever watches this process from outside, where a setting says where."""
        file, clock, programs = self._house.settings.health, self._house.clock, list(self._recipes)
        if file is None:
            return []
        problem = lambda: [words for name in programs for words in self._problem(name)]  # noqa: E731
        return [PartFactory("life-sign", lambda: LivenessFile(file, clock, programs, problem))]

    def _problem(self, name: str) -> list[str]:
        """What is wrong with the parts of a program, each by name, and with the log it stands on."""
        mine = {recipe.name for recipe in self._recipes[name]} | {"config"}
        found = [_named(part, words) for part, words in list(self.runner.problem.items()) if part in mine]
        return [*found, *([log] if (log := self._house.log.problem()) else [])]


def _named(part: str, words: str) -> str:
    return words if words.startswith(part) else f"{part}: {words}"
