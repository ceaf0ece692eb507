"""The newest score of each bed and rule."""

from collections.abc import Collection
from dataclasses import dataclass

from ward.clock import SECOND, Clock
from ward.score import BedScore
from web.model.now import Now
from web.model.score_history import EarlierScore, ScoreHistory, ScoreTrend

# The detectors send each score every 10 s: one that has not come for longer than this is not evaluated now.
CURRENT_FOR = 35.0


@dataclass(frozen=True, slots=True)
class ShownScore:
    """A score, whether it is evaluated now, and how it has changed; None where that is not known."""

    score: BedScore
    current: bool
    trend: ScoreTrend | None = None


class BedScoreIndex:
    """Scores by bed and rule. One of a patient who has left, or of a rule that is gone, is not shown."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, dict[str, tuple[BedScore, float]]] = {}
        self._history = ScoreHistory()

    def apply(self, score: BedScore, *, old: bool) -> None:
        """Apply a record. `old` says that it was in the log before this process: only its own time says how old it is.
        One that is older than the known one of its bed and rule is ignored."""
        of_bed = self._known.setdefault(score.bed, {})
        known = of_bed.get(score.rule)
        if known is not None and score.at < known[0].at:
            return
        age = max(0.0, (self._clock.now() - score.at) / SECOND) if old else 0.0
        of_bed[score.rule] = score, self._clock.monotonic() - age
        self._history.apply(score)

    def restore(self, bed: str, rule: str, one: EarlierScore) -> None:
        """An earlier score from the store, for trends."""
        self._history.restore(bed, rule, one)

    def of(self, bed: str, patient: str, rules: Collection[str], now: Now) -> list[ShownScore]:
        """The scores of the patient in a bed, or of a bed without a known patient, by rules that are in force, in their
        order."""
        known = self._known.get(bed, {})
        return [
            ShownScore(score, now.monotonic - received <= CURRENT_FOR, self._history.trend(score))
            for score, received in (known[rule] for rule in rules if rule in known)
            if score.patient == patient
        ]
