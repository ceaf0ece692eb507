"""Programs at work: their parts kept running, the config watched, and a pulse for each in the log."""

from collections.abc import Mapping, Sequence

from app.house.household import Household
from app.house.life_sign import LifeSign
from ward.pulse import Pulse
from ward.service import Recipe, Runner


class Program:
    """Some of the six programs in this process, on one household."""

    def __init__(self, house: Household, recipes: Mapping[str, Sequence[Recipe]]) -> None:
        self._house = house
        self._recipes = recipes
        self.runner = Runner(
            [
                *(recipe for parts in recipes.values() for recipe in parts),
                Recipe("config", lambda: house.live),
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

    def _pulse(self, name: str) -> Recipe:
        house = self._house
        return Recipe(
            f"pulse-{name}",
            lambda: Pulse(
                house.log, house.live, house.clock, house.metrics, name, house.instance, lambda: self._trouble(name)
            ),
        )

    def _life_sign(self) -> list[Recipe]:
        """For whoever watches this process from outside, where a setting says where."""
        file, clock, programs = self._house.settings.health, self._house.clock, list(self._recipes)
        if file is None:
            return []
        trouble = lambda: [words for name in programs for words in self._trouble(name)]  # noqa: E731
        return [Recipe("life-sign", lambda: LifeSign(file, clock, programs, trouble))]

    def _trouble(self, name: str) -> list[str]:
        """What is wrong with the parts of a program, each by name, and with the log it stands on."""
        mine = {recipe.name for recipe in self._recipes[name]} | {"config"}
        found = [_named(part, words) for part, words in list(self.runner.trouble.items()) if part in mine]
        return [*found, *([log] if (log := self._house.log.trouble()) else [])]


def _named(part: str, words: str) -> str:
    return words if words.startswith(part) else f"{part}: {words}"
