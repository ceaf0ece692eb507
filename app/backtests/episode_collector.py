"""Collects findings, of the engine or of the store, into episodes."""

import statistics
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.backtests.episode import Episode
from ward.clock import SECOND, Micros
from ward.finding import Finding, Severity, Transition
from ward.ports import Row

# At most this many episodes are listed; further ones are only counted.
MOST = 20_000
_SEVERITIES = set(Severity)
_ORDER = {transition: i for i, transition in enumerate(Transition)}


@dataclass
class RuleStatistics:
    """Statistics of a rule: episodes by severity, how many of them at beds, and the duration of each in seconds."""

    severities: Counter[Severity] = field(default_factory=Counter)
    at_beds: int = 0
    durations: "array[float]" = field(default_factory=lambda: array("f"))

    def add(self, other: "RuleStatistics") -> None:
        """Add those of other episodes."""
        self.severities += other.severities
        self.at_beds += other.at_beds
        self.durations += other.durations

    @property
    def count(self) -> int:
        return len(self.durations)

    @property
    def median(self) -> float:
        """Median duration in seconds."""
        return statistics.median(self.durations)


class EpisodeCollector:
    """Collects episodes raised from `start` on. Those raised before it and still active then are counted in `older`."""

    def __init__(self, start: Micros) -> None:
        self._start = start
        self._open: dict[str, Episode] = {}
        self.listed: list[Episode] = []
        self.statistics_by_rule: dict[str, RuleStatistics] = {}
        self.older = 0
        self.unlisted = 0
        self.unreadable = 0

    def add(self, finding: Finding) -> None:
        """Add a finding of the engine."""
        self._fold(
            finding.episode, finding.transition, finding.severity, finding.at, str(finding.ended or ""),
            lambda: Episode(
                finding.rule, finding.device, finding.signal, finding.ward, finding.bed, finding.severity,
                finding.onset, finding.at, finding.text,
            ),
        )  # fmt: skip

    def add_stored(self, rows: Sequence[Row], rules: Iterable[str] = ()) -> None:
        """Add findings of the store, of these rules or of all."""
        wanted, edges = set(rules), set(Transition)
        readable = [e for e in rows if e.tags.get("transition") in edges and e.tags.get("severity") in _SEVERITIES]
        self.unreadable += len(rows) - len(readable)
        for row in sorted(readable, key=lambda e: (e.at, _ORDER[Transition(e.tags["transition"])])):
            if not wanted or row.tags.get("rule") in wanted:
                self._add_stored(row)

    def finish(self, end: Micros) -> None:
        """End the collection at `end`: an active episode counts with its duration until then."""
        for episode in self._open.values():
            if episode.raised < self._start:
                self.older += 1
            else:
                self._count(episode, end)
        self._open.clear()
        self.listed.sort(key=lambda episode: episode.raised)

    def merge(self, other: "EpisodeCollector") -> None:
        """Add the episodes of another collection, of other devices; both have ended."""
        self.listed = sorted((*self.listed, *other.listed), key=lambda episode: episode.raised)
        for rule, of_rule in other.statistics_by_rule.items():
            self.statistics_by_rule.setdefault(rule, RuleStatistics()).add(of_rule)
        self.older += other.older
        self.unlisted += other.unlisted + max(0, len(self.listed) - MOST)
        del self.listed[MOST:]

    def take_over(self, other: "EpisodeCollector", rules: Collection[str]) -> None:
        """Add the episodes of some rules of another collection; both have ended."""
        self.listed += [episode for episode in other.listed if episode.rule in rules]
        self.listed.sort(key=lambda episode: episode.raised)
        self.statistics_by_rule |= {rule: of for rule, of in other.statistics_by_rule.items() if rule in rules}
        self.unlisted += other.unlisted

    def _add_stored(self, row: Row) -> None:
        tags, fields = row.tags, row.fields
        severity, onset = Severity(tags["severity"]), fields.get("onset")
        began = round(onset * SECOND) if isinstance(onset, float | int) else row.at
        self._fold(
            str(fields.get("episode", "")), Transition(tags["transition"]), severity, row.at, str(fields.get("ended",
            "")),
            lambda: Episode(
                tags.get("rule", ""), tags.get("device", ""), tags.get("signal", ""), tags.get("ward", ""),
                tags.get("bed", ""), severity, began, row.at, str(fields.get("text", "")),
            ),
        )  # fmt: skip

    def _fold(
        self, key: str, transition: Transition, severity: Severity, at: Micros, ended: str, make: Callable[[], Episode]
    ) -> None:
        known = self._open.get(key)
        if transition is Transition.UPDATED:
            return
        if transition is Transition.CLEARED:
            if known is not None:
                known.ended_at, known.ended = at, ended
                del self._open[key]
                if known.raised >= self._start:
                    self._count(known, at)
        elif known is None:
            self._open[key] = make()
        elif severity.rank > known.severity.rank:
            known.severity = severity

    def _count(self, episode: Episode, until: Micros) -> None:
        of_rule = self.statistics_by_rule.setdefault(episode.rule, RuleStatistics())
        of_rule.severities[episode.severity] += 1
        of_rule.at_beds += bool(episode.bed)
        of_rule.durations.append(episode.duration(until))
        if len(self.listed) < MOST:
            self.listed.append(episode)
        else:
            self.unlisted += 1


def only_in(these: Iterable[Episode], those: Iterable[Episode]) -> Iterator[Episode]:
    """Episodes of the first that overlap none of the second."""
    series: dict[tuple[str, str, str], list[Episode]] = {}
    for episode in those:
        series.setdefault((episode.rule, episode.device, episode.signal), []).append(episode)
    for episode in these:
        if not any(map(episode.overlaps, series.get((episode.rule, episode.device, episode.signal), ()))):
            yield episode
