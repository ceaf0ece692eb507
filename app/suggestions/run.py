"""Finds suggestions: the noisiest beds by a backtest, then every candidate on the readings of these beds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.backtests.backtest import Backtest
from app.backtests.known_episodes import KnownEpisode
from app.backtests.run import check_listed
from app.suggestions.choice import Refusal, Suggestion, choose, to_keep
from app.suggestions.limit_sides import limit_sides
from app.suggestions.recorded import recorded_to_keep
from app.suggestions.subject import subject
from app.suggestions.trial import Trial, noisiest, rules_to_try
from ward.clock import Micros


@dataclass
class Search:
    """A search for suggestions on the stored readings of `test`, a backtest of one config.

    `thresholds` is the content of the config's thresholds.yaml, `known` are episodes that must be found besides those
    that were acknowledged or HIGH.
    """

    test: Backtest
    thresholds: Mapping[str, Any]
    known: Sequence[KnownEpisode] = ()
    noisy: list[str] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def run(self) -> Iterator[Micros]:
        """Search, after the backtest has run. Yields the end of each window in which the noisy beds are evaluated.

        Raises `click.ClickException` where there are too many alerts to be counted by bed.
        """
        check_listed(self.test)
        self.noisy = noisiest(self.test.replayed.listed, self.test.beds_with_data)
        found = self._rules_to_try()
        if found:
            yield from self._evaluate(found)
            self._choose(found)

    @property
    def share(self) -> float:
        """The share of the alerts at beds that the noisy beds make."""
        at_beds = [episode.bed for episode in self.test.replayed.listed if episode.bed]
        return sum(bed in self.noisy for bed in at_beds) / len(at_beds) if at_beds else 0.0

    def _rules_to_try(self) -> list[Trial]:
        test, sides = self.test, limit_sides(self.thresholds)
        found: list[Trial] = []
        for bed in self.noisy:
            about = subject(test.config, bed, test.start, test.end)
            mine, others = rules_to_try(test.config, sides, about, test.replayed.listed)
            found += mine
            self.refusals += [
                Refusal(bed, name, count, "it is no limit of thresholds.yaml; its settings are in detectors.yaml")
                for name, count in others
            ]
        return found

    def _evaluate(self, found: Sequence[Trial]) -> Iterator[Micros]:
        """One backtest of the noisy beds, with a rule for each candidate of each trial."""
        rules = tuple(rule for trial in found for rule in trial.rules())
        config = replace(self.test.config, rules=rules)
        again = Backtest(self.test.store, config, self.test.start, self.test.end, self.test.warm_up, tuple(self.noisy))
        yield from again.run()
        check_listed(again)
        for trial in found:
            trial.take(again.replayed.listed)

    def _choose(self, found: Sequence[Trial]) -> None:
        test = self.test
        recorded = recorded_to_keep(test.store, self.noisy, test.start, test.end, len(test.config.inventory.beds))
        for trial in found:
            keep = to_keep(trial, recorded, self.known, test.end)
            result = choose(trial, keep, test.start, test.end)
            if isinstance(result, Suggestion):
                self.suggestions.append(result)
            else:
                self.refusals.append(result)
