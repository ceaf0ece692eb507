"""All rows of one detector of series. A row is one rule on one series, with its own parameters and state."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from detectors.base.columns import Columns, Ints, as_slice
from detectors.base.detector import Detector
from detectors.engine.tables.detector_table import NO_SLOTS, DetectorTable, Sources
from detectors.engine.tables.level_change import LevelChange
from detectors.engine.tables.row_groups import RowGroup, group_rows
from detectors.engine.tables.rule_row import RuleRow
from detectors.engine.tables.slot_index import SlotIndex
from detectors.engine.tables.windows import WINDOW, add_many_to_windows, add_to_windows
from detectors.engine.waves.block import Block
from detectors.engine.waves.wave import Wave


class SeriesTable(DetectorTable):
    """Evaluates the rows of one detector of series. `windowed` is whether its rules have `every:`, so that the detector
    gets means; `updates` as in `DetectorTable`. `state` are the columns of the detector, unless it keeps them
    elsewhere."""

    def __init__(
        self, detector: Detector[Any], windowed: bool = False, updates: bool = False, state: Columns | None = None
    ) -> None:
        state = detector.columns if state is None else state
        super().__init__(detector, state, WINDOW if windowed else Columns(), updates)
        self._slots = SlotIndex()

    def _index(self, slot: int, row: RuleRow) -> None:
        self._slots.add(row.series_number, slot)

    def _remove_from_index(self, slot: int, row: RuleRow) -> None:
        self._slots.remove(row.series_number, slot)

    def evaluate(self, wave: Wave) -> Sequence[LevelChange]:
        """Evaluate one wave: at most one value of a series. Returns the rows whose level changed."""
        self.decided = NO_SLOTS
        slots, slot_slice, index = self._slots.match(wave.series, wave.series_count)
        if not len(slots):
            return ()
        x, t = wave.x[index], wave.t[index]

        def sources(few: Ints) -> Sources:
            return Sources(wave.origin[wave.reading][index][few], wave.received_at[wave.reading][index][few])

        if not self.windowed:
            return self._evaluate(slots, slot_slice, x, t, sources)
        state = self._window.take(slot_slice)
        closed = add_to_windows(x, t, self._params.every(slot_slice), state)
        self._window.put(slot_slice, state)
        ended = closed.index
        if not len(ended):
            return ()
        return self._evaluate(
            slots[ended], as_slice(slots[ended]), closed.mean, closed.end, lambda few: sources(ended[few])
        )

    def evaluate_block(self, block: Block) -> Sequence[LevelChange]:
        """Evaluate a block: many readings of one device. The changes are those of its readings evaluated one by one,
        row by row."""
        self.decided = NO_SLOTS
        slots, _, index = self._slots.match(np.array([values.series for values in block.series]), block.series_count)
        changes: list[LevelChange] = []
        for group in group_rows(slots, index, block):
            if self.windowed:
                changes += self._evaluate_windows(group)
            else:
                changes += self._evaluate_group(group)
        return changes

    def _evaluate_windows(self, group: RowGroup) -> list[LevelChange]:
        """Windows are long, so few of them end in a block: the means are evaluated one after the other."""
        ended: dict[int, list[tuple[int, float, float]]] = {}
        for row, every in enumerate(self._params.every(group.slots).tolist()):
            one = group.slots[row : row + 1]
            state = self._window.take(one)
            closed = add_many_to_windows(group.x[row], group.t, every, state)
            self._window.put(one, state)
            for step, mean, end in zip(closed.index.tolist(), closed.mean.tolist(), closed.end.tolist(), strict=True):
                ended.setdefault(step, []).append((row, mean, end))
        changes: list[LevelChange] = []
        for step in sorted(ended):
            rows, means, ends = (np.array(column) for column in zip(*ended[step], strict=True))
            changes += self._evaluate_step(group, step, group.slots[rows], means, ends)
        return changes
