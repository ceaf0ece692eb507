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
    claimed: Micros | None
    flags: int


class DeviceClock:
    """What a device's readings show of its clock."""

    def __init__(self) -> None:
        self._newest: Micros | None = None
        self._offset: Micros = 0
        self._behind = 0

    def resolve(
        self, claimed: Micros | None, *, numbered: bool, newer: bool, seen: Micros, timing: ClockLimits
    ) -> ReadingTime:
        """The instant of a reading that the bridge received at `seen`.

        `claimed` is the time that the device sent, `numbered` whether it sent `boot` and `seq`, `newer` whether no
        later reading was received before. `claimed` is used from `timing.oldest` seconds before `seen` (a backlog) to
        `timing.ahead` seconds after it. A newer reading with an earlier time shows that the clock was set back: with
        that time all later readings would be out of order, and no detector would evaluate them.
        """
        if claimed is None:
            return ReadingTime(seen, None, Flag.UNTIMED)
        if claimed > seen + timing.ahead * SECOND:
            return self._by_bridge(claimed, newer, seen, Flag.CLOCK_AHEAD)
        if claimed < seen - timing.oldest * SECOND:
            return self._by_bridge(claimed, newer, seen, Flag.CLOCK_BEHIND)
        if self._set_back(claimed, numbered, newer, timing):
            return self._by_bridge(claimed, newer, seen, Flag.CLOCK_STEPPED)
        if not newer:
            return ReadingTime(claimed, None, Flag.OUT_OF_ORDER)
        flags = self._skew(claimed, seen, timing)
        self.restore(claimed)
        return ReadingTime(claimed, None, flags)

    def restore(self, at: Micros) -> None:
        """Remember the instant of a reading, as `resolve` does."""
        self._newest = at if self._newest is None else max(at, self._newest)

    def _by_bridge(self, claimed: Micros, newer: bool, seen: Micros, flag: Flag) -> ReadingTime:
        if newer:
            self._newest = seen
        return ReadingTime(seen, claimed, flag)

    def _set_back(self, claimed: Micros, numbered: bool, newer: bool, timing: ClockLimits) -> bool:
        back = self._newest is not None and claimed < self._newest - timing.step * SECOND
        if numbered:
            return back and newer
        self._behind = self._behind + 1 if back else 0
        return self._behind >= _SET_BACK

    def _skew(self, claimed: Micros, seen: Micros, timing: ClockLimits) -> int:
        """A constant offset is a wrong clock; one that shrinks from reading to reading is a backlog being delivered."""
        offset = seen - claimed
        passed = claimed - (self._newest if self._newest is not None else claimed)
        constant = abs(offset - self._offset) < passed / 2
        self._offset = offset
        if constant and abs(offset) > timing.skew * SECOND:
            return Flag.CLOCK_SKEWED
        return Flag.BACKLOG if offset > timing.backlog * SECOND else 0
