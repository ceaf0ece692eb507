"""A bank: all rows of one detector. A row is one rule on one series, with its own parameters and state."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.engine.base import Columns, Detector, Floats, Rows
from detectors.engine.decide import DECISION, PARAMS, Moves, decide, hot
from detectors.engine.table import Slots, Table
from ward.config.rule import Decision, Resolved, Rule

Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Row:
    """What a slot stands for."""

    rule: Rule
    resolved: Resolved
    device: str
    signal: str
    series: int


@dataclass(frozen=True, slots=True)
class Move:
    """One row whose level changed, with what is needed to tell of it."""

    row: Row
    before: int
    after: int
    since: float
    onset: float
    t: float
    x: float
    score: float
    state: Rows
    origin: int


class Bank:
    """Rows in slots, their state and parameters in columns.

    A series may be watched by several rules: `layers[i][series]` is the slot of the i-th of them,
    or -1. A layer has at most one row a series, so each is scored in one call.
    """

    def __init__(self, detector: Detector[Any]) -> None:
        self.detector = detector
        self.rows: list[Row | None] = []
        self.state = Table(detector.columns)
        self.decision = Table(DECISION)
        self._asked = Table(PARAMS)
        self._params: Table | None = None
        self._layers: list[Ints] = []
        self._free: list[int] = []

    def add(self, row: Row) -> int:
        """A slot for a new row, as it is at first."""
        slot = self._free.pop() if self._free else len(self.rows)
        if slot == len(self.rows):
            self.rows.append(row)
        self.rows[slot] = row
        values = self.detector.row(row.resolved.params)
        if self._params is None:
            self._params = Table(Columns(**dict.fromkeys(values, np.nan)))
        for table in (self.state, self.decision, self._asked, self._params):
            table.grow(len(self.rows))
        self.state.reset(slot)
        self.decision.reset(slot)
        self._params.fill(slot, values)
        _ask(self._asked, slot, row.resolved.decision)
        self._layer(row.series)[row.series] = slot
        return slot

    def drop(self, slot: int) -> None:
        """Forget a row."""
        row = self.rows[slot]
        assert row is not None
        for layer in self._layers:
            if row.series < len(layer) and layer[row.series] == slot:
                layer[row.series] = -1
        self.rows[slot] = None
        self._free.append(slot)

    def level(self, slot: int) -> int:
        return int(self.decision.arrays["level"][slot])

    def judge(self, series: Ints, x: Floats, t: Floats, origin: Ints) -> Iterator[Move]:
        """Take one wave: at most one value a series. Yields the rows whose level changed."""
        for layer in self._layers:
            slots, kept = _slots(layer, series)
            if kept is not None:
                if not len(slots):
                    continue
                yield from self._score(slots, x[kept], t[kept], origin[kept])
            else:
                yield from self._score(slots, x, t, origin)

    def tick(self, now: float, age: Floats, device_age: Floats) -> Iterator[Move]:
        """Score all rows without a value; ages are by series."""
        slots = np.array([i for i, row in enumerate(self.rows) if row is not None], dtype=np.intp)
        if not len(slots):
            return
        series = np.array([row.series for row in self.rows if row is not None], dtype=np.intp)
        state, p = self.state.take(slots), self._parameters(slots)
        score = self.detector.tick(state, now, age[series], device_age[series], p)
        self.state.put(slots, state)
        t = np.full(len(slots), now)
        yield from self._decide(slots, score, age[series], t, np.full(len(slots), -1))

    def _score(self, slots: Slots, x: Floats, t: Floats, origin: Ints) -> Iterator[Move]:
        state = self.state.take(slots)
        score = self.detector.update(state, x, t, self._parameters(slots))
        self.state.put(slots, state)
        yield from self._decide(np.asarray(slots), score, x, t, origin)

    def _decide(self, slots: Ints, score: Floats, x: Floats, t: Floats, origin: Ints) -> Iterator[Move]:
        few = hot(score, self.decision.take(slots), self._asked.take(slots))
        if not len(few):
            return
        slots, score, x, t, origin = slots[few], score[few], x[few], t[few], origin[few]
        state, asked = self.state.take(slots), self._asked.take(slots)
        levels = self.detector.levels(score, state, x, t, self._parameters(slots), asked.at)
        decision = self.decision.take(slots)
        moves = decide(levels, t, decision, asked)
        self.decision.put(slots, decision)
        yield from self._told(moves, slots, score, x, t, origin)

    def _told(self, moves: Moves, slots: Ints, score: Floats, x: Floats, t: Floats, origin: Ints) -> Iterator[Move]:
        for n, i in enumerate(moves.index):
            row = self.rows[slots[i]]
            assert row is not None
            yield Move(
                row=row, before=int(moves.before[n]), after=int(moves.after[n]), since=float(moves.since[n]),
                onset=float(moves.onset[n]), t=float(t[i]), x=float(x[i]), score=float(score[i]),
                state=self.state.take(slots[i]), origin=int(origin[i]),
            )  # fmt: skip

    def _parameters(self, slots: Slots) -> Rows:
        assert self._params is not None
        return self._params.take(slots)

    def _layer(self, series: int) -> Ints:
        """The first layer with room for a row on this series."""
        for i, layer in enumerate(self._layers):
            if series >= len(layer):
                wider = np.full(max(series + 1, 2 * len(layer)), -1, dtype=np.intp)
                wider[: len(layer)] = layer
                self._layers[i] = layer = wider
            if layer[series] < 0:
                return layer
        self._layers.append(np.full(series + 64, -1, dtype=np.intp))
        return self._layers[-1]


def _slots(layer: Ints, series: Ints) -> tuple[Ints, Ints | None]:
    """The slots of a layer for these series; and which of them it has, or None when it has all."""
    known = series < len(layer)
    if not known.all():
        kept = np.flatnonzero(known)
        slots = layer[series[kept]]
        return slots[slots >= 0], kept[slots >= 0]
    slots = layer[series]
    if (slots >= 0).all():
        return slots, None
    kept = np.flatnonzero(slots >= 0)
    return slots[kept], kept


def _ask(table: Table, slot: int, decision: Decision) -> None:
    at = np.full(3, np.nan)
    for severity, threshold in decision.severity.items():
        at[severity.rank - 1] = threshold
    table.arrays["at"][slot] = at
    first = float(np.nanmin(at))
    table.fill(slot, {"first": first, "wait": decision.for_, "keep": decision.keep, "clear": decision.clear_below})
