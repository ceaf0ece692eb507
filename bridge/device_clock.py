"""The instant of a reading: the device's time where it is within the allowed range, else the time of receipt.

    no time, or not within the range ──────────────────────────────▶ time of receipt
    later than all before ─────────────────────────────────────────▶ the device's time
    not later, though the newest of its source, which sent last ───▶ a microsecond after the newest
    not later than what another source sent, but measured just now ▶ time of receipt
    anything else ─────────────────────────────────────────────────▶ the device's time, out of order

No two readings of a device have the same instant. Where the time of receipt is taken, it is later than all before.
"""

from collections import OrderedDict
from typing import NamedTuple

from bridge.distinct_instants import DistinctInstants
from bridge.source_clock import SourceClock
from ward.clock import SECOND, Micros
from ward.config.clock_limits import ClockLimits
from ward.reading import Flag, Reading

MOST_SOURCES = 4
_UNNUMBERED = ""  # the source of all readings without a boot
_NONE: Micros = -1
# As a plain number: an operation on a Flag costs a microsecond.
_SKEWED, _STATUS, _UNTIMED, _OUT_OF_ORDER = map(int, (Flag.CLOCK_SKEWED, Flag.STATUS, Flag.UNTIMED, Flag.OUT_OF_ORDER))
_BY_RECEIPT = int(Flag.CLOCK_AHEAD | Flag.CLOCK_BEHIND | Flag.CLOCK_STEPPED)


class ReadingTime(NamedTuple):
    """The instant of a reading; what its device sent where that differs; and flags (`ward.reading.Flag`)."""

    at: Micros
    device_time: Micros | None
    flags: int


class DeviceClock:
    """What a device's readings show of its clock, and of the clocks of others that send under its id.

    A source is one boot, or all that sends for the device without numbers.
    """

    def __init__(self) -> None:
        self._instants = DistinctInstants()
        self._sources: OrderedDict[str, SourceClock] = OrderedDict()
        self._source = _UNNUMBERED  # of the newest reading with a time
        self._boot = ""  # of the newest numbered reading
        self._boots: OrderedDict[str, None] = OrderedDict()  # that have sent the newest reading at some time
        # The newest instants of readings in order with a time, of those without, and of statuses.
        self._timed = self._untimed = self._status = _NONE

    def resolve(
        self, device_time: Micros | None, *, boot: str, newer: bool, received_at: Micros, timing: ClockLimits
    ) -> ReadingTime:
        """The instant of a reading that the bridge received at `received_at`.

        `device_time` is the time that the device sent, `boot` is empty where it sent no numbers, `newer` is whether no
        later reading of this boot was received before. `device_time` is used from `timing.oldest` seconds before
        `received_at` (a backlog) on; one after `received_at` is not, without a flag up to `timing.ahead` seconds. A
        newer reading with an earlier time shows that the clock was set back: with that time all later readings would be
        out of order, and no detector would evaluate them.
        """
        self._notice_set_back(received_at, timing)
        if device_time is None:
            self._untimed = self._after_all(received_at)
            return ReadingTime(self._untimed, None, Flag.UNTIMED)
        clock = self._clock(boot)
        if device_time > received_at + timing.ahead * SECOND:
            return self._by_receipt(boot, clock, device_time, newer, received_at, Flag.CLOCK_AHEAD)
        if device_time < received_at - timing.oldest * SECOND:
            return self._by_receipt(boot, clock, device_time, newer, received_at, Flag.CLOCK_BEHIND)
        if clock.set_back(device_time, numbered=boot != _UNNUMBERED, newer=newer, timing=timing):
            return self._by_receipt(boot, clock, device_time, newer, received_at, Flag.CLOCK_STEPPED)
        if not newer:
            return self._out_of_order(device_time)
        return self._in_order(boot, clock, device_time, received_at, timing)

    def resolve_status(self, received_at: Micros) -> ReadingTime:
        """The instant of a status. It has no part in the order of the readings."""
        if self._status > received_at + SECOND:  # the bridge's clock was set back
            self._status = _NONE
        self._status = self._instants.free(max(received_at, self._status + 1))
        return ReadingTime(self._status, None, Flag.UNTIMED)

    def restore(self, reading: Reading) -> None:
        """Remember a reading of the log as `resolve` did."""
        self._instants.remember(reading.at)
        if reading.flags & _STATUS:
            self._status = reading.at
        elif reading.flags & _UNTIMED:
            self._untimed = reading.at
        elif not reading.flags & _OUT_OF_ORDER:
            by_receipt = reading.device_time is None or reading.flags & _BY_RECEIPT
            self._clock(reading.boot).newest = reading.at if by_receipt else reading.device_time
            self._note(reading.boot, reading.at)

    def _in_order(
        self, boot: str, clock: SourceClock, device_time: Micros, received_at: Micros, timing: ClockLimits
    ) -> ReadingTime:
        """The instant of a reading that is the newest of its source."""
        at = min(device_time, received_at)
        behind = at <= self._timed and (boot != self._source or clock.is_earlier(device_time, timing))
        flags = clock.advance(device_time, received_at, timing)
        live = bool(flags & _SKEWED) or received_at - device_time <= timing.skew * SECOND
        if behind:
            if not live:
                return self._out_of_order(device_time)
            at = received_at
            flags |= Flag.CLOCK_STEPPED * (boot == self._source)
        if at <= self._untimed and live:
            at = received_at
        at = self._after_all(at) if live else self._instants.free(max(at, self._timed + 1))
        flags |= self._note(boot, at)
        return ReadingTime(at, device_time if at != device_time else None, flags)

    def _by_receipt(
        self, boot: str, clock: SourceClock, device_time: Micros, newer: bool, received_at: Micros, flag: int
    ) -> ReadingTime:
        at = self._after_all(received_at)
        if newer:
            clock.newest = received_at
            flag |= self._note(boot, at)
        return ReadingTime(at, device_time, flag)

    def _out_of_order(self, device_time: Micros) -> ReadingTime:
        at = self._instants.free(device_time)
        return ReadingTime(at, device_time if at != device_time else None, Flag.OUT_OF_ORDER)

    def _after_all(self, wanted: Micros) -> Micros:
        """The wanted instant, or the first free one after those of all readings that are in order."""
        return self._instants.free(max(wanted, self._timed + 1, self._untimed + 1))

    def _note(self, boot: str, at: Micros) -> int:
        """A reading is the newest. Returns the flag for a boot that sends in turns with another one."""
        self._timed, self._source = at, boot
        if boot in (_UNNUMBERED, self._boot):
            return 0
        changed = boot in self._boots
        self._boot = boot
        self._boots[boot] = None
        if len(self._boots) > MOST_SOURCES:
            self._boots.popitem(last=False)
        return Flag.SOURCE_CHANGED if changed else 0

    def _clock(self, boot: str) -> SourceClock:
        clock = self._sources.get(boot)
        if clock is None:
            clock = self._sources[boot] = SourceClock()
            while len(self._sources) > MOST_SOURCES:
                self._sources.popitem(last=False)
        return clock

    def _notice_set_back(self, received_at: Micros, timing: ClockLimits) -> None:
        """An instant long after the receipt shows that the bridge's clock was set back: what follows is in order."""
        if max(self._timed, self._untimed) > received_at + timing.step * SECOND:
            self._timed = self._untimed = _NONE
            self._sources.clear()
