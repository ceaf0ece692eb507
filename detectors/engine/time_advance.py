"""Ticks, for each device by itself: its findings do not depend on when other devices send.

At every whole second each device has a tick, before any reading that the bridge received later than that. Only ticks
that may change something are carried out:

    a reading taken at s ──▶ ticks of its device up to s ──▶ the reading is evaluated
    no reading           ──▶ ticks of all devices up to a little before now

Only ticks without an effect are left out. So a replay after a crash gives the same findings: the result does not depend
on whether a second passed while the program waited, or because the next reading came.
"""

from collections.abc import Iterator

import numpy as np

from detectors.base.columns import Floats, Ints
from detectors.base.detector import DEVICE_PAUSE
from detectors.base.evidence import IdleTimes
from detectors.engine.devices import Devices, DeviceState
from detectors.engine.rule_assignment import ForcedEnd, RuleAssignment
from detectors.engine.tables.detector_table import TIME_MARGIN, DetectorTable
from detectors.engine.tables.level_change import LevelChange
from detectors.engine.tables.rule_row import RuleRow
from ward.clock import SECOND
from ward.finding import EndReason, Kind

# An unregistered device without a message for so many seconds is forgotten.
FORGET_AFTER = 86_400.0
# A tick that is due within so many seconds is carried out together with those that are due now.
AHEAD = 5.0

Change = LevelChange | ForcedEnd


class TimeAdvance:
    """Carries out the ticks of devices."""

    def __init__(self, devices: Devices, rules: RuleAssignment) -> None:
        self._devices = devices
        self._rules = rules
        self._place: Ints = np.zeros(0, dtype=np.intp)

    def advance(self, devices: Ints, end: Floats) -> Iterator[Change]:
        """Carry out the ticks of some devices up to `end`, in seconds since the epoch, shape (n,); yields what changes.

        A device that is due within `AHEAD` has its tick now: a tick of many devices costs little more than one of few.
        """
        columns = self._devices.columns
        while len(devices):
            due, watermark = np.ceil(columns.next_tick[devices] - TIME_MARGIN), columns.watermark(devices)
            now = np.maximum(due, watermark + 1)
            if not (now <= end).any():
                return
            soon = (now > end) & (due <= end + AHEAD) & (np.floor(end) > watermark)
            now = np.where(soon, np.floor(end), now)
            go = now <= end
            devices, end, now = devices[go], end[go], now[go]
            columns.tick_watermark[devices] = now
            yield from self._tick(devices, now)

    def note_open(self, device: DeviceState, table: DetectorTable, slot: int) -> None:
        """A row has an open episode: tick when it is stale."""
        row = table.row(slot)
        if not any(known is row for _, _, known in device.open):
            device.open.append((table, slot, row))
        self._devices.columns.open[device.number] = 1.0
        self.schedule(device.number, self._last_seen(row) + row.stale_after)

    def schedule(self, device: int, at: float = 0.0) -> None:
        """Tick a device at `at`, in seconds since the epoch, or as soon as its time allows."""
        next_tick = self._devices.columns.next_tick
        next_tick[device] = min(next_tick[device], at)

    def clock_set_back(self, devices: Ints, now: Floats) -> None:
        """The bridge's clock was set back to `now`, in seconds since the epoch, shape (n,): clamp all later times to
        it."""
        columns, series = self._devices.columns, self._devices.series
        columns.last_seen[devices] = now
        columns.tick_watermark[devices] = np.floor(now)
        columns.next_tick[devices] = 0.0
        for device, instant in zip(self._devices.of(devices), now.tolist(), strict=True):
            numbers = list(device.series.values())
            series.newest[numbers] = -np.inf
            for table, rows in ((series, numbers), (columns, [device.number])):
                table.last_seen[rows] = np.minimum(table.last_seen[rows], instant)
                table.first_seen[rows] = np.minimum(table.first_seen[rows], instant)

    def forgettable(self, device: DeviceState) -> bool:
        """Whether an unregistered device has sent nothing for `FORGET_AFTER`, and has no open episode; or a cohort has
        no member, as its rule is gone or all have left it."""
        if device.cohort:
            return not any(device.rows.values())
        columns, number = self._devices.columns, device.number
        gone = columns.tick_watermark[number] - columns.last_seen[number] >= FORGET_AFTER
        alerting = any(table.pending_or_firing[slot] for table, slot in device.slots())
        return device.unregistered and bool(gone) and not alerting

    def _tick(self, devices: Ints, now: Floats) -> Iterator[Change]:
        columns = self._devices.columns
        found = self._devices.of(devices)
        gone_at = columns.last_seen[devices] + np.where(columns.unregistered[devices] > 0, FORGET_AFTER, np.inf)
        rare = (columns.place_until[devices] <= now) | (columns.open[devices] > 0) | (gone_at <= now)
        for i in np.flatnonzero(rare).tolist():
            yield from self._rare_changes(found[i], float(now[i]), gone=bool(gone_at[i] <= now[i]))
        due = np.minimum(columns.place_until[devices], np.where(gone_at > now, gone_at, np.inf))
        for i in np.flatnonzero(columns.open[devices]).tolist():
            due[i] = min(due[i], *(self._last_seen(row) + row.stale_after for _, _, row in found[i].open), np.inf)
        after_reading = now - columns.last_seen[devices] >= DEVICE_PAUSE
        if len(self._place) < columns.size:
            self._place = np.zeros(columns.size, dtype=np.intp)
        self._place[devices] = np.arange(len(devices))
        for table in self._rules.tables.values():
            if not table.detector.needs_ticks:
                continue
            slots = np.array([slot for device in found for slot in device.rows.get(table, ())], np.intp)
            if len(slots):
                place = self._place[table.device_numbers[slots]]
                idle = self._idle_times(table, slots, now[place])
                t = self._own_time(table, slots, idle)
                yield from table.evaluate_tick(slots, t, idle)
                np.minimum.at(due, place, now[place] + table.seconds_until_tick(slots, t, idle))
                np.logical_or.at(after_reading, place, table.pending_or_firing[slots])
        columns.next_tick[devices] = due
        columns.tick_after_reading[devices] = after_reading

    def _rare_changes(self, device: DeviceState, now: float, gone: bool) -> Iterator[Change]:
        """Changes that are rare: a place that changes, an episode that is stale, an unregistered device that is gone.

        An episode of a patient never ends as stale: a lost signal does not mean that the patient recovered.
        """
        place_until = self._devices.columns.place_until[device.number]
        if place_until <= now:
            yield from self._rules.relocate(device, round(now * SECOND), round(place_until * SECOND))
        for table, slot, row in device.open:
            over = now - self._last_seen(row) >= row.stale_after or (gone and row.rule.kind is Kind.TECHNICAL)
            if row.last_finding and over:
                yield ForcedEnd(row.last_finding, EndReason.SIGNAL_LOST, round(now * SECOND))
                table.end_episode(slot)
        device.open[:] = [entry for entry in device.open if entry[2].last_finding]
        self._devices.columns.open[device.number] = float(bool(device.open))
        if gone:
            self._devices.forget_history(device)
            for table, slot in device.slots():
                if not table.pending_or_firing[slot]:
                    table.reset(slot)

    def _last_seen(self, row: RuleRow) -> float:
        """When the bridge received the newest value of a row's series, or the newest reading of its device for a rule
        about the whole device, in seconds since the epoch."""
        series, number = self._devices.series, row.series_number
        return float(series.last_seen[number] if number >= 0 else self._devices.columns.last_seen[row.device_number])

    def _idle_times(self, table: DetectorTable, slots: Ints, now: Floats) -> IdleTimes:
        device, series = table.device_numbers[slots], table.series_numbers[slots]
        of_device, of_series = self._devices.columns, self._devices.series
        last, first, count = (
            np.where(series < 0, getattr(of_device, name)[device], getattr(of_series, name)[series])
            for name in ("last_seen", "first_seen", "count")
        )
        interval = np.where(count > 1, (last - first) / np.maximum(count - 1, 1), 0.0)
        age, device_age = np.maximum(now - last, 0.0), np.maximum(now - of_device.last_seen[device], 0.0)
        return IdleTimes(now, age, device_age, count, interval)

    def _own_time(self, table: DetectorTable, slots: Ints, idle: IdleTimes) -> Floats:
        """Now by the clock of each row's values; by the bridge's clock for a detector without values."""
        if table.detector.feed == "ticks":
            return idle.now
        newest = self._devices.series.newest[table.series_numbers[slots]]
        return np.where(np.isfinite(newest), newest + idle.age, idle.now)
