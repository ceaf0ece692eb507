"""The instant of a reading: the device's time where it is within the allowed range, else the time of receipt."""

from typing import NamedTuple

from ward.clock import SECOND, Micros
from ward.config.clock_limits import ClockLimits
from ward.reading import Flag

# Unnumbered readings in a row with a time in the past: one may be a late delivery, three are a clock that was set back.
_SET_BACK = 3


class ReadingTime(NamedTuple):
    """The instant of a reading; what its device sent where that is not used; and flags (`ward.reading.Flag`)."""

    at: Micros
    device_time: Micros | None
    flags: int


class DeviceClock:
    """What a device's readings show of its clock."""

    def __init__(self) -> None:
        self._newest: Micros | None = None
        self._offset: Micros = 0
        self._behind = 0

    def resolve(
        self, device_time: Micros | None, *, numbered: bool, newer: bool, received_at: Micros, timing: ClockLimits
    ) -> ReadingTime:
        """The instant of a reading that the bridge received at `received_at`.

        `device_time` is the time that the device sent, `numbered` whether it sent `boot` and `seq`, `newer` whether no
        later reading was received before. `device_time` is used from `timing.oldest` seconds before `received_at` (a
        backlog) to `timing.ahead` seconds after it. A newer reading with an earlier time shows that the clock was set
        back: with that time all later readings would be out of order, and no detector would evaluate them.
        """
        if device_time is None:
            return ReadingTime(received_at, None, Flag.UNTIMED)
        if device_time > received_at + timing.ahead * SECOND:
            return self._by_bridge(device_time, newer, received_at, Flag.CLOCK_AHEAD)
        if device_time < received_at - timing.oldest * SECOND:
            return self._by_bridge(device_time, newer, received_at, Flag.CLOCK_BEHIND)
        if self._set_back(device_time, numbered, newer, timing):
            return self._by_bridge(device_time, newer, received_at, Flag.CLOCK_STEPPED)
        if not newer:
            return ReadingTime(device_time, None, Flag.OUT_OF_ORDER)
        flags = self._skew(device_time, received_at, timing)
        self.restore(device_time)
        return ReadingTime(device_time, None, flags)

    def restore(self, at: Micros) -> None:
        """Remember the instant of a reading, as `resolve` does."""
        self._newest = at if self._newest is None else max(at, self._newest)

    def _by_bridge(self, device_time: Micros, newer: bool, received_at: Micros, flag: Flag) -> ReadingTime:
        if newer:
            self._newest = received_at
        return ReadingTime(received_at, device_time, flag)

    def _set_back(self, device_time: Micros, numbered: bool, newer: bool, timing: ClockLimits) -> bool:
        back = self._newest is not None and device_time < self._newest - timing.step * SECOND
        if numbered:
            return back and newer
        self._behind = self._behind + 1 if back else 0
        return self._behind >= _SET_BACK

    def _skew(self, device_time: Micros, received_at: Micros, timing: ClockLimits) -> int:
        """A constant offset is a wrong clock; one that shrinks from reading to reading is a backlog being delivered."""
        offset = received_at - device_time
        passed = device_time - (self._newest if self._newest is not None else device_time)
        constant = abs(offset - self._offset) < passed / 2
        self._offset = offset
        if constant and abs(offset) > timing.skew * SECOND:
            return Flag.CLOCK_SKEWED
        return Flag.BACKLOG if offset > timing.backlog * SECOND else 0
