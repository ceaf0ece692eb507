"""What the scores of each bed were in the last hours: a number is read as rising or falling against it."""

from typing import Literal, NamedTuple

from ward.clock import SECOND, Micros
from ward.score import BedScore

LENGTH, STEP = 4 * 3600 * SECOND, 600 * SECOND
LEAST = 3600 * SECOND  # a score of less long ago is no trend
_SHARE = 20  # a change of less than this part of the highest score is none

Direction = Literal["rising", "falling", "steady"]


class EarlierScore(NamedTuple):
    """A score of a patient at `at`. `known` are its parts with points: with others it is not comparable."""

    at: Micros
    patient: str
    at_least: float
    whole: bool
    known: frozenset[str]

    @classmethod
    def of(cls, score: BedScore) -> "EarlierScore":
        known = frozenset(part.signal for part in score.parts if part.points is not None)
        return cls(score.at, score.patient, score.at_least, score.value is not None, known)


class ScoreTrend(NamedTuple):
    """How a score was at `since`, and how it has changed."""

    since: Micros
    before: float
    direction: Direction


class ScoreHistory:
    """One score of each rule and bed in ten minutes, of the last four hours."""

    def __init__(self) -> None:
        self._scores: dict[tuple[str, str], dict[int, EarlierScore]] = {}
        self._parts: dict[frozenset[str], frozenset[str]] = {}  # one object for equal sets

    def apply(self, score: BedScore) -> None:
        """Add a score. Those that are too old go, and later ones, which are from before a clock was set back."""
        earlier = self._scores.setdefault((score.bed, score.rule), {})
        for step in [step for step, one in earlier.items() if not score.at - LENGTH - STEP <= one.at <= score.at]:
            del earlier[step]
        if score.at // STEP not in earlier:
            self.restore(score.bed, score.rule, EarlierScore.of(score))

    def restore(self, bed: str, rule: str, one: EarlierScore) -> None:
        """Add a score from the store, unless there is one of that time."""
        one = one._replace(known=self._parts.setdefault(one.known, one.known))
        self._scores.setdefault((bed, rule), {}).setdefault(one.at // STEP, one)

    def trend(self, score: BedScore) -> ScoreTrend | None:
        """The change since the oldest comparable score of this patient in the last four hours; None without one."""
        now = EarlierScore.of(score)
        comparable = (
            one
            for one in self._scores.get((score.bed, score.rule), {}).values()
            if score.at - LENGTH <= one.at <= score.at - LEAST
            and (one.patient, one.whole, one.known) == (now.patient, now.whole, now.known)
        )
        oldest = min(comparable, default=None, key=lambda one: one.at)
        if oldest is None:
            return None
        return ScoreTrend(oldest.at, oldest.at_least, _direction(now.at_least - oldest.at_least, score.highest))


def _direction(change: float, highest: float) -> Direction:
    if abs(change) * _SHARE < highest:
        return "steady"
    return "rising" if change > 0 else "falling"
