"""Cohorts: the rows of one are its members, and are evaluated together when a window is complete."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from detectors.base.columns import Floats, Ints, Slots
from detectors.base.detector import Detector
from detectors.base.peer_columns import COMPARED, GRACE, LATE_WINDOWS
from detectors.engine.tables.detector_table import NO_SLOTS, Sources
from detectors.engine.tables.level_change import LevelChange
from detectors.engine.tables.rule_row import RuleRow
from detectors.engine.tables.series_table import SeriesTable
from detectors.engine.waves.block import Block
from detectors.peers.comparison import compare
from detectors.peers.history import add_mean, means_until, windows_after


class CohortTable(SeriesTable):
    """A value of a row is the mean of one window of a member; it is kept until the window is closed: then the members
    are compared, and how far each is from the others is evaluated.

    A window is closed when no other mean of it can come. Which means count follows from the means alone, so it makes no
    difference in which order workers forward them, and after how many crashes. Where that takes so long that means
    would be lost, as while a worker catches up, a window is closed by a mean of `LATE_WINDOWS` later.
    """

    def __init__(self, detector: Detector[Any], updates: bool) -> None:
        super().__init__(detector, updates=updates)
        # By the number of the device that a cohort is: its rows, and when the first window that is not closed is due.
        self._members: dict[int, list[int]] = {}
        self.due: dict[int, float] = {}

    def load(self, slot: int, data: bytes) -> None:
        """As for all tables; what is due is looked up at the next `close`."""
        super().load(slot, data)
        self.due[int(self.device_numbers[slot])] = -np.inf

    def close(self, device: int, to: float) -> list[LevelChange]:
        """Close the windows of a cohort that are due at `to` seconds. Returns the rows whose level changed."""
        slots = self._slots_of(device)
        self.due.pop(device, None)
        changes: list[LevelChange] = []
        for window, every in self._open_windows(slots):
            due = (window + 1 + GRACE) * every
            if due > to:
                self.due[device] = due
                break
            changes += self._close(slots, window, every)
        return changes

    def gone(self, device: int) -> list[str]:
        """The members of a cohort that have no mean left, and no episode: they left long ago."""
        slots = self._slots_of(device)
        state = self._state.take(slots)
        left = (state.closed - state.newest >= len(state.means)) & ~self.pending_or_firing[slots]
        return [self.row(slot).signal for slot in slots[left].tolist()]

    def evaluate_block(self, block: Block) -> Sequence[LevelChange]:
        """The means in the order of the log: those of all members count together."""
        self.decided = NO_SLOTS
        slots, _, index = self._slots.match(np.array([values.series for values in block.series]), block.series_count)
        each = zip(slots.tolist(), np.arange(len(block.series))[index].tolist(), strict=True)
        means = [
            (step, slot, x)
            for slot, series in each
            for step, x in zip(block.series[series].steps.tolist(), block.series[series].x.tolist(), strict=True)
        ]
        return [
            change
            for step, slot, x in sorted(means)
            for change in self._add(slot, x, float(block.at[step]), int(block.origin[step]))
        ]

    def _index(self, slot: int, row: RuleRow) -> None:
        super()._index(slot, row)
        self._members.setdefault(row.device_number, []).append(slot)

    def _remove_from_index(self, slot: int, row: RuleRow) -> None:
        super()._remove_from_index(slot, row)
        members = self._members[row.device_number]
        members.remove(slot)
        if not members:
            del self._members[row.device_number]
            self.due.pop(row.device_number, None)

    def _evaluate(
        self, slots: Ints, slot_slice: Slots, x: Floats, t: Floats, sources: Callable[[Ints], Sources]
    ) -> list[LevelChange]:
        origin = sources(np.arange(len(slots))).origin.tolist()
        means = zip(slots.tolist(), x.tolist(), t.tolist(), origin, strict=True)
        return [change for one in means for change in self._add(*one)]

    def _add(self, slot: int, x: float, end: float, origin: int) -> list[LevelChange]:
        """Keep the mean of a window of one member, after windows that may wait no longer are closed."""
        device, every = int(self.device_numbers[slot]), float(self._params.every(slice(slot, slot + 1))[0])
        latest, changes = end + GRACE * every, []
        if self.due.get(device, np.inf) <= latest - LATE_WINDOWS * every:
            changes = [replace(one, origin=origin) for one in self.close(device, latest - LATE_WINDOWS * every)]
        state = self._state.take(np.array([slot]))
        newest = add_mean(state.means[:, 0], float(state.newest[0]), round(end / every) - 1.0, x)
        state.means, state.newest = state.means, np.array([newest])
        self._state.put(np.array([slot]), state)
        self.due[device] = min(self.due.get(device, np.inf), latest)
        return changes

    def _open_windows(self, slots: Ints) -> Iterator[tuple[float, float]]:
        """The windows of a cohort that are not closed, in order, and their length in seconds."""
        state, every = self._state.take(slots), float(self._params.every(slots[:1])[0])
        closed = float(np.fmax.reduce(state.closed, initial=-np.inf))
        for window in windows_after(state.means, state.newest, closed):
            yield window, every

    def _close(self, slots: Ints, window: float, every: float) -> list[LevelChange]:
        """Compare the members in a window, and evaluate those that can be compared."""
        state, p = self._state.take(slots), self._params.detector(slots)
        means = means_until(state.means, state.newest, window, COMPARED)
        found = compare(means, state.offset, float(p.baseline[0]), float(p.at_least[0]))
        few = np.flatnonzero(np.isfinite(found.deviation))
        state.offset, state.windows, state.away = found.offset, found.windows, found.deviation
        state.closed, state.spread, state.members, state.others = (
            np.full(len(slots), value) for value in (window, found.spread, found.members, max(len(few) - 1, 0))
        )  # fmt: skip
        self._state.put(slots, state)
        end, due = (window + 1) * every, (window + 1 + GRACE) * every

        def sources(some: Ints) -> Sources:
            return Sources(np.full(len(some), -1), np.full(len(some), due))

        t = np.full(len(few), end)
        changes = super()._evaluate(slots[few], slots[few], found.deviation[few], t, sources)
        return [replace(change, received_at=due) for change in changes]

    def _slots_of(self, device: int) -> Ints:
        return np.array(self._members.get(device, ()), dtype=np.intp)
