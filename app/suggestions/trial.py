"""Tries candidates: all of them as rules of one engine, so that the readings of a bed are read and evaluated once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from app.backtests.episode import Episode
from app.suggestions.candidates import Candidate, candidates
from app.suggestions.limit_sides import LimitSide
from app.suggestions.subject import Subject
from ward.config.config import Config
from ward.config.rule import Override, ResolvedRule, Rule

# A rule with fewer alerts at a bed is not worth a change, and at most so many rules of a bed are tried.
FEWEST = 5
MOST_RULES = 5
_BETWEEN = "~"  # between the name of a rule and the number of a candidate


@dataclass
class Trial:
    """A rule at a noisy bed with its present settings and the candidates in their place.

    `outcomes` are the alerts of each: first with the present settings, then with each candidate.
    """

    subject: Subject
    rule: Rule
    present: ResolvedRule
    side: LimitSide
    tried: Sequence[Candidate]
    outcomes: list[list[Episode]] = field(default_factory=list)

    def rules(self) -> list[Rule]:
        """A rule for each outcome, at this bed only."""
        here = self.rule.where.model_copy(update={"bed": (self.subject.bed,)})
        return [
            replace(self.rule, name=self._name(number), where=here, overrides=overrides)
            for number, overrides in enumerate([self.rule.overrides, *map(self._overrides, self.tried)])
        ]  # fmt: skip

    def take(self, episodes: Iterable[Episode]) -> None:
        """Sort the alerts of a run into outcomes, with the name of the rule again; those about others are left out."""
        numbers = {self._name(number): number for number in range(len(self.tried) + 1)}
        self.outcomes = [[] for _ in numbers]
        for episode in episodes:
            number = numbers.get(episode.rule)
            if number is not None and episode.bed == self.subject.bed and episode.raised >= self.subject.since:
                self.outcomes[number].append(replace(episode, rule=self.rule.name))

    def _name(self, number: int) -> str:
        return f"{self.rule.name}{_BETWEEN}{self.subject.bed}{_BETWEEN}{number}"

    def _overrides(self, candidate: Candidate) -> tuple[Override, ...]:
        return (*self.rule.overrides, Override(where=self.subject.where, set=candidate.settings))


def noisiest(episodes: Iterable[Episode], beds: int) -> list[str]:
    """The tenth of `beds` with the most alerts, at least one; beds without alerts are none of them."""
    counts = Counter(episode.bed for episode in episodes if episode.bed)
    ranked = sorted(counts, key=lambda bed: (-counts[bed], bed))
    return ranked[: max(1, -(-beds // 10))]


def rules_to_try(
    config: Config, sides: dict[str, LimitSide], about: Subject, episodes: Iterable[Episode]
) -> tuple[list[Trial], list[tuple[str, int]]]:
    """The rules of a bed to try, by its alerts; and those with many alerts that are no limits, with their number."""
    mine = [e for e in episodes if e.bed == about.bed and e.raised >= about.since]
    counts = Counter(episode.rule for episode in mine).most_common(MOST_RULES)
    rules = {rule.name: rule for rule in config.rules}
    found, others = [], []
    for name, count in counts:
        if count < FEWEST:
            continue
        side, rule = sides.get(name), rules[name]
        (device, _), *_ = Counter(episode.device for episode in mine if episode.rule == name).most_common(1)
        place = config.inventory.place(device, max(e.raised for e in mine if e.rule == name))
        present, signal = rule.resolve(device, place), config.catalogue.get(rule.signals[0]) if rule.signals else None
        if side is None or present is None or signal is None:
            others.append((name, count))
        else:
            found.append(Trial(about, rule, present, side, candidates(present, signal, side.loosest)))
    return found, others
