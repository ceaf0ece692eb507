"""All rows of one detector of vectors. A row is one rule on several signals of a device, or of a bed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Columns, Floats, Ints, Rows, as_slice
from detectors.base.evidence import Parts, SeriesInfo
from detectors.base.score_report import ScoreReport
from detectors.base.vector_detector import VectorDetector
from detectors.engine.tables.detector_table import NO_SLOTS, DetectorTable, Scored, Sources
from detectors.engine.tables.level_change import LevelChange
from detectors.engine.tables.part_index import PartIndex, PartMatch
from detectors.engine.tables.row_groups import RowGroup
from detectors.engine.tables.rule_row import RuleRow
from detectors.engine.tables.vector_windows import (
    add_many_to_vector_windows,
    add_to_vector_windows,
    vector_window,
)
from detectors.engine.tables.worst import Measured
from detectors.engine.waves.block import Block
from detectors.engine.waves.wave import Wave
from ward.config.rule import ResolvedRule, Rule


@dataclass(frozen=True, slots=True)
class VectorGroup(RowGroup):
    """One vector along time: `x` is (parts, 1, n), the newest value of each part at each step, `measured_at` the time
    of each, and `new` whether it came at that step."""

    measured_at: Floats
    new: Floats


class VectorTable(DetectorTable):
    """Evaluates the rows of one detector of vectors with `width` parts. `windowed` is whether its rules have `every:`,
    so that the parts are means; `updates` as in `DetectorTable`."""

    def __init__(
        self, detector: VectorDetector[Any], width: int, windowed: bool = False, updates: bool = False
    ) -> None:
        window = vector_window(width) if windowed else Columns()
        super().__init__(detector, detector.columns_of(width), window, updates)
        self._width = width
        self._parts = PartIndex(width)
        self._lasting: npt.NDArray[np.bool_] = np.zeros((width, 0), dtype=np.bool_)

    def add(self, row: RuleRow, series: SeriesInfo | Parts) -> int:
        slot = super().add(row, series)
        self._note_lasting(slot, series)
        return slot

    def update_rule(self, slot: int, rule: Rule, resolved: ResolvedRule, series: SeriesInfo | Parts) -> None:
        super().update_rule(slot, rule, resolved, series)
        self._note_lasting(slot, series)

    def bind(self, slot: int, part: int, series: int) -> None:
        """A series of the device is a part of the vector in a slot."""
        self._parts.bind(slot, part, series)

    def report(self, slot: int, t: float) -> ScoreReport | None:
        """The score of a row as screens show it at `t` seconds; None for a detector that is no score."""
        assert isinstance(self.detector, VectorDetector)
        one = np.array([slot])
        return self.detector.report(
            self._state.take(one), self._params.detector(one), self.row(slot).resolved.params, t
        )  # fmt: skip

    def evaluate(self, wave: Wave) -> Sequence[LevelChange]:
        self.decided = NO_SLOTS
        match = self._parts.match(wave.series, wave.series_count)
        if not len(match.rows):
            return ()
        t = wave.t[match.firsts]

        def sources(few: Ints) -> Sources:
            of, first = wave.reading, match.firsts[few]
            return Sources(wave.origin[of][first], wave.received_at[of][first])

        if not self.windowed:
            self._set(match, wave, t)
            x = self._state.column("value")[:, match.row_slice]
            return self._evaluate(match.rows, match.row_slice, x, t, sources)
        ended, end = self._add_to_windows(match.rows, _spread(match, wave.x, self._width), t)
        slots = match.rows[ended]
        x = self._state.column("value")[:, slots]
        return self._evaluate(slots, as_slice(slots), x, end, lambda few: sources(ended[few])) if len(slots) else ()

    def evaluate_block(self, block: Block) -> Sequence[LevelChange]:
        self.decided = NO_SLOTS
        changes: list[LevelChange] = []
        for group in self._groups(block):
            changes += self._evaluate_windows(group) if self.windowed else self._evaluate_group(group)
        return changes

    def _evaluate_group(self, group: RowGroup) -> list[LevelChange]:
        """A late value of one part may be newer than all of that part, and older than the newest of another: such
        values are evaluated one after the other, as time goes back between them."""
        newest = self._state.column("measured_at")[:, group.slots].ravel()
        t = np.concatenate((newest[newest == newest].max(initial=-np.inf, keepdims=True), group.t))
        return super()._evaluate_group(group) if (np.diff(t) > 0).all() else self._evaluate_steps(group)

    def _evaluate_windows(self, group: VectorGroup) -> list[LevelChange]:
        """Evaluate the means of the windows that end in a group. Of a value that holds for the whole stay each window
        has the newest one of then."""
        slots, lasting, before = group.slots, self._lasting[:, group.slots], self._state.take(group.slots)
        values = np.where((group.new[:, 0] > 0) & ~lasting, group.x[:, 0], np.nan)
        few = np.flatnonzero((values == values).any(axis=0))
        state = self._window.take(slots)
        closed = add_many_to_vector_windows(values[:, few], group.t[few], float(self._params.every(slots)[0]), state)
        self._window.put(slots, state)
        steps, new = few[closed.rows], closed.mean == closed.mean
        x = np.where(lasting, group.x[:, 0, steps], _filled(closed.mean, before.value, new))
        at = _filled(np.where(new, closed.end, np.nan), before.measured_at, new)
        at = np.where(lasting, group.measured_at[:, 0, steps], at)
        ended = VectorGroup(
            slots, x[:, None], closed.end, group.received_at[steps], group.origin[steps], at[:, None], new[:, None]
        )
        changes = self._evaluate_group(ended) if len(steps) else []
        self._set_newest(slots, np.where(lasting, group.x[:, 0, -1:], np.nan), group.measured_at[:, 0, -1:])
        return changes

    def _groups(self, block: Block) -> Iterator[VectorGroup]:
        """Each vector that has values in a block, along time."""
        found = {values.series: values for values in block.series}
        for slot in self._parts.slots_of(np.array(list(found), dtype=np.intp)):
            there = [found.get(number) for number in self._parts.series(slot).tolist()]
            steps = np.unique(np.concatenate([values.steps for values in there if values is not None]))
            x, at = np.full((2, self._width, len(steps)), np.nan)
            for part, values in enumerate(there):
                if values is not None:
                    place = np.searchsorted(steps, values.steps)
                    x[part, place], at[part, place] = values.x, block.at[values.steps]
            new = at == at
            before = self._state.take(np.array([slot]))
            x, at = _filled(x, before.value, new), _filled(at, before.measured_at, new)
            yield VectorGroup(
                np.array([slot]), x[:, None], block.at[steps], block.received_at[steps], block.origin[steps],
                at[:, None], new[:, None],
            )  # fmt: skip

    def _add_to_windows(self, slots: Ints, x: Floats, t: Floats) -> tuple[Ints, Floats]:
        """Add values to the windows of some rows. Returns which of them ended, and when; their means are the newest
        values then. A value that holds for the whole stay is no part of a window: it is the newest one at once."""
        lasting = self._lasting[:, slots]
        self._set_newest(slots, np.where(lasting, x, np.nan), t)
        x = np.where(lasting, np.nan, x)
        few = np.flatnonzero((x == x).any(axis=0))
        state = self._window.take(slots[few])
        closed = add_to_vector_windows(x[:, few], t[few], self._params.every(slots[few]), state)
        self._window.put(slots[few], state)
        ended = few[closed.rows]
        self._set_newest(slots[ended], closed.mean, closed.end)
        return ended, closed.end

    def _set_newest(self, slots: Ints, x: Floats, t: Floats) -> None:
        """Set values (parts, rows) as the newest ones, of time `t`, (rows,) or (parts, rows); NaN leaves the one
        before."""
        there = x == x
        if there.any():
            rows = self._state.take(slots)
            rows.value = np.where(there, x, rows.value)
            rows.measured_at = np.where(there, t, rows.measured_at)
            self._state.put(slots, rows)

    def _note_lasting(self, slot: int, series: SeriesInfo | Parts) -> None:
        assert not isinstance(series, SeriesInfo)
        have = self._lasting.shape[1]
        if slot >= have:
            more = np.zeros((self._width, max(slot + 1, 2 * have) - have), dtype=np.bool_)
            self._lasting = np.concatenate((self._lasting, more), axis=1)
        self._lasting[:, slot] = [part.signal.lasting for part in series]

    def _set(self, match: PartMatch, wave: Wave, t: Floats) -> None:
        """Set the newest values of vectors, and their times."""
        value, measured_at = self._state.column("value"), self._state.column("measured_at")
        if match.dense is not None:
            value[:, match.row_slice], measured_at[:, match.row_slice] = wave.x[match.dense], t
        else:
            value[match.parts, match.slots] = wave.x[match.series]
            measured_at[match.parts, match.slots] = wave.t[match.series]

    def _state_along(self, group: RowGroup) -> Rows:
        assert isinstance(group, VectorGroup)
        state = super()._state_along(group)
        state.value, state.measured_at = group.x, group.measured_at
        return state

    def _step_values(self, group: RowGroup, step: int) -> Floats:
        assert isinstance(group, VectorGroup)
        x = super()._step_values(group, step)
        self._state.column("value")[:, group.slots] = x
        self._state.column("measured_at")[:, group.slots] = group.measured_at[..., step]
        return x

    def _measured(self, values: Scored, state: Rows, p: Rows) -> Measured:
        return Measured(*self.detector.measured(state, values.x, values.score, p), values.t)

    def _decisive(self, values: Scored, place: int) -> float:
        return float("nan")

    def _index(self, slot: int, row: RuleRow) -> None:
        self._parts.add(slot)

    def _remove_from_index(self, slot: int, row: RuleRow) -> None:
        self._parts.remove(slot)

    def _digested(self, rule: Rule) -> tuple[Any, ...]:
        return rule.parts


def _spread(match: PartMatch, x: Floats, width: int) -> Floats:
    """The values of a wave as (parts, rows), NaN where a vector has none now."""
    found = np.full((width, len(match.rows)), np.nan)
    found[match.parts, np.searchsorted(match.rows, match.slots)] = x[match.series]
    return found


def _filled(x: Floats, before: Floats, new: Floats) -> Floats:
    """The newest of the values along time (parts, n): where none is `new`, the one before, at first `before` (parts,
    1)."""
    steps = np.maximum.accumulate(np.where(new, np.arange(1, x.shape[1] + 1), 0), axis=1)
    filled: Floats = np.take_along_axis(np.concatenate((before, x), axis=1), steps, axis=1)
    return filled
