"""A row whose level changed, or whose update is due, with all that a finding about it needs."""

from dataclasses import dataclass

from detectors.base.columns import Rows
from detectors.base.evidence import IdleTimes
from detectors.engine.tables.rule_row import RuleRow


@dataclass(frozen=True, slots=True)
class LevelChange:
    """One row whose level changed; or did not, where `before` is `after`: then its numbers may have changed.

    `since` is how long the new level has been due, `onset` when the episode began, `t` the time of the value that
    decided, all in seconds of the device's clock. `x` is that value, NaN where time alone decided, as `idle` says.
    `worst` is the worst value of the episode, at `worst_at`, both NaN where it has no value. `state` and `p` are the
    columns and parameters of the row, as arrays of one. `origin` is the index in the batch of the reading that decided,
    -1 for none; `received_at` is when the bridge received what decided, in seconds, where that was no single reading.
    """

    row: RuleRow
    slot: int
    before: int
    after: int
    since: float
    onset: float
    t: float
    x: float
    score: float
    worst: float
    worst_at: float
    state: Rows
    p: Rows
    origin: int = -1
    idle: IdleTimes | None = None
    received_at: float | None = None
