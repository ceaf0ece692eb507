"""Findings folded into episodes, of the engine or as the store remembers them."""

import statistics
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.backtests.episode import Episode
from ward.clock import SECOND, Micros
from ward.finding import Edge, Finding, Severity
from ward.ports import Event

# As many are listed one by one; beyond them only numbers are kept.
MOST = 20_000
_SEVERITIES = set(Severity)
_ORDER = {edge: i for i, edge in enumerate(Edge)}


@dataclass
class RuleStatistics:
    """What a rule came to: how many, how grave, how many of them at beds, and how long each was."""

    severities: Counter[Severity] = field(default_factory=Counter)
    at_beds: int = 0
    lengths: "array[float]" = field(default_factory=lambda: array("f"))

    @property
    def count(self) -> int:
        return len(self.lengths)

    @property
    def median(self) -> float:
        """Of the lengths, in seconds."""
        return statistics.median(self.lengths)


class EpisodeCollector:
    """Those raised from `start` on. What was raised before and goes on is `older`."""

    def __init__(self, start: Micros) -> None:
        self._start = start
        self._open: dict[str, Episode] = {}
        self.listed: list[Episode] = []
        self.tallies: dict[str, RuleStatistics] = {}
        self.older = 0
        self.left_out = 0
        self.unreadable = 0

    def take(self, finding: Finding) -> None:
        """Fold one in."""
        self._fold(
            finding.episode, finding.edge, finding.severity, finding.at, str(finding.ended or ""),
            lambda: Episode(
                finding.rule, finding.device, finding.signal, finding.ward, finding.bed, finding.severity,
                finding.onset, finding.at, finding.text,
            ),
        )  # fmt: skip

    def recall(self, events: Sequence[Event], rules: Iterable[str] = ()) -> None:
        """Fold in what the store remembers, of these rules or of all."""
        wanted, edges = set(rules), set(Edge)
        told = [e for e in events if e.tags.get("edge") in edges and e.tags.get("severity") in _SEVERITIES]
        self.unreadable += len(events) - len(told)
        for event in sorted(told, key=lambda e: (e.at, _ORDER[Edge(e.tags["edge"])])):
            if not wanted or event.tags.get("rule") in wanted:
                self._recall(event)

    def finish(self, end: Micros) -> None:
        """Close the book at `end`: what goes on is counted as long as it has lasted until then."""
        for episode in self._open.values():
            if episode.raised < self._start:
                self.older += 1
            else:
                self._count(episode, end)
        self._open.clear()
        self.listed.sort(key=lambda episode: episode.raised)

    def _recall(self, event: Event) -> None:
        tags, fields = event.tags, event.fields
        severity, onset = Severity(tags["severity"]), fields.get("onset")
        began = round(onset * SECOND) if isinstance(onset, float | int) else event.at
        self._fold(
            str(fields.get("episode", "")), Edge(tags["edge"]), severity, event.at, str(fields.get("ended", "")),
            lambda: Episode(
                tags.get("rule", ""), tags.get("device", ""), tags.get("signal", ""), tags.get("ward", ""),
                tags.get("bed", ""), severity, began, event.at, str(fields.get("text", "")),
            ),
        )  # fmt: skip

    def _fold(
        self, key: str, edge: Edge, severity: Severity, at: Micros, ended: str, make: Callable[[], Episode]
    ) -> None:
        known = self._open.get(key)
        if edge is Edge.CLEARED:
            if known is not None:
                known.over, known.ended = at, ended
                del self._open[key]
                if known.raised >= self._start:
                    self._count(known, at)
        elif known is None:
            self._open[key] = make()
        elif severity.rank > known.severity.rank:
            known.severity = severity

    def _count(self, episode: Episode, until: Micros) -> None:
        tally = self.tallies.setdefault(episode.rule, RuleStatistics())
        tally.severities[episode.severity] += 1
        tally.at_beds += bool(episode.bed)
        tally.lengths.append(episode.lasted(until))
        if len(self.listed) < MOST:
            self.listed.append(episode)
        else:
            self.left_out += 1


def only_in(these: Iterable[Episode], those: Iterable[Episode]) -> Iterator[Episode]:
    """Those of the first that meet none of the second."""
    series: dict[tuple[str, str, str], list[Episode]] = {}
    for episode in those:
        series.setdefault((episode.rule, episode.device, episode.signal), []).append(episode)
    for episode in these:
        if not any(map(episode.meets, series.get((episode.rule, episode.device, episode.signal), ()))):
            yield episode
