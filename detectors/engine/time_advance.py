"""Time passing. Every device lives in time of its own, so that a verdict does not depend on who else spoke when.

The rule is simple: at every whole second each device's rows are looked at, before any reading
that the bridge took later than that. It is kept by looking only when something may change:

    a reading seen at s ──▶ its device's seconds up to s ──▶ the reading is judged
    nothing comes       ──▶ everybody's seconds up to a little before now

A second that is left out is one at which nothing would have happened. That is what makes a replay
after a crash find the same: it does not matter whether a second passed because somebody waited,
or because the next reading came.
"""

from collections.abc import Iterator

import numpy as np

from detectors.base.detector import MARGIN, PAUSE, Floats, Ints, Tick
from detectors.engine.devices import Device, Devices
from detectors.engine.rule_assignment import ForcedEnd, RuleAssignment, slots
from detectors.engine.tables.detector_table import DetectorTable, LevelChange
from detectors.engine.tables.rule_row import RuleRow
from ward.clock import SECOND
from ward.finding import End, Kind

# A stranger unheard of for so long is forgotten.
FORGOTTEN = 86_400.0
# How far ahead of its due a device is looked at together with others.
AHEAD = 5.0

Happening = LevelChange | ForcedEnd


class TimeAdvance:
    """Lets time pass for devices."""

    def __init__(self, devices: Devices, roster: RuleAssignment) -> None:
        self._devices = devices
        self._roster = roster
        self._rank: Ints = np.zeros(0, dtype=np.intp)

    def until(self, devices: Ints, end: Floats) -> Iterator[Happening]:
        """Let each of some devices live up to its instant.

        Those that are due soon are looked at now as well: many at once cost little more than one.
        """
        columns = self._devices.columns
        while len(devices):
            due, lived = np.ceil(columns.due[devices] - MARGIN), columns.lived(devices)
            now = np.maximum(due, lived + 1)
            if not (now <= end).any():
                return
            soon = (now > end) & (due <= end + AHEAD) & (np.floor(end) > lived)
            now = np.where(soon, np.floor(end), now)
            go = now <= end
            devices, end, now = devices[go], end[go], now[go]
            columns.ticked[devices] = now
            yield from self._look(devices, now)

    def follow(self, device: Device, bank: DetectorTable, slot: int) -> None:
        """A row has an episode: mind when it is to be given up."""
        row = bank.row(slot)
        if not any(known is row for _, _, known in device.open):
            device.open.append((bank, slot, row))
        self._devices.columns.open[device.number] = 1.0
        self.wake(device.number, self._heard(row) + row.patience)

    def wake(self, device: int, at: float = 0.0) -> None:
        """Have a device looked at, as soon as its time has come to `at`."""
        due = self._devices.columns.due
        due[device] = min(due[device], at)

    def back(self, devices: Ints, now: Floats) -> None:
        """The bridge's clock was set back: go on from there. What is newer than now was never."""
        columns, series = self._devices.columns, self._devices.series
        columns.heard[devices] = now
        columns.ticked[devices] = np.floor(now)
        columns.due[devices] = 0.0
        for device, instant in zip(self._devices.of(devices), now.tolist(), strict=True):
            numbers = list(device.series.values())
            series.last[numbers] = -np.inf
            for table, of in ((series, numbers), (columns, [device.number])):
                table.heard[of] = np.minimum(table.heard[of], instant)
                table.first[of] = np.minimum(table.first[of], instant)

    def forgotten(self, device: Device) -> bool:
        """Whether a stranger has been away for so long that nothing of it is worth keeping."""
        columns, number = self._devices.columns, device.number
        gone = columns.ticked[number] - columns.heard[number] >= FORGOTTEN
        return device.stranger and bool(gone) and not any(bank.busy[slot] for bank, slot in slots(device))

    def _look(self, devices: Ints, now: Floats) -> Iterator[Happening]:
        columns = self._devices.columns
        found = self._devices.of(devices)
        left = columns.heard[devices] + np.where(columns.stranger[devices] > 0, FORGOTTEN, np.inf)
        special = (columns.boundary[devices] <= now) | (columns.open[devices] > 0) | (left <= now)
        for i in np.flatnonzero(special).tolist():
            yield from self._special(found[i], float(now[i]), gone=bool(left[i] <= now[i]))
        due = np.minimum(columns.boundary[devices], np.where(left > now, left, np.inf))
        for i in np.flatnonzero(columns.open[devices]).tolist():
            due[i] = min(due[i], *(self._heard(row) + row.patience for _, _, row in found[i].open), np.inf)
        restless = now - columns.heard[devices] >= PAUSE
        self._rank = np.zeros(columns.size, dtype=np.intp) if len(self._rank) < columns.size else self._rank
        self._rank[devices] = np.arange(len(devices))
        for bank in self._roster.banks.values():
            rows = np.array([s for d in found for s in d.rows.get(bank, ())] if bank.detector.ticks else [], np.intp)
            if len(rows):
                rank = self._rank[bank.owner[rows]]
                pulse = self._pulse(bank, rows, now[rank])
                t = self._time(bank, rows, pulse)
                yield from bank.tick(rows, t, pulse)
                np.minimum.at(due, rank, now[rank] + bank.rest(rows, t, pulse))
                np.logical_or.at(restless, rank, bank.busy[rows])
        columns.due[devices] = due
        columns.restless[devices] = restless

    def _special(self, device: Device, now: float, gone: bool) -> Iterator[Happening]:
        """What does not happen at every look: a place that changes, an episode that is given up, a stranger that is
        gone.

        Nothing judged of a patient is ever given up: that a signal is lost says nothing good of him.
        """
        boundary = self._devices.columns.boundary[device.number]
        if boundary <= now:
            yield from self._roster.reseat(device, round(now * SECOND), round(boundary * SECOND))
        for bank, slot, row in device.open:
            over = now - self._heard(row) >= row.patience or (gone and row.rule.kind is Kind.TECHNICAL)
            if row.told and over:
                yield ForcedEnd(row.told, End.SIGNAL_LOST, round(now * SECOND))
                bank.calm(slot)
        device.open[:] = [kept for kept in device.open if kept[2].told]
        self._devices.columns.open[device.number] = float(bool(device.open))
        if gone:
            self._devices.retire(device)
            for bank, slot in slots(device):
                if not bank.busy[slot]:
                    bank.afresh(slot)

    def _heard(self, row: RuleRow) -> float:
        """When a row's series was last heard of; its device, where the row is about it as a whole."""
        of, number = self._devices.series, row.series
        return float(of.heard[number] if number >= 0 else self._devices.columns.heard[row.owner])

    def _pulse(self, bank: DetectorTable, rows: Ints, now: Floats) -> Tick:
        owner, series = bank.owner[rows], bank.series[rows]
        whole, columns = self._devices.columns, self._devices.series
        heard, first, count = (
            np.where(series < 0, getattr(whole, name)[owner], getattr(columns, name)[series])
            for name in ("heard", "first", "count")
        )
        usual = np.where(count > 1, (heard - first) / np.maximum(count - 1, 1), 0.0)
        age, device_age = np.maximum(now - heard, 0.0), np.maximum(now - whole.heard[owner], 0.0)
        return Tick(now, age, device_age, count, usual)

    def _time(self, bank: DetectorTable, rows: Ints, pulse: Tick) -> Floats:
        """Now, in the time of each row's own values where it judges values."""
        if bank.detector.feed == "silence":
            return pulse.now
        last = self._devices.series.last[bank.series[rows]]
        return np.where(np.isfinite(last), last + pulse.age, pulse.now)
