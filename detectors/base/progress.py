"""How far a detector is from its first score: *warming up* or *not enough data*, and how much is there of how much."""

from typing import NamedTuple

import numpy as np

from detectors.base.columns import Floats
from ward.clock import format_span
from ward.text_template import TextKind, TextTemplate

WARMING_UP = TextTemplate(TextKind.NOTE, "warming up, {parts}", parts="12 of 48 values")
NOT_ENOUGH = TextTemplate(TextKind.NOTE, "not enough data, {parts}", parts="7 of 10 values")
VALUES = TextTemplate(TextKind.NOTE, "{have} of {need} values", have="12", need="48")
ALL_ALIKE = TextTemplate(TextKind.NOTE, "all {have} values are alike", have="60")
DEVICES = TextTemplate(TextKind.NOTE, "{have} of {need} devices of its kind", have="3", need="5")
SPANS = TextTemplate(TextKind.NOTE, "{have} of {need}", have="40 min", need="4 h")


# For a detector that compares no devices.
NOBODY = np.zeros(1)


class Progress(NamedTuple):
    """What each row has and needs before it has a score, as arrays of one length; 0 where it needs none.

    A detector that is `warming_up` does not yet know what is normal; else its window has too few values now, at the
    start or after a gap. One that is compared with other devices also needs these: `devices` of `of_devices`.
    """

    warming_up: bool
    values: Floats
    of_values: Floats
    seconds: Floats
    of_seconds: Floats
    devices: Floats = NOBODY
    of_devices: Floats = NOBODY

    def texts(self) -> list[str]:
        """The text of each row."""
        found = [""] * len(self.values)
        few = (self.values < self.of_values) | (self.seconds < self.of_seconds) | (self.devices < self.of_devices)
        for row in np.flatnonzero(few).tolist():
            found[row] = self.text(row)
        return found

    def text(self, row: int) -> str:
        """`warming up, 12 of 48 values`; empty for a row that has all it needs.

        >>> progress = of_values(np.array([12.0, 60.0]), np.full(2, 48.0))
        >>> progress.text(0), progress.text(1)
        ('warming up, 12 of 48 values', '')
        """
        values, of_values, seconds, of_seconds = (float(column[row]) for column in self[1:5])
        parts = []
        if values < of_values:
            parts.append((VALUES if of_values < np.inf else ALL_ALIKE)(have=f"{values:.0f}", need=f"{of_values:.0f}"))
        if seconds < of_seconds:
            parts.append(SPANS(have=format_span(seconds), need=format_span(of_seconds)))
        if not parts and self.devices is not NOBODY and self.devices[row] < self.of_devices[row]:
            return NOT_ENOUGH(parts=DEVICES(have=f"{self.devices[row]:.0f}", need=f"{self.of_devices[row]:.0f}"))
        whole = WARMING_UP if self.warming_up else NOT_ENOUGH
        return whole(parts=", ".join(parts)) if parts else ""


def of_values(have: Floats, need: Floats, *, warming_up: bool = True) -> Progress:
    """Progress in numbers of values alone. `need` is inf where no number is enough, as all values are alike so far.

    >>> of_values(np.array([7.0]), np.array([10.0]), warming_up=False).text(0)
    'not enough data, 7 of 10 values'
    >>> of_values(np.array([7.0]), np.array([np.inf])).text(0)
    'warming up, all 7 values are alike'
    """
    none = np.zeros(len(have))
    return Progress(warming_up, have, need, none, none)


def of_seconds(have: Floats, need: Floats) -> Progress:
    """Progress in seconds alone.

    >>> of_seconds(np.array([2400.0]), np.array([14_400.0])).text(0)
    'warming up, 40 min of 4 h'
    """
    none = np.zeros(len(have))
    return Progress(True, none, none, have, need)
