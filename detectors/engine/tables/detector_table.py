"""All rows of one detector. A row is one rule on one series, with its own parameters and state."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Columns, Floats, Ints, Slots, as_slice
from detectors.base.detector import Detector
from detectors.base.evidence import IdleTimes, SeriesInfo
from detectors.engine.tables.column_table import ColumnTable
from detectors.engine.tables.decide import DECISION, LevelChanges, decide, seconds_until_change
from detectors.engine.tables.level_change import LevelChange
from detectors.engine.tables.row_params import RowParams
from detectors.engine.tables.rule_row import RuleRow
from detectors.engine.tables.slot_index import SlotIndex
from detectors.engine.tables.windows import WINDOW, add_to_windows
from detectors.engine.waves.wave import Wave
from ward.config.rule import ResolvedRule, Rule
from ward.finding import Finding
from ward.ids import digest

# Instants at which a score is reached are off by less than so many seconds, as float arithmetic rounds: a row may be
# checked once more than needed, never once less.
TIME_MARGIN = 1e-3

_NO_SLOTS: Ints = np.empty(0, dtype=np.intp)


class DetectorTable:
    """Rows in slots, their state and parameters in columns.

    `windowed` is whether its rules have `every:`, so that the detector gets means. `device_numbers` and
    `series_numbers` are those of each slot, `pending_or_firing` whether it has an episode, or a
    threshold is reached and `for` has not passed yet. `failure` is what the detector raised in the last call, and
    `decided` the slots that the last wave decided on; the caller reads both.
    """

    def __init__(self, detector: Detector[Any], windowed: bool = False) -> None:
        self.detector = detector
        self.windowed = windowed
        self.rows: list[RuleRow | None] = []
        self.device_numbers: Ints = np.empty(0, dtype=np.intp)
        self.series_numbers: Ints = np.empty(0, dtype=np.intp)
        self.pending_or_firing: npt.NDArray[np.bool_] = np.empty(0, dtype=np.bool_)
        self.failure: Exception | None = None
        self.decided = _NO_SLOTS
        self._decision = ColumnTable(DECISION)
        self._window = ColumnTable(WINDOW if windowed else Columns())
        self._state = ColumnTable(detector.columns)
        self._params = RowParams(detector)
        self._slots = SlotIndex()
        self._free: list[int] = []
        self._digests: dict[int, tuple[ResolvedRule, str]] = {}

    def digest(self, resolved: ResolvedRule, rule: Rule) -> str:
        """A digest of all that state depends on: the layout of its columns, and what the rule asks."""
        known = self._digests.get(id(resolved))
        if known is None or known[0] is not resolved:
            columns = [sorted(table.columns.items()) for table in self._saved]
            found = digest(self.detector.name, columns, rule.kind, resolved.text)
            known = self._digests[id(resolved)] = (resolved, found)
        return known[1]

    def add(self, row: RuleRow, series: SeriesInfo) -> int:
        """Add a row with its start values. Returns its slot."""
        slot = self._free.pop() if self._free else len(self.rows)
        if slot == len(self.rows):
            self.rows.append(None)
            self._grow()
        self.rows[slot] = row
        self._params.set(slot, row.resolved, series)
        self.device_numbers[slot], self.series_numbers[slot] = row.device_number, row.series_number
        self._slots.add(row.series_number, slot)
        return slot

    def update_rule(self, slot: int, rule: Rule, resolved: ResolvedRule, series: SeriesInfo) -> None:
        """Give a row a rule of the same digest; its state stays."""
        row = self.row(slot)
        row.rule, row.resolved = rule, resolved
        self._params.set(slot, resolved, series)

    def remove(self, slot: int) -> None:
        """Remove a row and its state."""
        self._slots.remove(self.row(slot).series_number, slot)
        self.reset(slot)
        self.rows[slot] = None
        self._free.append(slot)

    def row(self, slot: int) -> RuleRow:
        """The row in a slot that is in use."""
        row = self.rows[slot]
        assert row is not None
        return row

    def end_episode(self, slot: int) -> None:
        """End the episode of a row, if it has one; the state of the detector stays."""
        self._decision.reset(slot)
        self.pending_or_firing[slot] = False
        self.row(slot).last_finding = None

    def reset(self, slot: int) -> None:
        """Set a row to its start values."""
        self.end_episode(slot)
        self._state.reset(slot)
        self._window.reset(slot)

    def continue_episode(self, slot: int, last: Finding, onset: float) -> None:
        """Give a row an episode that was raised before its state was lost."""
        rank = last.severity.rank
        over = [onset if i < rank else np.nan for i in range(3)]
        self._decision.set_row(slot, {"level": float(rank), "over": over, "under": [np.nan] * 3, "onset": onset})
        self.pending_or_firing[slot] = True
        self.row(slot).last_finding = last

    def evaluate(self, wave: Wave) -> Sequence[LevelChange]:
        """Evaluate one wave: at most one value of a series. Returns the rows whose level changed."""
        self.decided = _NO_SLOTS
        slots, slot_slice, index = self._slots.match(wave.series, wave.series_count)
        if not len(slots):
            return ()
        x, t = wave.x[index], wave.t[index]
        if not self.windowed:
            return self._evaluate(slots, slot_slice, x, t, wave, index)
        state = self._window.take(slot_slice)
        closed = add_to_windows(x, t, self._params.every(slot_slice), state)
        self._window.put(slot_slice, state)
        ended = closed.index
        if not len(ended):
            return ()
        index = ended if isinstance(index, slice) else index[ended]
        return self._evaluate(slots[ended], as_slice(slots[ended]), closed.mean, closed.end, wave, index)

    def evaluate_tick(self, slots: Ints, t: Floats, idle: IdleTimes) -> Sequence[LevelChange]:
        """Evaluate rows while no value comes; `t` is now by the clock of each row's values, in seconds."""
        try:
            score = self.detector.tick_score(self._state.take(slots), idle, self._params.detector(slots))
        except Exception as failure:  # noqa: BLE001 - it is reported; one detector's fault must not stop the others
            self.failure = failure
            return ()
        few = self._to_decide(slots, score)
        if not len(few):
            return ()
        slots, score, t, x = slots[few], score[few], t[few], np.full(len(few), np.nan)
        changes = self._decide(slots, score, x, t)
        return [
            self._change(changes, n, slots, score, x, t, idle=idle.row(few[i]))
            for n, i in enumerate(changes.index.tolist())
        ]

    def seconds_until_tick(self, slots: Ints, t: Floats, idle: IdleTimes) -> Floats:
        """For each row, the seconds until it needs a tick again while no value comes; inf for never."""
        decision = self._params.decision(slots)
        scores = np.concatenate((decision.thresholds, decision.thresholds * decision.clear_below))
        seconds = self.detector.seconds_until(scores, self._state.take(slots), idle, self._params.detector(slots))
        reached = np.where((seconds > -TIME_MARGIN) & ~np.isnan(scores), seconds, np.inf).min(axis=0)
        until: Floats = np.minimum(reached, seconds_until_change(t, self._decision.take(slots), decision))
        return until

    def dump(self, slots: Ints) -> Floats:
        """Rows as a matrix, for a checkpoint."""
        return np.concatenate([table.dump(slots) for table in self._saved], axis=1)

    def load(self, slot: int, data: bytes) -> None:
        """Set a row to one of such a matrix, as bytes.

        Raises:
            ValueError: when it has another number of values.
        """
        numbers = np.frombuffer(data, dtype="<f8")
        if len(numbers) != sum(table.width for table in self._saved):
            raise ValueError(f"{len(numbers)} numbers for a row of {self.detector.name}")
        at = 0
        for table in self._saved:
            table.load(slot, numbers[at : at + table.width])
            at += table.width
        self._set_pending_or_firing(np.array([slot]))

    def curves(self, slots: Ints) -> dict[str, Floats] | None:
        """The curves that some rows have for dashboards, by name."""
        shown = self.detector.curves(self._state.take(slots), self._params.detector(slots))
        return None if shown is None else dict(shown)

    @property
    def _saved(self) -> tuple[ColumnTable, ...]:
        return self._decision, self._window, self._state

    def _evaluate(
        self, slots: Ints, slot_slice: Slots, x: Floats, t: Floats, wave: Wave, index: Slots
    ) -> list[LevelChange]:
        state = self._state.take(slot_slice)
        try:
            score = self.detector.update(state, x, t, self._params.detector(slot_slice))
        except Exception as failure:  # noqa: BLE001 - it is reported; one detector's fault must not stop the others
            self.failure = failure
            return []
        self._state.put(slot_slice, state)
        few = self._to_decide(slot_slice, score)
        if not len(few):
            return []
        slots, score, x, t = slots[few], score[few], x[few], t[few]
        self.decided = slots
        changes = self._decide(slots, score, x, t)
        origins = wave.origin[wave.reading][index][few]
        return [
            self._change(changes, n, slots, score, x, t, origin=int(origins[i]))
            for n, i in enumerate(changes.index.tolist())
        ]

    def _to_decide(self, slots: Slots, score: Floats) -> Ints:
        """The indices of rows that need a decision; nearly all rows have a low score and no episode, and need none."""
        needed = score >= self._params.least_threshold[slots]
        pending_or_firing = self.pending_or_firing[slots]
        if pending_or_firing.any():
            needed |= pending_or_firing & (score == score)  # not NaN
        return needed.nonzero()[0]

    def _decide(self, slots: Ints, score: Floats, x: Floats, t: Floats) -> LevelChanges:
        state, asked = self._state.take(slots), self._params.decision(slots)
        ratios = self.detector.threshold_ratios(score, state, x, t, self._params.detector(slots), asked.thresholds)
        decision = self._decision.take(slots)
        changes = decide(ratios, t, decision, asked)
        self._decision.put(slots, decision)
        self._set_pending_or_firing(slots)
        return changes

    def _set_pending_or_firing(self, slots: Ints) -> None:
        decision = self._decision.take(slots)
        self.pending_or_firing[slots] = (decision.level > 0) | ~np.isnan(decision.onset)

    def _change(
        self, changes: LevelChanges, n: int, slots: Ints, score: Floats, x: Floats, t: Floats,
        origin: int = -1, idle: IdleTimes | None = None,
    ) -> LevelChange:  # fmt: skip
        i = changes.index[n]
        slot, one = int(slots[i]), slots[i : i + 1]
        return LevelChange(
            row=self.row(slot), slot=slot, before=int(changes.before[n]), after=int(changes.after[n]),
            since=float(changes.since[n]), onset=float(changes.onset[n]), t=float(t[i]), x=float(x[i]),
            score=float(score[i]), state=self._state.take(one), p=self._params.detector(one), origin=origin, idle=idle,
        )  # fmt: skip

    def _grow(self) -> None:
        """Make room for all rows, and for as many again."""
        have = len(self.device_numbers)
        if len(self.rows) <= have:
            return
        capacity = max(64, 2 * have)
        self._params.grow(capacity)
        for table in self._saved:
            table.grow(capacity)
        for name in ("device_numbers", "series_numbers", "pending_or_firing"):
            array = getattr(self, name)
            setattr(self, name, np.concatenate((array, np.zeros(capacity - have, dtype=array.dtype))))
