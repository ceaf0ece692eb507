"""A bank: all rows of one detector. A row is one rule on one series, with its own parameters and state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.base.detector import MARGIN, Columns, Detector, Floats, Ints, Rows, Subject, Tick
from detectors.engine.tables.column_table import ColumnTable, Slots
from detectors.engine.tables.decide import ASKED, DECISION, LevelChanges, asked, decide, pending
from detectors.engine.tables.rule_row import RuleRow
from detectors.engine.tables.slot_index import Pick, SlotIndex, span
from detectors.engine.tables.windows import GATHERED, gather
from detectors.engine.waves.wave_builder import Wave
from ward.config.rule import Resolved, Rule
from ward.finding import Finding
from ward.ids import digest


@dataclass(frozen=True, slots=True)
class LevelChange:
    """One row whose level changed, with what is needed to tell of it. `origin` is the reading that decided,
    or -1 where time did, as `pulse` says."""

    bank: "DetectorTable"
    slot: int
    row: RuleRow
    before: int
    after: int
    since: float
    onset: float
    t: float
    x: float
    score: float
    state: Rows
    origin: int = -1
    pulse: Tick | None = None


_NONE: Ints = np.empty(0, dtype=np.intp)


class DetectorTable:
    """Rows in slots, their state and parameters in columns."""

    def __init__(self, detector: Detector[Any], windowed: bool = False) -> None:
        self.detector = detector
        self.windowed = windowed
        self.rows: list[RuleRow | None] = []
        self.owner: Ints = np.empty(0, dtype=np.intp)  # the device of each slot
        self.series: Ints = np.empty(0, dtype=np.intp)  # and its series
        self.busy: npt.NDArray[np.bool_] = np.empty(0, dtype=np.bool_)  # raised, or about to be
        self.failure: Exception | None = None
        self.stirred = _NONE  # slots that were decided on by the last wave
        self._first: Floats = np.empty(0)  # the least score that any severity asks
        self._decision = ColumnTable(DECISION)
        self._gathered = ColumnTable(GATHERED if windowed else Columns())
        self._state = ColumnTable(detector.columns)
        self._asked = ColumnTable(ASKED)
        self._params: ColumnTable | None = None
        self._layers = SlotIndex()
        self._free: list[int] = []
        self._asking: dict[tuple[Any, ...], _Asking] = {}
        self._shapes: dict[int, tuple[Resolved, str]] = {}

    def shape(self, resolved: Resolved, rule: Rule) -> str:
        """A digest of all that state depends on: the layout of its columns, and what the rule asks."""
        known = self._shapes.get(id(resolved))
        if known is None or known[0] is not resolved:
            columns = [sorted(table.columns.items()) for table in self._kept]
            shape = digest(self.detector.kind, columns, rule.kind, resolved.text)
            known = self._shapes[id(resolved)] = (resolved, shape)
        return known[1]

    def add(self, row: RuleRow, subject: Subject) -> int:
        """A slot for a new row, as it is at first."""
        slot = self._free.pop() if self._free else len(self.rows)
        if slot == len(self.rows):
            self.rows.append(None)
        self.rows[slot] = row
        self._ask(slot, row.resolved, subject)
        self.owner[slot], self.series[slot] = row.owner, row.series
        self._layers.put(row.series, slot)
        return slot

    def adapt(self, slot: int, rule: Rule, resolved: Resolved, subject: Subject) -> None:
        """Take what rule and inventory say now; the row's state stays."""
        row = self.row(slot)
        row.rule, row.resolved = rule, resolved
        self._ask(slot, resolved, subject)

    def drop(self, slot: int) -> None:
        """Forget a row."""
        self._layers.drop(self.row(slot).series, slot)
        self.afresh(slot)
        self.rows[slot] = None
        self._free.append(slot)

    def row(self, slot: int) -> RuleRow:
        row = self.rows[slot]
        assert row is not None
        return row

    def calm(self, slot: int) -> None:
        """End the episode of a row, if any, and nothing else."""
        self._decision.reset(slot)
        self.busy[slot] = False
        self.row(slot).told = None

    def afresh(self, slot: int) -> None:
        """The row as it was at first."""
        self.calm(slot)
        self._state.reset(slot)
        self._gathered.reset(slot)

    def adopt(self, slot: int, told: Finding, onset: float) -> None:
        """Go on with an episode that this row does not know of."""
        rank = told.severity.rank
        over = [onset if i < rank else np.nan for i in range(3)]
        self._decision.fill(slot, {"level": float(rank), "over": over, "under": [np.nan] * 3, "onset": onset})
        self.busy[slot] = True
        self.row(slot).told = told

    def level(self, slot: int) -> int:
        return int(self._decision.column("level")[slot])

    def judge(self, wave: Wave) -> Sequence[LevelChange]:
        """Take one wave: at most one value a series. Returns the rows whose level changed."""
        self.stirred = _NONE
        slots, run, pick = self._layers.slots(wave.series, wave.top)
        if not len(slots):
            return ()
        x, t = wave.x[pick], wave.t[pick]
        if not self.windowed:
            return self._score(slots, run, x, t, wave, pick)
        state = self._gathered.take(run)
        closed = gather(x, t, self._asked.column("every")[run], state)
        self._gathered.put(run, state)
        few = closed.index
        if not len(few):
            return ()
        pick = few if isinstance(pick, slice) else pick[few]
        return self._score(slots[few], span(slots[few]), closed.mean, closed.end, wave, pick)

    def tick(self, slots: Ints, t: Floats, pulse: Tick) -> Sequence[LevelChange]:
        """Score rows while nothing comes. `t` is now in the time of each row's own values."""
        state = self._state.take(slots)
        try:
            score = self.detector.tick(state, pulse, self._parameters(slots))
        except Exception as failure:  # noqa: BLE001 - it is told; one detector's fault must not silence the others
            self.failure = failure
            return ()
        few = self._hot(slots, score)
        if not len(few):
            return ()
        slots, score, t, x = slots[few], score[few], t[few], np.full(len(few), np.nan)
        return [
            self._move(moves, n, slots, score, x, t, pulse=pulse.one(few[moves.index[n]]))
            for moves in (self._decide(slots, score, x, t),)
            for n in range(len(moves.index))
        ]

    def rest(self, slots: Ints, t: Floats, pulse: Tick) -> Floats:
        """For each row, how many seconds may pass before `tick` must be asked again; inf while nothing comes."""
        state, p, asked = self._state.take(slots), self._parameters(slots), self._asked.take(slots)
        scores = np.concatenate((asked.at, asked.at * asked.clear))
        seconds = self.detector.until(scores, state, pulse, p)
        reached = np.where((seconds > -MARGIN) & ~np.isnan(scores), seconds, np.inf).min(axis=0)
        rest: Floats = np.minimum(reached, pending(t, self._decision.take(slots), asked))
        return rest

    def dump(self, slots: Ints) -> Floats:
        """Rows as a matrix, for a checkpoint."""
        return np.concatenate([table.dump(slots) for table in self._kept], axis=1)

    def load(self, slot: int, data: bytes) -> None:
        """A row of `dump` back in its place. Raises `ValueError` when it is of another width."""
        numbers = np.frombuffer(data, dtype="<f8")
        if len(numbers) != sum(table.width for table in self._kept):
            raise ValueError(f"{len(numbers)} numbers for a row of {self.detector.kind}")
        at = 0
        for table in self._kept:
            table.load(slot, numbers[at : at + table.width])
            at += table.width
        self._mind(np.array([slot]))

    def numbers(self, slots: Ints) -> dict[str, Floats] | None:
        """What some rows have to show on a dashboard."""
        shown = self.detector.numbers(self._state.take(slots), self._parameters(slots))
        return None if shown is None else dict(shown)

    @property
    def _kept(self) -> tuple[ColumnTable, ...]:
        return self._decision, self._gathered, self._state

    def _score(self, slots: Ints, run: Slots, x: Floats, t: Floats, wave: Wave, pick: Pick) -> Sequence[LevelChange]:
        state = self._state.take(run)
        try:
            score = self.detector.update(state, x, t, self._parameters(run))
        except Exception as failure:  # noqa: BLE001 - it is told; one detector's fault must not silence the others
            self.failure = failure
            return ()
        self._state.put(run, state)
        few = self._hot(run, score)
        if not len(few):
            return ()
        slots, score, x, t = slots[few], score[few], x[few], t[few]
        self.stirred = slots
        moves = self._decide(slots, score, x, t)
        of = wave.origin[wave.reading][pick][few]
        return [self._move(moves, n, slots, score, x, t, origin=int(of[i])) for n, i in enumerate(moves.index.tolist())]

    def _hot(self, slots: Slots, score: Floats) -> Ints:
        """Rows that need a decision: all others stay where they are, and nearly all do."""
        hot = score >= self._first[slots]
        busy = self.busy[slots]
        if busy.any():
            hot |= busy & (score == score)  # NaN is not equal to itself: too early to say
        return hot.nonzero()[0]

    def _decide(self, slots: Ints, score: Floats, x: Floats, t: Floats) -> LevelChanges:
        state, asked = self._state.take(slots), self._asked.take(slots)
        levels = self.detector.levels(score, state, x, t, self._parameters(slots), asked.at)
        decision = self._decision.take(slots)
        moves = decide(levels, t, decision, asked)
        self._decision.put(slots, decision)
        self._mind(slots)
        return moves

    def _mind(self, slots: Ints) -> None:
        decision = self._decision.take(slots)
        self.busy[slots] = (decision.level > 0) | ~np.isnan(decision.onset)

    def _move(
        self, moves: LevelChanges, n: int, slots: Ints, score: Floats, x: Floats, t: Floats,
        origin: int = -1, pulse: Tick | None = None,
    ) -> LevelChange:  # fmt: skip
        i = moves.index[n]
        slot = int(slots[i])
        return LevelChange(
            bank=self, slot=slot, row=self.row(slot), before=int(moves.before[n]), after=int(moves.after[n]),
            since=float(moves.since[n]), onset=float(moves.onset[n]), t=float(t[i]), x=float(x[i]),
            score=float(score[i]), state=self._state.take(slots[i : i + 1]), origin=origin, pulse=pulse,
        )  # fmt: skip

    def _parameters(self, slots: Slots) -> Rows:
        assert self._params is not None
        return self._params.take(slots)

    def _ask(self, slot: int, resolved: Resolved, subject: Subject) -> None:
        """Write what a row asks. Most rows of a rule ask the same: it is worked out once."""
        key = id(resolved), id(subject.signal), subject.period, subject.silent_after, subject.expected
        known = self._asking.get(key)
        if known is None:
            values = self.detector.row(resolved.params, subject)
            if self._params is None:
                widths = {name: 1 if isinstance(v, int | float) else len(v) for name, v in values.items()}
                self._params = ColumnTable(Columns(**{name: (np.nan, width) for name, width in widths.items()}))
            decision, first = asked(resolved.decision), min(resolved.decision.severity.values())
            known = _Asking(resolved, subject, self._params.vector(values), self._asked.vector(decision), first)
            self._asking[key] = known
        self._grow()
        assert self._params is not None
        self._params.write(slot, known.params)
        self._asked.write(slot, known.asked)
        self._first[slot] = known.first

    def _grow(self) -> None:
        """Room for all rows, and for as many again."""
        have = len(self.owner)
        if len(self.rows) <= have or self._params is None:
            return
        rows = max(64, 2 * have)
        for table in (*self._kept, self._asked, self._params):
            table.grow(rows)
        for name in ("owner", "series", "busy", "_first"):
            array = getattr(self, name)
            setattr(self, name, np.concatenate((array, np.zeros(rows - have, dtype=array.dtype))))


@dataclass(frozen=True, slots=True)
class _Asking:
    """What some rows ask, as numbers; what it was worked out from is kept with it, so that no id is used again."""

    resolved: Resolved
    subject: Subject
    params: Floats
    asked: Floats
    first: float
