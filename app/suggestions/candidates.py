"""Which other limits and delays are tried for a rule, and how far they may go.

A delay may be up to four times as long as it is, within `longest_delay` of the signal. A limit may move by three
quarters of the distance to the limit of the next severity, within `loosest`: LOW stays within what is MEDIUM now, and
MEDIUM within what is HIGH now. The limit of HIGH does not move.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor
from typing import Any

from detectors.limits import LimitsParams
from ward.config.rule import Decision, ResolvedRule
from ward.signals import Signal

# Multiples of the delay, and shares of the way to the limit of the next severity.
DELAYS = (1, 2, 3, 4)
SHARES = (0.0, 0.25, 0.5, 0.75)
# Where a rule has no delay, the first step; where a signal has no `longest_delay`, the longest: both in seconds.
FIRST_DELAY, LONGEST_DELAY = 5.0, 60.0
_SEVERITIES = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Other settings of a rule: a delay in seconds where it is another, and limits by severity where they are.

    `size` orders candidates by how much they change.
    """

    delay: float | None
    limits: Mapping[str, float]
    size: float

    @property
    def settings(self) -> dict[str, Any]:
        """The changed keys, as an override in the config has them."""
        delay = {} if self.delay is None else {"for": f"{self.delay:g}s"}
        return {**self.limits, **delay}


def candidates(present: ResolvedRule, signal: Signal, loosest: float | None) -> list[Candidate]:
    """All that may be tried in the place of a rule's present settings, the smallest change first."""
    assert isinstance(present.params, LimitsParams)
    longest = _longest_delay(present.decision, present.params, signal)
    found: dict[tuple[float | None, tuple[tuple[str, float], ...]], Candidate] = {}
    for step, delay in enumerate(_delays(present.decision.for_, longest)):
        for number, share in enumerate(SHARES):
            limits = dict(_moved(present.params, share, signal.precision, loosest))
            changed = delay if delay > present.decision.for_ else None
            if changed is not None or limits:
                candidate = Candidate(changed, limits, step + number)
                found.setdefault((changed, tuple(limits.items())), candidate)
    return sorted(found.values(), key=lambda candidate: candidate.size)


def _longest_delay(decision: Decision, params: LimitsParams, signal: Signal) -> float:
    """How long the rule may wait: by the severities that it can raise, without the window of its means."""
    used = [name for name, limit in zip(_SEVERITIES, params.limits, strict=True) if limit is not None]
    longest = [signal.longest_delay[name] for name in used if name in signal.longest_delay]
    return min(longest, default=LONGEST_DELAY) - (decision.every or 0.0)


def _delays(present: float, longest: float) -> Iterator[float]:
    """The present delay, and longer ones that are allowed."""
    yield present
    for times in DELAYS[1:]:
        delay = round(times * present, 1) if present >= 1 else (times - 1) * FIRST_DELAY
        if present < delay <= longest:
            yield delay


def _moved(
    params: LimitsParams, share: float, precision: int, loosest: float | None
) -> Iterator[tuple[str, float]]:  # fmt: skip
    """The limits that are others after a share of the way to the next severity, rounded towards the present limit."""
    given = [(name, limit) for name, limit in zip(_SEVERITIES, params.limits, strict=True) if limit is not None]
    for (name, limit), (_, following) in pairwise(given):
        moved = limit + share * (following - limit)
        unit = 10.0**-precision
        # A tiny amount, so that 36.6 / 0.1 is 366 and not 365.99999.
        steps = floor(moved / unit + 1e-9) if params.sign > 0 else ceil(moved / unit - 1e-9)
        rounded = round(steps * unit, precision)
        if loosest is not None and params.sign * rounded > params.sign * loosest:
            rounded = loosest
        if params.sign * rounded > params.sign * limit:
            yield name, rounded
