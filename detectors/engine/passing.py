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

from detectors.engine.bank import Bank, Move, Row
from detectors.engine.base import MARGIN, PAUSE, Floats, Ints, Pulse
from detectors.engine.devices import Device, Devices
from detectors.engine.roster import Ending, Roster, slots
from ward.clock import SECOND
from ward.finding import End, Kind

# A stranger unheard of for so long is forgotten.
FORGOTTEN = 86_400.0

Happening = Move | Ending


class Passing:
    """Lets time pass for devices."""

    def __init__(self, devices: Devices, roster: Roster) -> None:
        self._devices = devices
        self._roster = roster
        self._rank: Ints = np.zeros(0, dtype=np.intp)

    def until(self, devices: Ints, end: Floats) -> Iterator[Happening]:
        """Let each of some devices live up to its instant."""
        columns = self._devices.columns
        while len(devices):
            now = np.maximum(np.ceil(columns.due[devices] - MARGIN), columns.lived(devices) + 1)
            go = now <= end
            devices, end, now = devices[go], end[go], now[go]
            if len(devices):
                columns.ticked[devices] = now
                yield from self._look(devices, now)

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

    def heard(self, row: Row) -> float:
        """When a row's series was last heard of; its device, where the row is about it as a whole."""
        of, number = self._devices.series, row.series
        return float(of.heard[number] if number >= 0 else self._devices.columns.heard[row.owner])

    def _look(self, devices: Ints, now: Floats) -> Iterator[Happening]:
        columns, found = self._devices.columns, self._devices.of(devices)
        for device, instant in zip(found, now.tolist(), strict=True):
            if device.boundary <= instant:
                yield from self._roster.reseat(device, round(instant * SECOND), round(device.boundary * SECOND))
            yield from self._give_up(device, instant)
        due = np.array([self._next(d, instant) for d, instant in zip(found, now.tolist(), strict=True)])
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

    def _pulse(self, bank: Bank, rows: Ints, now: Floats) -> Pulse:
        owner, series = bank.owner[rows], bank.series[rows]
        whole, columns = self._devices.columns, self._devices.series
        heard, first, count = (
            np.where(series < 0, getattr(whole, name)[owner], getattr(columns, name)[series])
            for name in ("heard", "first", "count")
        )
        usual = np.where(count > 1, (heard - first) / np.maximum(count - 1, 1), 0.0)
        age, device_age = np.maximum(now - heard, 0.0), np.maximum(now - whole.heard[owner], 0.0)
        return Pulse(now, age, device_age, count, usual)

    def _time(self, bank: Bank, rows: Ints, pulse: Pulse) -> Floats:
        """Now, in the time of each row's own values where it judges values."""
        if bank.detector.feed == "silence":
            return pulse.now
        last = self._devices.series.last[bank.series[rows]]
        return np.where(np.isfinite(last), last + pulse.age, pulse.now)

    def _give_up(self, device: Device, now: float) -> Iterator[Happening]:
        """End what was judged from values that have long stopped coming; forget a stranger that is gone.

        Never for a patient: that a signal is lost says nothing good of him.
        """
        gone = device.stranger and now - self._devices.columns.heard[device.number] >= FORGOTTEN
        if gone:
            self._devices.retire(device)
        for bank, slot in slots(device):
            row = bank.row(slot)
            if row.told and (now - self.heard(row) >= row.patience or (gone and row.rule.kind is Kind.TECHNICAL)):
                yield Ending(row.told, End.SIGNAL_LOST, round(now * SECOND))
                bank.calm(slot)
            if gone and not bank.busy[slot]:
                bank.afresh(slot)

    def _next(self, device: Device, now: float) -> float:
        """The next instant at which place or patience ends."""
        instants = [device.boundary]
        if device.stranger:
            instants.append(self._devices.columns.heard[device.number] + FORGOTTEN)
        instants += [self.heard(row) + row.patience for row in told(device)]
        return min((instant for instant in instants if instant > now), default=np.inf)


def told(device: Device) -> list[Row]:
    """The rows of a device that have an episode."""
    return [row for bank, slot in slots(device) if (row := bank.row(slot)).told]
