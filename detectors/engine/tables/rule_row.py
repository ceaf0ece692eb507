"""A row: one rule on one series of a device."""

from dataclasses import dataclass

import numpy as np

from ward.config.rule import ResolvedRule, Rule
from ward.finding import Finding


@dataclass(slots=True, eq=False)
class RuleRow:
    """What is known of the row in one slot of a `DetectorTable`, besides its numbers.

    `series_number` and `device_number` are those of `Devices`; the first is -1 for a rule about a whole device.
    `digest` is equal for rows that may take over each other's state. `stale_after` are the seconds without a value
    after which an episode ends as *signal lost*, inf for never. `last_finding` is the newest one of the episode
    that is open, or None. `expected` is whether the inventory expects the series, so that it may be missing.
    """

    rule: Rule
    resolved: ResolvedRule
    device: str
    signal: str
    series_number: int
    device_number: int
    digest: str
    stale_after: float = np.inf
    expected: bool = False
    last_finding: Finding | None = None
