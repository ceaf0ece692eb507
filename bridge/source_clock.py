"""The clock of one source of a device: of one boot, or of all that sends for the device without numbers."""

from ward.clock import SECOND, Micros
from ward.config.clock_limits import ClockLimits
from ward.reading import Flag

# Unnumbered readings in a row with a time in the past: one may be a late delivery, three are a clock that was set back.
_SET_BACK = 3


class SourceClock:
    """`newest` is the latest time that was used of this source; None before the first."""

    def __init__(self) -> None:
        self.newest: Micros | None = None
        self._offset: Micros = 0
        self._behind = 0

    def set_back(self, device_time: Micros, *, numbered: bool, newer: bool, timing: ClockLimits) -> bool:
        """Whether a time shows that the clock was set back."""
        back = self.is_earlier(device_time, timing)
        if numbered:
            return back and newer
        self._behind = self._behind + 1 if back else 0
        return self._behind >= _SET_BACK

    def is_earlier(self, device_time: Micros, timing: ClockLimits) -> bool:
        """Whether a time is earlier than the newest by more than clocks jump when they are adjusted."""
        return self.newest is not None and device_time < self.newest - timing.step * SECOND

    def advance(self, device_time: Micros, received_at: Micros, timing: ClockLimits) -> int:
        """Remember the time of a reading that is the newest. Returns its flags.

        A constant offset is a wrong clock; one that shrinks from reading to reading is a backlog being delivered.
        """
        offset = received_at - device_time
        passed = device_time - (self.newest if self.newest is not None else device_time)
        constant = abs(offset - self._offset) < passed / 2
        self._offset = offset
        self.newest = device_time if self.newest is None else max(device_time, self.newest)
        if constant and abs(offset) > timing.skew * SECOND:
            return Flag.CLOCK_SKEWED
        return Flag.BACKLOG if offset > timing.backlog * SECOND else 0
