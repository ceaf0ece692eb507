"""Scores and decisions of the rows of one detector; how values come to rows is for the tables of series and of
vectors."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Columns, Floats, Ints, Rows, Slots, row_after
from detectors.base.detector import Detector
from detectors.base.evidence import IdleTimes
from detectors.engine.tables.decide import LevelChanges, LevelStep, decide, seconds_until_change
from detectors.engine.tables.decide_many import decide_many
from detectors.engine.tables.level_change import LevelChange
from detectors.engine.tables.row_groups import RowGroup
from detectors.engine.tables.rule_rows import RuleRows
from detectors.engine.tables.updates import due_along, due_rows, noted_after
from detectors.engine.tables.worst import Measured, Worst, follow_worst, follow_worst_along
from detectors.engine.waves.block import Block
from detectors.engine.waves.wave import Wave

# Instants at which a score is reached are off by less than so many seconds, as float arithmetic rounds: a row may be
# checked once more than needed, never once less.
TIME_MARGIN = 1e-3

NO_SLOTS: Ints = np.empty(0, dtype=np.intp)


class Sources(NamedTuple):
    """The readings that some values are of: the index of each in the batch, and when the bridge received it."""

    origin: Ints
    received_at: Floats


class Scored(NamedTuple):
    """Some values with their scores, to be decided on: as arrays of one length, one or many of each row. Of vectors `x`
    is (parts, n)."""

    slots: Ints
    score: Floats
    x: Floats
    t: Floats


class _Decided(NamedTuple):
    """What was decided: the changes of levels, the level and the onset of each row, and the worst values."""

    changes: LevelChanges
    level: Floats
    onset: Floats
    worst: Worst


class DetectorTable(RuleRows, ABC):
    """All rows of one detector: scores them and decides on the scores.

    `failure` is what the detector raised in the last call, and `decided` the slots that it decided on; the caller reads
    both. With `updates` the result has, besides the rows whose level changed, those whose update is due.
    """

    def __init__(self, detector: Detector[Any], state: Columns, window: Columns, updates: bool) -> None:
        super().__init__(detector, state, window)
        self._updates = updates
        self.failure: Exception | None = None
        self.decided = NO_SLOTS

    @abstractmethod
    def evaluate(self, wave: Wave) -> Sequence[LevelChange]:
        """Evaluate one wave: at most one reading of a device. Returns the rows whose level changed."""

    @abstractmethod
    def evaluate_block(self, block: Block) -> Sequence[LevelChange]:
        """Evaluate a block: many readings of one device. The changes are those of its readings evaluated one by one,
        row by row."""

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
        values = Scored(slots[few], score[few], np.full(len(few), np.nan), t[few])
        decided = self._decide(values)
        return [
            self._level_change(step, decided, values, idle=idle.row(few[step.place]))
            for step in decided.changes.steps()
        ]

    def seconds_until_tick(self, slots: Ints, t: Floats, idle: IdleTimes) -> Floats:
        """For each row, the seconds until it needs a tick again while no value comes; inf for never."""
        decision = self._params.decision(slots)
        scores = np.concatenate((decision.thresholds, decision.thresholds * decision.clear_below))
        seconds = self.detector.seconds_until(scores, self._state.take(slots), idle, self._params.detector(slots))
        reached = np.where((seconds > -TIME_MARGIN) & ~np.isnan(scores), seconds, np.inf).min(axis=0)
        until: Floats = np.minimum(reached, seconds_until_change(t, self._decision.take(slots), decision))
        return until

    def seconds_until_effect(self, slots: Ints, idle: IdleTimes) -> Floats:
        """For each row without an episode, a lower bound of the seconds until a tick has an effect."""
        score = self.detector.tick_score(self._state.take(slots), idle, self._params.detector(slots))
        seconds = self.seconds_until_tick(slots, idle.now, idle)
        return np.where(score >= self._params.least_threshold[slots], 0.0, seconds)

    def _evaluate(
        self, slots: Ints, slot_slice: Slots, x: Floats, t: Floats, sources: Callable[[Ints], Sources]
    ) -> list[LevelChange]:
        """Evaluate one value of each of some rows. `sources` returns the readings of some of these values."""
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
        values = Scored(slots[few], score[few], x[..., few], t[few])
        self._note_decided(values.slots)
        decided = self._decide(values)
        origin, received_at = sources(few)
        steps = decided.changes.steps()
        if self._updates:
            steps += due_rows(
                values.t, received_at, self.noted[:, values.slots], decided.level, decided.onset, decided.changes
            )
        for step in steps:  # in a block, the next value of a row is evaluated before the finding is made
            slot = values.slots[step.place]
            self.noted[:, slot] = noted_after(step, values.t, received_at, self.noted[:, slot])
        return [self._level_change(step, decided, values, int(origin[step.place])) for step in steps]

    def _evaluate_step(self, group: RowGroup, step: int, slots: Ints, x: Floats, t: Floats) -> list[LevelChange]:
        origin, received_at = group.origin[step], group.received_at[step]
        return self._evaluate(
            slots, slots, x, t, lambda few: Sources(np.full(len(few), origin), np.full(len(few), received_at))
        )

    def _evaluate_group(self, group: RowGroup) -> list[LevelChange]:
        """Evaluate all values of a group at once where the detector can, else one after the other."""
        slots, state = group.slots, self._state_along(group)
        try:
            score = self.detector.update_many(state, group.x, group.t, self._params.detector_along(slots))
        except Exception:  # noqa: BLE001 - one by one, only the value that it fails on is left out, and is reported
            score = None
        if score is None:
            return self._evaluate_steps(group)
        self._state.put_last(slots, state)
        hot = score >= self._params.least_threshold[slots][:, None]
        needed = np.flatnonzero(hot.any(axis=1) | self.pending_or_firing[slots])
        self._note_decided(slots[needed])
        return [
            change for row in needed.tolist() for change in self._decide_many(group, row, score[row], hot[row], state)
        ]

    def _evaluate_steps(self, group: RowGroup) -> list[LevelChange]:
        """Evaluate the values of a group one after the other."""
        changes: list[LevelChange] = []
        for step in range(len(group.t)):
            t = np.full(len(group.slots), group.t[step])
            changes += self._evaluate_step(group, step, group.slots, self._step_values(group, step), t)
        return changes

    def _decide_many(
        self, group: RowGroup, row: int, score: Floats, hot: npt.NDArray[np.bool_], states: Rows
    ) -> list[LevelChange]:
        """Decide on all values of one row: from the first one that needs it."""
        one = group.slots[row : row + 1]
        first = 0 if self.pending_or_firing[one[0]] else int(hot.argmax())
        steps = first + np.flatnonzero(score[first:] == score[first:])  # not NaN
        if not len(steps):
            return []
        values = Scored(np.repeat(one, len(steps)), score[steps], group.x[..., row, steps], group.t[steps])
        level, onset = self._decision.column("level")[one], self._decision.column("onset")[one]
        decided = self._decide_along(one, values, row_after(states, row, steps))
        found, origin = decided.changes.steps(), group.origin[steps]
        if self._updates:
            noted, received_at = self.noted[:, one[0]], group.received_at[steps]
            found += due_along(values.t, received_at, noted, int(level[0]), float(onset[0]), decided.changes)
        return [
            self._level_change(step, decided, values, int(origin[i]), state=row_after(states, row, steps[i : i + 1]))
            for step in found
            for i in (step.place,)
        ]

    def _decide_along(self, one: Ints, values: Scored, state: Rows) -> _Decided:
        slots, score, x, t = values
        asked, p, decision = self._params.decision(slots), self._params.detector(slots), self._decision.take(one)
        ratios = self.detector.threshold_ratios(score, state, x, t, p, asked.thresholds)
        had_episode = not np.isnan(decision.onset[0])
        changes = decide_many(ratios, t, decision, self._params.decision(one))
        measured = self._measured(values, state, p)
        worst = follow_worst_along(measured, had_episode, changes.alive, decision)
        self._decision.put(one, decision)
        self._set_pending_or_firing(one)
        return _Decided(changes, decision.level, decision.onset, worst)

    def _decide(self, values: Scored) -> _Decided:
        """Decide on one value of each of some rows; a NaN is none, and time alone decides."""
        slots, score, x, t = values
        state, asked, p = self._state.take(slots), self._params.decision(slots), self._params.detector(slots)
        ratios = self.detector.threshold_ratios(score, state, x, t, p, asked.thresholds)
        decision = self._decision.take(slots)
        had_episode = ~np.isnan(decision.onset)
        changes = decide(ratios, t, decision, asked)
        worst = follow_worst(self._measured(values, state, p), had_episode, changes.alive, decision)
        self._decision.put(slots, decision)
        self._set_pending_or_firing(slots)
        return _Decided(changes, decision.level, decision.onset, worst)

    def _to_decide(self, slots: Slots, score: Floats) -> Ints:
        """The indices of rows that need a decision; nearly all rows have a low score and no episode, and need none."""
        needed = score >= self._params.least_threshold[slots]
        pending_or_firing = self.pending_or_firing[slots]
        if pending_or_firing.any():
            needed |= pending_or_firing & (score == score)  # not NaN
        return needed.nonzero()[0]

    def _note_decided(self, slots: Ints) -> None:
        self.decided = np.concatenate((self.decided, slots)) if len(self.decided) else slots

    def _level_change(
        self, step: LevelStep, decided: _Decided, values: Scored, origin: int = -1, idle: IdleTimes | None = None,
        state: Rows | None = None,
    ) -> LevelChange:  # fmt: skip
        i, worst = step.place, decided.worst
        x, score = self._decisive(values, i), float(values.score[i])
        slot, one = int(values.slots[i]), values.slots[i : i + 1]
        return LevelChange(
            row=self.row(slot), slot=slot, before=step.before, after=step.after, since=step.since, onset=step.onset,
            t=float(values.t[i]), x=x, score=score, worst=float(worst.value[i]), worst_at=float(worst.at[i]),
            state=self._state.take(one) if state is None else state,
            p=self._params.detector(one), origin=origin, idle=idle,
        )  # fmt: skip

    def _state_along(self, group: RowGroup) -> Rows:
        """The state of the rows of a group with an axis of time."""
        return self._state.take_along(group.slots)

    def _step_values(self, group: RowGroup, step: int) -> Floats:
        """The values of a group at one step."""
        return np.asarray(group.x[..., step])

    def _measured(self, values: Scored, state: Rows, p: Rows) -> Measured:
        """How bad each value is; where time alone decided, there is none."""
        value, badness = self.detector.measured(state, values.x, values.score, p)
        return Measured(value, np.where(np.isnan(values.x), np.nan, badness), values.t)

    def _decisive(self, values: Scored, place: int) -> float:
        """The value that decided; of a vector none."""
        return float(values.x[place])
