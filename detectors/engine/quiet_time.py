"""How long readings of one device may be evaluated at once: as long as no tick between them has an effect.

    reading ── no tick has an effect ── reading ── … ── reading ── a tick may have one ── reading
    └──────────────── evaluated at once ────────────────┘

What a tick may change is what `time_advance` says. Here a bound for it is calculated for many readings together, with
the same `seconds_until` of the detectors; where it is reached, the engine carries out the ticks as always.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats, Ints
from detectors.base.evidence import IdleTimes
from detectors.engine.devices import Devices, DeviceState
from detectors.engine.rule_assignment import STALE_AFTER, RuleAssignment
from detectors.engine.tables.detector_table import TIME_MARGIN, DetectorTable
from detectors.engine.waves.block import Block, SeriesValues


class QuietTime:
    """Calculates how many readings of a device have no tick with an effect before them."""

    def __init__(self, devices: Devices, rules: RuleAssignment) -> None:
        self._devices = devices
        self._rules = rules

    def busy(self) -> Ints:
        """Devices that have a tick after each reading: a row that time alone may change is pending or firing."""
        columns = self._devices.columns
        return np.flatnonzero(columns.tick_after_reading[: columns.size])

    def until(self, block: Block, start: int) -> int:
        """The index of the first reading from `start` on that must be evaluated by itself; the number of readings where
        there is none. The reading before `start` has been evaluated."""
        device = self._devices.by_number[block.device]
        last_seen = self._devices.columns.last_seen[block.device]
        if start >= len(block) or not np.isfinite(last_seen):
            return start
        received_at = block.received_at[start:]
        before = np.concatenate(([last_seen], received_at[:-1]))
        # What follows a step back of the clock, and what the broker sent for the device, is evaluated by itself.
        stop = block.status_only[start:] | (received_at < before) | (received_at >= last_seen + STALE_AFTER)
        for values in block.series:
            if not np.isfinite(self._devices.series.newest[values.series]):  # after a step back, or the first value
                stop[values.steps[values.steps >= start] - start] = True
        second_passed = np.flatnonzero(np.floor(received_at) > np.floor(before))
        stop[second_passed] |= self._tick_due(device, block, start, before, second_passed, np.floor(received_at))
        return start + int(stop.argmax()) if stop.any() else len(block)

    def _tick_due(
        self, device: DeviceState, block: Block, start: int, before: Floats, at: Ints, now: Floats
    ) -> npt.NDArray[np.bool_]:
        """Whether a tick before each of the readings `at` may have an effect: at `now`, after the reading `before`."""
        due = np.full(len(at), min(self._rarely_due(device), default=np.inf))
        for table, slots in device.rows.items():
            if table.detector.needs_ticks and slots:
                due = np.minimum(due, self._due(table, np.array(slots), block, start, before, at))
        return now[at] >= due - TIME_MARGIN

    def _rarely_due(self, device: DeviceState) -> Iterator[float]:
        """When the place of a device changes, and when open episodes are stale."""
        yield float(self._devices.columns.place_until[device.number])
        for _, _, row in device.open:
            number = row.series_number
            series, columns = self._devices.series, self._devices.columns
            seen = series.last_seen[number] if number >= 0 else columns.last_seen[device.number]
            yield float(seen) + row.stale_after

    def _due(self, table: DetectorTable, slots: Ints, block: Block, start: int, before: Floats, at: Ints) -> Floats:
        """When the ticks of some rows may next have an effect, as it is after each of the readings before `at`."""
        if table.pending_or_firing[slots].any():
            return np.full(len(at), -np.inf)
        found = {values.series: values for values in block.series}
        due = np.full(len(at), np.inf)
        rows = [self._idle_times(table, slot, found, block, start, before, at) for slot in slots.tolist()]
        columns = zip(*((i.now, i.age, i.device_age, i.count, i.interval) for i in rows), strict=True)
        idle = IdleTimes(*(np.concatenate(column) for column in columns))
        seconds = table.seconds_until_effect(np.repeat(slots, len(at)), idle).reshape(len(slots), len(at))
        due = (before[at] + seconds).min(axis=0)
        if table.detector.feed != "ticks":
            # A value changes the state: what time may do after it is not known here.
            numbers = table.series_numbers[slots].tolist()
            firsts = [v.steps[v.steps >= start] for n in numbers if (v := found.get(n)) is not None]
            first = min((int(steps[0]) - start for steps in firsts if len(steps)), default=len(before))
            due[at > first] = -np.inf
        return np.asarray(due)

    def _idle_times(
        self, table: DetectorTable, slot: int, found: dict[int, SeriesValues], block: Block, start: int, before: Floats,
        at: Ints,
    ) -> IdleTimes:  # fmt: skip
        """The time without values of one row, as it was right after each of the readings before `at`."""
        number, device = int(table.series_numbers[slot]), block.device
        history = self._devices.columns if number < 0 else self._devices.series
        key = device if number < 0 else number
        if number < 0:
            last, more = before[at], at
        else:
            values = found.get(number)
            steps = values.steps[np.searchsorted(values.steps, start) :] - start if values else np.empty(0, np.intp)
            more = np.searchsorted(steps, at)
            last = np.concatenate(([history.last_seen[key]], block.received_at[start:][steps]))[more]
        count = history.count[key] + more
        interval = np.where(count > 1, (last - history.first_seen[key]) / np.maximum(count - 1, 1), 0.0)
        age = np.maximum(before[at] - last, 0.0)
        return IdleTimes(before[at], age, np.zeros(len(at)), np.asarray(count, dtype=np.float64), interval)
