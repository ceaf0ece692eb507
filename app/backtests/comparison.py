"""Two configs on the same readings: what changes with the second one."""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.backtests.alarm_time import minutes_in_alarm
from app.backtests.backtest import Backtest
from app.backtests.episode import Episode
from app.backtests.episode_collector import only_in
from app.backtests.known_episodes import Detection, Finder, KnownEpisode
from app.backtests.replay import Replay


@dataclass(frozen=True, slots=True)
class Change:
    """The alerts of one rule, or at one bed: how many with each config, how many are gone and new, and the minutes.

    The minutes of a bed are those in which any of its alerts is active; of a rule, the sum over beds.
    """

    name: str
    before: int
    after: int
    gone: int
    new: int
    minutes_before: float
    minutes_after: float


@dataclass(frozen=True, slots=True)
class Pair:
    """One known episode with each config."""

    before: Detection
    after: Detection

    @property
    def known(self) -> KnownEpisode:
        return self.before.known


@dataclass(frozen=True)
class Comparison:
    """What the second config changes. `rules` and `beds` are sorted by the number of changed alerts.

    `gone` and `new` are the alerts of one config that overlap none of the other in time, for the same rule, device and
    signal. `outside` known episodes began outside of the evaluated time, and are not in `known`.
    """

    bed_days: float
    total: Change
    rules: list[Change]
    beds: list[Change]
    gone: list[Episode]
    new: list[Episode]
    known: list[Pair] = field(default_factory=list)
    outside: int = 0

    def per_bed_day(self, number: float) -> float | None:
        """A number for each bed and day; None without any reading of a bed."""
        return number / self.bed_days if self.bed_days else None

    @property
    def newly_missed(self) -> list[Pair]:
        """Known episodes that only the first config finds."""
        return [pair for pair in self.known if pair.before.delay is not None and pair.after.delay is None]

    @property
    def newly_found(self) -> list[Pair]:
        """Known episodes that only the second config finds."""
        return [pair for pair in self.known if pair.before.delay is None and pair.after.delay is not None]


def compare(test: Backtest, known: Sequence[KnownEpisode] = ()) -> Comparison:
    """Compare the first two configs of a backtest that has run."""
    before, after = test.replays[:2]
    olds, news = before.episodes.listed, after.episodes.listed
    gone, new = list(only_in(olds, news)), list(only_in(news, olds))
    inside = [one for one in known if test.start <= one.begin < test.end]
    return Comparison(
        test.bed_days, _total(test, gone, new), _rules(test, gone, new), _beds(test, gone, new), gone, new,
        _pairs(before, after, inside), len(known) - len(inside),
    )  # fmt: skip


def median_delay(found: Iterable[Detection]) -> float | None:
    """The median delay in seconds of what was found; None where nothing was."""
    delays = [one.delay for one in found if one.delay is not None]
    return statistics.median(delays) if delays else None


def _total(test: Backtest, gone: list[Episode], new: list[Episode]) -> Change:
    """All alerts at beds."""
    before, after = ([e for e in replay.episodes.listed if e.bed] for replay in test.replays[:2])
    return Change(
        "", len(before), len(after), sum(bool(e.bed) for e in gone), sum(bool(e.bed) for e in new),
        sum(minutes_in_alarm(before, test.start, test.end).values()),
        sum(minutes_in_alarm(after, test.start, test.end).values()),
    )  # fmt: skip


def _rules(test: Backtest, gone: list[Episode], new: list[Episode]) -> list[Change]:
    minutes = [_rule_minutes(test, replay) for replay in test.replays[:2]]
    counts = [Counter(e.rule for e in replay.episodes.listed) for replay in test.replays[:2]]
    return _changes(counts, Counter(e.rule for e in gone), Counter(e.rule for e in new), minutes)


def _rule_minutes(test: Backtest, replay: Replay) -> dict[str, float]:
    by_rule: dict[str, list[Episode]] = {}
    for episode in replay.episodes.listed:
        by_rule.setdefault(episode.rule, []).append(episode)
    return {rule: sum(minutes_in_alarm(of, test.start, test.end).values()) for rule, of in by_rule.items()}


def _beds(test: Backtest, gone: list[Episode], new: list[Episode]) -> list[Change]:
    minutes = [minutes_in_alarm(replay.episodes.listed, test.start, test.end) for replay in test.replays[:2]]
    counts = [Counter(e.bed for e in replay.episodes.listed if e.bed) for replay in test.replays[:2]]
    return _changes(counts, Counter(e.bed for e in gone), Counter(e.bed for e in new), minutes)


def _changes(
    counts: list[Counter[str]], gone: Counter[str], new: Counter[str], minutes: list[dict[str, float]]
) -> list[Change]:  # fmt: skip
    found = [
        Change(
            name, counts[0][name], counts[1][name], gone[name], new[name], minutes[0].get(name, 0.0),
            minutes[1].get(name, 0.0),
        )
        for name in counts[0].keys() | counts[1].keys()
    ]  # fmt: skip
    return sorted(found, key=lambda change: (-change.gone - change.new, -change.before, change.name))


def _pairs(before: Replay, after: Replay, known: Sequence[KnownEpisode]) -> list[Pair]:
    names = frozenset((*before.kinds, *after.kinds))
    found = (Finder(r.episodes.listed, r.kinds).detections(known, names) for r in (before, after))
    return [Pair(*two) for two in zip(*found, strict=True)]
