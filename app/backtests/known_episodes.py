"""Episodes of which people know that something was there, and whether and how soon alerts find them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.backtests.episode import Episode
from ward.clock import SECOND, Micros
from ward.finding import Kind


@dataclass(frozen=True, slots=True)
class KnownEpisode:
    """Something that happened at a bed in [begin, end].

    Where `label` is the name of a rule, only alerts of that rule find it; where `signal` is given, alerts about that
    signal; otherwise, so also without a label, any alert about the patient does.
    """

    bed: str
    begin: Micros
    end: Micros
    label: str = ""
    signal: str = ""


@dataclass(frozen=True, slots=True)
class Detection:
    """Whether a known episode was found: the seconds from its begin to the alert, 0 for one that was active already.

    Both are None where it was missed.
    """

    known: KnownEpisode
    delay: float | None
    alert: Episode | None


@dataclass
class Finder:
    """Looks for known episodes among the alerts of a config. `kinds` are the rules of it."""

    alerts: Iterable[Episode]
    kinds: Mapping[str, Kind]
    _by_bed: dict[str, list[Episode]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for alert in sorted(self.alerts, key=lambda alert: alert.raised):
            self._by_bed.setdefault(alert.bed, []).append(alert)

    def detections(self, known: Sequence[KnownEpisode], names: frozenset[str]) -> list[Detection]:
        """One for each known episode, by the first alert that finds it. `names` are the labels that mean a rule."""
        return [self._detection(one, names) for one in known]

    def _detection(self, known: KnownEpisode, names: frozenset[str]) -> Detection:
        for alert in self._by_bed.get(known.bed, ()):
            if alert.raised > known.end:
                break
            if (alert.ended_at is None or alert.ended_at >= known.begin) and self._fits(alert, known, names):
                return Detection(known, max(0.0, (alert.raised - known.begin) / SECOND), alert)
        return Detection(known, None, None)

    def _fits(self, alert: Episode, known: KnownEpisode, names: frozenset[str]) -> bool:
        if known.label in names:
            return alert.rule == known.label
        if known.signal:
            return alert.signal == known.signal
        return self.kinds.get(alert.rule) is Kind.PHYSIOLOGICAL


def of_recorded(episodes: Iterable[Episode], kinds: Mapping[str, Kind], end: Micros) -> list[KnownEpisode]:
    """Alerts about patients that were recorded, as known episodes: an alert about the same signal finds them."""
    return [
        KnownEpisode(e.bed, e.onset, end if e.ended_at is None else e.ended_at, _shown(e), e.signal)
        for e in episodes if e.bed and kinds.get(e.rule) is Kind.PHYSIOLOGICAL
    ]  # fmt: skip


def _shown(episode: Episode) -> str:
    """A label that is no rule's name: a recorded alert may be found by a rule of another name."""
    return f"recorded: {episode.rule}"
