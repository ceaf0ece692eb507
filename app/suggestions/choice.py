"""Chooses what to suggest: the smallest change that spares nearly as much as the best one, and misses nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.backtests.alarm_time import minutes_in_alarm
from app.backtests.comparison import median_delay
from app.backtests.episode import Episode
from app.backtests.known_episodes import Detection, Finder, KnownEpisode
from app.suggestions.candidates import Candidate
from app.suggestions.trial import Trial
from ward.clock import Micros
from ward.finding import Severity

# A change must spare at least this share of the alerts, and so many; the smallest one that spares nine tenths of what
# the best does is suggested.
LEAST_SHARE, LEAST_ALERTS = 0.2, 3
ENOUGH = 0.9
# A change may find no episode that must be kept so many seconds later than the present settings do.
MOST_LATER = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The alerts with some settings: how many, the minutes in alarm, and which of the episodes to keep they find."""

    alerts: int
    minutes: float
    kept: Sequence[Detection]
    missed: int

    @property
    def delay(self) -> float | None:
        """The median delay in seconds of the kept episodes."""
        return median_delay(self.kept)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A candidate that is suggested for a rule at a bed, with what it would have changed."""

    trial: Trial
    candidate: Candidate
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is suggested for a rule at a bed that has this many alerts."""

    bed: str
    rule: str
    alerts: int
    why: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Episodes that a change must find: `acknowledged` or known otherwise, and `high`, which must still reach HIGH."""

    acknowledged: Sequence[KnownEpisode]
    high: Sequence[KnownEpisode]


def to_keep(trial: Trial, recorded: Iterable[KnownEpisode], known: Iterable[KnownEpisode], end: Micros) -> Keep:
    """What changes of a rule at a bed must find.

    These are the alerts of the rule there that were acknowledged or HIGH then (`recorded`), those that reach HIGH with
    the present settings, and the known episodes of that bed that the rule finds with them.
    """
    present = trial.outcomes[0]
    high = [
        KnownEpisode(e.bed, e.onset, end if e.ended_at is None else e.ended_at)
        for e in present if e.severity is Severity.HIGH
    ]  # fmt: skip
    found = [one.known for one in _detections(trial, present, known) if one.delay is not None]
    mine = [one for one in recorded if one.label == trial.rule.name and one.begin >= trial.subject.since]
    return Keep([*mine, *found], high)


def outcome(trial: Trial, alerts: Sequence[Episode], keep: Keep, start: Micros, end: Micros) -> Outcome:
    """The outcome of some alerts of a trial."""
    high = [alert for alert in alerts if alert.severity is Severity.HIGH]
    kept = [*_detections(trial, alerts, keep.acknowledged), *_detections(trial, alerts, keep.high)]
    still_high = _detections(trial, high, keep.high)
    missed = sum(one.delay is None for one in (*kept[: len(keep.acknowledged)], *still_high))
    return Outcome(len(alerts), sum(minutes_in_alarm(alerts, start, end).values()), kept, missed)


def choose(trial: Trial, keep: Keep, start: Micros, end: Micros) -> Suggestion | Refusal:
    """The change to suggest, or why there is none."""
    before, *after = (outcome(trial, alerts, keep, start, end) for alerts in trial.outcomes)
    spared = [before.alerts - one.alerts for one in after]
    least = max(LEAST_ALERTS, LEAST_SHARE * before.alerts)
    worth = [i for i, alerts in enumerate(spared) if alerts >= least]
    safe = [i for i in worth if not after[i].missed and not _later(before, after[i])]
    if not safe:
        return Refusal(trial.subject.bed, trial.rule.name, before.alerts, _reason(trial, before, worth))
    enough = ENOUGH * max(spared[i] for i in safe)
    best = next(i for i in safe if spared[i] >= enough)  # candidates come with the smallest change first
    return Suggestion(trial, trial.tried[best], before, after[best])


def _reason(trial: Trial, before: Outcome, worth: Sequence[int]) -> str:
    if not trial.tried:
        return "its delay and limits may not be moved any further"
    if before.missed:
        return "its present settings miss an alert that was acknowledged or HIGH then: look at that first"
    if worth:
        return (
            "every change that spares alerts would miss one that was acknowledged or reached HIGH, or find it "
            f"more than {MOST_LATER:.0f} s later"
        )
    return f"no allowed change spares {LEAST_SHARE:.0%} of its alerts"


def _later(before: Outcome, after: Outcome) -> bool:
    """Whether an episode that must be kept is found too much later."""
    delays = ((one.delay, other.delay) for one, other in zip(before.kept, after.kept, strict=True))
    return any(late is not None and late - (soon or 0.0) > MOST_LATER for soon, late in delays)


def _detections(trial: Trial, alerts: Sequence[Episode], known: Iterable[KnownEpisode]) -> list[Detection]:
    """The episodes of the bed of a trial, looked for among alerts of its rule."""
    here = [one for one in known if one.bed == trial.subject.bed]
    name = trial.rule.name
    return Finder(alerts, {name: trial.rule.kind}).detections(here, frozenset((name,)))
