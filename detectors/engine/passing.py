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
from detectors.engine.roster import Ending, Roster, slots
from detectors.engine.series import Device, SeriesTable
from ward.clock import SECOND
from ward.finding import End, Kind

# A stranger unheard of for so long is forgotten.
FORGOTTEN = 86_400.0

Happening = Move | Ending


class Passing:
    """Lets time pass for devices."""

    def __init__(self, series: SeriesTable, roster: Roster) -> None:
        self._series = series
        self._roster = roster
        self._rank: Ints = np.zeros(0, dtype=np.intp)

    def until(self, devices: Ints, end: Floats) -> Iterator[Happening]:
        """Let each of some devices live up to its instant."""
        table = self._series
        while len(devices):
            now = np.maximum(np.ceil(table.due[devices] - MARGIN), table.ticked[devices] + 1)
            go = now <= end
            devices, end, now = devices[go], end[go], now[go]
            if len(devices):
                table.ticked[devices] = now
                yield from self._look(devices, now)

    def wake(self, device: int, at: float = 0.0) -> None:
        """Have a device looked at, as soon as its time has come to `at`."""
        self._series.due[device] = min(self._series.due[device], at)

    def back(self, devices: Ints, now: Floats) -> None:
        """The bridge's clock was set back: go on from there. What is newer than now was never."""
        table = self._series
        for device, instant in zip(table.of(devices.tolist()), now.tolist(), strict=True):
            numbers = list(device.series.values())
            table.last[numbers] = -np.inf
            table.heard[numbers] = np.minimum(table.heard[numbers], instant)
            table.first[numbers] = np.minimum(table.first[numbers], instant)
            table.ticked[device.number] = np.floor(instant)
            table.due[device.number] = 0.0

    def forgotten(self, device: Device) -> bool:
        """Whether a stranger has been away for so long that nothing of it is worth keeping."""
        number = device.number
        gone = self._series.ticked[number] - self._series.heard[number] >= FORGOTTEN
        return not device.place.known and bool(gone) and not any(bank.busy[slot] for bank, slot in slots(device))

    def _look(self, devices: Ints, now: Floats) -> Iterator[Happening]:
        table, found = self._series, self._series.of(devices.tolist())
        for device, instant in zip(found, now.tolist(), strict=True):
            if device.boundary <= instant:
                yield from self._roster.reseat(device, round(instant * SECOND), round(device.boundary * SECOND))
            yield from self._give_up(device, instant)
        due = np.array([self._next(d, instant) for d, instant in zip(found, now.tolist(), strict=True)])
        restless = now - table.heard[devices] >= PAUSE
        self._rank = np.zeros(table.size, dtype=np.intp) if len(self._rank) < table.size else self._rank
        self._rank[devices] = np.arange(len(devices))
        for bank in self._roster.banks.values():
            rows = np.array([s for d in found for s in d.rows.get(bank, ())] if bank.detector.ticks else [], np.intp)
            if len(rows):
                rank = self._rank[bank.owner[rows]]
                pulse = self._pulse(bank, rows, now[rank])
                t = pulse.now
                if bank.detector.feed != "silence":  # in the time of its own values
                    last = table.last[bank.series[rows]]
                    t = np.where(np.isfinite(last), last + pulse.age, pulse.now)
                yield from bank.tick(rows, t, pulse)
                np.minimum.at(due, rank, now[rank] + bank.rest(rows, t, pulse))
                np.logical_or.at(restless, rank, bank.busy[rows])
        table.due[devices] = due
        table.restless[devices] = restless

    def _pulse(self, bank: Bank, rows: Ints, now: Floats) -> Pulse:
        table, series, owner = self._series, bank.series[rows], bank.owner[rows]
        heard, count = table.heard[series], table.count[series]
        usual = np.where(count > 1, (heard - table.first[series]) / np.maximum(count - 1, 1), 0.0)
        age, device_age = np.maximum(now - heard, 0.0), np.maximum(now - table.heard[owner], 0.0)
        return Pulse(now, age, device_age, count, usual)

    def _give_up(self, device: Device, now: float) -> Iterator[Happening]:
        """End what was judged from values that have long stopped coming; forget a stranger that is gone.

        Never for a patient: that a signal is lost says nothing good of him.
        """
        heard, gone = self._series.heard, False
        if not device.place.known and now - heard[device.number] >= FORGOTTEN:
            gone = True
            self._series.count[list(device.series.values())] = 0
        for bank, slot in slots(device):
            row = bank.row(slot)
            if row.told and (now - heard[row.series] >= row.patience or (gone and row.rule.kind is Kind.TECHNICAL)):
                yield Ending(row.told, End.SIGNAL_LOST, round(now * SECOND))
                bank.calm(slot)
            if gone and not bank.busy[slot]:
                bank.afresh(slot)

    def _next(self, device: Device, now: float) -> float:
        """The next instant at which place or patience ends."""
        heard = self._series.heard
        instants = [device.boundary]
        if not device.place.known:
            instants.append(heard[device.number] + FORGOTTEN)
        instants += [heard[row.series] + row.patience for row in told(device)]
        return min((instant for instant in instants if instant > now), default=np.inf)


def told(device: Device) -> list[Row]:
    """The rows of a device that have an episode."""
    return [row for bank, slot in slots(device) if (row := bank.row(slot)).told]
