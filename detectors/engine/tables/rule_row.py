"""A row of a bank: one rule on one series."""

from dataclasses import dataclass

import numpy as np

from ward.config.rule import Resolved, Rule
from ward.finding import Finding


@dataclass(slots=True, eq=False)
class RuleRow:
    """What a slot stands for. `series` and `owner` are the numbers of its series and of its device; `shape` is
    equal for rows that may take each other's state; `patience` is after how many seconds without a value an
    episode is given up (never for a patient); `told` is the last finding of the episode that goes on."""

    rule: Rule
    resolved: Resolved
    device: str
    signal: str
    series: int
    owner: int
    shape: str
    patience: float = np.inf
    told: Finding | None = None
